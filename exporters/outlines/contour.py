"""The level set of a field as closed chains of points, sub-pixel, evenly spaced."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from exporters.outlines.kernel import compiled
from fonts.drawing import Points

BACKGROUND_PIXELS = 2  # pixels of background around the field, so that every contour closes
GRID_PER_PIXEL = 2     # grid points per pixel of a field of up to LARGEST_REFINED pixels
LARGEST_REFINED = 256


@compiled
def _between(a: float, b: float, c: float, d: float) -> float:
    """The value midway from b to c, of the even row a, b, c, d; by the calmer of its bends.

    A field has a crease along every stroke's middle, which must not reach its edges.
    """
    one, two = a - 2 * b + c, b - 2 * c + d
    bend = 0.0 if one * two <= 0 else (one if abs(one) < abs(two) else two)
    return (b + c) / 2 - bend / 8


@compiled
def _doubled(field: Points) -> Points:
    """Field (n, n) on a grid twice as fine, (2n-1, 2n-1)."""
    n = field.shape[0]
    out = np.empty((2 * n - 1, 2 * n - 1))
    for i in range(n):
        for j in range(n - 1):
            out[2 * i, 2 * j] = field[i, j]
            out[2 * i, 2 * j + 1] = _between(field[i, max(j - 1, 0)], field[i, j],
                                             field[i, j + 1], field[i, min(j + 2, n - 1)])
        out[2 * i, 2 * n - 2] = field[i, n - 1]
    for i in range(n - 1):
        above, below = max(2 * i - 2, 0), min(2 * i + 4, 2 * n - 2)
        for j in range(2 * n - 1):
            out[2 * i + 1, j] = _between(out[above, j], out[2 * i, j], out[2 * i + 2, j],
                                         out[below, j])
    return out


@compiled
def _crossing(a: float, b: float, c: float, d: float) -> float:
    """Where the cubic through a, b, c, d at -1, 0, 1, 2 is zero between 0 and 1 (b, c differ)."""
    k1 = -a / 3 - b / 2 + c - d / 6
    k2 = a / 2 - b + c / 2
    k3 = -a / 6 + b / 2 - c / 2 + d / 6
    low, high, t = 0.0, 1.0, b / (b - c)
    for _ in range(4):
        value = b + t * (k1 + t * (k2 + t * k3))
        if (value > 0) == (b > 0):
            low = t
        else:
            high = t
        slope = k1 + t * (2 * k2 + 3 * k3 * t)
        guess = t - value / slope if slope != 0 else low
        t = guess if low <= guess <= high else (low + high) / 2
    return t


@compiled
def _chains(g: Points) -> tuple[Points, NDArray[np.int64]]:
    """Zero level of a grid (n, n): points (M, 2) as (x, y) in grid steps, and the chains' ends.

    Ink (positive) lies on the right of each chain as seen on the page. Marching squares;
    a saddle is joined when its middle is ink.
    """
    n = g.shape[0]
    after = np.full(2 * n * n, -1, np.int64)
    edges = np.empty(4, np.int64)
    ink = np.empty(4, np.bool_)
    starts = np.empty(2 * n * n, np.int64)
    count = 0
    for i in range(n - 1):
        for j in range(n - 1):
            ink[0], ink[1] = g[i, j] > 0, g[i, j + 1] > 0
            ink[2], ink[3] = g[i + 1, j + 1] > 0, g[i + 1, j] > 0
            total = int(ink[0]) + int(ink[1]) + int(ink[2]) + int(ink[3])
            if total == 0 or total == 4:
                continue
            edges[0] = 2 * (i * n + j)
            edges[1] = 2 * (i * n + j + 1) + 1
            edges[2] = 2 * ((i + 1) * n + j)
            edges[3] = 2 * (i * n + j) + 1
            middle = g[i, j] + g[i, j + 1] + g[i + 1, j + 1] + g[i + 1, j] > 0
            saddle = total == 2 and ink[0] == ink[2]
            for k in range(4):
                if not ink[k] or ink[(k + 1) % 4]:
                    continue
                end = (k + 1) % 4 if saddle and middle else (k + 3) % 4
                if not saddle:
                    while ink[end] or not ink[(end + 1) % 4]:
                        end = (end + 3) % 4
                after[edges[k]] = edges[end]
                starts[count] = edges[k]
                count += 1
    points = np.empty((count, 2))
    ends = np.empty(count, np.int64)
    chains = filled = 0
    for s in range(count):
        edge = starts[s]
        if after[edge] < 0:
            continue
        while after[edge] >= 0:
            cell, down = edge // 2, edge % 2
            i, j = cell // n, cell % n
            if down:
                t = _crossing(g[max(i - 1, 0), j], g[i, j], g[i + 1, j], g[min(i + 2, n - 1), j])
                points[filled, 0], points[filled, 1] = j, i + t
            else:
                t = _crossing(g[i, max(j - 1, 0)], g[i, j], g[i, j + 1], g[i, min(j + 2, n - 1)])
                points[filled, 0], points[filled, 1] = j + t, i
            filled += 1
            step = after[edge]
            after[edge] = -1
            edge = step
        ends[chains] = filled
        chains += 1
    return points, ends[:chains]


def sharpened(field: NDArray[np.float32]) -> Points:
    """Values at the middle of the pixels of a field (S, S) that `from_coverage` averaged."""
    f = np.pad(field.astype(np.float64), 1, mode="edge")
    around = f[:-2, 1:-1] + f[2:, 1:-1] + f[1:-1, :-2] + f[1:-1, 2:]
    return f[1:-1, 1:-1] * (7 / 6) - around / 24


def level_set(field: NDArray[np.floating], level: float) -> list[Points]:
    """Closed chains (M, 2) where a field (S, S) equals `level`, in its pixels, y down.

    Not repeated at the end; ink on the right as seen on the page, so outer chains run clockwise.
    """
    outside = min(float(field.min()), level - 1.0)
    grid = np.pad(field.astype(np.float64), BACKGROUND_PIXELS, constant_values=outside) - level
    factor = 1
    if field.shape[0] <= LARGEST_REFINED:
        grid, factor = _doubled(grid), GRID_PER_PIXEL
    points, ends = _chains(grid)
    points = points / factor + (0.5 - BACKGROUND_PIXELS)
    return np.split(points, ends[:-1]) if len(ends) else []


@compiled
def resampled(chain: Points, step: float, least: int) -> Points:
    """The closed chain at even arc length, about `step` apart and at least `least` points."""
    n = len(chain)
    along = np.empty(n + 1)
    along[0] = 0.0
    for i in range(n):
        k = (i + 1) % n
        along[i + 1] = along[i] + np.hypot(chain[k, 0] - chain[i, 0], chain[k, 1] - chain[i, 1])
    count = max(least, int(along[n] / step + 0.5))
    out = np.empty((count, 2))
    at = 0
    for i in range(count):
        s = along[n] * i / count
        while at < n - 1 and along[at + 1] <= s:
            at += 1
        span = along[at + 1] - along[at]
        t = (s - along[at]) / span if span > 0 else 0.0
        k = (at + 1) % n
        out[i, 0] = chain[at, 0] + t * (chain[k, 0] - chain[at, 0])
        out[i, 1] = chain[at, 1] + t * (chain[k, 1] - chain[at, 1])
    return out


def after(values: Points) -> Points:
    """Each value's next (N, ...), the first's for the last; np.roll takes several times as long."""
    return np.concatenate([values[1:], values[:1]])


def perimeter(chain: Points) -> float:
    """Length of a closed polygon (M, 2)."""
    return float(np.hypot(*(after(chain) - chain).T).sum())


def edges(chains: Iterable[Points]) -> Points:
    """The sides (N, 4) of closed polygons (M, 2), one after another: x0, y0, x1, y1."""
    return np.concatenate([np.hstack([c, after(c)]) for c in chains])


def signed_area(chain: Points) -> float:
    """Area of a closed polygon (M, 2), y up: positive when it runs clockwise."""
    x, y = chain[:, 0], chain[:, 1]
    return float(np.dot(after(x), y) - np.dot(x, after(y))) / 2
