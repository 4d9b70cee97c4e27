"""The pen of a synthetic hand: paths of points with a radius each, to ink coverage."""

from __future__ import annotations

from enum import IntEnum
from functools import lru_cache

import cv2
import numba
import numpy as np
from numpy.typing import NDArray

from training.hands.style import HandStyle

Floats = NDArray[np.float64]


class Kind(IntEnum):
    """What a stroke, or a stretch of a path, is."""

    ACROSS, DOWN, LEFT, RIGHT, DOT, RISE, BENT, JOIN = range(8)


STEP = 0.011                                        # em between points of a finished path


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
                    blend = t if k < 4 else round(t)        # the last two are labels
                    out_marks[count, k] = marks[i, k] + blend * (marks[i + 1, k] - marks[i, k])
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
         starts: NDArray[np.int64], nib: float, angle: float, square: float, deep: float) -> None:
    """Raise `margin` (signed distance inside the ink, pixels, exact up to `deep`) to the paths'."""
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
                    if margin[py, px] > deep:
                        continue
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
    _ink(margin, points, radius, starts, nib, angle, square, 1.0 + 4 * rough)
    if rough > 0:
        row, column = origin
        margin += np.float32(rough) * _grain(size)[row:row + size, column:column + size]
    cover = np.clip(margin + 0.5, 0, 1)
    if bleed > 0.5:
        soft = cv2.GaussianBlur(cover, (0, 0), bleed)
        cover = np.clip((soft - 0.46) * (2.5 * bleed) + 0.5, 0, 1)
    return cover


def paths(style: HandStyle, strokes: Floats, kinds: NDArray[np.int64], knees: NDArray[np.int64],
          rng: np.random.Generator) -> tuple[Floats, Floats, NDArray[np.int64]]:
    """Pen paths of strokes (S, K, 2): flat points, marks (s, e, u, press, kind, stroke), offsets.

    `knees` is the point where each stroke's hook starts, K - 1 where it has none. s and e are the
    distances from the stroke's start and end in em (e is large where a hook ends the stroke), u
    the place on it in 0..1, press a factor of the width; kind and stroke are labels.
    """
    count, knots = strokes.shape[:2]
    steps = np.hypot(*np.moveaxis(np.diff(strokes, axis=1), -1, 0)) + 1e-9
    s = np.concatenate([np.zeros((count, 1)), np.cumsum(steps, 1)], 1)
    total = s[:, -1]
    hooked = knees[:, None] < knots - 1
    past = np.arange(knots) - knees[:, None]
    press = 1 - (1 - style.taper) * np.clip(past / (knots - 1 - knees[:, None] + 1e-9), 0, 1)
    marks = np.stack([s, total[:, None] - s + _FAR * hooked, s / total[:, None], press,
                      np.broadcast_to(kinds[:, None], s.shape),
                      np.broadcast_to(np.arange(count)[:, None], s.shape)], -1)
    chance = rng.random((count,))
    points_out, marks_out, starts = [], [], [0]
    size, landing = 0, True
    for i in range(count):
        if landing and style.land > 0 and total[i] > 0.15 and kinds[i] in _LANDING:
            points_out.append(strokes[i, :1] + _landing(style))
            marks_out.append(marks[i, :1] * [1, 1, 1, 0.5, 1, 1])
            size += 1
        points_out.append(strokes[i])
        marks_out.append(marks[i])
        size += knots
        landing = not (i + 1 < count and _joins(style, strokes, kinds, i, float(chance[i])))
        if landing:
            starts.append(size)
        else:
            ligature = _ligature(strokes[i], strokes[i + 1])
            points_out.append(ligature)
            marks_out.append(np.tile([0.1, 0.1, 0.5, 1, Kind.JOIN, float(i)], (len(ligature), 1)))
            size += len(ligature)
    return resample(np.concatenate(points_out), np.concatenate(marks_out),
                    np.array(starts, np.int64), STEP)


_FAR = 16.0             # em, more than any stroke is long
_LANDING = (Kind.ACROSS, Kind.DOWN, Kind.LEFT, Kind.BENT)


def _landing(style: HandStyle) -> Floats:
    """Where the tip of the brush touches first, from the start of the stroke: up and left."""
    reach = style.land * style.width
    return np.array([[-0.6 * reach, -0.8 * reach]])


def _joins(style: HandStyle, strokes: Floats, kinds: NDArray[np.int64], i: int,
           chance: float) -> bool:
    """Whether the pen stays on the paper from stroke i to the next."""
    gap = float(np.hypot(*(strokes[i + 1, 0] - strokes[i, -1])))
    dots = kinds[i] == Kind.DOT and kinds[i + 1] == Kind.DOT
    likely = style.join_dots if dots else style.join
    return chance < likely * np.exp(-((gap / style.join_reach) ** 2)) and gap > 0.02


def _ligature(before: Floats, after: Floats) -> Floats:
    """Inner points of the curve from the end of one stroke to the start of the next."""
    a, b = before[-1], after[0]
    reach = 0.35 * float(np.hypot(*(b - a)))
    out, into = before[-1] - before[-3], after[2] - after[0]
    out, into = (v / (np.hypot(*v) + 1e-9) * reach for v in (out, into))
    t = np.linspace(0, 1, 8)[1:-1, None]
    return (a * (1 - t) ** 3 + 3 * (a + out * 0.6) * t * (1 - t) ** 2
            + 3 * (b - into * 0.6) * t * t * (1 - t) + b * t ** 3)


def wander(rng: np.random.Generator, count: int, columns: int, sigma: float) -> Floats:
    """Smooth noise (count, columns) of unit variance along the first axis."""
    noise = rng.standard_normal((count, columns))
    return cv2.GaussianBlur(noise, (1, 0), 0.001, sigmaY=sigma).reshape(count, columns) * np.sqrt(
        2 * np.sqrt(np.pi) * sigma)


def widths(style: HandStyle, points: Floats, marks: Floats, starts: NDArray[np.int64],
           rng: np.random.Generator) -> Floats:
    """Full stroke width (N,) in em at every point."""
    s, e, u = marks[:, 0], marks[:, 1], np.clip(marks[:, 2], 0, 1)
    kind, stroke = marks[:, 4].astype(int), marks[:, 5].astype(int)
    base = _pen_width(style, points, int(stroke.max()) + 1)
    base *= float(np.exp(rng.normal(0, style.glyph_width)))
    move = np.gradient(points, axis=0)
    pace = np.hypot(move[:, 0], move[:, 1]) + 1e-9
    flat = np.abs(move[:, 0]) / pace
    turning = np.abs(np.gradient(np.unwrap(np.arctan2(move[:, 1], move[:, 0]))))
    for k in (-2, -1, 0, 1):            # a lifted pen does not turn
        turning[np.clip(starts + k, 0, len(turning) - 1)] = 0
    turning = np.minimum(cv2.GaussianBlur(turning[:, None], (1, 0), 0.001, sigmaY=2.0)[:, 0], 0.6)
    reach = style.taper_reach * style.width
    tail = np.array([style.exit, style.needle, style.taper, style.taper, 1,
                     style.taper, style.exit, 1])[kind]
    total = s + e % _FAR
    needle = 0.25 if style.needle < 0.6 else 0.0
    long_tail = np.array([0, needle, 0.55, 0.22, 0, 0.6, 0, 0])[kind] * total
    near = np.clip(1 - e / np.maximum(long_tail, reach), 0, 1) ** 1.4
    width = 1 + (style.entry - 1) * np.exp(-((s / reach) ** 2)) * (kind != Kind.JOIN)
    width *= 1 + (tail - 1) * near
    width *= 1 - style.contrast * flat * (kind != Kind.RIGHT)
    width *= 1 + style.swell * np.exp(-(((u - 0.76) / 0.17) ** 2)) * (kind == Kind.RIGHT)
    width *= marks[:, 3]
    width *= 1 + style.drop * (1.4 * u - 1) * (kind == Kind.DOT)
    width *= 1 - style.speed * np.sin(np.pi * u) * np.minimum(1, total / 0.4)
    width *= 1 + style.corner * turning / 0.6
    width *= np.exp(rng.normal(0, style.stroke_width, stroke.max() + 1))[stroke]
    width *= 1 + style.press * wander(rng, len(points), 1, 8.0)[:, 0]
    width /= float(width.mean()) ** 0.8         # shape must not make the whole hand thin
    thin = cv2.GaussianBlur((kind == Kind.JOIN).astype(float)[:, None], (1, 0), 0.001, sigmaY=2.0)
    width *= 1 - (1 - style.join_width) * thin[:, 0]
    return np.clip(width * base, 0.55 * min(base, 0.03), 2.2 * base)


def _pen_width(style: HandStyle, points: Floats, count: int) -> float:
    """The style's width, less where `count` strokes crowd, as writers do to keep the white open."""
    cells = np.clip((points * 7).astype(int), 0, 6)
    held = np.bincount(cells[:, 1] * 7 + cells[:, 0], minlength=49).reshape(7, 7) * STEP
    window = np.sort((held[:-1, :-1] + held[1:, :-1] + held[:-1, 1:] + held[1:, 1:]).ravel())
    local = float(np.clip((count - 10) / 10, 0, 1))     # few strokes cross, many lie side by side
    crowding = (1 - local) * window[-9:].mean() + local * 0.9 * window[-3:].mean()
    load = style.width * crowding / (2 / 7) ** 2 / 0.6
    width = style.width * (1 + load ** 4) ** (-0.25 * style.thin_dense)
    return float(max(width, min(style.width, 0.02)) / style.nib ** 0.35)
