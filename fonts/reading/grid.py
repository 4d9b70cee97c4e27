"""The regular grid that told characters stand in, and the orders that people write in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Place = tuple[int, int]         # row and column
Mask = NDArray[np.bool_]

_CLEAR = 0.2            # of the ink on an average line: the most on lines between cells
_MISPLACED = 0.1        # of the cells: the most that may be empty


@dataclass(frozen=True)
class Grid:
    """Regular lines: `rows` from `top` every `pitch_y`, `columns` from `left`, in pixels."""

    rows: int
    columns: int
    left: float
    top: float
    pitch_x: float
    pitch_y: float


ORDERS: dict[str, Callable[[int, Grid], Place]] = {
    "rows from the left": lambda i, g: divmod(i, g.columns),
    "rows from the right": lambda i, g: (i // g.columns, g.columns - 1 - i % g.columns),
    "columns from the right": lambda i, g: (i % g.rows, g.columns - 1 - i // g.rows),
    "columns from the left": lambda i, g: (i % g.rows, i // g.rows),
}


def places(order: str, grid: Grid, count: int) -> list[Place]:
    """Where each of `count` characters stands."""
    return [ORDERS[order](index, grid) for index in range(count)]


def find_grid(mask: Mask, count: int) -> Grid | None:
    """The grid that `count` characters stand in, in one of `ORDERS`; None where none fits.

    `mask` (H, W) is True where there is ink. Only the last row, or column, may be short.
    """
    down, across = mask.sum(1).astype(float), mask.sum(0).astype(float)
    tall = {rows: _comb(down, rows) for rows in range(1, min(count, 60) + 1)}
    wide = {columns: _comb(across, columns) for columns in range(1, min(count, 60) + 1)}
    total = cv2.integral(mask.astype(np.uint8))
    best, least = None, np.inf
    for rows, (top, pitch_y, crossed_y) in tall.items():
        for columns in range(-(-count // rows), count + 1):
            if columns not in wide:
                break
            if (rows - 1) * columns >= count and rows * (columns - 1) >= count:
                break
            left, pitch_x, crossed_x = wide[columns]
            grid = Grid(rows, columns, left, top, pitch_x, pitch_y)
            cells = _held(total, grid)
            empty = min(misplaced(cells, order, grid, count) for order in ORDERS)
            cost = crossed_x + crossed_y + 0.15 * abs(np.log(pitch_x / pitch_y)) + 2 * empty
            if cost < least and max(crossed_x, crossed_y) < _CLEAR and empty < _MISPLACED:
                best, least = grid, cost
    return None if best is None else _centred(mask, best)


def _held(total: NDArray[np.int32], grid: Grid) -> Mask:
    """Which cells (rows, columns) hold ink, by sums (H + 1, W + 1) from the picture's corner."""
    height, width = (side - 1 for side in total.shape)
    y = np.clip(np.rint(grid.top + grid.pitch_y * np.arange(grid.rows + 1)), 0, height)
    x = np.clip(np.rint(grid.left + grid.pitch_x * np.arange(grid.columns + 1)), 0, width)
    corner = total[np.ix_(y.astype(int), x.astype(int))]
    ink = corner[1:, 1:] - corner[:-1, 1:] - corner[1:, :-1] + corner[:-1, :-1]
    return np.asarray(ink > (0.1 * np.median(ink[ink > 0]) if (ink > 0).any() else 0))


def misplaced(cells: Mask, order: str, grid: Grid, count: int) -> float:
    """Share of cells that are empty and should not be; 1 where one past the last is not."""
    at = places(order, grid, count)
    if max(row for row, _ in at) >= grid.rows or min(column for _, column in at) < 0 \
            or max(column for _, column in at) >= grid.columns:
        return 1.0
    asked = np.zeros_like(cells)
    asked[tuple(np.array(at).T)] = True
    return 1.0 if (cells & ~asked).any() else float(np.mean(~cells[asked]))


def orders_of(mask: Mask, grid: Grid, count: int) -> list[str]:
    """The orders in which `count` characters fill a grid whose cells hold ink; one at least."""
    cells = _held(cv2.integral(mask.astype(np.uint8)), grid)
    empty = {order: misplaced(cells, order, grid, count) for order in ORDERS}
    return [order for order in ORDERS if empty[order] < max(_MISPLACED, min(empty.values()) + 1e-9)]


def _centred(mask: Mask, grid: Grid) -> Grid:
    """The grid moved and stretched so that the writing is in the middle of its cells."""
    middles = []
    for index in range(grid.rows * grid.columns):
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
