"""How writing on ruled paper, and pages of rows, are read: the figures of docs/samples.md.

    python -m training.corpus fetch FONTS
    python -m benchmarks.ruled FONTS --split test --pictures 400 --pages 60

Pictures are of `training.camera.ruled`: eight kinds of paper, photographed or scanned. The ink read
from each is compared with that of the same picture without its rules: as many contours, give or
take one, is right. Hands of the `test` split are for the figures alone; what is wrong is looked for
with `--split train --split valid`. `--keep FOLDER` writes what was wrong in silence.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import click
import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fonts.charset import named
from fonts.content import Content
from fonts.drawing import Field
from fonts.errors import UserError
from fonts.reading.grid import Grid, places
from fonts.reading.ink import ink_of
from fonts.reading.rows import picture_of, read_rows
from fonts.render import Face
from glyphgen.network.recogniser import Recogniser
from training.camera.ruled import INKS, KINDS, MARGIN, Taken, rule, take, write
from training.corpus import WRITTEN, read_manifest

ORDERS = ("rows from the left", "rows from the right", "columns from the right")
_ON_PAGE = 20           # characters of a page of rows
_SAME = 0.002           # of the picture: so much ink may differ where no rule was


class Verdict(NamedTuple):
    """What came of one picture: `right`, `warned` or `silent`; whether its twin was altered, and
    whether it was doubted at all."""

    result: str
    kind: str
    altered: bool
    doubted: bool = True


def hands(fonts: Path, splits: Sequence[str]) -> list[Face]:
    """One face of each written family of the splits that is there."""
    rows = {row.design: row for row in reversed(read_manifest(splits))
            if row.category in WRITTEN and row.region != "kr"}
    return [Face(fonts / row.file_name, row.face_index) for row in rows.values()
            if (fonts / row.file_name).is_file()]


def picture(face: Face, char: str, kind: str, rng: np.random.Generator) -> Taken:
    """A picture of one character on paper of a kind."""
    pages = rule(kind, 1, 1, rng)
    ink, seed = str(rng.choice(INKS)), int(rng.integers(1 << 30))
    ruled, plain = (write(page, face, char, ink, np.random.default_rng(seed)) for page in pages)
    x, y, w, h = ruled.cells[0]
    box = (x - 0.1 * w, y - 0.1 * h, 1.2 * w, 1.2 * h)
    return take((ruled, plain), box, rng.uniform(200, 600) / (1.2 * w), rng.normal(0, 1), 0.02, rng)


def contours(ink: Field) -> int:
    """How many there are of more than a speck."""
    found, _ = cv2.findContours((ink >= 0.5).astype(np.uint8), cv2.RETR_LIST,
                                cv2.CHAIN_APPROX_NONE)
    return sum(cv2.contourArea(one) > 4 for one in found)


def read(taken: Taken, point: int) -> tuple[str, NDArray[np.float32], tuple[bool, bool]]:
    """`right`, `warned` or `silent`; the ink of both pictures; whether each was doubted."""
    inks, doubts = zip(*(ink_of(np.asarray(Image.fromarray(seen).convert("L")), seen, point)
                         for seen in (taken.picture, taken.plain)))
    apart = abs(contours(inks[0]) - contours(inks[1]))
    overlap = np.minimum(*inks).sum() / max(float(np.maximum(*inks).sum()), 1.0)
    right = apart <= 1 and overlap > 0.8
    result = "right" if right else "warned" if doubts[0] else "silent"
    return result, np.hstack(inks), (bool(doubts[0]), bool(doubts[1]))


def many(faces: Sequence[Face], wanted: Iterable[int], seed: int,
         keep: Path | None) -> Iterator[Verdict]:
    """One verdict a picture; each number makes its own."""
    chars = named("gb2312-1").codepoints
    for index in wanted:
        rng = np.random.default_rng([seed, index])
        face, kind = faces[index % len(faces)], KINDS[index % len(KINDS)]
        point = next(c for c in rng.permutation(chars).tolist() if c in face.cmap)
        taken = picture(face, chr(point), kind, rng)
        try:
            result, inks, doubts = read(taken, point)
        except UserError:
            yield Verdict("warned", kind, False)
            continue
        grey = np.asarray(Image.fromarray(taken.plain).convert("L"))
        altered = doubts[1] or _altered(grey, taken.plain)
        if keep and (result == "silent" or altered):
            keep.mkdir(parents=True, exist_ok=True)
            shown = 255 - np.rint(inks * 255).astype(np.uint8)[..., None].repeat(3, 2)
            name = f"{index:03}-{result}-{kind}-{chr(point)}.png"
            Image.fromarray(np.hstack([taken.picture, taken.plain, shown])).save(keep / name)
        yield Verdict(result, kind, altered, doubts[0])


def _altered(grey: NDArray[np.uint8], colour: NDArray[np.uint8]) -> bool:
    """Whether something was taken for rules on paper that has none."""
    from fonts.reading.ruled import without_rules

    cleared = without_rules(grey, colour).grey
    return bool((np.abs(cleared.astype(int) - grey) > 40).mean() > _SAME)


def pages(faces: Sequence[Face], wanted: Iterable[int], seed: int) -> Iterator[str]:
    """`right`, `refused` or `silent` for each page of rows."""
    likeness, content = Recogniser.load().likeness, Content("cn").hei
    chars = named("gb2312-1").codepoints
    for index in wanted:
        rng = np.random.default_rng([seed, 1, index])
        face, order = faces[index % len(faces)], ORDERS[index % len(ORDERS)]
        known = [c for c in rng.permutation(chars).tolist() if c in face.cmap][:_ON_PAGE]
        text, grid = "".join(map(chr, known)), Grid(5, 4, 0, 0, 1, 1)
        cells = [row * grid.columns + column for row, column in places(order, grid, len(text))]
        both = rule(str(rng.choice(KINDS)), grid.rows, grid.columns, rng)
        page = write(both[index % 2], face, text, "black", rng, cells.__getitem__)
        last = page.cells[-1]
        size = last[0] + last[2] + MARGIN, last[1] + last[3] + MARGIN
        seen = take((page, page), (0.0, 0.0, *size), 1400 / size[1], rng.normal(0, 1), 0.02, rng)
        try:
            samples = read_rows(picture_of(seen.picture), "page", 0.0, text, content, [], likeness)
        except UserError:
            yield "refused"
            continue
        near = likeness(np.stack([s.drawing.field for s in samples]), known)
        own = [known.index(s.codepoint) for s in samples]
        yield "right" if (near.argmax(1) == own).mean() > 0.7 else "silent"


@click.command()
@click.argument("fonts", type=click.Path(path_type=Path, exists=True))
@click.option("--split", "splits", multiple=True, default=("train", "valid"), show_default=True)
@click.option("--pictures", default=64, show_default=True)
@click.option("--pages", "sheets", default=12, show_default=True)
@click.option("--seed", default=4, show_default=True)
@click.option("--keep", type=click.Path(path_type=Path))
def main(fonts: Path, splits: Sequence[str], pictures: int, sheets: int, seed: int,
         keep: Path | None) -> None:
    """Read pictures and pages, and print how many were right."""
    faces = hands(fonts, splits)
    click.echo(f"{len(faces)} hands of {' and '.join(splits)}, seed {seed}")
    found = list(many(faces, range(pictures), seed, keep))
    total = Counter(verdict.result for verdict in found)
    needless = sum(v.doubted for v in found if v.result == "right")
    click.echo(f"{pictures} pictures on ruled paper: {total['right']} right ({needless} of them "
               f"warned of), {total['warned']} warned of, {total['silent']} wrong in silence; "
               f"{sum(v.altered for v in found)} of as many without rules altered")
    for kind in KINDS:
        own = Counter(v.result for v in found if v.kind == kind)
        click.echo(f"  {kind}: {own['right']}/{own['warned']}/{own['silent']}")
    read_pages = Counter(pages(faces, range(sheets), seed))
    click.echo(f"{sheets} pages of rows: {read_pages['right']} right, {read_pages['refused']} "
               f"refused, {read_pages['silent']} wrong in silence")


if __name__ == "__main__":
    main()
