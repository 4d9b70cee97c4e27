"""The font made from photographs of a hand, compared with the font made from its clean images.

    python -m benchmarks.bench_hand --face HAND.ttf --region jp --n 150

A sheet in the glyphs of HAND is photographed virtually and read as `glyphgen make` reads it;
so are clean images of the same glyphs. A font is made from either, and both are measured against
HAND on the same other characters. Prints one line of JSON for each, and one with the photographs'
figures over the clean images'.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import click
import numpy as np
from PIL import Image

from fonts.drawing import CANVAS, EM_PIXELS, Field
from fonts.regions import REGIONS
from fonts.render import Face
from fonts.sheet.layout import paginate
from fonts.sheet.template import sheet_pdf
from glyphgen.hand.painter import Painter
from glyphgen.network.checkpoint import WEIGHTS, load_model
from glyphgen.progress import Silent
from glyphgen.project.intake import Intake, read_sources
from training.camera.photograph import PENS, fill_page, print_page, take_photograph
from training.evaluate import EvaluateConfig, choose, make_font, measure
from training.measure.metrics import Target, Typeset

FIGURES = ("nl1", "iou", "skill", "chamfer")
_SIDE = 512             # pixels of the canvas that clean images are cut from
_SCALE = 16             # pixels a mm of the printed page


def clean_images(face: Face, chars: str, folder: Path) -> list[Path]:
    """Images of the em square, black on white, named by their characters."""
    margin = _SIDE * (CANVAS - EM_PIXELS) // (2 * CANVAS)
    paths = []
    for char in chars:
        ink = face.coverage(ord(char), _SIDE)
        if ink is not None:
            levels = np.rint(255 * (1 - ink[margin:-margin, margin:-margin])).astype(np.uint8)
            paths.append(folder / f"{char}.png")
            Image.fromarray(levels).save(paths[-1])
    return paths


def photographs(face: Face, chars: str, region: str, seed: int, folder: Path) -> list[Path]:
    """Photographs of the pages of a filled-in sheet, under conditions drawn by `seed`."""
    rng = np.random.default_rng(seed)
    pdf = sheet_pdf(chars, region=region)
    paths = []
    for identity in paginate(chars, region):
        page = fill_page(print_page(pdf, identity.page, _SCALE), identity, face, scale=_SCALE,
                         pen=str(rng.choice(list(PENS))))
        paths.append(folder / f"page{identity.page}.jpg")
        paths[-1].write_bytes(take_photograph(page, rng).data)
    return paths


def samples_of(paths: Sequence[Path], region: str) -> dict[int, Field]:
    """The samples in files, as the product reads them."""
    read = read_sources(paths, Intake(region), Silent())
    return {sample.codepoint: sample.field for sample in read.samples}


@click.command(help=__doc__)
@click.option("--face", required=True,
              type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--region", type=click.Choice(REGIONS), default="cn", show_default=True)
@click.option("--weights", default=WEIGHTS, type=click.Path(exists=True, path_type=Path))
@click.option("--n", default=150, show_default=True, help="Characters to measure.")
@click.option("--sheets", default=2, show_default=True, help="How often it is photographed.")
@click.option("--adapt/--no-adapt", default=False, show_default=True)
@click.option("--seed", default=7, show_default=True)
def main(face: Path, region: str, weights: Path, n: int, sheets: int, adapt: bool,
         seed: int) -> None:
    """Run the benchmark."""
    config = EvaluateConfig(n=n, adapt=adapt)
    true, hand = Typeset((face, 0)), Face(face)
    chosen = choose(true, region, config)
    targets = [Target(true.picture(char)) for char in chosen.chars]
    model, codec = load_model(weights)
    rows = []
    with TemporaryDirectory() as name:
        for number in range(sheets + 1):
            folder = Path(name, str(number))
            folder.mkdir()
            paths = (photographs(hand, chosen.references, region, seed + number, folder)
                     if number else clean_images(hand, chosen.references, folder))
            samples = samples_of(paths, region)
            painter = Painter(copy.deepcopy(model), codec, region)
            made = make_font(painter, samples, chosen.chars, config, folder / "made.ttf",
                             lambda count: None)
            figures = measure(Typeset((made.path, 0)).picture, targets, chosen)["all"]
            rows.append({key: float(figures[key]) for key in FIGURES})
            print(json.dumps({"face": face.stem, "from": "photograph" if number else "clean images",
                              "samples": len(samples), **rows[-1]}), flush=True)
    mean = {key: np.mean([row[key] for row in rows[1:]]) / rows[0][key] for key in FIGURES}
    print(json.dumps({"face": face.stem, "photographs over clean images":
                      {key: round(float(value), 4) for key, value in mean.items()}}))


if __name__ == "__main__":
    main()
