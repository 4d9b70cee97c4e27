"""Which reader a source goes to: images named by character and fonts, or pages of many characters.

A PDF is a page, and so is an image whose name is no character, or only a digit or a Latin letter
(`1.jpg`) while the picture shows the markers of a sheet. A page is a writing sheet; where `chars`
says what is written on it, one without markers is rows of these characters.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from io import BytesIO
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from fonts.content import Content
from fonts.drawing import Field
from fonts.errors import Line
from fonts.files import write_atomic
from fonts.reading.images import SUFFIXES, ImageError
from fonts.reading.pages import Picture, read_file
from fonts.reading.rows import GridError, picture_of, read_grid, read_rows
from fonts.reading.samples import (
    Sample,
    Samples,
    SamplesError,
    codepoint_of,
    left_out,
    read_samples,
)
from fonts.sheet.markers import NO_MARKER
from fonts.sheet.reader import (
    CellReading,
    PageReading,
    Seen,
    looks_like_sheet,
    merge,
    overlay,
    read_pages,
    report,
)
from glyphgen.progress import Progress

if TYPE_CHECKING:
    from glyphgen.network.recogniser import Recogniser

_OF_PAGES = (".pdf", ".tif", ".tiff")       # suffixes of files that may hold several pages
_PARTED = re.compile(r"\n[ \t\r]*\n|\f")    # what stands between the texts of two pages
_Content = Callable[[int], Field | None]


@dataclass(frozen=True)
class Intake:
    """How sources are read: `sample_chars` of a font, `chars` in the rows of a picture.

    `sample_instance` names the instance of a variable font, Regular by default.

    Pictures of the sheets with what was read go to the folder `overlay`.
    """

    region: str = "cn"
    fit: bool = False
    sample_chars: str | None = None
    chars: str | None = None
    overlay: Path | None = None
    sample_instance: str | None = None


@dataclass(frozen=True)
class Gathered(Samples):
    """What was read of any mix of sources; `cells` are those of sheets, some without a sample."""

    cells: tuple[CellReading, ...] = ()


def read_sources(sources: Sequence[Path], intake: Intake, progress: Progress,
                 seen: Seen | None = None) -> Gathered:
    """Samples of any mix of sources; what was odd about pages goes to `progress`.

    `seen` is given the picture of each page of a sheet, and what was read from it. Raises a
    UserError of one line where there are no samples.
    """
    content = Content(intake.region)

    def content_field(codepoint: int) -> Field | None:
        return content.hei(codepoint) if content.has(codepoint) else None

    pages = _Pages(intake, content_field, seen)
    paths = _paths(sources)
    if paths:
        with progress.stage("pages", len(paths)) as tick:
            for path, named in paths:
                pages.read(path, named)
                tick(1)
        for line in [*pages.notes, *pages.bad[1:]]:
            progress.note(line)
        if pages.bad:
            raise SamplesError(pages.bad[0])
    files = sum(len(list(s.iterdir())) if s.is_dir() else 1 for s in sources) - len(paths)
    if pages.are_blank and not files:
        raise SamplesError("nothing is written on it; fill in the squares, or take the picture "
                           "again with a darker pen", paths[0][0])
    with progress.stage("samples", max(files, 1)) as tick:
        read = read_samples(sources, fit=intake.fit, sample_chars=intake.sample_chars,
                            sample_instance=intake.sample_instance,
                            region=intake.region, content_field=content_field,
                            progress=lambda done, count: tick(1),
                            already_read=[path for path, _ in paths], read=pages.samples)
    return Gathered(read.samples, read.older, read.warnings, tuple(pages.cells))


class _Pages:
    """Pages read one after another; sheets are put together at the end."""

    def __init__(self, intake: Intake, content: _Content, seen: Seen | None) -> None:
        self._chars, self._region, self._content = intake.chars, intake.region, content
        self._overlay = intake.overlay
        self._recogniser: Recogniser | None = None
        self._seen = seen
        self._shown = 0
        if intake.overlay:
            intake.overlay.mkdir(parents=True, exist_ok=True)
            self._seen = partial(self._show, intake.overlay)
        self._sheets: list[PageReading] = []
        self._rows: list[Sample] = []
        self._warnings: list[str] = []
        self.bad: list[str] = []           # why files that were named yield nothing

    def read(self, path: Path, named: bool) -> None:
        """Read one file; `named` tells it from those of a folder, which may be left out."""
        try:
            if self._chars and not _is_sheet(path):
                self._rows += self._in_rows(path, self._chars)
            else:
                self._sheets += _sheet(path, self._seen)
        except (ImageError, GridError, SamplesError) as error:
            line = self._with_found(path, error) if isinstance(error, GridError) else error.line
            if named:
                self.bad.append(line)
            else:
                self._warnings.append(left_out(line))

    def _in_rows(self, path: Path, chars: str) -> list[Sample]:
        """The samples of characters in rows; those of a file of several pages, page by page."""
        if path.suffix.lower() not in _OF_PAGES:
            return read_grid(path, chars, self._content, self._warnings, self._likeness)
        pages = list(read_file(path))
        texts = [part for part in _PARTED.split(chars) if part.strip()]
        if len(texts) != len(pages):
            texts = [chars] * len(pages)
        return [sample for page, text in zip(pages, texts) for sample in
                read_rows(picture_of(page.picture), page.name, page.taken, text, self._content,
                          self._warnings, self._likeness)]

    def _likeness(self, fields: NDArray[np.float32], codepoints: Sequence[int]
                  ) -> NDArray[np.float32]:
        """How like drawings are to characters, as `fonts.reading.rows` asks it."""
        from glyphgen.network.recogniser import Recogniser

        if self._recogniser is None:
            self._recogniser = Recogniser.load(region=self._region)
        return self._recogniser.likeness(fields, codepoints)

    def _with_found(self, path: Path, error: GridError) -> Line:
        """The error's line, and where a picture of what was found is, if anything was."""
        if error.found is None:
            return error.line
        folder = self._overlay or Path(mkdtemp(prefix="glyphgen-"))
        kept, out = folder / f"{path.stem}-found.png", BytesIO()
        error.found.save(out, "PNG")
        write_atomic(kept, out.getvalue())
        return Line("{cause}; {picture} shows what was found", cause=error.line, picture=kept)

    def _show(self, folder: Path, picture: Picture, reading: PageReading) -> None:
        """Write the picture of a page with its cells framed."""
        self._shown += 1
        out = BytesIO()
        overlay(picture, reading).save(out, "JPEG", quality=85)
        write_atomic(folder / f"{self._shown:02}-{Path(reading.source).stem}.jpg", out.getvalue())

    @property
    def are_blank(self) -> bool:
        """Whether sheets were read and nothing is written on any."""
        return bool(self._sheets) and not self.samples

    @cached_property
    def cells(self) -> list[CellReading]:
        """The cells of all sheets; of one that was given twice, the newest with ink."""
        return merge(self._sheets)

    @property
    def samples(self) -> list[Sample]:
        """What was read."""
        return [*self._rows, *(cell.sample for cell in self.cells if cell.sample is not None)]

    @property
    def notes(self) -> list[str]:
        """What was read and what was odd, a line each."""
        lines = self._warnings + (report(self._sheets) if self._sheets else [])
        others = {page.identity.region for page in self._sheets if page.identity}
        return lines + [Line("the sheet asks for the forms of {region}, the font will have those "
                             "of {own}; give --region {region}", region=region, own=self._region)
                        for region in sorted(others - {self._region})]


def _paths(sources: Sequence[Path]) -> list[tuple[Path, bool]]:
    """The files that are pages, with whether they were named themselves."""
    found = []
    for source in sources:
        inside = sorted(source.iterdir()) if source.is_dir() else [source]
        found += [(path, path is source) for path in inside if _is_page(path)]
    return found


def _is_page(path: Path) -> bool:
    if path.name.startswith(".") or not path.is_file():
        return False
    if path.suffix.lower() == ".pdf":
        return True
    if path.suffix.lower() not in SUFFIXES:
        return False
    try:
        point = codepoint_of(path)
    except SamplesError:
        return True
    return point < 0x80 and _is_sheet(path)


def _is_sheet(path: Path) -> bool:
    """Whether the first page of a file shows a sheet; what cannot be read does not."""
    try:
        return any(looks_like_sheet(page.picture) for page in read_file(path))
    except ImageError:
        return False


def _sheet(path: Path, seen: Seen | None) -> list[PageReading]:
    """The readings of one file; SamplesError where none of its pages can be read."""
    readings = list(read_pages([path], seen))
    if not all(reading.problem for reading in readings):
        return readings
    reason = next((reading.problem for reading in readings), Line("has no pages", path))
    if NO_MARKER in reason and path.suffix.lower() != ".pdf":
        reason = Line("{cause}; a picture of one character is named by it, like 永.png, and "
                      "--chars gives the characters of a picture with many in rows", cause=reason)
    raise SamplesError(reason)
