"""The curve glyph: closed contours of lines and curves in em units, y up, TrueType direction."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from fontTools.pens.boundsPen import BoundsPen
from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib.tables._g_l_y_f import GlyphCoordinates

from exporters.outlines.contour import signed_area
from fonts.drawing import Points

Affine = tuple[float, float, float, float, float, float]
Bounds = tuple[float, float, float, float]

LINE, QUADRATIC, CUBIC = 1, 2, 3        # a segment's kind is the number of points it adds

_MAGIC = b"GOL1"
_HEADER = struct.Struct("<4sHB")
_CONTOUR = struct.Struct("<I")
_SIZES: dict[int, np.dtype[Any]] = {0: np.dtype("<i2"), 1: np.dtype("<f8")}


_FOLLOWED = 0.5         # units that a quadratic may leave the cubic by


class OutlineError(ValueError):
    """An outline that cannot be read or drawn."""


@dataclass(frozen=True, eq=False)
class Contour:
    """A closed chain of segments.

    points: (N, 2) float64, each segment's start followed by its control points; the last segment
    ends at points[0]. kinds: LINE, QUADRATIC or CUBIC per segment; they add up to N.
    """

    points: Points
    kinds: tuple[int, ...]

    def __post_init__(self) -> None:
        if self.points.ndim != 2 or self.points.shape[1] != 2:
            raise OutlineError(f"contour points must be (N, 2), not {self.points.shape}")
        if not set(self.kinds) <= {LINE, QUADRATIC, CUBIC} or sum(self.kinds) != len(self.points):
            raise OutlineError(f"{len(self.kinds)} segments do not match {len(self.points)} points")
        if not np.isfinite(self.points).all():
            raise OutlineError("contour points must be finite")

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Contour):
            return NotImplemented
        return self.kinds == other.kinds and np.array_equal(self.points, other.points)

    def __hash__(self) -> int:
        return hash((self.kinds, self.points.tobytes()))

    def segments(self) -> Iterator[Points]:
        """Each segment's points (2, 3 or 4, 2), start and end included."""
        closed = np.concatenate([self.points, self.points[:1]])
        at = 0
        for kind in self.kinds:
            yield closed[at:at + kind + 1]
            at += kind

    def draw(self, pen: Any) -> None:
        """Draw with a fontTools segment pen."""
        if not self.kinds:
            return
        closed = [*map(tuple, self.points.tolist())]
        closed.append(closed[0])
        pen.moveTo(closed[0])
        at, last = 0, len(self.kinds) - 1
        for index, kind in enumerate(self.kinds):
            if kind == CUBIC:
                pen.curveTo(*closed[at + 1:at + 4])
            elif kind == QUADRATIC:
                pen.qCurveTo(*closed[at + 1:at + 3])
            elif index < last:                 # a closing line is implied by closePath
                pen.lineTo(closed[at + 1])
            at += kind
        pen.closePath()

    def flattened(self, steps: int = 8) -> Points:
        """Polyline (M, 2), `steps` chords to a curve, its start not repeated."""
        if self._is_polygon:
            return self.points.copy()
        kinds = np.array(self.kinds, np.int64)
        first = np.cumsum(kinds) - kinds                # of each segment, its place in the points
        count = np.where(kinds == LINE, 1, steps)
        begin = np.cumsum(count) - count                # and in the polyline
        closed = np.concatenate([self.points, self.points[:1]])
        out = np.empty((int(count.sum()), 2))
        out[begin[kinds == LINE]] = self.points[first[kinds == LINE]]
        for kind, basis in _bases(steps).items():
            own = kinds == kind
            ends = closed[first[own, None] + np.arange(kind + 1)]           # (S, kind + 1, 2)
            out[begin[own, None] + np.arange(steps)] = sum(
                part[:, None] * ends[:, None, k] for k, part in enumerate(basis))
        return out

    @cached_property
    def area(self) -> float:
        """Signed area, exact; positive for clockwise (ink), negative for a counter."""
        if CUBIC not in self.kinds:
            nodes = np.cumsum((0, *self.kinds))[:-1]
            inner, outer = signed_area(self.points[nodes]), signed_area(self.points)
            return inner + 2 / 3 * (outer - inner)
        total = 0.0
        for s in self.segments():
            middle = s[1] if len(s) == 3 else (s[0] + s[-1]) / 2
            c = s if len(s) == 4 else np.stack(
                [s[0], (s[0] + 2 * middle) / 3, (s[-1] + 2 * middle) / 3, s[-1]])
            x, y = c[:, 0], c[:, 1]
            total += (x[0] * (-10 * y[0] + 6 * y[1] + 3 * y[2] + y[3])
                      + x[1] * (-6 * y[0] + 3 * y[2] + 3 * y[3])
                      + x[2] * (-3 * y[0] - 3 * y[1] + 6 * y[3])
                      + x[3] * (-y[0] - 3 * y[1] - 6 * y[2] + 10 * y[3]))
        return float(-total / 20)

    @property
    def _is_polygon(self) -> bool:
        """Whether it is of lines alone, as drafts are."""
        return len(self.kinds) == len(self.points)

    def transformed(self, affine: Affine) -> Contour:
        """Under (xx, xy, yx, yy, dx, dy) as in fontTools; a mirror keeps the direction right."""
        xx, xy, yx, yy, dx, dy = affine
        points = self.points @ np.array([[xx, xy], [yx, yy]]) + (dx, dy)
        mirrored = xx * yy - xy * yx < 0
        return Contour(points, self.kinds).reversed() if mirrored else Contour(points, self.kinds)

    def reversed(self) -> Contour:
        """The same curve walked the other way."""
        return Contour(np.roll(self.points[::-1], 1, axis=0), self.kinds[::-1])


@dataclass(frozen=True)
class Outline:
    """A glyph's curves: outer contours clockwise, counters counter-clockwise (TrueType)."""

    contours: tuple[Contour, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether there is no ink."""
        return not self.contours

    @property
    def area(self) -> float:
        """Ink area in square units, counters taken off."""
        return sum(c.area for c in self.contours)

    @property
    def bounds(self) -> Bounds | None:
        """(left, bottom, right, top) of the curves themselves; None when empty."""
        if self.is_empty:
            return None
        pen = BoundsPen(None)
        self.draw(pen)
        return tuple(pen.bounds)

    def draw(self, pen: Any) -> None:
        """Draw with a fontTools segment pen."""
        for contour in self.contours:
            contour.draw(pen)

    def transformed(self, affine: Affine) -> Outline:
        """Every contour under (xx, xy, yx, yy, dx, dy)."""
        return Outline(tuple(c.transformed(affine) for c in self.contours))

    def reversed(self) -> Outline:
        """Every contour walked the other way (the direction PostScript wants)."""
        return Outline(tuple(c.reversed() for c in self.contours))

    def rounded(self) -> Outline:
        """With integer coordinates."""
        return Outline(tuple(Contour(np.floor(c.points + 0.5), c.kinds) for c in self.contours))

    def to_bytes(self) -> bytes:
        """Compact form for a cache: 16-bit integers where all coordinates are such."""
        whole = all(np.array_equal(c.points, np.rint(c.points)) and np.abs(c.points).max() < 32768
                    for c in self.contours)
        code = 0 if whole else 1
        parts = [_HEADER.pack(_MAGIC, len(self.contours), code)]
        for c in self.contours:
            parts += [_CONTOUR.pack(len(c.kinds)), bytes(c.kinds),
                      c.points.astype(_SIZES[code]).tobytes()]
        return b"".join(parts)

    @classmethod
    def from_bytes(cls, data: bytes) -> Outline:
        """The inverse of `to_bytes`; raises OutlineError on anything else."""
        try:
            magic, count, code = _HEADER.unpack_from(data)
            if magic != _MAGIC or code not in _SIZES:
                raise OutlineError("not an outline: wrong signature")
            at, contours, dtype = _HEADER.size, [], _SIZES[code]
            for _ in range(count):
                (segments,) = _CONTOUR.unpack_from(data, at)
                at += _CONTOUR.size
                kinds = tuple(data[at:at + segments])
                if len(kinds) != segments:
                    raise OutlineError("outline data is cut short")
                at += segments
                points = np.frombuffer(data, dtype, 2 * sum(kinds), at).astype(np.float64)
                at += points.size * dtype.itemsize
                contours.append(Contour(points.reshape(-1, 2), kinds))
        except (struct.error, ValueError) as error:
            if isinstance(error, OutlineError):
                raise
            raise OutlineError(f"outline data is cut short or damaged: {error}") from None
        if at != len(data):
            raise OutlineError(f"outline data has {len(data) - at} bytes too many")
        return cls(tuple(contours))


def quadratic(outline: Outline) -> Any:
    """TrueType `Glyph` of an outline: integer quadratics, cubics followed within half a unit."""
    pen = TTGlyphPen(None)
    outline.draw(Cu2QuPen(pen, _FOLLOWED))
    glyph = _without_implied(pen.glyph())
    glyph.recalcBounds(None)
    return glyph


def _without_implied(glyph: Any) -> Any:
    """Drop on-curve points halfway between two control points, as TrueType may; in place.

    What fontTools' own option does, in a fraction of its time; a contour keeps its first point.
    """
    if glyph.numberOfContours < 1:
        return glyph
    points = np.array(list(glyph.coordinates))
    flags = np.frombuffer(bytes(glyph.flags), np.uint8)
    ends = np.array(glyph.endPtsOfContours)
    starts = np.concatenate([[0], ends[:-1] + 1])
    before, after = np.arange(len(points)) - 1, np.arange(len(points)) + 1
    before[starts], after[ends] = ends, starts
    curved = flags & 1 == 0
    off = np.abs(points[before] + points[after] - 2 * points).max(1)
    keep = curved | ~curved[before] | ~curved[after] | (off > 1)
    keep[starts] = True
    glyph.coordinates = GlyphCoordinates(points[keep].astype(int).tolist())
    glyph.flags = bytearray(flags[keep].tobytes())
    glyph.endPtsOfContours = (np.cumsum(keep)[ends] - 1).tolist()
    return glyph


@lru_cache(maxsize=4)
def _bases(steps: int) -> dict[int, Points]:
    """Bernstein polynomials (kind + 1, steps) of each kind of curve, at equal steps."""
    t = np.arange(steps) / steps
    return {QUADRATIC: np.stack([(1 - t) ** 2, 2 * t * (1 - t), t ** 2]),
            CUBIC: np.stack([(1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t ** 3])}
