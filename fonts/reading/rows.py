"""Characters written in rows and columns without a sheet, told in reading order.

The page is turned straight; rows and columns are the regular grid, of all that would hold the
told characters, whose lines cross the least ink. Ruled lines are taken out. Where in the em
square the characters belong is estimated from all of them together, by `fonts.reading.placement`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from fonts.charset import composed
from fonts.drawing import Field, from_coverage
from fonts.reading.clean import CleanError, clean
from fonts.reading.images import Grey, read_grey
from fonts.reading.placement import Cut, ink_box, place, placements
from fonts.reading.samples import SIZE, Sample

MOST_CHARACTERS = 1000

_COARSE = 900           # pixels of the longer side that the grid is looked for at
_SOFT = 8.0             # pixels of 500 that ink is blurred by to see rows in it
_MOST_TURN = 12.0       # degrees
_CELL = 320             # pixels that a cell is cleaned at
_CLEAR = 0.2            # of the ink on an average line: the most on lines between cells
_MISPLACED = 0.1        # of the cells: the most that may be empty
_TALLER = 1.5           # for their width than the content font's: two rows taken for one
_RULED = 238            # brightness, of paper's 250, under which a ruled line is sought
_SPECK = 9              # pixels of _COARSE
_SPILL = 0.15           # of a cell's ink: pieces up to that at its edge are a neighbour's


class GridError(ValueError):
    """A picture in which the told characters were not found; one line says why."""


@dataclass(frozen=True)
class Grid:
    """Regular lines: `rows` from `top` every `pitch_y`, `columns` from `left`, in pixels."""

    rows: int
    columns: int
    left: float
    top: float
    pitch_x: float
    pitch_y: float


def read_grid(path: str | Path, chars: str, content: Callable[[int], Field | None],
              odd: list[str] | None = None) -> list[Sample]:
    """Samples of a picture of `chars`, written in rows, in reading order.

    `content` gives the content font's field of a codepoint; warnings go to `odd`. Raises
    ImageError or GridError.
    """
    path = Path(path)
    text = "".join(composed(chars).split())
    if not 1 <= len(text) <= MOST_CHARACTERS:
        raise GridError(f"{path}: {len(text)} characters told; 1 to {MOST_CHARACTERS} can be read")
    odd = [] if odd is None else odd
    grey = _straight(_even(read_grey(path)))
    scale = min(1.0, _COARSE / max(grey.shape))
    coarse = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    lines = _rules(coarse)
    mask = _without_specks(_dark(coarse) & ~lines)
    if not mask.any():
        raise GridError(f"{path}: nothing is written on it")
    grid = find_grid(mask, len(text))
    if grid is None:
        raise GridError(f"{path}: no rows and columns that hold {len(text)} characters; write them "
                        "in straight rows with gaps, or use a sheet from `glyphgen template`")
    ruled = cv2.resize(lines.astype(np.uint8), grey.shape[::-1], interpolation=cv2.INTER_NEAREST)
    grey = np.where(ruled > 0, 255, grey).astype(np.uint8)
    written = path.stat().st_mtime
    cuts = []
    for index, char in enumerate(text):
        try:
            ink = _cell(grey, grid, index, scale)
        except CleanError:
            odd.append(f"left out: {path}: nothing is written where {char} should be")
            continue
        cuts.append(Cut.of(ord(char), ink, 1.0, f"{path} {char}", written))
    if not _alike(cuts, content):
        raise GridError(f"{path}: what is written does not look like the {len(text)} characters "
                        "told; tell all that are on the picture, row by row")
    frames = placements(cuts, content, odd)
    return [Sample.of(cut.codepoint, from_coverage(place(cut, frame, SIZE), SIZE), cut.source,
                      cut.written) for cut, frame in zip(cuts, frames)]


def _alike(cuts: list[Cut], content: Callable[[int], Field | None]) -> bool:
    """Whether the ink boxes are as tall for their width as those of the content font."""
    ratios = []
    for cut in cuts:
        drawn = content(cut.codepoint)
        if drawn is not None and (drawn > 0).any():
            own, theirs = cut.box, ink_box(drawn > 0)
            ratios.append(np.log((own.y1 - own.y0) / (own.x1 - own.x0)
                                 * (theirs.x1 - theirs.x0) / (theirs.y1 - theirs.y0)))
    return not ratios or bool(abs(np.median(ratios)) < np.log(_TALLER))


def find_grid(mask: NDArray[np.bool_], count: int) -> Grid | None:
    """The grid that `count` characters stand in, row by row; None where none fits.

    `mask` (H, W) is True where there is ink. Only the last row may be short.
    """
    down, across = mask.sum(1).astype(float), mask.sum(0).astype(float)
    tall = {rows: _comb(down, rows) for rows in range(1, min(count, 60) + 1)}
    wide = {columns: _comb(across, columns) for columns in range(1, min(count, 60) + 1)}
    best, least = None, np.inf
    for rows, (top, pitch_y, crossed_y) in tall.items():
        for columns in range(-(-count // rows), count + 1):
            if (rows - 1) * columns >= count or columns not in wide:
                break
            left, pitch_x, crossed_x = wide[columns]
            grid = Grid(rows, columns, left, top, pitch_x, pitch_y)
            misplaced = _misplaced(mask, grid, count)
            cost = crossed_x + crossed_y + 0.15 * abs(np.log(pitch_x / pitch_y)) + 2 * misplaced
            if cost < least and max(crossed_x, crossed_y) < _CLEAR and misplaced < _MISPLACED:
                best, least = grid, cost
    return None if best is None else _centred(mask, best, count)


def _centred(mask: NDArray[np.bool_], grid: Grid, count: int) -> Grid:
    """The grid moved and stretched so that the writing is in the middle of its cells."""
    middles = []
    for index in range(count):
        row, column = divmod(index, grid.columns)
        x, y = grid.left + column * grid.pitch_x, grid.top + row * grid.pitch_y
        cell = mask[max(round(y), 0):round(y + grid.pitch_y),
                    max(round(x), 0):round(x + grid.pitch_x)]
        if cell.any():
            rows, columns = np.flatnonzero(cell.any(1)), np.flatnonzero(cell.any(0))
            middles.append((column, max(x, 0) + (columns[0] + columns[-1] + 1) / 2,
                            row, max(y, 0) + (rows[0] + rows[-1] + 1) / 2))
    table = np.array(middles)
    left, pitch_x = _line(table[:, 0], table[:, 1], grid.left, grid.pitch_x)
    top, pitch_y = _line(table[:, 2], table[:, 3], grid.top, grid.pitch_y)
    return Grid(grid.rows, grid.columns, left, top, pitch_x, pitch_y)


def _line(number: NDArray, middle: NDArray, start: float, pitch: float) -> tuple[float, float]:
    """Start and pitch of cells whose middles, by their numbers, are given."""
    each = np.unique(number)
    typical = np.array([np.median(middle[number == one]) for one in each])
    if len(each) > 2:
        pitch = float(np.polyfit(each, typical, 1)[0])
    return float(np.mean(typical - pitch * (each + 0.5))), pitch


def _comb(profile: NDArray[np.float64], count: int) -> tuple[float, float, float]:
    """First line, pitch and share of ink crossed of the `count` + 1 lines that cross least."""
    inked = np.flatnonzero(profile)
    first, last = int(inked[0]), int(inked[-1]) + 1
    span = last - first
    pad = span
    soft = np.convolve(profile, np.ones(3) / 3, "same")
    padded = np.pad(soft, pad)
    mean = max(float(profile[first:last].mean()), 1e-9)
    best = (float(first), span / count, np.inf)
    for pitch in np.linspace(span / count, span / max(count - 0.5, 0.5), 24):
        slack = pitch * count - span
        starts = first - slack * np.linspace(0, 1, 13)
        lines = starts[:, None] + np.arange(count + 1) * pitch
        inside = lines[:, 1:-1] if count > 1 else lines
        crossed = padded[np.rint(inside).astype(int) + pad].mean(1) / mean
        at = int(np.argmin(crossed + 0.02 * np.abs(np.linspace(-1, 1, 13))))
        if crossed[at] < best[2]:
            best = (float(starts[at]), float(pitch), float(crossed[at]))
    return best


def _misplaced(mask: NDArray[np.bool_], grid: Grid, count: int) -> float:
    """Share of cells that are empty and should not be; 1 where one past the last is not."""
    total = cv2.integral(mask.astype(np.uint8))
    y = np.clip(np.rint(grid.top + grid.pitch_y * np.arange(grid.rows + 1)), 0, len(mask))
    x = np.clip(np.rint(grid.left + grid.pitch_x * np.arange(grid.columns + 1)), 0, mask.shape[1])
    corner = total[np.ix_(y.astype(int), x.astype(int))]
    ink = corner[1:, 1:] - corner[:-1, 1:] - corner[1:, :-1] + corner[:-1, :-1]
    held = ink.ravel() > 0.1 * np.median(ink[ink > 0]) if (ink > 0).any() else ink.ravel() > 0
    return 1.0 if held[count:].any() else float(np.mean(~held[:count]))


def _even(grey: Grey) -> Grey:
    """The picture over its paper's brightness: paper is 255 everywhere."""
    small = cv2.resize(grey, None, fx=0.125, fy=0.125, interpolation=cv2.INTER_AREA)
    wide = max(3, int(max(small.shape) / 12) | 1)
    paper = cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((wide, wide), np.uint8))
    paper = cv2.resize(cv2.GaussianBlur(paper, (0, 0), 1.5), grey.shape[::-1])
    return np.asarray(cv2.divide(grey, paper, scale=250), np.uint8)


def _dark(grey: Grey) -> NDArray[np.bool_]:
    level, _ = cv2.threshold(grey, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    return grey < min(level, 200)


def _straight(grey: Grey) -> Grey:
    """The picture turned so that rows and columns stand apart the most.

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
    return grey if abs(angle) < 0.15 else np.asarray(_turned(grey, angle, 255), np.uint8)


def _turned(image: np.ndarray, angle: float, border: float) -> np.ndarray:
    height, width = image.shape
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1.0)
    return np.asarray(cv2.warpAffine(image, matrix, (width, height), flags=cv2.INTER_LINEAR,
                                     borderMode=cv2.BORDER_CONSTANT, borderValue=(border,)))


def _rules(grey: Grey) -> NDArray[np.bool_]:
    """Straight runs, however faint, over a third of the picture: a ruled grid."""
    image = cv2.dilate((grey < _RULED).astype(np.uint8), np.ones((3, 3), np.uint8))
    length = max(*grey.shape, 90) // 3
    lines = np.zeros_like(image)
    for shape in ((1, length), (length, 1)):
        lines |= cv2.morphologyEx(image, cv2.MORPH_OPEN, np.ones(shape, np.uint8))
    return cv2.dilate(lines, np.ones((3, 3), np.uint8)) > 0


def _without_specks(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    kept = stats[:, cv2.CC_STAT_AREA] >= _SPECK
    kept[0] = False
    return np.asarray(kept[labels])


def _cell(grey: Grey, grid: Grid, index: int, scale: float) -> Field:
    """Ink (_CELL, _CELL) of a cell, the grid's larger pitch as its side."""
    row, column = divmod(index, grid.columns)
    size = np.array([grid.pitch_x, grid.pitch_y]) / scale
    at = np.array([grid.left + column * grid.pitch_x, grid.top + row * grid.pitch_y]) / scale
    side = float(size.max())
    zoom = _CELL / side
    start = at + size / 2 - side / 2
    matrix = np.array([[zoom, 0, -start[0] * zoom], [0, zoom, -start[1] * zoom]])
    soft = cv2.GaussianBlur(grey, (0, 0), 0.4 / zoom) if zoom < 0.8 else grey
    square = cv2.warpAffine(soft, matrix, (_CELL, _CELL), flags=cv2.INTER_LINEAR,
                            borderMode=cv2.BORDER_CONSTANT, borderValue=(255,))
    margin = np.rint((_CELL - size * zoom) / 2).astype(int)
    own = np.zeros((_CELL, _CELL), bool)
    own[margin[1]:_CELL - margin[1], margin[0]:_CELL - margin[0]] = True
    return _without_spill(clean(np.where(own, square, 255).astype(np.uint8)), own)


def _without_spill(ink: Field, own: NDArray[np.bool_]) -> Field:
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
