"""Where ends meet strokes: in the content they touch, in a hand some stay short or go beyond.

Of ends that meet in the content one in twenty (SetoFont) to one in two (Kouzan Brush Gyosho) has
white between, and some cross over: boxes stay open at a corner, uprights reach below the last bar.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from exporters.outlines.kernel import compiled
from glyphgen.strokes.alike import Shapes, commonest

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
Whole = NDArray[np.int64]

TOUCH = 3.0             # pixels in the content at which an end meets a stroke
_BEYOND, _WHITE = 0.5, 0.3      # pixels that an end crosses over by, or leaves white, to be seen
_FARTHEST = 8.0         # pixels that an end stays away: more was laid wrong
_MET, _PLACE = 0.5, 0.03        # of unlikeness: that of what is met, and a point along it
_UNLIKE = 0.6           # from which a joint says nothing of another
_CANDIDATES, _WITHIN = 4, 0.2   # like joints, of which the one most like the others is taken


class Beside(NamedTuple):
    """Where the strokes of a character lie beside one another in the content laid over them: from
    each point of each stroke to each stroke."""

    far: Doubles            # (S, 16, S) pixels
    way: Doubles            # (S, 16, S, 2) the way away from it
    along: Doubles          # (S, 16, S) where along it that is, in points

    @classmethod
    def of(cls, content: Floats, strokes: Floats) -> Beside:
        """Of strokes (S, 16, 2) that the content has so."""
        return cls(*_beside(laid_over(content.astype(np.float64), strokes.astype(np.float64))))

    def met(self) -> tuple[Whole, Floats]:
        """Ends that meet a stroke, as `Joints` has them (N, 3), and where along it (N,)."""
        last = self.far.shape[1] - 1
        other = self.far[:, [0, last]].argmin(-1)                           # (S, 2)
        s, e = np.nonzero(self.far[:, [0, last]].min(-1) < TOUCH)
        return (np.stack([s, e, other[s, e]], -1),
                self.along[s, e * last, other[s, e]].astype(np.float32))


@dataclass(frozen=True)
class Joints:
    """The N ends of a person's strokes that meet a stroke in the content, and where they are."""

    shapes: Shapes          # of all strokes of the samples, in the content
    ends: Whole             # (N, 3): a stroke, 0 its first or 1 its last end, the stroke it meets
    along: Floats           # (N,) where along that, in points
    away: Floats            # (N, 2) as `offsets` has them

    @classmethod
    def of(cls, content: Sequence[Floats], written: Sequence[tuple[Floats, Floats]]) -> Joints:
        """Of samples: the content's strokes (S, 16, 2), and strokes and half-widths as written."""
        first, ends, along, away = 0, [], [], []
        for own, (strokes, half_width) in zip(content, written):
            meet, at = Beside.of(own, strokes).met()
            ends.append(meet + np.array([first, 0, first]))
            along.append(at)
            away.append(offsets(meet, strokes, half_width)[meet[:, 0], meet[:, 1]])
            first += len(own)
        return cls(Shapes.of(np.concatenate(content)), *map(np.concatenate, (ends, along, away)))

    def brought(self, content: Floats, beside: Beside) -> Floats:
        """How far (S, 2, 2) ends of a character's strokes stay away in this hand, as `offsets` has
        it: as the commonest of the joints most like each in the content (S, 16, 2)."""
        out = np.zeros((len(content), 2, 2), np.float32)
        ends, along = beside.met()
        if not len(ends) or not len(self.ends):
            return out
        unlike = Shapes.of(content).unlike(self.shapes)
        cost = (unlike[np.ix_(ends[:, 0], self.ends[:, 0])]
                + _MET * unlike[np.ix_(ends[:, 2], self.ends[:, 2])]
                + _PLACE * np.abs(along[:, None] - self.along))
        cost[ends[:, 1, None] != self.ends[:, 1]] = np.inf
        chosen = np.argsort(cost, axis=1, kind="stable")[:, :_CANDIDATES]
        near = np.take_along_axis(cost, chosen, 1)                          # (M, K), least first
        at, best = np.arange(len(ends)), commonest(near, self.away[chosen], _WITHIN)
        sure = near[at, best] < _UNLIKE
        out[ends[sure, 0], ends[sure, 1]] = self.away[chosen[at, best]][sure]
        return out


def offsets(ends: Whole, strokes: Floats, half_width: Floats) -> Floats:
    """Where first and last ends (S, 2, 2) of strokes (S, 16, 2) with half-widths (S, 16) lie from
    the stroke that they meet by `ends` (N, 3): pixels ahead and aside, as the stroke heads there.

    0 where they touch it, as far as can be seen, or meet none.
    """
    out = np.zeros((len(strokes), 2, 2), np.float32)
    lines = strokes.astype(np.float64)
    for s, e, t in ends:
        end = -e
        gap, x, y, j = nearest(lines[s, end, 0], lines[s, end, 1], lines[t])
        forward = np.array(ahead(lines[s], end % lines.shape[1]))
        apart = lines[s, end] - (x, y)
        beyond = apart @ forward
        white = gap - half_width[s, end] - half_width[t, round(j)]
        if beyond > _BEYOND or white > _WHITE:
            away = np.array([beyond, forward[0] * apart[1] - forward[1] * apart[0]])
            out[s, e] = away * min(1.0, _FARTHEST / max(gap, 1e-9))
    return out


def laid_over(content: Doubles, strokes: Doubles) -> Doubles:
    """The content (S, 16, 2) under the affine that brings it nearest to the strokes."""
    x, y = content.reshape(-1, 2), strokes.reshape(-1, 2)
    around = x - x.mean(0)
    spread = np.einsum("ni,nj->ij", around, around) + 16 * np.eye(2)
    follows = np.einsum("ni,nj->ij", around, y - y.mean(0)) + 16 * np.eye(2)
    return (around @ np.linalg.inv(spread) @ follows + y.mean(0)).reshape(content.shape)


@compiled
def nearest(x: float, y: float, line: Doubles) -> tuple[float, float, float, float]:
    """Distance to a line (16, 2), the nearest point on it, and where along it in points."""
    best, at_x, at_y, at = 1e18, 0.0, 0.0, 0.0
    for j in range(len(line) - 1):
        dx, dy = line[j + 1, 0] - line[j, 0], line[j + 1, 1] - line[j, 1]
        t = ((x - line[j, 0]) * dx + (y - line[j, 1]) * dy) / (dx * dx + dy * dy + 1e-9)
        t = min(1.0, max(0.0, t))
        px, py = line[j, 0] + t * dx, line[j, 1] + t * dy
        far = (x - px)**2 + (y - py)**2
        if far < best:
            best, at_x, at_y, at = far, px, py, j + t
    return np.sqrt(best), at_x, at_y, at


@compiled
def _beside(content: Doubles) -> tuple[Doubles, Doubles, Doubles]:
    """What `Beside` holds of strokes (S, 16, 2)."""
    count, most = content.shape[0], content.shape[1]
    far = np.full((count, most, count), 1e9)
    way, along = np.zeros((count, most, count, 2)), np.zeros((count, most, count))
    for s in range(count):
        for i in range(most):
            for t in range(count):
                if t != s:
                    gap, x, y, at = nearest(content[s, i, 0], content[s, i, 1], content[t])
                    far[s, i, t], along[s, i, t] = gap, at
                    way[s, i, t, 0] = (content[s, i, 0] - x) / max(gap, 1e-9)
                    way[s, i, t, 1] = (content[s, i, 1] - y) / max(gap, 1e-9)
    return far, way, along


@compiled
def ahead(line: Doubles, i: int) -> tuple[float, float]:
    """The way that end i of a line (16, 2) heads, of length 1."""
    back = 2 if i == 0 else i - 2
    x, y = line[i, 0] - line[back, 0], line[i, 1] - line[back, 1]
    size = np.sqrt(x * x + y * y) + 1e-9
    return x / size, y / size
