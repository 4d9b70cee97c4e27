"""Synthetic hands: characters written from stroke-order data with a parametrised pen.

The stroke data is that of the npm package `hanzi-writer-data` (Arphic Public License): for every
character the medians of its strokes, in writing order, on a grid of 1024 with y up.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from fonts.drawing import CANVAS, EM_PIXELS, Field, from_coverage
from training.hand_pen import ink, resample, smooth
from training.hand_style import HandStyle

Floats = NDArray[np.float64]
Medians = Sequence[NDArray[np.integer]]

GRID, GRID_TOP = 1024, 900          # the data's em, and the y of its top edge
_PAPER = 2 * CANVAS                 # pixels the pen writes on
_KNOTS = 18                         # points a stroke is shaped by
_STEP = 0.011                       # em between points of a finished path
_H, _V, _P, _N, _D, _RISE, _TURN, _LIGATURE = range(8)      # kinds of stroke


class StrokeDataError(ValueError):
    """The stroke data cannot be read; the message says what and where."""


@dataclass(frozen=True)
class StrokeData(Mapping[int, Medians]):
    """Codepoint to medians: int16 points (N, 2) per stroke, in writing order."""

    codepoints: NDArray[np.int32]       # (C,), rising
    first_stroke: NDArray[np.int32]     # (C + 1,) into first_point
    first_point: NDArray[np.int32]      # (S + 1,) into points
    points: NDArray[np.int16]           # (N, 2)

    def __getitem__(self, codepoint: int) -> Medians:
        at = int(np.searchsorted(self.codepoints, codepoint))
        if at == len(self.codepoints) or self.codepoints[at] != codepoint:
            raise KeyError(codepoint)
        bounds = self.first_point[self.first_stroke[at]:self.first_stroke[at + 1] + 1]
        return [self.points[a:b] for a, b in zip(bounds, bounds[1:])]

    def __iter__(self) -> Iterator[int]:
        return iter(self.codepoints.tolist())

    def __len__(self) -> int:
        return len(self.codepoints)

    def save(self, path: Path) -> None:
        """Write a compressed .npz, whole or not at all."""
        handle, name = tempfile.mkstemp(dir=path.parent, suffix=".npz.part")
        try:
            with os.fdopen(handle, "wb") as file:
                np.savez_compressed(file, **vars(self))
                file.flush()
                os.fsync(file.fileno())
            os.replace(name, path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise

    @classmethod
    def load(cls, path: Path) -> StrokeData:
        """Read what `save` wrote."""
        try:
            with np.load(path, allow_pickle=False) as arrays:
                return cls(*(arrays[name] for name in cls.__dataclass_fields__))
        except (OSError, KeyError, ValueError, EOFError) as error:
            raise StrokeDataError(f"{path}: not stroke data saved by glyphgen ({error})") from error


def load_strokes(source: Path) -> StrokeData:
    """Stroke data from an unpacked `hanzi-writer-data` package, or from a saved .npz file."""
    if source.is_file():
        return StrokeData.load(source)
    files = sorted((ord(file.stem), file) for file in source.glob("*.json") if len(file.stem) == 1)
    if not files:
        raise StrokeDataError(f"{source}: no <character>.json here; unpack npm hanzi-writer-data")
    strokes: list[NDArray[np.int16]] = []
    counts = [0]
    for _, file in files:
        try:
            medians = json.loads(file.read_text("utf-8"))["medians"]
            strokes += [np.array(median, np.int16).reshape(-1, 2) for median in medians]
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise StrokeDataError(f"{file}: no usable medians ({error})") from error
        counts.append(len(strokes))
    return StrokeData(
        np.array([codepoint for codepoint, _ in files], np.int32), np.array(counts, np.int32),
        np.cumsum([0] + [len(stroke) for stroke in strokes], dtype=np.int32),
        np.concatenate(strokes))


def write(style: HandStyle, medians: Medians, rng: np.random.Generator) -> Field:
    """The character of `medians` as `style` writes it this time: a field (128, 128)."""
    if not len(medians):
        raise ValueError("a character needs at least one stroke")
    strokes, kinds = _strokes(style, medians, rng)
    strokes = _place(style, strokes, rng)
    points, marks, starts = _paths(style, strokes, kinds, rng)
    points = smooth(points, starts, style.smooth / _STEP)
    points += _wander(rng, len(points), 2, 3.0) * style.tremor
    width = _width(style, points, marks, starts, rng)
    scale = EM_PIXELS * _PAPER / CANVAS
    corner = rng.integers(0, _PAPER + 1, 2)
    return from_coverage(ink(
        points * scale + (_PAPER - scale) / 2, width * (scale / 2), starts, _PAPER,
        nib=style.nib, angle=style.nib_angle, square=style.square, rough=style.rough * scale,
        bleed=style.bleed * scale, origin=(int(corner[0]), int(corner[1]))))


def _strokes(style: HandStyle, medians: Medians, rng: np.random.Generator,
             ) -> tuple[Floats, NDArray[np.int64]]:
    """Strokes shaped one by one (S, K, 2) in em, y down, and their kinds (S,)."""
    shaped = [_skeleton(style, np.asarray(median, np.float64)) for median in medians]
    strokes = np.stack([points for points, _ in shaped])
    kinds = np.array([kind for _, kind in shaped])
    count = len(strokes)
    ends = strokes[:, -1] - strokes[:, 0]
    length = np.hypot(ends[:, 0], ends[:, 1])
    simple = kinds < _RISE
    u = np.linspace(0, 1, _KNOTS)
    arch = 4 * u * (1 - u)
    bend = np.array([style.sag, style.bow, style.fall, 0, 0, 0, 0])[kinds]
    bend = bend + rng.normal(0, style.stroke_bend, count) * (0.5 + simple)
    normal = np.stack([-ends[:, 1], ends[:, 0]], 1)
    strokes = strokes + (bend[:, None] * normal)[:, None, :] * arch[:, None]
    middle = strokes.mean(1, keepdims=True)
    turn = np.array([style.turn_h, style.turn_v, style.turn_p, style.turn_n, style.turn_d, 0, 0])
    angle = turn[kinds] + rng.normal(0, style.stroke_turn, count)
    angle *= np.where(length > 0.45, 0.6, 1.0)
    long = np.array([style.long_h, style.long_v, style.long_p, style.long_n, style.long_d, 1, 1])
    stretch = long[kinds] * np.exp(rng.normal(0, style.stroke_stretch, count))
    stretch += 2 * style.extend / np.maximum(length, 0.15) * simple
    cos, sin = np.cos(angle) * stretch, np.sin(angle) * stretch
    rotation = np.stack([np.stack([cos, sin], 1), np.stack([-sin, cos], 1)], 1)
    shift = rng.normal(0, style.stroke_shift, (count, 1, 2))
    return (strokes - middle) @ rotation + middle + shift, kinds


def _skeleton(style: HandStyle, median: Floats) -> tuple[Floats, int]:
    """One median as _KNOTS points in em, y down, straightened and hooked, and its kind."""
    points = median / GRID
    points[:, 1] = GRID_TOP / GRID - points[:, 1]
    if len(points) < 2:
        points = np.concatenate([points, points + 0.01])
    steps = np.hypot(*np.diff(points, axis=0).T)
    along = np.concatenate([[0.0], np.cumsum(np.maximum(steps, 1e-6))])
    polygon = cv2.approxPolyDP(points[:, None].astype(np.float32), 0.018, False)[:, 0]
    keep = np.unique([int(np.abs(points - corner).sum(1).argmin()) for corner in polygon])
    corners, at = points[keep], along[keep]
    legs = np.diff(corners, axis=0)
    heading = np.arctan2(legs[:, 1], legs[:, 0])
    bends = np.abs((np.diff(heading) + np.pi) % (2 * np.pi) - np.pi)
    total, hook = along[-1], along[-1]
    if len(bends) and bends[-1] > 1.0 and total - at[-2] < min(0.17, 0.45 * total):
        hook = at[-2]
        bends = bends[:-1]
    stop = total if hook == total else hook + (total - hook) * min(style.hook, 1.0)
    if stop - hook < 0.035:
        stop = hook
    place = np.linspace(0, stop, _KNOTS)
    if stop > hook:                     # keep the hook's corner on a knot
        place[int(np.abs(place - hook).argmin())] = hook
    curve = np.stack([np.interp(place, along, points[:, k]) for k in (0, 1)], 1)
    straight = np.stack([np.interp(place, at, corners[:, k]) for k in (0, 1)], 1)
    blend = 0.35 + 0.65 * style.straight        # the data's bumps at stroke ends go anyway
    shape = curve + blend * (straight - curve)
    if style.hook > 1 and stop > hook:
        shape[place > hook] += (shape[place > hook] - shape[place == hook][0]) * (style.hook - 1)
    knee = np.array([np.interp(hook, along, points[:, k]) for k in (0, 1)])
    return shape, _kind(knee - points[0], float(bends.max()) if len(bends) else 0.0, hook)


def _kind(chord: Floats, bend: float, length: float) -> int:
    """The kind of a stroke from its chord (y down), its sharpest bend and its length."""
    dx, dy = float(chord[0]), float(chord[1])
    rules = (
        (bend > 0.9, _TURN),
        (dx > 0 and abs(dy) < 0.3 * dx, _H),
        (dx > 0 > dy, _RISE),
        (length < 0.2 and abs(dx) > 0.12 * abs(dy), _D),
        (abs(dx) < 0.22 * abs(dy), _V),
        (dx < 0, _P),
    )
    return next((kind for holds, kind in rules if holds), _N)


def _place(style: HandStyle, strokes: Floats, rng: np.random.Generator) -> Floats:
    """The strokes put together: parts, fill, warp, slant, scale and place on the em square."""
    strokes = _parts(style, strokes) - 0.5
    flat = strokes.reshape(-1, 2)
    low, high = flat.min(0), flat.max(0)
    size = np.maximum(high - low, 0.02)
    gain = np.where(size > 0.4, style.box / size, 1.0) ** style.fill
    gain = np.clip(gain, 0.8, 1.35)
    flat = (flat - (low + high) / 2) * gain + (low + high) / 2 * (1 - style.fill)
    x, y = flat[:, 0] * 2, flat[:, 1] * 2
    warp = np.asarray(style.warp) + rng.normal(0, style.glyph_warp, 8)
    fade_x, fade_y = 1 - x * x, 1 - y * y
    moved = np.stack([
        x + warp[0] * fade_x * 2 + warp[1] * x * fade_x * 2 + warp[2] * x * y + warp[3] * fade_y,
        y + warp[4] * fade_y * 2 + warp[5] * y * fade_y * 2 + warp[6] * x * y + warp[7] * fade_x,
    ], 1) / 2
    slant = style.slant + rng.normal(0, style.glyph_turn)
    tilt = style.tilt + rng.normal(0, style.glyph_turn)
    shrink = style.grow * (1 - min(1.0, len(strokes) / 12))
    scale = style.scale * (1 - shrink) * np.exp(rng.normal(0, style.glyph_scale, 2))
    root = np.sqrt(style.aspect)
    matrix = np.array([[scale[0] * root, -tilt * scale[1]], [-slant * scale[0], scale[1] / root]])
    flat = moved @ matrix
    flat += rng.normal(0, style.glyph_shift, 2) + (style.shift_x, style.shift_y)
    return np.clip(flat, -0.56, 0.56).reshape(strokes.shape) + 0.5


def _parts(style: HandStyle, strokes: Floats) -> Floats:
    """Scale and shift the two parts of characters that divide left-right or top-bottom."""
    scales = ((style.left_scale, style.right_scale), (style.top_scale, style.bottom_scale))
    low, high = strokes.min(1), strokes.max(1)
    best, cut, axis = 0.035, 0, 0           # the most overlap that still counts as divided
    for k in range(1, len(strokes)):
        overlap = high[:k].max(0) - low[k:].min(0)
        for a in (0, 1):
            if overlap[a] < best:
                best, cut, axis = overlap[a], k, a
    if not cut:
        return strokes
    out = strokes.copy()
    for part, scale, side in zip((slice(None, cut), slice(cut, None)), scales[axis], (-0.5, 0.5)):
        middle = (low[part].min(0) + high[part].max(0)) / 2
        out[part] = (strokes[part] - middle) * scale + middle
        out[part, :, axis] += side * style.spread
    if axis == 0:
        out[:cut, :, 1] -= style.left_raise
    return out


def _paths(style: HandStyle, strokes: Floats, kinds: NDArray[np.int64], rng: np.random.Generator,
           ) -> tuple[Floats, Floats, NDArray[np.int64]]:
    """Pen paths: flat points, marks (s, e, u, kind, stroke) and offsets.

    s and e are the distances from the stroke's start and end in em, u the place on it in 0..1.
    """
    steps = np.hypot(*np.moveaxis(np.diff(strokes, axis=1), -1, 0)) + 1e-9
    s = np.concatenate([np.zeros((len(strokes), 1)), np.cumsum(steps, 1)], 1)
    total = s[:, -1:]
    marks = np.stack([s, total - s, s / total, np.broadcast_to(kinds[:, None], s.shape),
                      np.broadcast_to(np.arange(len(kinds))[:, None], s.shape)], -1)
    points_out, marks_out, starts = [], [], [0]
    chance = rng.random(len(kinds))
    size = 0
    for i in range(len(kinds)):
        points_out.append(strokes[i])
        marks_out.append(marks[i])
        size += _KNOTS
        if i + 1 < len(kinds) and _joins(style, strokes, kinds, i, float(chance[i])):
            ligature = _ligature(strokes[i], strokes[i + 1])
            points_out.append(ligature)
            marks_out.append(np.tile([0.1, 0.1, 0.5, _LIGATURE, float(i)], (len(ligature), 1)))
            size += len(ligature)
        else:
            starts.append(size)
    return resample(np.concatenate(points_out), np.concatenate(marks_out),
                    np.array(starts, np.int64), _STEP)


def _joins(style: HandStyle, strokes: Floats, kinds: NDArray[np.int64], i: int,
           chance: float) -> bool:
    """Whether the pen stays on the paper from stroke i to the next."""
    gap = float(np.hypot(*(strokes[i + 1, 0] - strokes[i, -1])))
    dots = kinds[i] == _D and kinds[i + 1] == _D
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


def _wander(rng: np.random.Generator, count: int, columns: int, sigma: float) -> Floats:
    """Smooth noise (count, columns) of unit variance along the first axis."""
    noise = rng.standard_normal((count, columns))
    return cv2.GaussianBlur(noise, (1, 0), 0.001, sigmaY=sigma).reshape(count, columns) * np.sqrt(
        2 * np.sqrt(np.pi) * sigma)


def _width(style: HandStyle, points: Floats, marks: Floats, starts: NDArray[np.int64],
           rng: np.random.Generator) -> Floats:
    """Full stroke width (N,) in em at every point."""
    s, e, u = marks[:, 0], marks[:, 1], np.clip(marks[:, 2], 0, 1)
    kind, stroke = np.rint(marks[:, 3]).astype(int), np.rint(marks[:, 4]).astype(int)
    base = _pen_width(style, points) * np.exp(rng.normal(0, style.glyph_width))
    move = np.gradient(points, axis=0)
    pace = np.hypot(move[:, 0], move[:, 1]) + 1e-9
    flat = np.abs(move[:, 0]) / pace
    turning = np.abs(np.gradient(np.unwrap(np.arctan2(move[:, 1], move[:, 0]))))
    turning = np.minimum(cv2.GaussianBlur(turning[:, None], (1, 0), 0.001, sigmaY=2.0)[:, 0], 0.6)
    reach = style.taper_reach * style.width
    tail = np.array([style.exit, style.exit, style.taper, style.taper ** 0.5, 1,
                     style.taper, style.exit, 1])[kind]
    long_tail = np.array([0, 0, 0.55, 0.22, 0, 0.6, 0, 0])[kind] * (s + e)
    near = np.clip(1 - e / np.maximum(long_tail, reach), 0, 1) ** 1.4
    total = s + e
    width = 1 + (style.entry - 1) * np.exp(-((s / reach) ** 2)) * (kind != _LIGATURE)
    width *= 1 + (tail - 1) * near
    width *= 1 - style.contrast * flat * (kind != _N)
    width *= 1 + style.swell * np.exp(-(((u - 0.78) / 0.16) ** 2)) * (kind == _N)
    width *= 1 - style.drop * (1 - u) * (kind == _D)
    width *= 1 - style.speed * np.sin(np.pi * u) * np.minimum(1, total / 0.4)
    width *= 1 + style.corner * turning / 0.6
    width *= np.exp(rng.normal(0, style.stroke_width, stroke.max() + 1))[stroke]
    width *= 1 + style.press * _wander(rng, len(points), 1, 8.0)[:, 0]
    thin = cv2.GaussianBlur((kind == _LIGATURE).astype(float)[:, None], (1, 0), 0.001, sigmaY=2.0)
    width *= 1 - (1 - style.join_width) * thin[:, 0]
    return np.clip(width * base, 0.35 * min(base, 0.03), 2.2 * base)


def _pen_width(style: HandStyle, points: Floats) -> float:
    """The style's width, less where strokes are crowded, as writers do to keep the white open."""
    cells = np.clip((points * 7).astype(int), 0, 6)
    held = np.bincount(cells[:, 1] * 7 + cells[:, 0], minlength=49).reshape(7, 7) * _STEP
    window = held[:-1, :-1] + held[1:, :-1] + held[:-1, 1:] + held[1:, 1:]
    crowding = float(np.sort(window.ravel())[-3:].mean()) / (2 / 7) ** 2      # em of ink per em^2
    load = style.width * crowding / 0.64
    return float(style.width * (1 + load ** 4) ** (-0.25 * style.thin_dense))
