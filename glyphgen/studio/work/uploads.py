"""Uploaded files into samples; runs in a process of its own (`glyphgen.studio.work.helper`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from exporters.fontfile.info import ExportError
from fonts.content import Content
from fonts.drawing import Field, from_coverage
from fonts.errors import Line, UserError
from fonts.reading.images import SUFFIXES, ImageError, read_grey
from fonts.reading.pages import read_file
from fonts.reading.samples import SIZE, Sample, SamplesError, codepoint_of, read_samples
from fonts.sheet.reader import PageReading, looks_like_sheet, merge, read_pages, report
from glyphgen.export.fonts import base_codepoints
from glyphgen.studio.recut import around_cell

KINDS = {b"\x89PNG\r\n\x1a\n": ".png", b"\xff\xd8\xff": ".jpg", b"II*\0": ".tif",
         b"MM\0*": ".tif", b"%PDF-": ".pdf"}
_PHOTO = 900            # pixels of the shorter side from which a named picture may be a sheet
_BLANK = 16             # grey levels from white that are still paper


class ReadingError(UserError):
    """An uploaded picture that cannot be used; one line says why."""


@dataclass(frozen=True)
class Cell:
    """One character that was looked for, its verdicts, and its sample where there is one.

    `around` is a file with the picture around it, empty where there is none.
    """

    codepoint: int
    verdicts: tuple[str, ...]
    source: str
    sample: Sample | None
    around: str = ""


@dataclass(frozen=True)
class Reading:
    """All cells of the files, and lines for the person."""

    cells: tuple[Cell, ...]
    notes: tuple[str, ...]


def kind_of(head: bytes) -> str | None:
    """Suffix of the kind of file by its first bytes; None for what is not read."""
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return ".webp"
    return next((suffix for magic, suffix in KINDS.items() if head.startswith(magic)), None)


def read_uploads(names: Mapping[str, str], region: str, fit: bool) -> Reading:
    """Cells of uploaded files: `names` has what the person called each path.

    Pictures with a sheet's markers and PDFs are read as sheets, the others by their names. A file
    that is no good becomes a note.
    """
    sheets: dict[str, str] = {}
    named: dict[str, str] = {}
    for path, name in names.items():
        (sheets if _is_sheet(Path(path), name) else named)[path] = name
    cells, notes = _read_sheets(sheets)
    more, odd = _read_named(named, region, fit)
    return Reading((*cells, *more), (*notes, *odd))


def _is_sheet(path: Path, name: str) -> bool:
    if path.suffix == ".pdf":
        return True
    try:
        codepoint_of(Path(name))
        if min(read_grey(path).shape) < _PHOTO:
            return False
    except SamplesError:
        pass                        # no character's name: it can only be a sheet
    except ImageError:
        return False
    try:
        return any(looks_like_sheet(page.picture) for page in read_file(path))
    except ImageError:
        return False


def _read_sheets(names: Mapping[str, str]) -> tuple[list[Cell], list[str]]:
    around: dict[int, Path] = {}        # by the cell's identity

    def seen(picture: NDArray[np.uint8], page: PageReading) -> None:
        for cell in page.cells:
            path = Path(next(iter(names))).with_suffix(f".{len(around)}.jpg")
            path.write_bytes(around_cell(picture, cell.corners))
            around[id(cell)] = path

    pages = list(read_pages(names, seen))
    cells = []
    for cell in merge(pages):
        source = _renamed(cell.source, names)
        sample = None if cell.sample is None else replace(cell.sample, source=source)
        cells.append(Cell(cell.codepoint, cell.verdicts, source, sample,
                          str(around.pop(id(cell)))))
    for path in around.values():        # of cells that another page had better
        path.unlink()
    return cells, [_renamed(line, names) for line in report(pages)] if pages else []


def _read_named(names: Mapping[str, str], region: str,
                fit: bool) -> tuple[list[Cell], list[str]]:
    folders: set[Path] = set()
    renamed: dict[str, str] = {}
    notes: list[str] = []
    for number, (path, name) in enumerate(names.items()):
        try:
            point = codepoint_of(Path(name))
        except SamplesError:
            notes.append(Line("no sheet was found in it and its name is no character; name it "
                              "like 永.png", name))
            continue
        folder = Path(path).parent / f"named-{number // 900}"
        folder.mkdir(exist_ok=True)
        folders.add(folder)
        target = folder / f"U+{point:04X}_{number % 900 + 1}{Path(path).suffix}"
        Path(path).replace(target)
        renamed[str(target)] = name
    if not folders:
        return [], notes
    content = Content(region)

    def content_field(codepoint: int) -> Field | None:
        return content.hei(codepoint) if content.has(codepoint) else None

    try:
        read = read_samples(sorted(folders), fit=fit, region=region, content_field=content_field)
    except SamplesError as error:
        few = ", ".join([*renamed.values()][:3]) + "…" * (len(renamed) > 3)
        line = _renamed(error.line, {", ".join(map(str, sorted(folders))): few})
        return [], [*notes, _renamed(line, renamed)]
    cells = [Cell(sample.codepoint, (), _renamed(sample.source, renamed),
                  replace(sample, source=_renamed(sample.source, renamed)))
             for sample in (*read.older, *read.samples)]
    return cells, [*notes, *(_renamed(line, renamed) for line in read.warnings)]


def _renamed(text: str, names: Mapping[str, str]) -> str:
    """A text or line with what the person called the files."""
    if isinstance(text, Line):
        values = {key: _renamed(value, names) if isinstance(value, str) else value
                  for key, value in text.values.items()}
        return Line(text.text, _renamed(text.at, names), **values)
    for path, name in names.items():
        text = text.replace(path, name)
    return text


def canvas_field(path: str) -> Field:
    """Field (512, 512) of a drawn canvas: the em square with its margin, black on white."""
    grey = read_grey(Path(path))
    if grey.shape[0] != grey.shape[1]:
        raise ReadingError("the canvas is not square")
    if grey.min() > 255 - _BLANK:
        raise ReadingError("nothing is drawn on the canvas")
    grey = cv2.resize(grey, (SIZE, SIZE), interpolation=cv2.INTER_AREA)
    return from_coverage((255 - grey) / np.float32(255), SIZE)


def picture_field(path: str, codepoint: int, region: str) -> Field:
    """Field (512, 512) of a picture of one character; its longer side is the em square."""
    target = Path(path).with_name(f"U+{codepoint:04X}{Path(path).suffix}")
    if target.suffix not in SUFFIXES:
        raise ReadingError("a picture is needed: JPEG, PNG, WebP or TIFF")
    Path(path).replace(target)
    try:
        return read_samples([target], region=region).samples[0].field
    except SamplesError as error:
        raise ReadingError(_renamed(error.line, {str(target): "the picture"})) from None
    finally:
        target.unlink(missing_ok=True)


def base_size(path: str, name: str) -> int:
    """How many characters a font has whose gaps are to be filled. Raises ReadingError."""
    try:
        return len(base_codepoints(Path(path)))
    except ExportError as error:
        raise ReadingError(_renamed(error.line, {path: name})) from None
