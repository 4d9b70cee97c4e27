"""The pen of a synthetic hand: paths of points with a radius each, to ink coverage."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numba
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@numba.njit(cache=True)   # type: ignore[untyped-decorator]
def _resample(points: Floats, marks: Floats, starts: NDArray[np.int64], step: float,
              out: Floats, out_marks: Floats, out_starts: NDArray[np.int64]) -> int:
    count = 0
    for path in range(len(starts) - 1):
        out_starts[path] = count
        first, last = starts[path], starts[path + 1] - 1
        left = 0.0
        for i in range(first, last):
            dx, dy = points[i + 1, 0] - points[i, 0], points[i + 1, 1] - points[i, 1]
            length = np.hypot(dx, dy)
            while left < length and count < len(out) - 2:
                t = left / length
                out[count, 0], out[count, 1] = points[i, 0] + t * dx, points[i, 1] + t * dy
                for k in range(marks.shape[1]):
                    out_marks[count, k] = marks[i, k] + t * (marks[i + 1, k] - marks[i, k])
                count += 1
                left += step
            left -= length
        out[count] = points[last]
        out_marks[count] = marks[last]
        count += 1
    out_starts[len(starts) - 1] = count
    return count


def resample(points: Floats, marks: Floats, starts: NDArray[np.int64], step: float,
             ) -> tuple[Floats, Floats, NDArray[np.int64]]:
    """Paths (flat points (N, 2), marks (N, K), offsets) at a constant spacing of `step`."""
    length = np.hypot(*np.diff(points, axis=0).T).sum()
    room = int(length / step) + 3 * len(starts) + 8
    out, out_marks = np.empty((room, 2)), np.empty((room, marks.shape[1]))
    out_starts = np.zeros(len(starts), np.int64)
    count = _resample(points, marks, starts, step, out, out_marks, out_starts)
    return out[:count], out_marks[:count], out_starts


@numba.njit(cache=True)   # type: ignore[untyped-decorator]
def smooth(points: Floats, starts: NDArray[np.int64], sigma: float) -> Floats:
    """Gaussian smoothing along each path, `sigma` in points; the ends stay where they are."""
    out = points.copy()
    if sigma < 0.3:
        return out
    reach = int(2.5 * sigma) + 1
    weights = np.exp(-0.5 * (np.arange(reach + 1) / sigma) ** 2)
    for path in range(len(starts) - 1):
        first, stop = starts[path], starts[path + 1]
        for i in range(first, stop):
            half = min(reach, i - first, stop - 1 - i)
            for k in range(points.shape[1]):
                total, weight = points[i, k], 1.0
                for j in range(1, half + 1):
                    total += weights[j] * (points[i - j, k] + points[i + j, k])
                    weight += 2 * weights[j]
                out[i, k] = total / weight
    return out


@numba.njit(cache=True, fastmath=True)   # type: ignore[untyped-decorator]
def _ink(margin: NDArray[np.float32], points: Floats, radius: Floats,
         starts: NDArray[np.int64], nib: float, angle: float, square: float) -> None:
    """Raise `margin` (signed distance inside the ink, pixels) to that of every path."""
    size = margin.shape[0]
    ca, sa = np.cos(angle), np.sin(angle)
    a, b, c, d = ca, sa, -sa / nib, ca / nib        # pixels to a space where the nib is round
    for path in range(len(starts) - 1):
        first, last = starts[path], starts[path + 1] - 1
        for i in range(first, max(last, first + 1)):
            j = min(i + 1, last)
            x0, y0, x1, y1 = points[i, 0], points[i, 1], points[j, 0], points[j, 1]
            r0, r1 = radius[i], radius[j]
            reach = max(r0, r1) * (1.0 + 0.42 * square) + 1.5
            left, right = int(max(min(x0, x1) - reach, 0)), int(min(max(x0, x1) + reach, size - 1))
            top, bottom = int(max(min(y0, y1) - reach, 0)), int(min(max(y0, y1) + reach, size - 1))
            u0, v0 = a * x0 + b * y0, c * x0 + d * y0
            du, dv = a * (x1 - x0) + b * (y1 - y0), c * (x1 - x0) + d * (y1 - y0)
            length2 = du * du + dv * dv + 1e-9
            length = np.sqrt(length2)
            for py in range(top, bottom + 1):
                for px in range(left, right + 1):
                    qx, qy = px + 0.5, py + 0.5
                    u, v = a * qx + b * qy - u0, c * qx + d * qy - v0
                    t = (u * du + v * dv) / length2
                    beyond = 0.0
                    if t < 0.0:
                        beyond, t = -t * length, 0.0
                        cap = i == first
                    elif t > 1.0:
                        beyond, t = (t - 1.0) * length, 1.0
                        cap = j == last
                    else:
                        cap = False
                    r = r0 + t * (r1 - r0)
                    eu, ev = u - t * du, v - t * dv
                    dist = np.sqrt(eu * eu + ev * ev) + 1e-9
                    gx, gy = (a * eu + c * ev) / dist, (b * eu + d * ev) / dist
                    slope = np.sqrt(gx * gx + gy * gy) + 1e-9
                    if cap and square > 0.0:        # a box end with rounded corners
                        across = abs(eu * dv - ev * du) / length
                        round_ = (1.0 - square) * r
                        face = r * (1.0 - 0.35 * square)
                        ox = max(beyond - (face - round_), 0.0)
                        oy = max(across - (r - round_), 0.0)
                        inside = min(max(beyond - (face - round_), across - (r - round_)), 0.0)
                        value = round_ - np.sqrt(ox * ox + oy * oy) - inside
                    else:
                        value = r - dist
                    value /= slope
                    if value > margin[py, px]:
                        margin[py, px] = value


@lru_cache(maxsize=4)
def _grain(size: int) -> NDArray[np.float32]:
    """Unit-variance paper grain (2 size, 2 size) at two scales."""
    rng = np.random.default_rng(size)
    noise = rng.standard_normal((2, 2 * size, 2 * size)).astype(np.float32)
    layers = [cv2.GaussianBlur(n, (0, 0), s) for n, s in zip(noise, (size / 150, size / 50))]
    return np.asarray(sum(n / n.std() for n in layers) / np.sqrt(2), np.float32)


def ink(points: Floats, radius: Floats, starts: NDArray[np.int64], size: int, *,
        nib: float = 1.0, angle: float = 0.0, square: float = 0.0, rough: float = 0.0,
        bleed: float = 0.0, origin: tuple[int, int] = (0, 0)) -> NDArray[np.float32]:
    """Coverage (size, size) in 0..1 of paths in pixels, y down.

    `rough` and `bleed` are in pixels; `origin` picks the piece of paper, each in 0..size.
    """
    margin = np.full((size, size), -3.0 - 3 * rough, np.float32)
    _ink(margin, points, radius, starts, nib, angle, square)
    if rough > 0:
        row, column = origin
        margin += np.float32(rough) * _grain(size)[row:row + size, column:column + size]
    cover = np.clip(margin + 0.5, 0, 1)
    if bleed > 0.5:
        soft = cv2.GaussianBlur(cover, (0, 0), bleed)
        cover = np.clip((soft - 0.46) * (2.5 * bleed) + 0.5, 0, 1)
    return cover
