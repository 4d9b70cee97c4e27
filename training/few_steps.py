"""Quality against cost: `python -m training.few_steps VALID`, a table by network calls a glyph.

The first call regresses and displaces. Flow steps (Euler, Lipman et al. 2023) follow, from the
displaced content at a middle time or from pure noise, with or without guidance (Ho and Salimans
2022, eq. 6), which doubles a step's calls.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import click
import torch
from torch import Tensor

from glyphgen.align import displace
from glyphgen.checkpoint import WEIGHTS, load_model
from glyphgen.codec import PatchCodec
from glyphgen.config import RECIPES
from glyphgen.model import Generator
from training.data import Batch
from training.validate import fixed_batches, ink_figures

GFLOP = 0.95            # of one call


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


SAMPLINGS = (
    Sampling("displaced content alone", steps=0),
    Sampling("1 step from displaced content"),
    Sampling("3 steps from displaced content", steps=3),
    Sampling("7 steps from displaced content", steps=7),
    Sampling("1 step, guidance 1.5", guidance=1.5),
    Sampling("3 steps, guidance 1.5", steps=3, guidance=1.5),
    Sampling("4 steps from noise", 0.0, 4),
    Sampling("8 steps from noise", 0.0, 8),
    Sampling("8 steps from noise, guidance 1.5", 0.0, 8, 1.5),
)


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


@click.command()
@click.argument("valid", type=click.Path(path_type=Path, exists=True))
@click.option("--weights", default=WEIGHTS, type=click.Path(path_type=Path, exists=True))
@torch.inference_mode()
def main(valid: Path, weights: Path) -> None:
    """Print the table for the faces of the cache VALID."""
    torch.set_num_threads(1)
    model, codec = load_model(weights)
    faces = [(name, Sampler(model, codec, batch)) for name, batch in fixed_batches(valid)]
    click.echo("| sampling | calls | GFLOP a glyph | "
               + " | ".join(name for name, _ in faces) + " |\n|---|" + "---|" * (len(faces) + 2))
    for how in SAMPLINGS:
        cells = []
        for _, sampler in faces:
            got = ink_figures(sampler.draw(how), sampler.batch.target)
            cells.append(f"{got['nl1']:.2f} / {got['iou']:.2f} / {got['ink']:.2f}")
        click.echo(f"| {how.name} | {how.calls} | {how.calls * GFLOP:.1f} | "
                   + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
