"""Synthetic hands: characters written from stroke-order data with a parametrised pen.

The stroke data is that of the npm package `hanzi-writer-data` (Arphic Public License): for every
character the medians of its strokes, in writing order, on a grid of 1024 with y up.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from exporters.strokes.curve import turns
from fonts.drawing import CANVAS, EM_PIXELS, Field, from_coverage
from fonts.errors import UserError
from training.hands.pen import STEP, Kind, ink, paths, smooth, wander, widths
from training.hands.style import HandStyle

Floats = NDArray[np.float64]
Medians = Sequence[NDArray[np.integer]]

GRID, GRID_TOP = 1024, 900          # the data's em, and the y of its top edge
_PAPER = 2 * CANVAS                 # pixels the pen writes on
_REACH = 0.55                       # em from the middle that ink may reach
_KNOTS = 18                         # points a stroke is shaped by


class StrokeDataError(UserError):
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
        part = path.with_name(f"{path.name}.{os.getpid()}.part")
        try:
            with part.open("wb") as file:
                np.savez_compressed(file, **vars(self))
                file.flush()
                os.fsync(file.fileno())
            os.replace(part, path)
        except BaseException:
            part.unlink(missing_ok=True)
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
    strokes, kinds, knees = _strokes(style, medians, rng)
    strokes = _place(style, strokes, rng)
    points, marks, starts = paths(style, strokes, kinds, knees, rng)
    points = smooth(points, starts, style.smooth / STEP)
    points += wander(rng, len(points), 2, 3.0) * style.tremor
    width = widths(style, points, marks, starts, rng)
    scale = EM_PIXELS * _PAPER / CANVAS
    corner = rng.integers(0, _PAPER + 1, 2)
    return from_coverage(ink(
        points * scale + (_PAPER - scale) / 2, width * (scale / 2), starts, _PAPER,
        nib=style.nib, angle=style.nib_angle, square=style.square, rough=style.rough * scale,
        bleed=style.bleed * scale, origin=(int(corner[0]), int(corner[1]))))


def _strokes(style: HandStyle, medians: Medians, rng: np.random.Generator,
             ) -> tuple[Floats, NDArray[np.int64], NDArray[np.int64]]:
    """Strokes shaped one by one (S, K, 2) in em, y down, their kinds and hooks' knees (S,)."""
    shaped = [_skeleton(style, np.asarray(median, np.float64)) for median in medians]
    strokes = np.stack([points for points, _, _ in shaped])
    kinds, knees = (np.array(column) for column in list(zip(*shaped))[1:])
    count = len(strokes)
    calm = min(1.0, 9 / count) ** 0.5           # small strokes are written with small errors
    ends = strokes[:, -1] - strokes[:, 0]
    length = np.hypot(ends[:, 0], ends[:, 1])
    simple = kinds < Kind.RISE
    u = np.linspace(0, 1, _KNOTS)
    arch = 4 * u * (1 - u)
    bend = np.array([style.sag, style.bow, style.fall, 0, 0, 0, 0])[kinds]
    bend = bend + rng.normal(0, style.stroke_bend, count) * (0.5 + simple)
    normal = np.stack([-ends[:, 1], ends[:, 0]], 1)
    strokes = strokes + (bend[:, None] * normal)[:, None, :] * arch[:, None]
    middle = strokes.mean(1, keepdims=True)
    turn = np.array([style.turn_h, style.turn_v, style.turn_p, style.turn_n, style.turn_d, 0, 0])
    angle = turn[kinds] + rng.normal(0, style.stroke_turn * calm, count)
    angle *= np.where(length > 0.45, 0.6, 1.0)
    long = np.array([style.long_h, style.long_v, style.long_p, style.long_n, style.long_d, 1, 1])
    stretch = long[kinds] * np.exp(rng.normal(0, style.stroke_stretch, count))
    stretch += 2 * style.extend / np.maximum(length, 0.15) * simple
    cos, sin = np.cos(angle) * stretch, np.sin(angle) * stretch
    rotation = np.stack([np.stack([cos, sin], 1), np.stack([-sin, cos], 1)], 1)
    shift = rng.normal(0, style.stroke_shift * calm, (count, 1, 2))
    return (strokes - middle) @ rotation + middle + shift, kinds, knees


def _skeleton(style: HandStyle, median: Floats) -> tuple[Floats, int, int]:
    """One median as _KNOTS points in em, y down, straightened; its kind; its hook's knee."""
    points = median / GRID
    points[:, 1] = GRID_TOP / GRID - points[:, 1]
    if len(points) < 2:
        points = np.concatenate([points, points + 0.01])
    steps = np.hypot(*np.diff(points, axis=0).T)
    along = np.concatenate([[0.0], np.cumsum(np.maximum(steps, 1e-6))])
    polygon = cv2.approxPolyDP(points[:, None].astype(np.float32), 0.018, False)[:, 0]
    keep = np.unique([int(np.abs(points - corner).sum(1).argmin()) for corner in polygon])
    corners, at = points[keep], along[keep]
    bends = turns(corners)
    sharpest = float(bends.max()) if len(bends) else 0.0
    total, hook = along[-1], along[-1]
    if len(bends) and bends[-1] > 1.0 and total - at[-2] < min(0.17, 0.45 * total):
        hook = at[-2]
        sharpest = float(bends[:-1].max()) if len(bends) > 1 else 0.0
    knee = np.array([np.interp(hook, along, points[:, k]) for k in (0, 1)])
    kind = _kind(knee - points[0], sharpest, hook)
    stop = total if hook == total else hook + (total - hook) * min(style.hook, 1.0)
    if stop - hook < 0.035:
        stop = hook
    place, bend = np.linspace(0, stop, _KNOTS), _KNOTS - 1
    if stop > hook:                     # keep the hook's corner on a knot
        bend = min(int(np.abs(place - hook).argmin()), _KNOTS - 2)
        place[bend] = hook
    curve = np.stack([np.interp(place, along, points[:, k]) for k in (0, 1)], 1)
    straight = np.stack([np.interp(place, at, corners[:, k]) for k in (0, 1)], 1)
    blend = 0.35 + 0.65 * style.straight        # the data's bumps at stroke ends go anyway
    shape = curve + blend * (straight - curve)
    shape += _level(style, corners, at, place)
    if kind == Kind.BENT:
        shape += _bulge(style, corners, at, place)
    if style.hook > 1 and stop > hook:
        shape[bend:] += (shape[bend:] - shape[bend]) * (style.hook - 1)
    return shape, kind, bend


def _level(style: HandStyle, corners: Floats, at: Floats, place: Floats) -> Floats:
    """Offsets that turn a stroke's nearly level and upright legs to be level and upright."""
    legs = np.diff(corners, axis=0)
    lean = legs[:, 1] / (np.abs(legs[:, 0]) + 1e-6), legs[:, 0] / (np.abs(legs[:, 1]) + 1e-6)
    long = np.hypot(legs[:, 0], legs[:, 1]) > 0.1
    target = np.stack([np.where((np.abs(lean[1]) < 0.3) & long, 0, legs[:, 0]),
                       np.where((np.abs(lean[0]) < 0.3) & long, 0, legs[:, 1])], 1)
    moved = np.concatenate([np.zeros((1, 2)), np.cumsum(target - legs, axis=0)]) * style.level
    moved -= (moved[0] + moved[-1]) / 2
    return np.stack([np.interp(place, at, moved[:, k]) for k in (0, 1)], 1)


def _bulge(style: HandStyle, corners: Floats, at: Floats, place: Floats) -> Floats:
    """Offsets that bend every leg of a turning stroke outwards."""
    leg = np.clip(np.searchsorted(at, place, "right") - 1, 0, len(at) - 2)
    t = np.clip((place - at[leg]) / (at[leg + 1] - at[leg]), 0, 1)
    run = np.diff(corners, axis=0)[leg]
    normal = np.stack([run[:, 1], -run[:, 0]], 1)
    return normal * (style.bulge * 4 * t * (1 - t))[:, None]


def _kind(chord: Floats, bend: float, length: float) -> int:
    """The kind of a stroke from its chord (y down), its sharpest bend and its length."""
    dx, dy = float(chord[0]), float(chord[1])
    rules = (
        (bend > 0.9, Kind.BENT),
        (dx > 0 and abs(dy) < 0.3 * dx, Kind.ACROSS),
        (dx > 0 > dy, Kind.RISE),
        (length < 0.2 and abs(dx) > 0.12 * abs(dy), Kind.DOT),
        (abs(dx) < 0.22 * abs(dy), Kind.DOWN),
        (dx < 0, Kind.LEFT),
    )
    return next((kind for holds, kind in rules if holds), Kind.RIGHT)


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
    w = np.asarray(style.warp) + rng.normal(0, style.glyph_warp, 8)
    fade_x, fade_y = 1 - x * x, 1 - y * y
    wide, tall = 1 + style.barrel * (fade_y - 0.5), 1 + style.barrel * (fade_x - 0.5)
    moved = np.stack([
        x * (wide + 2 * w[1] * fade_x + w[2] * y) + w[0] * fade_x + w[3] * fade_y,
        y * (tall + 2 * w[5] * fade_y + w[6] * x) + w[4] * fade_y + w[7] * fade_x,
    ], 1) / 2
    slant = style.slant + rng.normal(0, style.glyph_turn)
    tilt = style.tilt + rng.normal(0, style.glyph_turn)
    shrink = style.grow * (1 - min(1.0, len(strokes) / 12))
    scale = style.scale * (1 - shrink) * np.exp(rng.normal(0, style.glyph_scale, 2))
    root = np.sqrt(style.aspect)
    matrix = np.array([[scale[0] * root, -tilt * scale[1]], [-slant * scale[0], scale[1] / root]])
    flat = moved @ matrix
    flat += rng.normal(0, style.glyph_shift, 2) + (style.shift_x, style.shift_y)
    flat /= max(1.0, float(np.abs(flat).max()) / (_REACH - style.width / 2))
    return flat.reshape(strokes.shape) + 0.5


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
