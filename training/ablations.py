"""Measure presets: `python -m training.ablations OUT CHECKPOINT ... --valid CACHE`.

Prints a table of the ways in which each checkpoint draws the validation faces, and writes pictures
of the drawings into OUT; for `kl-style` also of hands from N(0, 1) and of steps between two hands.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
import numpy as np
import torch
from PIL import Image
from torch import Tensor

from fonts.drawing import CANVAS
from glyphgen.network.codec import PatchCodec
from training.learn.batches import Batch
from training.learn.ddpm import Noise, ancestral, possible
from training.learn.kl_style import HAND, HandGenerator, draw_hand
from training.learn.presets import PRESETS, Draw, load_trained
from training.learn.steps import Sampler
from training.learn.validate import draw_in, fixed_batches, ink_figures

_ACROSS = 12
_INVENTED = 8
_WALK = 5


def sharpness(field: Tensor) -> float:
    """Mean slope of fields (N, 128, 128) within a pixel of the outline; of a distance field 1."""
    down, across = torch.gradient(field, dim=(1, 2))
    return float((down.square() + across.square()).sqrt()[field.abs() < 1].mean())


def sheet(rows: Sequence[Tensor], path: Path) -> None:
    """A picture of fields, a row of at most 12 each."""
    page = np.full((len(rows) * CANVAS, _ACROSS * CANVAS), 255, np.uint8)
    for i, row in enumerate(rows):
        for j, field in enumerate(row[:_ACROSS].numpy()):
            ink = np.clip(field + 0.5, 0, 1)
            page[i * CANVAS :, j * CANVAS :][:CANVAS, :CANVAS] = np.rint(255 - 255 * ink)
    Image.fromarray(page).save(path)


@torch.no_grad()
def by_ancestral(noise: Noise, network: Any, codec: PatchCodec, batch: Batch) -> Tensor:
    """Fields by Algorithm 2, with as many calls as there are steps."""
    sampler = Sampler(network, codec, batch)
    drawn = ancestral(lambda z, t: sampler.call(z, 1 - t / noise.steps)[0], sampler.noise, noise,
                      torch.Generator().manual_seed(0), possible(codec))
    return codec.decode(drawn)


@torch.no_grad()
def invented(network: HandGenerator, codec: PatchCodec, batches: Sequence[Batch],
             way: str) -> tuple[list[Tensor], list[Tensor]]:
    """Hands from N(0, 1), and steps between the hands of two batches, by their style alone.

    Rows of fields (12, 128, 128), of the first batch's characters in its frame.
    """
    framed = batches[0].content[:_ACROSS]
    hands = torch.randn(_INVENTED, HAND, generator=torch.Generator().manual_seed(0))
    one, other = (network.style.gaussian(codec.stack(b.reference))[1][0] for b in batches[:2])
    walk = torch.stack([one.lerp(other, i / (_WALK - 1)) for i in range(_WALK)])
    rows = [draw_in(network.invent(hand[None]), network, codec, framed)[way]
            for hand in torch.cat([hands, walk])]
    return rows[:_INVENTED], rows[_INVENTED:]


def measured(draw: Draw, network: Any, codec: PatchCodec, faces: Sequence[tuple[str, Batch]],
             out: Path) -> dict[str, list[dict[str, float]]]:
    """Figures of every way to draw, one a face; a picture a face in `out`."""
    figures: dict[str, list[dict[str, float]]] = {}
    for number, (_, batch) in enumerate(faces):
        drawn = {"content": batch.content[:, 1]} | draw(network, codec, batch)
        for way, field in drawn.items():
            about = ink_figures(field, batch.target) | {
                "sharp": sharpness(field) / sharpness(batch.target)}
            figures.setdefault(way, []).append(about)
        sheet([batch.target, *drawn.values()], out.with_name(f"{out.name}-{number}.png"))
    return figures


def table(name: str, faces: Sequence[str], figures: dict[str, list[dict[str, float]]]) -> str:
    """Markdown: a line for each way; nl1 / IoU / ink ratio / sharpness for each face."""
    head = f"| {name} | {' | '.join(faces)} |\n|---|{'---|' * len(faces)}\n"
    return head + "\n".join(
        f"| {way} | " + " | ".join(" / ".join(f"{f[k]:.3f}" for k in ("nl1", "iou", "ink", "sharp"))
                                   for f in row) + " |" for way, row in figures.items())


@click.command()
@click.argument("out", type=click.Path(path_type=Path))
@click.argument("checkpoints", nargs=-1, required=True,
                type=click.Path(path_type=Path, exists=True))
@click.option("--valid", required=True, type=click.Path(path_type=Path, exists=True))
@click.option("--ancestral", "slow", default=0, show_default=True,
              help="Glyphs a face drawn by Algorithm 2, in a thousand calls each; only these.")
@torch.inference_mode()
def main(out: Path, checkpoints: tuple[Path, ...], valid: Path, slow: int) -> None:
    """Print tables of figures for checkpoints of any preset, and write pictures."""
    torch.set_num_threads(1)
    out.mkdir(parents=True, exist_ok=True)
    faces = fixed_batches(valid)
    for number, path in enumerate(checkpoints):
        name, network, codec = load_trained(path)
        draw, few, place = PRESETS[name].draw, faces, out / f"{number}-{name}"
        if name == "flow":
            draw = draw_hand
        elif slow and name.startswith("ddpm"):
            few = [(face, Batch(b.target[:slow], b.content[:slow], b.reference))
                   for face, b in faces]
            draw = _slowly(name)
            place = out / f"{number}-{name}-ancestral"
        figures = measured(draw, network, codec, few, place)
        click.echo(table(f"{name}, {path}", [face for face, _ in few], figures) + "\n")
        if isinstance(network, HandGenerator):
            for what, rows in zip(("invented", "walk"), invented(
                    network, codec, [batch for _, batch in faces], "kai mixed")):
                sheet(rows, out / f"{number}-{what}.png")


def _slowly(name: str) -> Draw:
    noise = Noise("cosine" if name == "ddpm-cosine" else "linear")
    return lambda network, codec, batch: {
        f"{noise.steps} from noise": by_ancestral(noise, network, codec, batch)}


if __name__ == "__main__":
    main()
