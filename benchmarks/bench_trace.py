"""Trace real fonts back from their fields and measure what comes out.

    python -m benchmarks.bench_trace sans=NotoSansCJK-Regular.ttc brush=kouzan.ttf --potrace potrace

Each glyph is rendered at 2048 px, turned to a 128 px field, traced, and compared with the true
outline: IoU at 1024 px; 95th percentile of the contour distance both ways and mean distance at true
corners, in 1/1000 em; quadratic points as a ratio to the true glyph's; share of glyphs with the
true number of contours, beside that of the level set itself; milliseconds of one core's time (CPU).
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pathops
from fontTools.misc.transform import Transform
from fontTools.pens.basePen import BasePen
from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.recordingPen import DecomposingRecordingPen, RecordingPen
from fontTools.pens.transformPen import TransformPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.svgLib.path import parse_path
from fontTools.ttLib import TTFont
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from exporters.outlines.contour import level_set
from exporters.outlines.kernel import compiled
from exporters.outlines.trace import compile_kernels, trace
from fonts.drawing import (
    CANVAS,
    EM_PIXELS,
    EM_TOP,
    MARGIN,
    UNITS_PER_EM,
    Field,
    from_coverage,
)

FINE = 1024                  # pixels that glyphs are compared at
FIELD = 2048                 # and rendered at for their field, which knows an edge to one of these
CORNER = np.radians(30)      # a true joint that turns by more is a corner
HAN = range(0x4E00, 0xA000)

Points = NDArray[np.float64]
Path_ = list[tuple[str, tuple[Any, ...]]]


def place(polygon: Points, size: int) -> Points:
    """Em units, y up, to pixels of `size`, y down: the inverse of fonts.drawing.to_em."""
    scale = EM_PIXELS / UNITS_PER_EM
    return (polygon * (scale, -scale) + (MARGIN, MARGIN + EM_TOP * scale)) * (size / CANVAS)


@dataclass(frozen=True)
class Score:
    """One glyph's figures."""

    iou: float
    p95: float
    corner: float
    points: float
    topology: float
    level_set: float
    ms: float


@compiled
def _accumulate(polygon: Points, out: Points) -> None:
    """Add the exact signed area coverage of a closed polygon to `out`, as row differences."""
    size = len(out)
    for k in range(len(polygon)):
        x0, y0 = polygon[k]
        x1, y1 = polygon[(k + 1) % len(polygon)]
        if y0 == y1:
            continue
        sign = 1.0
        if y0 > y1:
            x0, y0, x1, y1 = x1, y1, x0, y0
            sign = -1.0
        slope = (x1 - x0) / (y1 - y0)
        for row in range(max(int(y0), 0), min(int(np.ceil(y1)), size)):
            low, high = max(y0, row), min(y1, row + 1)
            xa, xb = x0 + (low - y0) * slope, x0 + (high - y0) * slope
            left, right = min(xa, xb), max(xa, xb)
            height = sign * (high - low)
            column, before = int(left), 0.0
            while before < 1:           # `before`: the share of the ink's edge already placed
                if column + 1 >= right:
                    share = 1 - before
                    middle = (max(left, column) + right) / 2
                else:
                    share = (column + 1 - max(left, column)) / (right - left)
                    middle = (max(left, column) + column + 1) / 2
                out[row, column] += height * share * (column + 1 - middle)
                out[row, column + 1] += height * share * (middle - column)
                before = 1.0 if column + 1 >= right else before + share
                column += 1


def render(polygons: list[Points], size: int = FINE) -> Field:
    """Ink coverage (size, size) of closed polygons in em units."""
    out = np.zeros((size, size + 4))
    for polygon in polygons:
        _accumulate(np.clip(place(polygon, size), 0, size), out)
    return np.clip(np.abs(np.cumsum(out, axis=1)[:, :size]), 0, 1).astype(np.float32)


class SegmentPen(BasePen):  # type: ignore[misc]
    """Collects closed contours as lists of segments, (2, 3 or 4, 2) each."""

    def __init__(self) -> None:
        super().__init__(None)
        self.contours: list[list[Points]] = []

    def _add(self, *points: tuple[float, float]) -> None:
        segment = np.array([self._getCurrentPoint(), *points], float)
        if np.ptp(segment, axis=0).max() > 1e-6:
            self.contours[-1].append(segment)

    def _moveTo(self, pt: tuple[float, float]) -> None:
        self.contours.append([])
        self.begin = pt

    _lineTo = _curveToOne = _qCurveToOne = _add

    def _closePath(self) -> None:
        self._add(self.begin)


def flatten(path: Path_, steps: int = 12) -> tuple[list[Points], Points]:
    """Closed polygons of recorded segments, and the corners (K, 2) between them."""
    recording, pen = RecordingPen(), SegmentPen()
    recording.value = path
    recording.replay(pen)
    t = (np.arange(steps) / steps)[:, None]
    polygons, corners = [], []
    for segments in pen.contours:
        if len(segments) < 2:
            continue
        polygons.append(np.concatenate([_curve(s, t if len(s) > 2 else t[:1]) for s in segments]))
        corners += [s[0] for before, s in zip(segments[-1:] + segments, segments)
                    if _turn(before, s) > CORNER]
    return polygons, np.array(corners).reshape(-1, 2)


def _curve(s: Points, t: Points) -> Points:
    level = np.repeat(s[:, None, :], len(t), axis=1)
    while len(level) > 1:
        level = level[:-1] * (1 - t) + level[1:] * t
    return level[0]


def _turn(before: Points, after: Points) -> float:
    a = next(d for d in (before[-1] - p for p in before[-2::-1]) if np.abs(d).max() > 1e-6)
    b = next(d for d in (p - after[0] for p in after[1:]) if np.abs(d).max() > 1e-6)
    return abs(np.arctan2(a[0] * b[1] - a[1] * b[0], np.dot(a, b)))


def quadratic_points(path: Path_) -> int:
    """Points of the TrueType glyph within half a unit."""
    pen = TTGlyphPen(None)
    recording = RecordingPen()
    recording.value = path
    recording.replay(Cu2QuPen(pen, 0.5))
    glyph = pen.glyph(dropImpliedOnCurves=True)
    return len(glyph.coordinates) if glyph.numberOfContours else 0


def _dense(polygons: list[Points], step: float = 0.5) -> Points:
    out = []
    for p in polygons:
        q = np.roll(p, -1, axis=0)
        n = np.maximum(np.ceil(np.hypot(*(q - p).T) / step), 1).astype(int)
        k = np.repeat(np.arange(len(p)), n)
        t = (np.arange(n.sum()) - np.repeat(np.cumsum(n) - n, n)) / n[k]
        out.append(p[k] + (q - p)[k] * t[:, None])
    return np.concatenate(out)


@dataclass(frozen=True)
class Truth:
    """A real glyph in em units: its path, polygons without overlaps, corners, field."""

    codepoint: int
    points: int
    polygons: list[Points]
    corners: Points
    coverage: Field
    field: Field


def truth(font: TTFont, glyphs: Any, codepoint: int, size: int = FIELD) -> Truth:
    """Render one glyph of a font, for its field at `size` pixels."""
    pen = DecomposingRecordingPen(glyphs)
    glyphs[font.getBestCmap()[codepoint]].draw(pen)
    scale = 1000 / font["head"].unitsPerEm
    raw = RecordingPen()
    merged = pathops.Path()
    pen.replay(TransformPen(merged.getPen(glyphSet=None), Transform(scale, 0, 0, scale, 0, 0)))
    merged.simplify(fix_winding=True)
    merged.draw(raw)
    polygons, corners = flatten(raw.value)
    return Truth(codepoint, quadratic_points(pen.value), polygons, corners, render(polygons),
                 from_coverage(render(polygons, size), CANVAS))


def score(true: Truth, path: Path_, ms: float) -> Score:
    """Compare a traced path with the truth."""
    polygons, _ = flatten(path)
    ink = render(polygons)
    a, b = _dense(true.polygons), _dense(polygons)
    tree = cKDTree(b)
    distance = np.concatenate([tree.query(a)[0], cKDTree(a).query(b)[0]])
    corner = tree.query(true.corners)[0].mean() if len(true.corners) else np.nan
    return Score(float(np.minimum(ink, true.coverage).sum() / np.maximum(ink, true.coverage).sum()),
                 float(np.percentile(distance, 95)), float(corner),
                 quadratic_points(path) / true.points, float(len(polygons) == len(true.polygons)),
                 float(len(level_set(true.field, 0.0)) == len(true.polygons)), ms)


def _cpu() -> float:
    """Seconds of CPU time of this process and of those it has waited for."""
    spent = os.times()
    return time.process_time() + spent.children_user + spent.children_system


def ours(true: Truth) -> tuple[Path_, float]:
    """Trace with exporters.outlines.trace; path in em units and milliseconds."""
    start = _cpu()
    outline = trace(true.field, true.codepoint)
    ms = (_cpu() - start) * 1000
    pen = RecordingPen()
    outline.draw(pen)
    return pen.value, ms


def potrace(binary: str, factor: int) -> Callable[[Truth], tuple[Path_, float]]:
    """A tracer that calls the potrace command on the field enlarged `factor` times."""
    def run(true: Truth) -> tuple[Path_, float]:
        size = CANVAS * factor
        start = _cpu()
        big = cv2.resize(true.field, (size, size), interpolation=cv2.INTER_CUBIC)
        bits = np.packbits(big > 0, axis=1).tobytes()
        done = subprocess.run([binary, "-b", "svg", "--flat", "-u", "100", "-o", "-"],
                              input=b"P4 %d %d\n" % (size, size) + bits, capture_output=True,
                              check=True)
        ms = (_cpu() - start) * 1000
        text = done.stdout.decode()
        raw, pen = RecordingPen(), RecordingPen()
        if ' d="' in text:
            parse_path(text.split(' d="')[1].split('"')[0], raw)
        pixel = UNITS_PER_EM / EM_PIXELS
        unit = pixel / factor / 100         # potrace's y runs up from the bottom edge
        bottom = EM_TOP + (MARGIN - CANVAS) * pixel
        raw.replay(TransformPen(pen, (unit, 0, 0, unit, -MARGIN * pixel, bottom)))
        return pen.value, ms
    return run


def measure(font_path: Path, index: int, count: int, size: int,
            tracers: dict[str, Callable[[Truth], tuple[Path_, float]]],
            ) -> dict[str, Score]:
    """Mean score of each tracer over `count` random Han of a font."""
    font = TTFont(font_path, fontNumber=index, lazy=True)
    glyphs = font.getGlyphSet()
    han = sorted(c for c in font.getBestCmap() if c in HAN)
    chosen = np.random.default_rng(1).choice(han, min(3 * count, len(han)), replace=False)
    rows: dict[str, list[Score]] = {name: [] for name in tracers}
    for codepoint in chosen.tolist():
        true = truth(font, glyphs, codepoint, size)
        if not true.points:
            continue
        for name, tracer in tracers.items():
            path, ms = tracer(true)
            rows[name].append(score(true, path, ms))
        if len(rows[name]) == count:
            break
    return {name: _mean(found) for name, found in rows.items()}


def _mean(rows: list[Score]) -> Score:
    return Score(*(float(np.nanmean([getattr(r, f.name) for r in rows])) for f in fields(Score)))


def _row(kind: str, tracer: str, s: Score) -> str:
    return (f"{kind:8} {tracer:8} {s.iou:.4f} {s.p95:6.2f} {s.corner:6.2f} {s.points:6.2f} "
            f"{s.topology:6.3f} {s.level_set:6.3f} {s.ms:7.2f}")


def main() -> int:
    """Print one row for each font and tracer, and their means over the fonts."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("fonts", nargs="+", help="KIND=FILE or KIND=FILE:INDEX")
    parser.add_argument("--glyphs", type=int, default=200)
    parser.add_argument("--field", type=int, default=FIELD, metavar="PIXELS",
                        help="that glyphs are rendered at for their field")
    parser.add_argument("--potrace", help="the potrace command, to compare with")
    parser.add_argument("--enlarged", type=int, default=4, metavar="TIMES",
                        help="the field for potrace")
    args = parser.parse_args()
    compile_kernels()
    tracers: dict[str, Callable[[Truth], tuple[Path_, float]]] = {"glyphgen": ours}
    if args.potrace:
        tracers["potrace"] = potrace(args.potrace, args.enlarged)
    print("kind     tracer   IoU       p95 corner points   topo    set      ms", flush=True)
    table: dict[str, list[Score]] = {name: [] for name in tracers}
    for spec in args.fonts:
        kind, _, rest = spec.partition("=")
        path, _, index = rest.partition(":")
        for name, mean in measure(Path(path), int(index or 0), args.glyphs, args.field,
                                  tracers).items():
            print(_row(kind, name, mean), flush=True)
            table[name].append(mean)
    for name, rows in table.items():
        print(_row("mean", name, _mean(rows)))
    if args.potrace:
        mine, theirs = (_mean(table[name]) for name in ("glyphgen", "potrace"))
        ratios = {name: getattr(mine, name) / getattr(theirs, name)
                  for name in ("ms", "points", "p95", "corner")}
        print("to potrace: " + ", ".join(f"{name} {ratio:.2f}" for name, ratio in ratios.items()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
