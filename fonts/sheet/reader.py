"""Filled-in sheets read back: pictures and PDFs in, samples and verdicts out."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from fonts.content import FOLDER, Content, MissingContent
from fonts.drawing import Field, from_coverage
from fonts.errors import Line, UserError
from fonts.reading.images import ImageError
from fonts.reading.pages import Page, Picture, read_file
from fonts.reading.samples import Sample
from fonts.sheet.cells import Cell, Lit, cut_cell, ink_colour
from fonts.sheet.cells import coverage as ink_coverage
from fonts.sheet.compare import swapped_cells
from fonts.sheet.layout import Identity, IdentityError
from fonts.sheet.markers import MarkerError, find_markers, missing
from fonts.sheet.rectify import RectifyError, lay_flat, page_homography, read_identity
from fonts.sheet.verdict import DOUBLE, EMPTY, OTHER, UNUSABLE, Measure, judge, measure, overwritten

FIELD = 512             # side of a sample's field
_OVERLAY = 1600         # longer side of a picture that shows what was read

Seen = Callable[[Picture, "PageReading"], None]

_GOOD, _WARNING, _BAD, _BLANK = (40, 150, 60), (230, 140, 0), (210, 30, 40), (150, 150, 150)


class SheetError(UserError):
    """A page that cannot be read; one line says why and how to retake it."""


@dataclass(frozen=True)
class CellReading:
    """One cell of one page.

    `sample` is None where there is nothing to use; `verdicts` are words, none where
    the cell is good; `corners` (4, 2) of its canvas are in the picture, pixel edges at integers.
    """

    codepoint: int
    index: int
    page: Identity
    source: str
    taken: float
    corners: NDArray[np.float64] = field(repr=False)
    verdicts: tuple[str, ...]
    sample: Sample | None


@dataclass(frozen=True)
class PageReading:
    """One page. `problem` is the line that says why there are no cells, else empty."""

    source: str
    identity: Identity | None = None
    cells: tuple[CellReading, ...] = ()
    notes: tuple[Line, ...] = ()
    problem: str = ""


def read_pages(paths: Iterable[str | Path], seen: Seen | None = None) -> Iterator[PageReading]:
    """Read every page of the files; a page that cannot be read is a reading with a problem.

    `seen` is given the picture of each page that was read, and what was read from it.
    """
    for path in paths:
        try:
            for page in read_file(path):
                try:
                    reading = read_page(page)
                    if seen:
                        seen(page.picture, reading)
                    yield reading
                except SheetError as error:
                    yield PageReading(page.name, problem=error.line)
        except ImageError as error:
            yield PageReading(str(path), problem=error.line)


def read_page(page: Page) -> PageReading:
    """Read one page. Raises SheetError."""
    gray = cv2.cvtColor(page.picture, cv2.COLOR_RGB2GRAY)
    try:
        markers = find_markers(gray)
        homography = page_homography(markers)
        identity = read_identity(gray, homography)
        warp, _ = lay_flat(gray, homography, identity)
    except (MarkerError, IdentityError, RectifyError) as error:
        raise SheetError(error.line, page.name) from None
    layout = identity.layout
    lit = Lit.of(page.picture, warp, layout)
    with ThreadPoolExecutor(min(4, os.cpu_count() or 1)) as pool:
        cut = list(pool.map(lambda index: cut_cell(lit, warp, layout, index),
                            range(len(identity.chars))))
        colour = ink_colour(cut)
        judged = list(pool.map(lambda cell: _judged(cell, colour, identity, page), cut))
    readings = _held_against_print(judged, identity)
    notes = tuple(Line("the {name} marker was not seen; the page was read by the other three",
                       name=name)
                  for name in missing(markers))
    return PageReading(page.name, identity, readings, notes)


def merge(pages: Iterable[PageReading]) -> list[CellReading]:
    """One reading a cell of all pages: the newest that has ink, else the newest."""
    cells = [cell for page in pages for cell in page.cells]
    kept: dict[tuple[str, int, int], CellReading] = {}
    for cell in sorted(cells, key=lambda cell: cell.taken):
        key = (cell.page.sheet, cell.page.page, cell.index)
        if key not in kept or cell.sample is not None or kept[key].sample is None:
            kept[key] = cell
    return [kept[key] for key in sorted(kept)]


def report(pages: Sequence[PageReading]) -> list[str]:
    """Lines for a person: what was read, what is missing, what to look at."""
    lines = [page.problem for page in pages if page.problem]
    for page in pages:
        lines += [note.under(page.source) for note in page.notes]
    cells = merge(pages)
    for cell in cells:
        if cell.verdicts and cell.verdicts != (EMPTY,):
            lines.append(Line("{char} ({source}): {verdicts}", char=chr(cell.codepoint),
                              source=cell.source, verdicts=", ".join(cell.verdicts)))
    empty = [chr(cell.codepoint) for cell in cells if EMPTY in cell.verdicts]
    if empty:
        lines.append(Line("{n} cells are empty: {chars}", n=len(empty), chars="".join(empty)))
    for sheet, (pages_of, numbers) in _sheets(cells).items():
        absent = sorted(set(range(1, pages_of + 1)) - numbers)
        if absent:
            lines.append(Line("sheet {sheet}: page {pages} of {all} was not given", sheet=sheet,
                              pages=", ".join(map(str, absent)), all=pages_of))
    read = sum(cell.sample is not None for cell in cells)
    lines.append(Line("{n} of {all} cells read from {pages} of {given} pages", n=read,
                      all=len(cells), pages=sum(not page.problem for page in pages),
                      given=len(pages)))
    return lines


def overlay(picture: Picture, reading: PageReading) -> Image.Image:
    """The page upright, every cell framed: green good, orange to look at, red lost, grey empty."""
    scale = min(1.0, _OVERLAY / max(picture.shape))
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    along = np.sum([cell.corners[1] - cell.corners[0] for cell in reading.cells], axis=0)
    turns = round(np.arctan2(along[1], along[0]) / (np.pi / 2)) % 4
    image = Image.fromarray(np.ascontiguousarray(np.rot90(small, turns)))
    draw = ImageDraw.Draw(image)
    font = ImageFont.truetype(FOLDER / "hei-cn.otf", round(_OVERLAY / 100))
    for cell in reading.cells:
        corners = cell.corners * scale
        for side in (small.shape[1], small.shape[0], small.shape[1])[:turns]:
            corners = np.column_stack([corners[:, 1], side - corners[:, 0]])
        draw.line([tuple(at) for at in corners[[0, 1, 2, 3, 0]]], _colour(cell), 3)
        if cell.verdicts and cell.verdicts != (EMPTY,):
            at = corners.min(0)[0] + 2, corners.max(0)[1] + 2
            draw.text(at, "\n".join(cell.verdicts), _colour(cell), font, stroke_width=2,
                      stroke_fill="white")
    return image


def looks_like_sheet(picture: Picture) -> bool:
    """Whether enough markers of a sheet are in the picture to try reading it."""
    try:
        return bool(find_markers(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)))
    except MarkerError:
        return False


def _judged(cell: Cell, colour: Field, identity: Identity,
            page: Page) -> tuple[CellReading, Measure]:
    """A cell by itself."""
    codepoint, layout = ord(identity.chars[cell.index]), identity.layout
    ink, level = ink_coverage(cell, colour, layout, codepoint)
    measured = measure(ink, level * float(colour.mean()), layout.canvas)
    words = judge(measured, cell.whole)
    sample = None
    if not UNUSABLE.intersection(words):
        sample = Sample.of(codepoint, from_coverage(ink, FIELD), page.name, page.taken)
    return CellReading(codepoint, cell.index, identity, page.name, page.taken, cell.corners, words,
                       sample), measured


def _printed(identity: Identity) -> list[Field | None]:
    """What the page's prompts look like; None for what the content font lacks."""
    content = Content(identity.region)
    fields: list[Field | None] = []
    for char in identity.chars:
        try:
            fields.append(content.hei(ord(char)))
        except MissingContent:
            fields.append(None)
    return fields


def _held_against_print(judged: Sequence[tuple[CellReading, Measure]],
                        identity: Identity) -> tuple[CellReading, ...]:
    """The cells with what their printed characters, all of the page together, say about them."""
    printed = _printed(identity)
    doubled = overwritten([measured for _, measured in judged], printed)
    written = [cell.sample.drawing.field if cell.sample else None for cell, _ in judged]
    readings = []
    for (cell, _), double, other in zip(judged, doubled, swapped_cells(written, printed)):
        words = [DOUBLE] if double else []
        if other is not None and not double:
            words.append(f"{OTHER}: {identity.chars[other]}")
        if cell.sample is not None:
            cell = replace(cell, verdicts=(*cell.verdicts, *words))
        readings.append(cell)
    return tuple(readings)


def _sheets(cells: Iterable[CellReading]) -> dict[str, tuple[int, set[int]]]:
    seen: dict[str, tuple[int, set[int]]] = {}
    for cell in cells:
        seen.setdefault(cell.page.sheet, (cell.page.pages, set()))[1].add(cell.page.page)
    return seen


def _colour(cell: CellReading) -> tuple[int, int, int]:
    if EMPTY in cell.verdicts:
        return _BLANK
    if cell.sample is None:
        return _BAD
    return _WARNING if cell.verdicts else _GOOD
