"""Bring registered strokes to the ends of the ink, and measure the width of the ink along them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from exporters.strokes.curve import corners, lengths
from glyphgen.strokes.ink import log_width
from glyphgen.strokes.laid.register import LEGENDRE, POINTS, upsampled
from glyphgen.strokes.laid.skeleton import Skeleton

Floats = NDArray[np.float32]

_ROUNDS = 2             # of drawing strokes onto the lines
_PULL = 4.0             # pixels from which a line draws a stroke to it
_SHORTER, _LONGER = 6.0, 12.0       # pixels that an end may be moved by at a time
_ASIDE = 2.5            # pixels that the line may lie beside the end's tangent
_GAP = 2.0              # pixels without line that end a stroke
_ALIKE = 0.4            # cosine of twice the angle to the tangent
_NEAR = 3.0             # pixels to the line whose width counts
_CROSSING = 1.5         # half-widths to another stroke: the ink there is both strokes'


def refined(strokes: Floats, target: Skeleton) -> Floats:
    """Registered strokes (S, 16, 2) brought onto a drawing's lines and to their ends."""
    for _ in range(_ROUNDS):
        strokes = _at_the_ends(_centred(strokes, target), target)
    return _centred(strokes, target)


def _centred(strokes: Floats, target: Skeleton) -> Floats:
    """Strokes (S, 16, 2) drawn aside onto the lines they lie beside, each by one smooth move."""
    owner = _owners(strokes, target.points)
    return np.stack([_aside(stroke, target, owner == i) for i, stroke in enumerate(strokes)])


def _aside(stroke: Floats, target: Skeleton, mine: NDArray[np.bool_]) -> Floats:
    tangent = np.gradient(stroke, axis=0)
    tangent /= np.maximum(np.hypot(*tangent.T), 1e-6)[:, None]
    doubled = np.stack([tangent[:, 0]**2 - tangent[:, 1]**2, 2 * tangent[:, 0] * tangent[:, 1]])
    points, direction = target.points[mine], target.direction[mine]
    if len(points) < 3:
        return stroke
    offset = points[None] - stroke[:, None]
    squared = (offset**2).sum(2)
    alike = direction @ doubled > _ALIKE * np.hypot(*direction.T)[:, None]
    nearest = np.where(alike.T, squared, np.inf).argmin(1)
    rows = np.arange(POINTS)
    found = (squared[rows, nearest] < _PULL**2) & alike.T[rows, nearest]
    if found.sum() < 3:
        return stroke
    normal = np.stack([-tangent[:, 1], tangent[:, 0]], 1)
    beside = (offset[rows, nearest] * normal).sum(1)
    base = LEGENDRE[found]
    terms = np.linalg.solve(base.T @ base + np.diag([0.2, 0.4, 0.6, 1.0]), base.T @ beside[found])
    return (stroke + normal * (LEGENDRE @ terms)[:, None]).astype(np.float32)


def _at_the_ends(strokes: Floats, target: Skeleton) -> Floats:
    """Strokes (S, 16, 2) lengthened or shortened to where the drawing's lines end."""
    owner = _owners(strokes, target.points)
    return np.stack([_both_ends(stroke, target, owner == i) for i, stroke in enumerate(strokes)])


def _owners(strokes: Floats, points: Floats) -> NDArray[np.int64]:
    """Which stroke each point (M, 2) of the lines lies nearest to."""
    fine = upsampled(strokes).reshape(-1, 2)
    squared = (fine**2).sum(1)[:, None] - 2 * fine @ points.T
    return squared.argmin(0) // (2 * POINTS)


def _both_ends(stroke: Floats, target: Skeleton, mine: NDArray[np.bool_]) -> Floats:
    length = float(np.hypot(*np.diff(stroke, axis=0).T).sum())
    head = _overrun(stroke[::-1], target, mine, length)
    tail = _overrun(stroke, target, mine, length)
    if abs(head) + abs(tail) < 0.1:
        return stroke
    return _lengthened(stroke, head, tail, length)


def _overrun(stroke: Floats, target: Skeleton, mine: NDArray[np.bool_], length: float) -> float:
    """Pixels that the line goes on beyond the stroke's last point; less than 0: it stops short."""
    back = stroke[-4] if POINTS > 4 else stroke[0]
    tangent = stroke[-1] - back
    size = float(np.hypot(*tangent))
    if size < 0.5:
        return 0.0
    tangent = tangent / size
    offset = target.points - stroke[-1]
    along, aside = offset @ tangent, offset @ np.array([-tangent[1], tangent[0]])
    doubled = np.array([tangent[0]**2 - tangent[1]**2, 2 * tangent[0] * tangent[1]])
    alike = target.direction @ doubled > _ALIKE * np.hypot(*target.direction.T)
    inside = (along > -min(_SHORTER, 0.45 * length)) & (along < _LONGER)
    there = np.sort(along[mine & alike & inside & (np.abs(aside) < _ASIDE)])
    if not len(there):
        return 0.0
    first = int(np.abs(there).argmin())
    beyond = np.flatnonzero(np.diff(there[first:]) > _GAP)
    return float(there[first + beyond[0]] if len(beyond) else there[-1])


def _lengthened(stroke: Floats, head: float, tail: float, length: float) -> Floats:
    """The stroke with this much more (or less) at its ends, sampled as before."""
    first = stroke[0] - stroke[1]
    last = stroke[-1] - stroke[-2]
    line, at = stroke, lengths(stroke)
    start, stop = -head, at[-1] + tail
    if head > 0:
        line = np.r_[[stroke[0] + first / max(np.hypot(*first), 1e-6) * head], line]
        at = np.r_[-head, at]
    if tail > 0:
        line = np.r_[line, [stroke[-1] + last / max(np.hypot(*last), 1e-6) * tail]]
        at = np.r_[at, stop]
    old = at[1 if head > 0 else 0:][:POINTS]
    share = (old - old[0]) / max(old[-1] - old[0], 1e-6)      # keeps knots on the corners
    wanted = start + share * (stop - start)
    corner = corners(stroke)
    wanted[corner] = old[corner]
    wanted = np.maximum.accumulate(wanted)
    return np.stack([np.interp(wanted, at, line[:, k]) for k in (0, 1)], 1).astype(np.float32)


def widths_along(strokes: Floats, target: Skeleton) -> Floats:
    """Half-widths (S, 16), pixels, of a drawing's ink along strokes laid on it.

    Where strokes cross the ink is wider than either: those places are filled by what is around
    them, by a curve of four terms a stroke.
    """
    flat = strokes.reshape(-1, 2)
    squared = (flat**2).sum(1)[:, None] + (target.points**2).sum(1) - 2 * flat @ target.points.T
    nearest = squared.argmin(1)
    width = target.half_width[nearest].reshape(strokes.shape[:2])
    near = (squared[np.arange(len(flat)), nearest] < _NEAR**2).reshape(width.shape)
    usual = float(np.median(width[near])) if near.any() else 2.0
    alone = near & ~_crossing(strokes, width)
    out = np.empty_like(width)
    for i in range(len(strokes)):
        good = alone[i] if alone[i].sum() > 5 else near[i]
        out[i] = _curve(width[i], good, usual)
    return out


def _crossing(strokes: Floats, width: Floats) -> NDArray[np.bool_]:
    """Where (S, 16) another stroke is so near that the ink is shared."""
    flat, fine = strokes.reshape(-1, 2), upsampled(strokes).reshape(-1, 2)
    squared = (flat**2).sum(1)[:, None] + (fine**2).sum(1) - 2 * flat @ fine.T
    own = np.arange(len(flat))[:, None] // POINTS == np.arange(len(fine)) // (2 * POINTS)
    squared[own] = np.inf
    return squared.min(1).reshape(width.shape) < (_CROSSING * width)**2


def _curve(width: Floats, good: NDArray[np.bool_], usual: float) -> Floats:
    """Log-widths (16,) fitted by four Legendre terms where they are good."""
    if not good.any():
        return np.full_like(width, usual)
    logs = log_width(width)
    ridge = np.diag([1e-3, 0.1, 0.2, 0.3])
    base = LEGENDRE[good]
    middle = float(np.median(logs[good]))
    terms = np.linalg.solve(base.T @ base + ridge, base.T @ (logs[good] - middle))
    low, high = logs[good].min(), logs[good].max()
    return np.exp(np.clip(middle + LEGENDRE @ terms, low, high)).astype(np.float32)
