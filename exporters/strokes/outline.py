"""From a drawing's strokes to an outline, without its pixels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from exporters.outlines.contour import after, signed_area
from exporters.outlines.kernel import compiled
from exporters.outlines.outline import CUBIC, Contour, Outline
from exporters.outlines.spline import laid, splined
from exporters.outlines.tidy import overlaps, without_overlaps
from exporters.strokes.chain import cleaned
from exporters.strokes.curve import (
    SMOOTH,
    cap,
    corners,
    curve,
    even_unless,
    headings,
    round_unless,
    shaped,
)
from exporters.strokes.fit import fitted
from exporters.strokes.ribbon import Edge, Flags, ribbon, thinned
from exporters.strokes.union import union
from fonts.drawing import EM_PIXELS, UNITS_PER_EM, Field, Points, Strokes, to_em

FINEST = 0.1            # of a stroke's width, that rounding may make a difference of
USUAL = 0.2             # of half-widths, those below what tolerances go by
THINNEST = 0.3          # pixels: the least half-width of a lighter weight
GENTLE = 0.9            # radians that an end may turn by from point to point and be smooth
SAME = 1e-3             # pixels between two points of a line that are one
KEPT = 0.04             # of the ink that may be won or lost on the way
_UNIT = UNITS_PER_EM / EM_PIXELS


@dataclass(frozen=True)
class StrokeConfig:
    """How closely to follow the edge of the ink; lengths in em units."""

    # points that so much area between edge and curve is worth: strokes' width by a unit of length
    price: float = 0.4
    round: float = 6.0              # how many times as much that counts around a cap
    tolerance: float = 4.0          # largest distance of a curve from the edge
    width_share: float = 0.1        # the same, of the width of strokes, where that is less
    implied_share: float = 0.25     # of it, that leaving joints out may cost
    shortest: float = 6.0           # corners nearer to each other are one
    speck_area: float = 150.0       # a smaller contour is a speck
    coordinate_step: float = 2.0    # of which all coordinates are multiples


DEFAULT = StrokeConfig()
# For contours that cross otherwise, one after another: closer, without small corners, and closest.
CLOSER = (StrokeConfig(price=2.0, tolerance=1.0, shortest=2.0, coordinate_step=1.0),
          StrokeConfig(price=2.0, tolerance=1.0, shortest=10.0, coordinate_step=1.0),
          StrokeConfig(price=8.0, tolerance=0.5, shortest=0.5, coordinate_step=1.0))


def stroked(strokes: Strokes, codepoint: int, level: float = 0.0) -> Outline | None:
    """Outline of strokes, integer em units; higher levels, canvas pixels, are thinner strokes.

    None where curves would cross or ink would be lost: then the field is traced.
    """
    wide = np.maximum(strokes.half_width.astype(np.float64) - level, THINNEST)
    chains = [chain for chain in union([*_edges(strokes, wide, codepoint)])
              if abs(signed_area(chain[0])) >= DEFAULT.speck_area]
    width = 2 * float(np.quantile(wide, USUAL)) * _UNIT
    contours = [_contour(chain, width, DEFAULT) for chain in chains]
    crossing = {k for group in overlaps(contours) for k in group}
    outline: Outline | None = _outline(contours)
    for config in CLOSER if crossing else ():
        for k in crossing:
            contours[k] = _contour(chains[k], width, config)
        outline = _apart(_outline(contours), width)
        if outline is not None:
            break
    ink = sum(signed_area(points) for points, _, _ in chains)
    share = KEPT + DEFAULT.coordinate_step / 2 / width          # which rounding may take
    lost = abs(sum(contour.area for contour in contours) - ink) > share * ink
    return None if lost else outline


def _outline(contours: Sequence[Contour]) -> Outline:
    return Outline(tuple(contour for contour in contours if len(contour.kinds) > 1))


def _apart(outline: Outline, width: float) -> Outline | None:
    """The outline; what crosses is made one: white that no grid of whole units has room for. None
    where that leaves something that crosses."""
    if not overlaps(outline.contours):
        return outline
    tolerance = CLOSER[0].width_share * width * CLOSER[0].implied_share
    one = Outline(tuple(splined(contour, tolerance, 1.0) if CUBIC in contour.kinds else contour
                        for contour in without_overlaps(outline).contours))
    return None if overlaps(one.contours) else one


def compile_strokes() -> None:
    """Compile what this takes, or load it from the cache: once here, not in every process."""
    line = np.linspace((30, 64), (90, 64), 16, dtype=np.float32)
    stroked(Strokes(line[None], np.full((1, 16), 3, np.float32)), 0)


def _edges(strokes: Strokes, wide: Points, codepoint: int) -> Iterator[Edge]:
    """The edges of strokes with half-widths (S, 16), and of those ends that are not round."""
    ends = round_unless(strokes.ends, len(wide))
    cut, heading, corner = shaped(ends), headings(strokes.lines), corners(strokes.lines)
    sides = even_unless(strokes.sides, len(wide))
    for line, width, turn, own, beside in zip(strokes.lines, wide, corner, cut, sides,
                                              strict=True):
        yield _edge(line, width, beside, turn, own, codepoint)
    for i, end in np.argwhere(cut):
        around = cap(heading[i, end], ends[i, end])
        yield _end(to_em(strokes.lines[i, -end] + wide[i, -end] * around, codepoint))


def _edge(line: Field, width: Points, sides: Field, corner: Flags, cut: Flags,
          codepoint: int) -> Edge:
    """The edge, em units, of a stroke (16, 2) with half-widths (16,) and sides (2, 46); corner
    (16,): its corners; cut (2,): straight ends."""
    points, wide = curve(line.astype(np.float64), width, corner)
    turns = np.zeros(len(points), np.bool_)
    turns[::SMOOTH] = corner
    middle = to_em(points, codepoint)
    broad = wide * sides[::-1] * _UNIT                  # y goes up now, and left is right
    keep = _moves(points)
    keep[keep] = thinned(middle[keep], np.ascontiguousarray(broad[:, keep]), turns[keep])
    keep[keep] = _moves(points[keep])           # thinning brings together what went out and back
    if not keep[1:].any():                      # a dot of no length
        middle[-1] = middle[0] + (2 * SAME * _UNIT, 0)
        keep[-1] = True
    return ribbon(middle[keep], np.ascontiguousarray(broad[:, keep]), turns[keep], cut)


@compiled
def _moves(points: Points) -> Flags:
    """Which points (N, 2) of a line lie apart from the one kept before them."""
    moves, last = np.ones(len(points), np.bool_), 0
    for i in range(1, len(points)):
        x, y = points[i, 0] - points[last, 0], points[i, 1] - points[last, 1]
        moves[i] = x * x + y * y > SAME * SAME
        if moves[i]:
            last = i
    return moves


def _end(around: Points) -> Edge:
    """The clockwise edge of an end (15, 2), em units, smooth where it turns little."""
    around = around if signed_area(around) > 0 else around[::-1]
    step = after(around) - around
    step /= np.maximum(np.hypot(step[:, 0], step[:, 1]), SAME)[:, None]
    along = step + np.roll(step, 1, axis=0)
    length = np.hypot(along[:, 0], along[:, 1])
    ways: Points = along / np.maximum(length, SAME)[:, None]
    return around, ways, length > 2 * np.cos(GENTLE / 2)


def _contour(chain: Edge, width: float, config: StrokeConfig) -> Contour:
    """A chain fitted and rounded; width: of strokes, units."""
    step = config.coordinate_step if width > config.coordinate_step / FINEST else 1.0
    tolerance = min(config.tolerance, config.width_share * width)
    points, kinds = fitted(*cleaned(*chain, config.shortest), tolerance, config.price / width,
                           config.round * width / 2)
    return laid(points, kinds, tolerance * config.implied_share, step)
