"""Uploaded files into samples; runs in a process of its own (`glyphgen.studio.work.helper`)."""

from __future__ import annotations

import os
import re
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from uuid import uuid4

import cv2
import numpy as np
from numpy.typing import NDArray

from exporters.fontfile.info import ExportError
from fonts.drawing import Field, from_coverage
from fonts.errors import Line, UserError
from fonts.reading.images import SUFFIXES, read_grey
from fonts.reading.samples import SIZE, Sample, SamplesError, read_samples
from fonts.sheet.reader import PageReading
from glyphgen.export.fonts import base_codepoints
from glyphgen.progress import Silent
from glyphgen.project.intake import Intake, read_sources
from glyphgen.studio.recut import around_cell

FONTS = {b"\0\1\0\0": ".ttf", b"true": ".ttf", b"OTTO": ".otf", b"ttcf": ".ttc", b"wOFF": ".woff",
         b"wOF2": ".woff2"}
KINDS = {b"\x89PNG\r\n\x1a\n": ".png", b"\xff\xd8\xff": ".jpg", b"II*\0": ".tif",
         b"MM\0*": ".tif", b"%PDF-": ".pdf"}
_NO_NAME = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]')
_LONGEST = 60           # characters of a name that are kept
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


def kind_of(head: bytes, fonts: bool = False) -> str | None:
    """Suffix of the kind of picture, or font, by its first bytes; None for what is not read."""
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return ".webp"
    known = KINDS | FONTS if fonts else KINDS
    return next((suffix for magic, suffix in known.items() if head.startswith(magic)), None)


def read_uploads(names: Mapping[str, str], intake: Intake) -> Reading:
    """Cells of uploaded files: `names` has what the person called each path.

    They are read as `glyphgen ingest` reads a folder of them, fonts as if each was named. A file
    that is no good becomes a note.
    """
    beside = Path(next(iter(names))).parent
    with tempfile.TemporaryDirectory(dir=beside) as place:
        folder, fonts = _as_called(names, Path(place))
        called = {str(folder): _few(names.values()), str(fonts): ""}
        cells: list[Cell] = []
        notes: list[str] = []
        sources = [[folder]] * any(folder.iterdir()) + [[font] for font in sorted(fonts.iterdir())]
        for source in sources:
            more, odd = _read(source, intake, beside)
            cells += [_as_named(cell, called) for cell in more]
            notes += [_renamed(line, called) for line in odd]
    return Reading(tuple(cells), tuple(notes))


def _as_called(names: Mapping[str, str], place: Path) -> tuple[Path, Path]:
    """Two folders with the files under the names they had, one of pictures and one of fonts."""
    folders = place / "pictures", place / "fonts"
    times: Counter[str] = Counter()
    for folder in folders:
        folder.mkdir()
    for path, name in names.items():
        stem = _NO_NAME.sub("_", Path(name).stem).lstrip(".")[:_LONGEST] or "file"
        suffix = Path(path).suffix
        times[f"{stem}{suffix}".casefold()] += 1
        number = times[f"{stem}{suffix}".casefold()]
        target = f"{stem}_{number}{suffix}" if number > 1 else f"{stem}{suffix}"
        Path(path).replace(folders[suffix in FONTS.values()] / target)
    return folders


def _read(sources: Sequence[Path], intake: Intake, beside: Path) -> tuple[list[Cell], list[str]]:
    """Cells and notes of sources; the pictures around cells go to files."""
    around: dict[int, Path] = {}        # by the cell's identity

    def seen(picture: NDArray[np.uint8], page: PageReading) -> None:
        for cell in page.cells:
            path = beside / f"{uuid4().hex}.jpg"
            path.write_bytes(around_cell(picture, cell.corners))
            around[id(cell)] = path

    progress, cells = Silent(), []
    try:
        read = read_sources(sources, intake, progress, seen)
        of_sheets = {id(cell.sample) for cell in read.cells}
        cells = [Cell(cell.codepoint, cell.verdicts, cell.source, cell.sample,
                      str(around.pop(id(cell)))) for cell in read.cells]
        cells += [Cell(sample.codepoint, (), sample.source, sample)
                  for sample in (*read.older, *read.samples) if id(sample) not in of_sheets]
        progress.notes += read.warnings
    except UserError as error:
        progress.note(error.line)
    finally:
        for path in around.values():    # of cells that another page had better
            path.unlink()
    return cells, progress.notes


def _as_named(cell: Cell, called: Mapping[str, str]) -> Cell:
    source = _renamed(cell.source, called)
    sample = cell.sample and replace(cell.sample, source=source)
    return replace(cell, source=source, sample=sample)


def _few(names: Iterable[str]) -> str:
    some = [*islice(names, 4)]
    return ", ".join(some[:3]) + "…" * (len(some) > 3)


def _renamed(text: str, names: Mapping[str, str]) -> str:
    """A text or line with what the person called the files."""
    if isinstance(text, Line):
        values = {key: _renamed(value, names) if isinstance(value, str) else value
                  for key, value in text.values.items()}
        return Line(_renamed(str(text.text), names), _renamed(text.at, names), **values)
    for path, name in names.items():
        text = text.replace(path + os.sep, "").replace(path, name)
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
