"""Characters written in rows or columns without a sheet, told in the order they are written in.

The page is turned straight, its rules are taken out, and the regular grid is found that holds the
told characters (`fonts.reading.grid`). People fill it by rows or by columns, from either side: the
order in which the cells look most like what was told is taken, and where none does, the page is
refused. Where in the em square the characters belong is estimated from all of them together, by
`fonts.reading.placement`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from fonts.charset import composed
from fonts.content import FOLDER
from fonts.drawing import CANVAS, Field, from_coverage
from fonts.errors import Line, UserError
from fonts.reading.clean import CleanError
from fonts.reading.grid import Grid, Mask, find_grid, orders_of, places
from fonts.reading.images import Colour, Grey, Picture, dark_on_light, read_picture
from fonts.reading.ink import ink_of
from fonts.reading.placement import Cut, ink_box, place, placements
from fonts.reading.ruled import without_rules
from fonts.reading.samples import SIZE, Sample, left_out
from fonts.reading.strips import find_strips, paint_over

MOST_CHARACTERS = 1000

Content = Callable[[int], Field | None]
# similarity (N, K) of drawings (N, 128, 128) to each of K characters, NaN where it is not known
Likeness = Callable[[NDArray[np.float32], Sequence[int]], NDArray[np.float32]]

_COARSE = 1400          # pixels of the longer side that the grid is looked for at
_SOFT = 8.0             # pixels of 500 that ink is blurred by to see rows in it
_MOST_TURN = 12.0       # degrees
_CELL = 384             # pixels that a cell is cleaned at
_AROUND = 0.12          # of a cell, that is looked at around it for rules that run on
_TALLER = 1.5           # for their width than the content font's: two rows taken for one
_SPECK = 20             # pixels of _COARSE
_SPILL = 0.15           # of a cell's ink: pieces up to that at its edge are a neighbour's
_RIGHT = 0.6            # of the characters: as many are read as told, or the order is not it
_NEARER = 0.12          # of cosine, that another told character is nearer: perhaps it is that one
_GREEN, _RED = (40, 150, 60), (210, 30, 40)


class GridError(UserError):
    """A picture in which the told characters were not found; one line says why.

    `found` shows what was, where something was.
    """

    def __init__(self, key: str, at: object = "", found: Image.Image | None = None,
                 **values: object) -> None:
        super().__init__(key, at, **values)
        self.found = found


@dataclass(frozen=True)
class _Page:
    """A page, straight: as it is, and small, `scale` times, without its rules."""

    name: str
    picture: Picture
    small: Grey
    scale: float
    written: float


def read_grid(path: str | Path, chars: str, content: Content, odd: list[str] | None = None,
              likeness: Likeness | None = None) -> list[Sample]:
    """Samples of a picture of `chars`, written in rows or columns, in the order that they are told.

    `content` gives the content font's field of a codepoint, `likeness` tells which order was
    meant, which is rows from the left without it; warnings go to `odd`. Raises ImageError or
    GridError.
    """
    path = Path(path)
    return read_rows(read_picture(path), str(path), path.stat().st_mtime, chars, content,
                     [] if odd is None else odd, likeness)


def read_rows(picture: Picture, name: str, written: float, chars: str, content: Content,
              odd: list[str], likeness: Likeness | None = None) -> list[Sample]:
    """`read_grid` of a picture that is called `name`."""
    text = "".join(composed(chars).split())
    if not 1 <= len(text) <= MOST_CHARACTERS:
        raise GridError("{n} characters given; 1 to {most} can be read", name, n=len(text),
                        most=MOST_CHARACTERS)
    page = _straightened(picture, name, written, len(text))
    mask = _without_specks(_dark(_even(page.small)))
    if not mask.any():
        raise GridError("nothing is written on it", name)
    grid = find_grid(mask, len(text))
    if grid is None:
        raise GridError("no rows and columns that hold {n} characters; write them in straight rows "
                        "with gaps, or use a sheet from `glyphgen template`", name,
                        found=Image.fromarray(page.small), n=len(text))
    inks = _cells(page, grid, odd)
    order = _order(page, grid, orders_of(mask, grid, len(text)), text, inks, odd, likeness)
    cuts = []
    for char, at in zip(text, places(order, grid, len(text))):
        if at not in inks:
            odd.append(left_out(Line("nothing is written where {char} should be", name, char=char)))
        else:
            cuts.append(Cut.of(ord(char), inks[at], 1.0, f"{name} {char}", written))
    if not _alike(cuts, content):
        raise GridError("what is written does not look like the {n} characters given; give all "
                        "that are on the picture, in the order they are written in", name,
                        found=_shown(page, grid, order, text, set()), n=len(text))
    frames = placements(cuts, content, odd)
    return [Sample.of(cut.codepoint, from_coverage(place(cut, frame, SIZE), SIZE), cut.source,
                      cut.written) for cut, frame in zip(cuts, frames)]


def picture_of(rgb: Colour) -> Picture:
    """A page in colour as `read_rows` takes it."""
    return dark_on_light(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), rgb)


def _straightened(picture: Picture, name: str, written: float, count: int) -> _Page:
    """The page turned so that its rows are level, without what is dark along its edges."""
    strips = find_strips(picture.grey)
    grey, colour = (paint_over(part, strips) for part in picture)
    angle = _angle(_even(grey))
    if angle:
        grey, colour = (np.asarray(_turned(part, angle, 255), np.uint8) for part in (grey, colour))
    scale = min(1.0, _COARSE / max(grey.shape))
    small, tinted = (cv2.resize(part, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
                     for part in (grey, colour))
    side = 0.8 * float(np.sqrt(small.size / count))
    cleared = without_rules(small, tinted, min(side, max(small.shape)))
    return _Page(name, Picture(grey, colour), cleared.grey, scale, written)


def _cells(page: _Page, grid: Grid, odd: list[str]) -> dict[tuple[int, int], Field]:
    """Ink (_CELL, _CELL) of the cells that have some, by row and column."""
    inks = {}
    for row in range(grid.rows):
        for column in range(grid.columns):
            try:
                inks[row, column], doubts = _cell(page, grid, row, column)
            except CleanError:
                continue
            cell = f"{page.name}: row {row + 1}, column {column + 1}"
            odd += [Line("{doubt}; look at it", cell, doubt=doubt) for doubt in doubts]
    return inks


def _order(page: _Page, grid: Grid, orders: Sequence[str], text: str,
           inks: dict[tuple[int, int], Field], odd: list[str], likeness: Likeness | None) -> str:
    """The order in which the cells look like the told characters. Raises GridError."""
    points = [*map(ord, text)]
    if likeness is None or not inks:
        return orders[0]
    near = likeness(np.stack([from_coverage(ink, CANVAS) for ink in inks.values()]), points)
    index = {at: number for number, at in enumerate(inks)}
    known = [number for number in range(len(points)) if not np.isnan(near[0, number])]
    if not known:
        return orders[0]
    fits = [_fit(order, near, [index.get(at) for at in places(order, grid, len(points))],
                 points, known) for order in orders]
    fit = max(fits, key=lambda one: one.mean)
    if fit.right < _RIGHT:
        raise GridError("in no order of rows or columns does the writing look like the {n} "
                        "characters given; give all that are on the picture, in the order they are "
                        "written in", page.name, n=len(text),
                        found=_shown(page, grid, fit.order, text, fit.wrong))
    odd += [Line("what stands for {char} is perhaps another character", page.name,
                 char=text[number]) for number in sorted(fit.wrong)]
    if fit.order != orders[0]:
        odd.append(Line("the characters were read in {order}", page.name, order=Line(fit.order)))
    return fit.order


@dataclass(frozen=True)
class _Fit:
    """How well an order fits: mean likeness, the share read as told, and what looks otherwise."""

    order: str
    mean: float
    right: float
    wrong: set[int]


def _fit(order: str, near: NDArray[np.float32], cells: Sequence[int | None],
         points: Sequence[int], known: Sequence[int]) -> _Fit:
    """How well the told characters fit the cells that an order gives them."""
    pairs = [(number, cell) for number in known if (cell := cells[number]) is not None]
    own = np.array([near[cell, number] for number, cell in pairs])
    rival = np.array([_rival(near[cell], points, number) for number, cell in pairs])
    if not len(own):
        return _Fit(order, -1.0, 0.0, set())
    wrong = {number for (number, _), apart in zip(pairs, rival - own) if apart > _NEARER}
    return _Fit(order, float(own.mean()), float((own >= rival).mean()), wrong)


def _rival(near: NDArray[np.float32], points: Sequence[int], own: int) -> float:
    """The greatest likeness of a cell to another character than its own."""
    others = [value for value, point in zip(near, points)
              if point != points[own] and not np.isnan(value)]
    return float(max(others, default=-1.0))


def _shown(page: _Page, grid: Grid, order: str, text: str, wrong: set[int]) -> Image.Image:
    """The page with its cells framed and what they were taken for, red where it is doubtful."""
    image = Image.fromarray(page.small).convert("RGB")
    draw = ImageDraw.Draw(image)
    font = ImageFont.truetype(FOLDER / "hei-cn.otf", max(12, round(grid.pitch_y / 4)))
    for number, (row, column) in enumerate(places(order, grid, len(text))):
        x, y = grid.left + column * grid.pitch_x, grid.top + row * grid.pitch_y
        colour = _RED if number in wrong else _GREEN
        draw.rectangle((x + 1, y + 1, x + grid.pitch_x - 1, y + grid.pitch_y - 1), None, colour, 2)
        draw.text((x + 3, y + 1), text[number], colour, font, stroke_width=1, stroke_fill="white")
    return image


def _alike(cuts: list[Cut], content: Content) -> bool:
    """Whether the ink boxes are as tall for their width as those of the content font."""
    ratios = []
    for cut in cuts:
        drawn = content(cut.codepoint)
        if drawn is not None and (drawn > 0).any():
            own, theirs = cut.box, ink_box(drawn > 0)
            ratios.append(np.log((own.y1 - own.y0) / (own.x1 - own.x0)
                                 * (theirs.x1 - theirs.x0) / (theirs.y1 - theirs.y0)))
    return not ratios or bool(abs(np.median(ratios)) < np.log(_TALLER))


def _even(grey: Grey) -> Grey:
    """The picture over its paper's brightness: paper is 255 everywhere."""
    small = cv2.resize(grey, None, fx=0.125, fy=0.125, interpolation=cv2.INTER_AREA)
    wide = max(3, int(max(small.shape) / 12) | 1)
    paper = cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((wide, wide), np.uint8))
    paper = cv2.resize(cv2.GaussianBlur(paper, (0, 0), 1.5), grey.shape[::-1])
    return np.asarray(cv2.divide(grey, paper, scale=250), np.uint8)


def _dark(grey: Grey) -> Mask:
    level, _ = cv2.threshold(grey, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    return grey < min(level, 200)


def _angle(grey: Grey) -> float:
    """Degrees to turn the picture by so that rows and columns stand apart the most.

    Ink is blurred over strokes first: many a hand's level strokes rise to the right.
    """
    scale = 500 / max(grey.shape)
    ink = _dark(cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA))
    soft = cv2.GaussianBlur(ink.astype(np.float32), (0, 0), _SOFT)

    def apartness(angle: float) -> float:
        turned = _turned(soft, angle, 0)
        return float((turned.sum(0) ** 2).sum() + (turned.sum(1) ** 2).sum())

    angle = max(np.arange(-_MOST_TURN, _MOST_TURN + 0.1, 1.0), key=apartness)
    angle = max(angle + np.arange(-1, 1.01, 0.2), key=apartness)
    return 0.0 if abs(angle) < 0.15 else float(angle)


def _turned(image: np.ndarray, angle: float, border: float) -> np.ndarray:
    height, width = image.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1.0)
    return np.asarray(cv2.warpAffine(image, matrix, (width, height), flags=cv2.INTER_LINEAR,
                                     borderMode=cv2.BORDER_CONSTANT, borderValue=(border,) * 3))


def _without_specks(mask: Mask) -> Mask:
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    kept = stats[:, cv2.CC_STAT_AREA] >= _SPECK
    kept[0] = False
    return np.asarray(kept[labels])


def _cell(page: _Page, grid: Grid, row: int, column: int) -> tuple[Field, list[str]]:
    """Ink (_CELL, _CELL) of a cell, the grid's larger pitch as its side; doubts about it."""
    size = np.array([grid.pitch_x, grid.pitch_y]) / page.scale
    at = np.array([grid.left + column * grid.pitch_x, grid.top + row * grid.pitch_y]) / page.scale
    rim = round(_AROUND * _CELL)
    zoom = _CELL / float(size.max())
    start = at + size / 2 - (_CELL / 2 + rim) / zoom
    matrix = np.array([[zoom, 0, -start[0] * zoom], [0, zoom, -start[1] * zoom]])
    squares = []
    for part in page.picture:
        soft = cv2.GaussianBlur(part, (0, 0), 0.4 / zoom) if zoom < 0.8 else part
        squares.append(cv2.warpAffine(soft, matrix, (_CELL + 2 * rim,) * 2, flags=cv2.INTER_LINEAR,
                                      borderMode=cv2.BORDER_REPLICATE))
    margin = rim + np.rint((_CELL - size * zoom) / 2).astype(int)
    own = np.zeros(squares[0].shape, bool)
    own[margin[1]:len(own) - margin[1], margin[0]:len(own) - margin[0]] = True
    ink, doubts = ink_of(squares[0], squares[1])
    ink = _without_spill(np.where(own, ink, 0).astype(np.float32), own)[rim:-rim, rim:-rim]
    if not (ink >= 0.5).any():
        raise CleanError("nothing is written on it")
    return ink, doubts


def _without_spill(ink: Field, own: Mask) -> Field:
    """The ink less small pieces at the cell's edge, which belong to a neighbour."""
    mask = (ink >= 0.5).astype(np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    inner = cv2.erode(own.astype(np.uint8), np.ones((5, 5), np.uint8), borderValue=0) > 0
    small = stats[:, cv2.CC_STAT_AREA] < _SPILL * mask.sum()
    at_edge = np.zeros(len(stats), bool)
    at_edge[np.unique(labels[own & ~inner])] = True
    spilt = small & at_edge
    spilt[0] = False
    if not spilt.any():
        return ink
    grown = cv2.dilate(spilt[labels].astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    return np.where(grown & ~((mask > 0) & ~spilt[labels]), 0, ink).astype(np.float32)
