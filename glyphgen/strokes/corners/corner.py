"""Corners of strokes as a hand turns them: sharp, or in a curve that begins some way before.

The content's corners are chamfered where one lies between two of a stroke's points. Here each is
drawn anew, from where its two arms would meet.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from exporters.strokes.curve import bearings, lengths, turns

Floats = NDArray[np.float32]

CUTS = (0.0, 1.5, 3.0, 4.5, 6.0, 8.0, 10.0)     # pixels before a corner at which a curve begins
_WHOLE = 0.8            # turn, radians, that is a corner
_EACH, _BESIDE = 0.25, 0.3      # of it at each of its points at least, and beside them at most
_MOST = 3               # points that a corner is spread over
_BACK = 2.4             # turn from which a stroke goes back on itself
_LEVEL = 0.2            # sine between two lines that meet nowhere near
_FAR = 1.5              # times as far from its points as these are apart, a corner may lie
_SHARP = 1.0            # pixels of curve that nobody sees
_OF_ARM = 0.8           # of an arm that a curve takes at most
_CURVE = 2              # points of a curve on either side of its middle, at most


class Corner(NamedTuple):
    """The points of a stroke, first and last, that a corner is spread over, and which way it
    turns: 1 clockwise as seen, or -1."""

    first: int
    last: int
    way: int


def corners_of(content: Floats) -> list[Corner]:
    """The corners of a stroke (16, 2) of the content."""
    turn = np.zeros(len(content))
    turn[1:-1] = bearings(content)
    out: list[Corner] = []
    i = 1 if np.abs(turn).max() > _WHOLE / _MOST else len(turn)         # most have none
    while i < len(turn) - 1:
        last = i
        while min(turn[last] * turn[i], turn[last + 1] * turn[i]) > _EACH * abs(turn[i]):
            last += 1
        whole, beside = abs(turn[i:last + 1].sum()), max(abs(turn[i - 1]), abs(turn[last + 1]))
        if _WHOLE < whole < _BACK and beside < _BESIDE and last - i < _MOST:
            out.append(Corner(i, last, int(np.sign(turn[i]))))
        i = last + 1
    return out


def apex(stroke: Floats, corner: Corner) -> Floats | None:
    """Where the arms of a corner of a stroke (16, 2) would meet, (2,); None where they don't."""
    first, last, _ = corner
    if first == last:
        return np.asarray(stroke[first])
    met = meeting(stroke[[first - 1, first]], stroke[[last + 1, last]])
    far = _FAR * np.hypot(*(stroke[last] - stroke[first]))
    beyond = met is None or max(np.hypot(*(stroke[[first, last]] - met).T)) > far
    return None if beyond else met


def meeting(one: Floats, other: Floats) -> Floats | None:
    """Where two lines (2, 2), drawn on beyond their second points, meet; None where they don't."""
    along, back, between = one[1] - one[0], other[1] - other[0], other[1] - one[1]
    cross = float(along[0] * back[1] - along[1] * back[0])
    if abs(cross) <= _LEVEL * np.hypot(*along) * np.hypot(*back):
        return None
    ahead = (between[0] * back[1] - between[1] * back[0]) / cross
    return np.asarray(one[1] + ahead * along) if ahead >= 0 else None


def cornered(strokes: Floats, half_width: Floats, content: Floats,
             cuts: Floats) -> tuple[Floats, Floats]:
    """Strokes (S, 16, 2) and half-widths (S, 16) with the corners that their content (S, 16, 2)
    has drawn anew.

    cuts (2,): pixels before a corner at which a curve begins, where it turns clockwise and where
    it doesn't.
    """
    out, wide = strokes.copy(), half_width.copy()
    for i in np.flatnonzero(turns(content).max(-1) > _EACH):
        out[i], wide[i] = turned(strokes[i], half_width[i], content[i], cuts)
    return out, wide


def turned(stroke: Floats, wide: Floats, content: Floats, cuts: Floats) -> tuple[Floats, Floats]:
    """The same of one stroke (16, 2) with half-widths (16,)."""
    found = corners_of(content)
    stops = [0, *(corner.first for corner in found), len(stroke) - 1]
    low = 0
    for corner, high in zip(found, stops[2:]):
        met, cut = apex(stroke, corner), float(cuts[int(corner.way < 0)])
        if met is None:
            continue
        middle = (corner.first + corner.last + 1) // 2
        room = min(_CURVE, middle - low - 1, high - middle - 1)
        if cut > _SHARP and room > 0:
            stroke, wide = _rounded(stroke, wide, corner, met, cut, room, (low, middle, high))
            low = middle + room
        else:
            nearest = min(corner[:2], key=lambda i: float(np.hypot(*(stroke[i] - met))))
            stroke = stroke.copy()
            stroke[nearest] = met
            low = corner.last
    return stroke, wide


def _rounded(stroke: Floats, wide: Floats, corner: Corner, met: Floats, cut: float, room: int,
             span: tuple[int, int, int]) -> tuple[Floats, Floats]:
    """A stroke and its half-widths with a curve at the `room` points on either side of the middle
    of the span, the others between its ends spread evenly over the arms that are left."""
    low, middle, high = span
    first, last = middle - room, middle + room
    before, curve, after = _bent(*_arms(stroke, corner, met, low, high), cut, 2 * room + 1)
    out = stroke.copy()
    out[low:first + 1] = evenly(before, first - low + 1)
    out[first:last + 1] = curve
    out[last:high + 1] = evenly(after, high - last + 1)
    at, now = lengths(stroke), lengths(out)
    half = np.interp(now / max(now[-1], 1e-6), at / max(at[-1], 1e-6), wide)
    return out, half.astype(np.float32)


def _arms(stroke: Floats, corner: Corner, met: Floats, low: int,
          high: int) -> tuple[Floats, Floats]:
    """A stroke's line from a point to a corner, (N, 2), and from there to another point."""
    chamfered = corner.first < corner.last
    before, after = corner.first + chamfered, corner.last + 1 - chamfered
    return np.r_[stroke[low:before], met[None]], np.r_[met[None], stroke[after:high + 1]]


def _bent(before: Floats, after: Floats, cut: float,
          points: int) -> tuple[Floats, Floats, Floats]:
    """Two arms that meet, with a curve that begins `cut` pixels before they do and ends as far
    behind: what is left of the first arm, the curve (points, 2), what is left of the second."""
    (one, start), (other, end) = (_cut(arm, cut) for arm in (before[::-1], after))
    t = np.linspace(0, 1, points)[:, None]
    curve = (1 - t)**2 * start + 2 * t * (1 - t) * before[-1] + t**2 * end
    return one[::-1], curve, other


def _cut(arm: Floats, cut: float) -> tuple[Floats, Floats]:
    """An arm (N, 2) without its first pixels, and where it begins then."""
    along = lengths(arm)
    cut = min(cut, _OF_ARM * along[-1])
    start = np.array([np.interp(cut, along, arm[:, k]) for k in (0, 1)])
    return np.r_[start[None], arm[along > cut + 1e-6]], start


def evenly(line: Floats, count: int) -> Floats:
    """That many points evenly along a line (N, 2)."""
    along = lengths(line)
    at = np.linspace(0, along[-1], count)
    return np.stack([np.interp(at, along, line[:, k]) for k in (0, 1)], 1)
