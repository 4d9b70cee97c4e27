"""Sampling of the flow in any number of network calls, with or without guidance.

The first call regresses and displaces. Flow steps (Euler, Lipman et al. 2023) follow, from the
displaced content at a middle time or from pure noise; guidance (Ho and Salimans 2022, eq. 6)
doubles a step's calls.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from glyphgen.config import RECIPES
from glyphgen.network.codec import PatchCodec
from glyphgen.network.frame import displace
from glyphgen.network.model import Generator
from training.learn.batches import Batch


@dataclass(frozen=True)
class Sampling:
    """How the flow is sampled: from `begin` (0 is noise) in `steps`, with a guidance weight."""

    name: str
    begin: float = 0.7
    steps: int = 1
    guidance: float = 1.0

    @property
    def calls(self) -> int:
        """Network calls a glyph."""
        first = 1 if self.begin > 0 or not self.steps else 0
        return first + self.steps * (1 if self.guidance == 1 else 2)


class Sampler:
    """One font's batch and the network in its hand."""

    def __init__(self, model: Generator, codec: PatchCodec, batch: Batch) -> None:
        self.model, self.codec, self.batch = model, codec, batch
        self.content = codec.stack(batch.content)
        self.tokens, self.style = model.style(codec.stack(batch.reference))
        self.noise = torch.randn((*self.content.shape[:3], model.config.latent),
                                 generator=torch.Generator().manual_seed(0))

    def call(self, z: Tensor, time: float, guidance: float = 1.0) -> tuple[Tensor, Tensor]:
        """The predicted latent and displacement."""
        at = z.new_full((len(z),), time)
        with torch.autocast("cpu", torch.bfloat16):
            out = self.model.denoise(z, at, self.content, self.tokens, self.style)
            if guidance == 1:
                return out[0].float(), out[1].float()
            plain = self.model.denoise(z, at, self.content, 0 * self.tokens, 0 * self.style)
        latent, flow = (b.float() + guidance * (a.float() - b.float()) for a, b in zip(out, plain))
        return latent, flow

    def draw(self, how: Sampling) -> Tensor:
        """Fields (N, 128, 128)."""
        recipe = RECIPES["kai mixed"]
        if how.begin > 0:
            latent, flow = self.call(torch.zeros_like(self.noise), 0.0)
            moved = displace(self.batch.content, flow)[:, recipe.source]
            if not how.steps:
                return moved
            x = recipe.mix * self.codec.encode(moved) + (1 - recipe.mix) * latent
            z = how.begin * x + (1 - how.begin) * recipe.grain * self.noise
        else:
            z = self.noise
        return self.codec.decode(self.follow(z, how))

    def follow(self, z: Tensor, how: Sampling) -> Tensor:
        """Latents by Euler steps along z_t = t x + (1 - t) noise, from `z` at `how.begin`."""
        for step in range(how.steps):
            time = how.begin + (1 - how.begin) * step / how.steps
            after = how.begin + (1 - how.begin) * (step + 1) / how.steps
            x, _ = self.call(z, time, how.guidance)
            z = z + (x - z) * (after - time) / (1 - time)
        return z
