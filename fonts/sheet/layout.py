"""The layout manifest of the writing sheet: one description that prints it and reads it.

Lengths are millimetres from the top left of the frame, the rectangle that the outer corners of the
four markers span. The frame is the same on every paper and centred on it, and nothing here depends
on how large it came out of the printer.
"""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from fonts.drawing import CANVAS, EM_PIXELS, MARGIN, UNITS_PER_EM, is_proportional, raise_of
from fonts.errors import UserError
from fonts.regions import REGIONS

VERSION = 1
PAPERS = {"a4": (210.0, 297.0), "letter": (215.9, 279.4)}
CORNERS = ("top left", "top right", "bottom right", "bottom left")   # of marker 0, 1, 2, 3
BASELINE = 0.88       # of the em square, from its top

_MAGIC = "glyphgen"
_BODY = re.compile(r"([0-9a-f]{8}) ([0-9]{1,4})/([0-9]{1,4}) "
                   rf"({'|'.join(REGIONS)}) (.+)", re.DOTALL)


class IdentityError(UserError):
    """A page identity that is not one, or of another version; one line says which."""


@dataclass(frozen=True)
class Layout:
    """Where everything is on a page. The defaults are version 1 of the sheet."""

    version: int = VERSION
    frame: tuple[float, float] = (186.0, 250.0)
    marker: float = 12.0                          # side of a marker
    code: tuple[float, float, float] = (142.0, 1.0, 28.0)   # left, top, side of the QR code
    code_version: int = 8                         # 49 modules
    origin: tuple[float, float] = (3.0, 36.0)     # of the grid of cells
    pitch: tuple[float, float] = (30.0, 33.0)
    columns: int = 6
    rows: int = 6
    em: float = 21.0                              # side of the em square
    em_at: tuple[float, float] = (4.5, 9.0)       # of the em square in its cell
    dot: float = 1.6                              # diameter of the dots at the cells' corners
    prompt: float = 5.0                           # height of the printed character

    @property
    def cells(self) -> int:
        """Cells on a full page."""
        return self.columns * self.rows

    @property
    def canvas(self) -> float:
        """Side of a cell's canvas: the em square with the margin of `fonts.drawing`."""
        return self.em * CANVAS / EM_PIXELS

    @property
    def modules(self) -> int:
        """Modules along a side of the QR code."""
        return 17 + 4 * self.code_version

    def corner(self, index: int) -> tuple[float, float]:
        """Top left of cell `index`."""
        row, column = divmod(index, self.columns)
        return self.origin[0] + column * self.pitch[0], self.origin[1] + row * self.pitch[1]

    def em_square(self, index: int) -> tuple[float, float]:
        """Top left of the em square of cell `index`."""
        x, y = self.corner(index)
        return x + self.em_at[0], y + self.em_at[1]

    def canvas_square(self, index: int) -> tuple[float, float]:
        """Top left of the canvas of cell `index`."""
        x, y = self.em_square(index)
        margin = MARGIN * self.em / EM_PIXELS
        return x - margin, y - margin

    def markers(self) -> NDArray[np.float64]:
        """Corners (4, 4, 2) of the markers 0 to 3, each clockwise from its top left."""
        width, height = self.frame
        square = np.array([[0, 0], [1, 0], [1, 1], [0, 1]]) * self.marker
        far = np.array([width, height]) - self.marker
        places = np.array([[0, 0], [far[0], 0], far, [0, far[1]]])
        return places[:, None, :] + square[None]

    def dots(self, cells: int) -> NDArray[np.float64]:
        """Centres (rows + 1, columns + 1, 2) of the dots around `cells` cells."""
        rows = -(-cells // self.columns)
        x = self.origin[0] + np.arange(self.columns + 1) * self.pitch[0]
        y = self.origin[1] + np.arange(rows + 1) * self.pitch[1]
        return np.stack(np.meshgrid(x, y), axis=-1)

    def guides(self, codepoint: int) -> tuple[float, ...]:
        """Heights of the writing lines of a character, from the top of its em square."""
        if not is_proportional(codepoint):
            return ()
        drop = self.em * (BASELINE - raise_of(codepoint) / UNITS_PER_EM)
        return drop, drop - 0.5 * self.em


LAYOUTS = {layout.version: layout for layout in (Layout(),)}


@dataclass(frozen=True)
class Identity:
    """What a page says about itself: enough to read it without anything else."""

    sheet: str
    page: int                      # from 1
    pages: int
    region: str
    chars: str = field(repr=False)
    version: int = VERSION

    @property
    def layout(self) -> Layout:
        """The manifest that this page was printed by."""
        return LAYOUTS[self.version]

    def text(self) -> str:
        """The identity as the text of the page's QR code."""
        body = f"{self.sheet} {self.page}/{self.pages} {self.region} {self.chars}"
        return f"{_MAGIC} {self.version} {_checksum(body)} {body}"


def parse_identity(text: str) -> Identity:
    """The inverse of `Identity.text`; raises IdentityError."""
    head = text.split(" ", 3)
    if len(head) != 4 or head[0] != _MAGIC or not re.fullmatch("[0-9]{1,4}", head[1]):
        raise IdentityError("its code is not that of a glyphgen sheet; print one with `glyphgen "
                            "template`")
    _, version, checksum, body = head
    if version not in map(str, LAYOUTS):
        raise IdentityError("it is a sheet of version {n}, and this glyphgen reads {list}; print "
                            "the sheet again", n=version, list=", ".join(map(str, LAYOUTS)))
    if checksum != _checksum(body):
        raise IdentityError("its code was misread; photograph the page again, sharper")
    match = _BODY.fullmatch(body)
    if match is None:
        raise IdentityError("its code says nothing that a sheet says; print one with `glyphgen "
                            "template`")
    sheet, page, pages, region, chars = match.groups()
    if not 1 <= int(page) <= int(pages) or len(chars) > LAYOUTS[int(version)].cells:
        raise IdentityError("its code names a page that there cannot be; print the sheet again")
    return Identity(sheet, int(page), int(pages), region, chars, int(version))


def paginate(chars: str, region: str, layout: Layout | None = None) -> tuple[Identity, ...]:
    """Pages for the characters, in order."""
    layout = layout or LAYOUTS[VERSION]
    parts = [chars[i:i + layout.cells] for i in range(0, len(chars), layout.cells)]
    sheet = f"{zlib.crc32(f'{layout.version}{region}{chars}'.encode()):08x}"
    return tuple(Identity(sheet, number, len(parts), region, part, layout.version)
                 for number, part in enumerate(parts, 1))


def _checksum(body: str) -> str:
    return f"{zlib.crc32(body.encode()):08x}"
