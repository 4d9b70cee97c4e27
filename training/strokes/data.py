"""Make the data that strokes are learnt from.

`python -m training.strokes.data library STROKES JAPAN` lays stroke-order data on the Kai content
and splits strokes off the drawings of all else, which makes the file that ships. STROKES is an
unpacked npm package `hanzi-writer-data` or its saved .npz, JAPAN the same of
`hanzi-writer-data-jp`.
`... faces FONTS OUT --split train` lays that library on faces, and keeps beside each stroke where
the pixel network expects it; `... synthetic STROKES OUT` does the same for synthetic hands.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import click
import numpy as np
import torch
from numpy.typing import NDArray

from fonts.charset import named
from fonts.content import Content
from fonts.drawing import Field
from fonts.render import Face
from glyphgen.hand.painter import Painter
from glyphgen.hand.strokes import expected_strokes
from glyphgen.network.checkpoint import load_model
from glyphgen.strokes.laid.hooks import taken
from glyphgen.strokes.laid.lay import Laid, lay
from glyphgen.strokes.laid.refine import refined
from glyphgen.strokes.laid.skeleton import Skeleton, skeleton_of
from glyphgen.strokes.library import FILE, KAI, Library, save
from training.corpus import SPLITS, WRITTEN, FaceRow, is_held_out, read_manifest
from training.hands.style import random_style
from training.hands.write import Medians, load_strokes, write
from training.strokes.faces import MOST, chosen, face_of
from training.strokes.medians import ASTRAY, GOOD, astray, content_strokes
from training.strokes.plain import drawings, given_back, others, rare_hanzi
from training.strokes.search import with_one_more

Floats = NDArray[np.float32]

_SAMPLES = 30           # that the pixel network sees of a face


@click.group()
def main() -> None:
    """Make the data that strokes are learnt from."""
    torch.set_num_threads(1)


@main.command()
@click.argument("strokes", type=click.Path(path_type=Path, exists=True))
@click.argument("japan", type=click.Path(path_type=Path, exists=True))
@click.option("--out", default=FILE, show_default=False, type=click.Path(path_type=Path),
              help="The file to write, instead of the one that ships.")
def library(strokes: Path, japan: Path, out: Path) -> None:
    """Lay stroke-order data on the Kai content, and split strokes off what it does not know."""
    data, content = load_strokes(strokes), Content("cn")
    hei: dict[int, Floats] = {}
    kai: dict[int, Floats] = {}
    with click.progressbar([c for c in data if content.has(c)], label="hanzi") as bar:
        for codepoint in bar:
            laid = content_strokes(content, codepoint, data[codepoint])
            if laid is not None:
                kai[codepoint] = laid
    rare = rare_hanzi(content, kai)
    japanese, split_jp = _japanese_forms(load_strokes(japan), data)
    with click.progressbar(rare, label="rare hanzi") as bar:
        for codepoint in bar:
            split = given_back(content.pair(codepoint)[KAI])
            if split is not None:
                kai[codepoint] = split
    with click.progressbar(others(content), label="other scripts") as bar:
        for codepoint in bar:
            for source, field in drawings(content, codepoint).items():
                split = given_back(field)
                if split is not None:
                    (hei, kai)[source][codepoint] = split
    save(hei, kai, japanese, out, set(rare).intersection(kai), split_jp)
    click.echo(f"{out}: {len(kai)} characters on Kai, {len(hei)} on Hei, {len(japanese)} in "
               f"Japanese forms, {out.stat().st_size / 1e6:.1f} MB")


def _japanese_forms(japan: Mapping[int, Medians],
                    china: Mapping[int, Medians]) -> tuple[dict[int, Floats], set[int]]:
    """Strokes of what Kai draws otherwise in Japan, and which of them are split off the drawing."""
    content, laid, split = Content("jp"), {}, set()
    with click.progressbar(sorted(content.own_kai), label="Japanese forms") as bar:
        for codepoint in bar:
            data = [one[codepoint] for one in (japan, china) if codepoint in one]
            strokes = _japanese_form(content, codepoint, data)
            if strokes is None:
                strokes = given_back(content.pair(codepoint)[KAI])
                split.add(codepoint)
            if strokes is not None:
                laid[codepoint] = strokes
    return laid, split.intersection(laid)


def _japanese_form(content: Content, codepoint: int, data: Sequence[Medians]) -> Floats | None:
    """A form's strokes by the data that fits it best, None where none does.

    China's data does where a form differs in the shape of a stroke alone; some forms have one more,
    as 辶 with two dots has.
    """
    lines, best, least = skeleton_of(content.pair(codepoint)[KAI]), None, ASTRAY
    if lines is None:
        return None
    for medians in data:
        strokes = content_strokes(content, codepoint, medians)
        if strokes is not None:
            best, least = min((best, least), _completed(strokes, lines), key=lambda one: one[1])
        if least < GOOD:
            break
    return best


def _completed(strokes: Floats, lines: Skeleton) -> tuple[Floats, float]:
    """Laid strokes and how many pixels of them and of lines are astray: with a stroke more along a
    bare line, where that is better."""
    far, more = astray(strokes, lines), with_one_more(strokes, lines)
    if far < GOOD or more is None:
        return strokes, far
    more = refined(more, lines)
    return min((strokes, far), (more, astray(more, lines)), key=lambda one: one[1])


@main.command()
@click.argument("fonts", type=click.Path(path_type=Path, exists=True))
@click.argument("out", type=click.Path(path_type=Path))
@click.option("--split", default="train", show_default=True, type=click.Choice(SPLITS))
@click.option("--hands", default=550, show_default=True, help="Characters of a handwritten face.")
@click.option("--prints", default=160, show_default=True, help="Characters of any other face.")
@click.option("--sets", default=2, show_default=True,
              help="Times the pixel network is shown other samples of a face.")
def faces(fonts: Path, out: Path, split: str, hands: int, prints: int, sets: int) -> None:
    """Lay the library on one face of every design."""
    out.mkdir(parents=True, exist_ok=True)
    model = load_model()
    with click.progressbar(_designs(split, fonts), label="faces") as bar:
        for row in bar:
            path = out / f"{row.design.replace(' ', '_')}.npz"
            if path.exists():
                continue
            face = Face(fonts / row.file_name, row.face_index)
            strokes = Library.load(KAI, row.region)
            most = hands if row.category in WRITTEN else prints
            fields = {c: field for c in chosen(row, face, strokes, most)
                      if (field := face.field(c, oversample=2)) is not None}
            _keep(path, row.design, row.category, fields, strokes,
                  Painter(*model, row.region), sets if split == "train" else 1)


@main.command()
@click.argument("strokes", type=click.Path(path_type=Path, exists=True))
@click.argument("out", type=click.Path(path_type=Path))
@click.option("--hands", default=100, show_default=True)
@click.option("--characters", default=120, show_default=True, help="Of each hand.")
@click.option("--seed", default=90000, show_default=True)
def synthetic(strokes: Path, out: Path, hands: int, characters: int, seed: int) -> None:
    """Write synthetic hands and lay the library on them."""
    out.mkdir(parents=True, exist_ok=True)
    data, lines, painter = load_strokes(strokes), Library.load(), Painter(*load_model(), "cn")
    pool = np.array([c for c in named("gb2312").codepoints
                     if c in data and c in lines and not is_held_out(c)])
    with click.progressbar(range(seed, seed + hands), label="hands") as bar:
        for number in bar:
            rng = np.random.default_rng(number)
            style = random_style(rng)
            fields = {int(c): write(style, data[int(c)], rng)
                      for c in rng.choice(pool, characters, replace=False)}
            _keep(out / f"synthetic-{number}.npz", f"hand {number}", "synthetic", fields, lines,
                  painter, 1)


def _designs(split: str, fonts: Path) -> list[FaceRow]:
    """One face a design, the Regular or what is nearest to it."""
    best: dict[str, FaceRow] = {}
    for row in read_manifest([split]):
        if (fonts / row.file_name).exists():
            old = best.get(row.design)
            if old is None or abs(row.weight - 400) < abs(old.weight - 400):
                best[row.design] = row
    return list(best.values())


def _keep(path: Path, design: str, category: str, fields: Mapping[int, Field], strokes: Library,
          painter: Painter, sets: int) -> None:
    """Write the face of these drawings, unless too few of them are laid well."""
    laid = {c: one for c, field in fields.items() if len(strokes[c]) <= MOST
            and (one := lay(strokes[c], field)) is not None}
    if len(laid) < 2 * _SAMPLES:
        return
    bases = [_bases(painter, {c: fields[c] for c in laid}, laid, number) for number in range(sets)]
    face_of(design, category, laid, bases).save(path)


def _bases(painter: Painter, fields: Mapping[int, Field], laid: Mapping[int, Laid],
           number: int) -> Sequence[NDArray[np.float32]]:
    """Where the pixel network, shown some of the drawings, expects what was written of the strokes
    of all."""
    codepoints = list(fields)
    shown = np.random.default_rng((5, number)).permutation(len(codepoints))[:_SAMPLES]
    hand = painter.learn({codepoints[i]: fields[codepoints[i]] for i in shown})
    hand = hand.of(codepoints[0])
    out: list[NDArray[np.float32]] = []
    for first in range(0, len(codepoints), painter.config.batch):
        part = codepoints[first:first + painter.config.batch]
        flows = painter.displacements(hand, painter.framed(hand, part))
        out += expected_strokes(hand, part, flows)
    return [taken(base, laid[c].places) for c, base in zip(codepoints, out)]


if __name__ == "__main__":
    main()
