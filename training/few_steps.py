"""Quality against cost: `python -m training.few_steps VALID`, a table by network calls a glyph.

The first call regresses and displaces. Flow steps (Euler, Lipman et al. 2023) follow, from the
displaced content at a middle time or from pure noise, with or without guidance (Ho and Salimans
2022, eq. 6), which doubles a step's calls.
"""

from __future__ import annotations

from pathlib import Path

import click
import torch

from glyphgen.network.checkpoint import WEIGHTS, load_model
from training.learn.steps import Sampler, Sampling
from training.learn.validate import fixed_batches, ink_figures

GFLOP = 0.95            # of one call


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
