"""Collect hands of training for `--invent`: `python -m training.styles FONTS STROKES`.

Hands whose characters the recogniser reads, from the training faces and from synthetic hands.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import click
import numpy as np
import torch

from fonts.charset import recommended
from fonts.drawing import Field
from fonts.render import Face
from glyphgen.hand.blend import STYLES, Styles
from glyphgen.hand.painter import Painter, glyph_seed
from glyphgen.hand.prepare import Prepared, prepare
from glyphgen.network.checkpoint import WEIGHTS, load_model
from glyphgen.network.recogniser import Recogniser
from glyphgen.progress import Silent
from training.corpus import WRITTEN, FaceRow, read_manifest
from training.hands.style import random_style
from training.hands.write import load_strokes, write

REFERENCES = 10         # of a hand: its tokens are what the file is made of
READ = 0.9              # share of its drawings that the recogniser must read as themselves
_TEXT = "永和九年岁在癸丑暮春之初会于稽山阴兰亭修禊事也群贤毕至"
_CURSIVE = ("AoyagiSosekiFont2", "Kouzan Brush Sosho")      # few can read them


def _prepared(painter: Painter, samples: Mapping[int, Field]) -> Prepared:
    """The hand with the finish of all samples and the tokens of the first ones."""
    made = prepare(painter, samples, 0, False, Silent())
    few = painter.learn(dict(list(samples.items())[:REFERENCES]))
    return replace(made, hand=replace(made.hand, tokens=few.tokens, style=few.style))


def _is_read(painter: Painter, reader: Recogniser, made: Prepared) -> bool:
    """Whether what the hand draws can be read."""
    codepoints = [*map(ord, _TEXT)][: painter.config.batch]
    drawn = painter.draw(made.hand, painter.framed(made.hand, codepoints),
                         [glyph_seed(0, c) for c in codepoints])[0]
    finished = np.stack([made.finish(field) for field in drawn])
    return float((reader.confusion_margin(finished, codepoints) < 0).mean()) >= READ


def _faces(fonts: Path) -> Iterator[tuple[FaceRow, dict[int, Field]]]:
    """One face a design of the training hands that know the recommended characters."""
    seen: set[str] = set()
    for row in read_manifest(("train",)):
        if row.category not in WRITTEN or row.design in {*seen, *_CURSIVE}:
            continue
        face = Face(fonts / row.file_name, row.face_index)
        fields = {ord(c): face.field(ord(c), oversample=2)
                  for c in recommended(row.region) if ord(c) in face.cmap}
        samples = {c: f for c, f in fields.items() if f is not None and c >= 0x3400}
        if row.region != "kr" and len(samples) >= 20:
            seen.add(row.design)
            yield row, samples


@click.command()
@click.argument("fonts", type=click.Path(path_type=Path, exists=True))
@click.argument("strokes", type=click.Path(path_type=Path, exists=True))
@click.option("--out", default=STYLES, type=click.Path(path_type=Path), show_default=True)
@click.option("--synthetic", default=8, show_default=True, help="Synthetic hands.")
def main(fonts: Path, strokes: Path, out: Path, synthetic: int) -> None:
    """Write the styles of training hands for the shipped weights."""
    torch.set_num_threads(1)
    model, codec = load_model(WEIGHTS)
    painters = {region: Painter(model, codec, region) for region in ("cn", "tw", "hk", "jp")}
    found = [(row.design, _prepared(painters[row.region], samples))
             for row, samples in _faces(fonts)]
    data = load_strokes(strokes)
    for number in range(synthetic):
        rng = np.random.default_rng(90_000 + number)
        style = random_style(rng)
        samples = {ord(c): write(style, data[ord(c)], rng)
                   for c in recommended("cn") if ord(c) in data}
        found.append((f"synthetic {number}", _prepared(painters["cn"], samples)))
    reader = Recogniser.load()
    hands = [(name, made) for name, made in found if _is_read(painters["cn"], reader, made)]
    Styles.of(hands).save(out)
    click.echo(f"{len(hands)} of {len(found)} hands, {out.stat().st_size / 1e6:.1f} MB in {out}")


if __name__ == "__main__":
    main()
