"""Hooks that a hand leaves out: in the content a stroke like 亅 ends in one, many a pen just stops.

A hook is the short way back after a stroke's last corner. Laid on a drawing that has none, it finds
a place in the ink of other strokes; brought over, it is a blot that this person never wrote. So a
hand's strokes without their hooks are strokes of their own, `places` says of which points.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from exporters.strokes.curve import bearings, lengths, turns
from glyphgen.strokes.ink import ink
from glyphgen.strokes.laid.edges import Edges
from glyphgen.strokes.laid.register import POINTS

Floats = NDArray[np.float32]
Flags = NDArray[np.bool_]
Numbers = TypeVar("Numbers", NDArray[np.float32], NDArray[np.float64])

_TURN, _SHARP = 1.75, 0.7       # radians that a stroke turns into a hook, and at its corner
_UPWARDS = 1.2          # the same into a hook that goes up, as that of 乚 does
_FIRST = 10             # point from which on a hook may begin
_LENGTH = (2.0, 28.0)   # pixels of a hook, at least and at most
_OF_STROKE = 0.36       # of a stroke's length, at most
_LOOKED = 4             # places along a hook's outer half that are looked at
_INK = 0.3              # share of these in ink of no other stroke, from which a hook is there
_RUN = 3                # points before the corner that say where a stroke is heading
_STRAIGHT = 0.25        # of what a hook goes aside, below which a stroke goes straight on
_LIKE = 0.6             # radians that the two headings of hooks written alike differ by, each
_UP = 0.7               # of a hook's length, that one which goes up rises by
_ON, _DOWN = 0.5, 0.3   # of a hook's length that those of 亅 and 乚 go right or down at most:
                        # not as 長 ends below, nor 宀 at its right


def hook_of(stroke: Floats) -> int | None:
    """The point of a content stroke (16, 2) at whose corner its hook begins; None without one."""
    turn, along = bearings(stroke), lengths(stroke)
    for at in range(POINTS - 2, _FIRST - 1, -1):
        around = turn[at - 3:at + 1]            # of two points before the corner and one after it
        length = along[-1] - along[at]
        least = _UPWARDS if stroke[at, 1] - stroke[-1, 1] > _UP * length else _TURN
        if (abs(around.sum()) > least and abs(turn[at - 1]) > _SHARP
                and _LENGTH[0] < length < min(_OF_STROKE * along[-1], _LENGTH[1])):
            return at
    return None


def whole(count: int) -> Floats:
    """The places (S, 16) of all points of strokes."""
    return np.tile(np.arange(POINTS, dtype=np.float32), (count, 1))


def before(stroke: Floats, corner: int) -> Floats:
    """Where along a stroke (16, 2) the 16 points of what lies before a corner are, (16,): its own,
    and others halfway along its longest steps."""
    at, along = [float(i) for i in range(corner + 1)], lengths(stroke)
    while len(at) < POINTS:
        steps = np.diff(np.interp(at, np.arange(POINTS), along))
        longest = int(steps.argmax())
        at.insert(longest + 1, (at[longest] + at[longest + 1]) / 2)
    return np.array(at, np.float32)


def taken(each: Numbers, places: Floats) -> Numbers:
    """What strokes have at their points, (S, 16) or (S, 16, 2), at places (S, 16) between them."""
    low = np.minimum(places.astype(np.int64), POINTS - 2)
    share = (places - low).astype(each.dtype).reshape(*places.shape, *[1] * (each.ndim - 2))
    rows = np.arange(len(each))[:, None]
    return (1 - share) * each[rows, low] + share * each[rows, low + 1]


def less_hooks(content: Floats, left_out: Callable[[int, int], bool]) -> Floats:
    """Places (S, 16) of content strokes (S, 16, 2), less the hooks that are left out.

    left_out: of a stroke's number and of the point where its hook begins.
    """
    out = whole(len(content))
    sharp = (turns(content)[:, _FIRST - 1:] > _SHARP).any(1)        # few are, which saves time
    for i in np.flatnonzero(sharp):
        corner = hook_of(content[i])
        if corner is not None and left_out(int(i), corner):
            out[i] = before(content[i], corner)
    return out


def unwritten(content: Floats, edges: Edges) -> Floats:
    """Places (S, 16) of strokes that lie on a drawing, less the hooks that it has no ink for.

    content: where the content has them (S, 16, 2).
    """
    return less_hooks(content, lambda i, corner: not _has_ink(edges, i, corner,
                                                              before(content[i], corner)))


def gone_straight(content: Floats, strokes: Floats) -> Floats:
    """Places (S, 16) of content strokes (S, 16, 2), less the hooks at whose corners the strokes as
    they were written (S, 16, 2) go straight on."""
    return less_hooks(content, lambda i, corner: _aside(strokes[i], corner)
                      < _STRAIGHT * _aside(content[i], corner))


def _arms(stroke: Floats, corner: int) -> Floats:
    """From points before a stroke's corner (16, 2) to it, and from there to its end, (2, 2)."""
    return np.stack([stroke[corner] - stroke[corner - _RUN], stroke[-1] - stroke[corner]])


def _aside(stroke: Floats, corner: int) -> float:
    """How far, pixels, a stroke (16, 2) ends beside where it was heading before a corner."""
    ahead, on = _arms(stroke, corner)
    return abs(float(ahead[0] * on[1] - ahead[1] * on[0])) / max(float(np.hypot(*ahead)), 1e-6)


def _headings(stroke: Floats, corner: int) -> Floats:
    """Where a stroke (16, 2) is heading before its hook, and in it: (2,), radians."""
    step = _arms(stroke, corner)
    return np.arctan2(step[:, 1], step[:, 0])


def _goes_back(headings: Floats) -> Flags:
    """Which hooks (..., 2) are of the kind of those of 亅 and 乚."""
    return np.asarray((np.cos(headings[..., 1]) < _ON) & (np.sin(headings[..., 1]) < _DOWN))


def _has_ink(edges: Edges, i: int, corner: int, body: Floats) -> bool:
    """Whether a hook's outer half lies in ink that is neither of other strokes nor of its own
    stroke before it, at places `body` (16,)."""
    outer = np.linspace((corner + POINTS - 1) / 2, POINTS - 1, _LOOKED, dtype=np.float32)
    at = taken(edges.strokes[i:i + 1], outer[None])[0] - np.float32(0.5)
    own = ink(taken(edges.strokes[i:i + 1], body[None]),
              taken(edges.half_width[i:i + 1], body[None]))
    there, others = (cv2.remap(field, at[:, None], None, cv2.INTER_LINEAR)[:, 0]
                     for field in (edges.field, np.maximum(edges.others[i], own)))
    return float(((there > 0) & (others < 0)).mean()) > _INK


@dataclass(frozen=True)
class Hooks:
    """The hooks of the content that a person's samples were asked for, and which were written."""

    headings: Floats        # (N, 2) before them, and in them
    written: Flags          # (N,)

    @classmethod
    def of(cls, content: Sequence[Floats], places: Sequence[Floats]) -> Hooks:
        """Of samples: the content's strokes (S, 16, 2), and which places of them were written."""
        own = [(_headings(line, corner), kept[-1] == POINTS - 1)
               for lines, all_kept in zip(content, places) for line, kept in zip(lines, all_kept)
               if (corner := hook_of(line)) is not None]
        return cls(np.array([ways for ways, _ in own], np.float32).reshape(-1, 2),
                   np.array([there for _, there in own], np.bool_))

    def places(self, content: Floats) -> Floats:
        """Places (S, 16) of what this person writes of a character's strokes (S, 16, 2): a hook as
        most of the hooks that head as it does; where there is none, one like 亅's or 乚's as most
        of both, and others as the content has them."""
        return less_hooks(content, lambda i, corner: self._left_out(_headings(content[i], corner)))

    def _left_out(self, headings: Floats) -> bool:
        off = np.abs(self.headings - headings)
        like = (np.minimum(off, 2 * np.pi - off) < _LIKE).all(1)
        if not like.any() and _goes_back(headings):
            like = _goes_back(self.headings)
        return bool(like.any()) and float(self.written[like].mean()) < 0.5
