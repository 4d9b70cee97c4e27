"""Corners where two strokes meet, as in 口: many a hand goes around them in a curve.

A stroke's own corners are `corner`'s. Here the ends of two strokes meet at a corner in the content,
and in a hand that writes the box as a loop they meet in the middle of a curve.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from exporters.strokes.curve import headings, lengths
from glyphgen.strokes.alike import Shapes
from glyphgen.strokes.corners.corner import corners_of, evenly, meeting
from glyphgen.strokes.laid.joints import nearest

Floats = NDArray[np.float32]
Whole = NDArray[np.int64]

_TOUCH, _NEAR = 4.0, 12.0       # pixels in the content from one of two ends that meet to the other
                                # stroke, and between both
_SQUARE = 0.5           # cosine of the angle between their headings, at most
_LEVEL = 0.85           # sine of twice the angle from level or upright that they head in, at most
_MET = 1.5              # widths that ends which meet lie apart at most
_MIDDLE = (0.35, 0.65)  # of an arm: there it runs as its side of the box does
_MOST = 0.5             # of an arm, that a curve takes at most
_CANDIDATES = 4         # like corners, whose usual curve is taken
_UNLIKE = 0.6           # from which a corner says nothing of another
_SEEN = 0.1             # of an arm, below which a curve is none
_POINTS = 7             # points of half a curve
_FAR, _SHORT = 12.0, 4.0        # pixels from ends to a corner at most, of an arm at least


class Meeting(NamedTuple):
    """Two ends that meet: their strokes, and 0 the first or 1 the last end of each."""

    one: int
    end: int
    other: int
    its: int


class Arm(NamedTuple):
    """A stroke from an end that meets another to its next corner, or to its other end."""

    line: Floats            # (N, 2) from that end on
    side: Floats            # (2, 2) on it, towards that end, where it runs as a side of a box


def meetings(content: Floats) -> list[Meeting]:
    """The ends of a character's strokes (S, 16, 2) in the content that meet at a corner."""
    ends, heading = content[:, [0, -1]].reshape(-1, 2), headings(content).reshape(-1)
    near = np.linalg.norm(ends[:, None] - ends, axis=-1) < _NEAR
    square = np.abs(np.cos(heading[:, None] - heading)) < _SQUARE
    square &= np.abs(np.sin(2 * heading)) < _LEVEL
    return [Meeting(int(a) // 2, int(a) % 2, int(b) // 2, int(b) % 2)
            for a, b in np.argwhere(near & square) if a // 2 < b // 2
            and min(_from(ends[a], content[b // 2]), _from(ends[b], content[a // 2])) < _TOUCH]


def _from(end: Floats, line: Floats) -> float:
    """How far an end (2,) lies from a stroke (16, 2), pixels."""
    return nearest(float(end[0]), float(end[1]), line.astype(np.float64))[0]


def _arm(stroke: Floats, content: Floats, end: int) -> Arm:
    """Of a stroke (16, 2) that the content has so, from its first (0) or last (1) end on."""
    stroke, content = (line[::-1] if end else line for line in (stroke, content))
    found = corners_of(content)
    line = stroke[:(found[0].first if found else len(stroke) - 1) + 1]
    at = lengths(line)
    near, far = (np.array([np.interp(share * at[-1], at, line[:, k]) for k in (0, 1)])
                 for share in _MIDDLE)
    return Arm(line, np.stack([far, near]))


def _curve_of(wide: float, one: Arm, other: Arm) -> float:
    """The share of both arms, `wide` pixels wide at their ends, that is a curve where these
    meet; 0 where they don't."""
    met = meeting(one.side, other.side)
    if met is None or np.hypot(*(one.line[0] - other.line[0])) > _MET * wide:
        return 0.0
    middle = (one.line[0] + other.line[0]) / 2
    back = (one.side[0] + other.side[0]) / 2 - met
    far = float((middle - met) @ back) / max(float(np.hypot(*back)), 1e-6)
    both = sum(arm.side[0] - met for arm in (one, other)) / _MIDDLE[1]
    return float(np.clip(4 * far / max(float(np.hypot(*both)), 1e-6), 0, 1))


@dataclass(frozen=True)
class Loops:
    """The N corners of a person's samples where two ends meet, and how each was written."""

    shapes: Shapes          # of all strokes of the samples, in the content
    met: Whole              # (N, 4) as Meeting has them
    curves: Floats          # (N,) the share of both arms that was a curve

    @classmethod
    def of(cls, content: Sequence[Floats], written: Sequence[tuple[Floats, Floats]]) -> Loops:
        """Of samples: the content's strokes (S, 16, 2), and strokes and half-widths as written."""
        first, met, curves = 0, [], []
        for own, (strokes, half_width) in zip(content, written):
            for each in meetings(own):
                arms = [_arm(strokes[s], own[s], e) for s, e in (each[:2], each[2:])]
                wide = sum(float(half_width[s, -e]) for s, e in (each[:2], each[2:]))
                met.append(np.array(each) + [first, 0, first, 0])
                curves.append(_curve_of(wide, *arms))
            first += len(own)
        return cls(Shapes.of(np.concatenate(content)), np.array(met, np.int64).reshape(-1, 4),
                   np.array(curves, np.float32))

    def brought(self, strokes: Floats, content: Floats) -> tuple[Floats, NDArray[np.bool_]]:
        """A character's strokes (S, 16, 2) whose ends meet in curves where this hand's do; and
        which ends (S, 2) do. content (S, 16, 2): where the content has them."""
        halves: dict[tuple[int, int], Floats] = {}
        found = meetings(content) if len(self.met) else []
        curves = self._usual(content, found)
        for each, share in zip(found, curves):
            ends = each[:2], each[2:]
            if share >= _SEEN and halves.keys().isdisjoint(ends):
                arms = [_arm(strokes[s], content[s], e) for s, e in ends]
                halves |= zip(ends, _halves(float(share), *arms))
        out, round_ends = strokes.copy(), np.zeros((len(strokes), 2), np.bool_)
        for s in {s for s, _ in halves}:
            out[s] = _with_curves(strokes[s], content[s], halves.get((s, 0)), halves.get((s, 1)))
            round_ends[s] = [(s, end) in halves for end in (0, 1)]
        return out, round_ends

    def _usual(self, content: Floats, found: Sequence[Meeting]) -> Floats:
        """The curves (M,) of the corners where ends meet: as usual among those most like each."""
        if not found:
            return np.zeros(0, np.float32)
        unlike, met = Shapes.of(content).unlike(self.shapes), np.array(found)
        cost = np.full((len(met), len(self.met)), np.inf, np.float32)
        for order in ([0, 1, 2, 3], [2, 3, 0, 1]):
            one, end, other, its = self.met[:, order].T
            here = (unlike[np.ix_(met[:, 0], one)] + unlike[np.ix_(met[:, 2], other)]) / 2
            same = (met[:, 1, None] == end) & (met[:, 3, None] == its)
            cost = np.where(same, np.minimum(cost, here), cost)
        near = np.argsort(cost, axis=1, kind="stable")[:, :_CANDIDATES]
        like = np.take_along_axis(cost, near, 1) < _UNLIKE
        curves = np.where(like, self.curves[near], np.nan)
        return np.array([np.median(row[ok]) if ok.any() else 0 for row, ok in zip(curves, like)],
                        np.float32)


def _halves(share: float, one: Arm, other: Arm) -> list[Floats]:
    """The halves (7, 2) of the curve in which two arms meet, each from its arm on; none where they
    meet nowhere near."""
    met = meeting(one.side, other.side)
    if met is None or any(np.hypot(*(arm.line[0] - met)) > _FAR
                          or np.hypot(*(arm.line[-1] - met)) < _SHORT for arm in (one, other)):
        return []
    starts = [_begins(arm.line, met, min(share, _MOST)) for arm in (one, other)]
    middle = (starts[0] + 2 * met + starts[1]) / 4
    t = np.linspace(0, 1, _POINTS)[:, None]
    halves = [(1 - t)**2 * start + t * (1 - t) * (start + met) + t**2 * middle for start in starts]
    return [half.astype(np.float32) for half in halves]


def _begins(line: Floats, met: Floats, share: float) -> Floats:
    """Where on an arm (N, 2) a curve begins that takes so much of it, from the corner on."""
    way = line[-1] - met
    far = np.maximum.accumulate((line - met) @ way / max(float(way @ way), 1e-6))
    return np.array([np.interp(share, far, line[:, k]) for k in (0, 1)], np.float32)


def _with_curves(stroke: Floats, content: Floats, head: Floats | None,
                 tail: Floats | None) -> Floats:
    """A stroke (16, 2) that begins and ends with halves of curves (7, 2), each from it on."""
    found = corners_of(content)
    if not found:
        return _along(stroke, head, tail)
    out, first, last = stroke.copy(), found[0].first, found[-1].last
    if head is not None:
        out[:first + 1] = _along(stroke[:first + 1], head, None)
    if tail is not None:
        out[last:] = _along(stroke[last:], None, tail)
    return out


def _along(line: Floats, head: Floats | None, tail: Floats | None) -> Floats:
    """As many points evenly along a line (N, 2) between a curve before and one behind it."""
    count, none = len(line), line[:0]
    for half in (head, tail):
        if half is not None:
            line = line[(line - half[0]) @ (half[0] - half[1]) > 0]
    before, behind = none if head is None else head[::-1], none if tail is None else tail
    return evenly(np.r_[before, line, behind], count).astype(np.float32)
