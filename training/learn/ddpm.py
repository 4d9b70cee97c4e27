"""Denoising diffusion by noise prediction (Ho et al. 2020), to compare the shipped flow with.

z_t = sqrt(abar_t) x + sqrt(1 - abar_t) noise, t = 1..T; the network predicts the noise. It is told
the time 1 - t / T, so that 1 is data as it is for the flow.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor, nn

from fonts.drawing import SPREAD
from glyphgen.network.codec import PatchCodec
from glyphgen.network.model import Generator
from training.learn.batches import Batch, Share
from training.learn.flow import Call, TrainConfig, halved, share_of
from training.learn.steps import Sampler

Predict = Callable[[Tensor, int], Tensor]       # (z_t, t) -> noise
Clip = Callable[[Tensor], Tensor]               # predicted latents to possible ones
CALLS = (2, 8, 24)
MIDDLE = 0.7            # noise that drawing from the content begins with, as a time of the flow


@dataclass(frozen=True)
class Noise:
    """How much noise there is at t = 1..T."""

    kind: str = "linear"        # or "cosine" (Nichol and Dhariwal 2021, eq. 17)
    steps: int = 1000

    @cached_property
    def kept(self) -> Tensor:
        """abar_t (T + 1,), float64: the share of the data's variance; abar_0 = 1."""
        if self.kind == "cosine":
            t = torch.arange(self.steps + 1, dtype=torch.float64) / self.steps
            curve = torch.cos((t + 0.008) / 1.008 * math.pi / 2).square()
            beta = (1 - curve[1:] / curve[:-1]).clamp(max=0.999)
        else:                   # section 4
            beta = torch.linspace(1e-4, 0.02, self.steps, dtype=torch.float64)
        return torch.cat([torch.ones(1, dtype=torch.float64), (1 - beta).cumprod(0)])

    def forward(self, x: Tensor, t: Tensor, noise: Tensor) -> Tensor:
        """z_t (N, 16, 16, C) of latents x at t (N,), eq. 4."""
        kept = self.kept.to(x.device)[t].float()[:, None, None, None]
        return kept.sqrt() * x + (1 - kept).sqrt() * noise

    def data(self, z: Tensor, t: int, noise: Tensor) -> Tensor:
        """The latents that z_t holds if `noise` is the noise in it."""
        kept = float(self.kept[t])
        return (z - math.sqrt(1 - kept) * noise) / math.sqrt(kept)


def ready(model: Generator) -> None:
    """Begin as "all of z is noise", with an output layer that knows nothing."""
    head = model.denoise
    with torch.no_grad():
        for parameter in (*head.leave.parameters(), *head.skip.parameters()):
            nn.init.zeros_(parameter)
        head.skip.weight[:, : model.config.latent] = torch.eye(model.config.latent)


def ddpm_step(model: Call, codec: PatchCodec, batch: Batch, config: TrainConfig,
              rng: torch.Generator, share: Share | None = None,
              noise: Noise = Noise()) -> Tensor:
    """Algorithm 1 on one batch: the squared error of the predicted noise, every glyph at its t."""
    device = batch.target.device
    part, rows, count = share_of(batch, share)
    keep = torch.rand(part.groups, generator=rng, device=device) >= config.style_dropout
    t = torch.randint(1, noise.steps + 1, (count,), generator=rng, device=device)[rows]
    x = codec.encode(batch.target)
    true = torch.randn((count, *x.shape[1:]), generator=rng, device=device)[rows]
    predicted, _ = halved(model, device.type, config)(
        noise.forward(x, t, true), 1 - t / noise.steps, codec.stack(batch.content),
        codec.stack(batch.reference), keep[part.start:part.stop])
    return (predicted.float() - true).square().mean() * (len(x) / count)


def ancestral(predict: Predict, z: Tensor, noise: Noise, rng: torch.Generator,
              clip: Clip = lambda x: x) -> Tensor:
    """Algorithm 2: T calls from z_T (N, 16, 16, C); sigma^2 is the variance of eq. 7.

    The mean is written by eq. 7, of the latents that the predicted noise leaves: the same as the
    algorithm's, but the latents can be clipped (section 3.3 does so to -1..1).
    """
    for t in range(noise.steps, 0, -1):
        now, after = float(noise.kept[t]), float(noise.kept[t - 1])
        beta = 1 - now / after
        x = clip(noise.data(z, t, predict(z, t)))
        mean = (math.sqrt(after) * beta * x + math.sqrt(now / after) * (1 - after) * z) / (1 - now)
        sigma = math.sqrt(beta * (1 - after) / (1 - now))
        z = mean + sigma * torch.randn(z.shape, generator=rng, device=z.device)
    return z


def strided(predict: Predict, z: Tensor, noise: Noise, times: list[int],
            clip: Clip = lambda x: x) -> Tensor:
    """DDIM (Song et al. 2021, eq. 12, sigma 0): one call for each of the falling `times`."""
    for t, after in zip(times, [*times[1:], 0]):
        x = clip(noise.data(z, t, predict(z, t)))
        now, then = float(noise.kept[t]), float(noise.kept[after])
        left = (z - math.sqrt(now) * x) / math.sqrt(1 - now)      # noise, after the clipping
        z = math.sqrt(then) * x + math.sqrt(1 - then) * left
    return z


def possible(codec: PatchCodec) -> Clip:
    """Latents of the fields that latents stand for, cut to what a field can be."""
    return lambda x: codec.encode(codec.decode(x).clamp(-SPREAD, SPREAD))


def evenly(start: int, calls: int) -> list[int]:
    """Times of so many calls from `start` down."""
    return [round(start * (calls - i) / calls) for i in range(calls)]


@torch.no_grad()
def draw_ddpm(model: Generator, codec: PatchCodec, batch: Batch,
              noise: Noise = Noise()) -> dict[str, Tensor]:
    """Fields by so many calls from noise, and by one from the Kai content at a middle noise."""
    sampler = Sampler(model, codec, batch)

    def predict(z: Tensor, t: int) -> Tensor:
        return sampler.call(z, 1 - t / noise.steps)[0]

    clip, start = possible(codec), sampler.noise
    drawn = {f"{calls} from noise": strided(predict, start, noise, evenly(noise.steps, calls), clip)
             for calls in CALLS}
    middle = int((noise.kept - MIDDLE**2 / (MIDDLE**2 + (1 - MIDDLE)**2)).abs().argmin())
    kept = float(noise.kept[middle])
    z = math.sqrt(kept) * codec.encode(batch.content[:, 1]) + math.sqrt(1 - kept) * start
    drawn["1 from content"] = strided(predict, z, noise, [middle], clip)
    return {name: codec.decode(latents) for name, latents in drawn.items()}
