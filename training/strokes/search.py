"""Search for the place of each stroke of a character on a drawing's lines.

Smooth warps (`glyphgen.strokes.laid.register`) end where a stroke lies on the line of another. Here
every stroke is tried in many places and a few sizes, one stroke after another, and goes where it
lies on lines, covers lines that no other stroke covers, and moves as those around it do.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import label

from fonts.drawing import CANVAS
from glyphgen.strokes.laid.nearest import drawn_near
from glyphgen.strokes.laid.register import tangents, upsampled
from glyphgen.strokes.laid.skeleton import FINE, Skeleton

Floats = NDArray[np.float32]

_GRIDS = ((12, 2), (2, 1))          # pixels a stroke may move by, and between two tries
_SIZES = (0.8, 1.0, 1.25)
_RESIZED = 0.15                     # price of another size, a pixel of the stroke's length
_LINES = 150                        # points of the lines that are counted
_BEARINGS = 8                       # directions that distances are kept for
_TURN = 25.0                        # cost of half a right angle: square pixels
_OFF = 5.0                          # pixels: further off costs no more
_COVER = 3.0                        # pixels from a stroke that a line is covered
_ALIKE = 0.2                        # cosine of twice the angle between a line and its stroke
_BARE, _TWICE = 4.0, 0.6            # prices of a pixel of line without a stroke, and with two
_APART, _AWAY = 0.005, 0.004        # prices of moves, a pixel of length and a square pixel
_LEAST = 8.0                        # pixels of length that a short stroke counts as
_AROUND, _SOON = 15.0, 4.0          # pixels and strokes over which others are neighbours
_SWEEPS = 6
_RUN = 4.0                          # pixels of bare line that a stroke may be brought to
_ALONE = 0.8                    # share of a line's points that are bare, of one without a stroke
_IDLE = 0.4                         # share of a stroke's length that no other stroke lies on


@dataclass(frozen=True)
class _Tries:
    """Where one stroke may lie."""

    strokes: Floats     # (C, 16, 2)
    moves: Floats       # (C, 2)
    cost: Floats        # (C,)
    covers: Floats      # (C, M): 1 for points of the lines that it covers
    length: float


def searched(strokes: Floats, target: Skeleton) -> Floats:
    """Strokes (S, 16, 2) of a character moved, each as a whole, onto a drawing's lines."""
    distance, lines = _distances(target), target.some(_LINES)
    each = len(target.points) / len(lines.points) / FINE
    for reach, step in _GRIDS:
        along = np.arange(-reach, reach + 1, step)
        moves = np.stack(np.meshgrid(along, along), -1).reshape(-1, 2).astype(np.float32)
        tries = [_tries(one, moves, lines, distance) for one in strokes]
        strokes = _chosen(tries, strokes, each)
    return strokes


def brought_to_bare(laid: Floats, wanted: Floats, target: Skeleton) -> Floats | None:
    """Laid strokes (S, 16, 2) with an idle one brought to the longest bare line, in the shape that
    `wanted` (S, 16, 2) has; None where no line is bare or no stroke is idle."""
    near = _near(laid, target.points)
    bare = target.points[~near.any(0)]
    run = _longest_run(bare)
    idle = [i for i in range(len(laid)) if _alone(near, i) < _IDLE * _length(laid[i])]
    if len(run) < _RUN * FINE or not idle:
        return None
    middle = run.mean(0)
    best = min(idle, key=lambda i: float(np.hypot(*(wanted[i].mean(0) - middle))))
    moved = laid.copy()
    moved[best] = wanted[best] - wanted[best].mean(0) + middle
    return drawn_near(moved, target)


def with_one_more(laid: Floats, target: Skeleton) -> Floats | None:
    """Laid strokes (S, 16, 2) and a straight one along a line that hangs together with none that
    has a stroke, after the stroke that is nearest to it; None where there is no such line."""
    groups, bare = _groups(target.points), ~_near(laid, target.points).any(0)
    size = np.bincount(groups)
    alone = np.bincount(groups, bare) >= _ALONE * size
    run = target.points[groups == (size * alone).argmax()]
    if not alone.any() or len(run) < _RUN * FINE:
        return None
    middle = run.mean(0)
    along = np.linalg.svd(run - middle, full_matrices=False)[2][0]
    along = along if along.sum() > 0 else -along           # downwards or to the right
    reach = (run - middle) @ along
    at = np.linspace(reach.min(), reach.max(), laid.shape[1])
    one = (middle + at[:, None] * along).astype(np.float32)
    after = int(((laid.mean(1) - middle)**2).sum(1).argmin()) + 1
    return np.insert(laid, after, one, axis=0)


def _near(strokes: Floats, points: Floats) -> NDArray[np.bool_]:
    """Which points (M,) each stroke lies by: (S, M)."""
    apart = upsampled(strokes)[:, :, None] - points
    found: NDArray[np.bool_] = ((apart**2).sum(-1) < _COVER**2).any(1)
    return found


def _alone(near: NDArray[np.bool_], stroke: int) -> float:
    """Pixels of line that this stroke alone lies by."""
    return float((near[stroke] & (near.sum(0) == 1)).sum()) / FINE


def _longest_run(points: Floats) -> Floats:
    """The largest group of points that hang together."""
    if not len(points):
        return points
    groups = _groups(points)
    return points[groups == np.bincount(groups).argmax()]


def _groups(points: Floats) -> NDArray[np.intp]:
    """The number (M,) of the group that each point of lines (M, 2) hangs together with."""
    at = np.floor(points * FINE).astype(int)
    raster = np.zeros((FINE * CANVAS + 1,) * 2, np.uint8)
    raster[at[:, 1], at[:, 0]] = 1
    groups: NDArray[np.intp] = label(raster, np.ones((3, 3)))[0][at[:, 1], at[:, 0]]
    return groups


def _length(stroke: Floats) -> float:
    return float(np.hypot(*np.diff(stroke, axis=0).T).sum())


def _distances(target: Skeleton) -> Floats:
    """How far lines of a direction are from every pixel: (8, 128, 128), at most `_OFF`."""
    lines, direction = target.points, target.direction
    pixels = np.stack(np.meshgrid(*[np.arange(CANVAS, dtype=np.float32)] * 2), -1).reshape(-1, 2)
    squared = (pixels**2).sum(1)[:, None] + (lines**2).sum(1) - 2 * pixels @ lines.T
    angles = 2 * np.pi * np.arange(_BEARINGS) / _BEARINGS
    turned = np.hypot(*direction.T) - np.stack([np.cos(angles), np.sin(angles)], 1) @ direction.T
    found = np.stack([(squared + _TURN * cost.astype(np.float32)).min(1) for cost in turned])
    return np.minimum(np.sqrt(np.maximum(found, 0)), _OFF).reshape(-1, CANVAS, CANVAS)


def _tries(stroke: Floats, moves: Floats, target: Skeleton, distance: Floats) -> _Tries:
    length, middle = _length(stroke), stroke.mean(0)
    lines, direction = target.points, target.direction
    tried, costs, covers = [], [], []
    for size in _SIZES:
        shape = (stroke - middle) * np.float32(size) + middle
        fine = upsampled(shape[None])[0]
        doubled = np.repeat(tangents(shape), 2, axis=0)
        bearing = np.arctan2(doubled[:, 1], doubled[:, 0]) % (2 * np.pi)
        channel = np.round(bearing / (2 * np.pi) * _BEARINGS).astype(int) % _BEARINGS
        at = np.clip(np.round(fine + moves[:, None]).astype(int), 0, CANVAS - 1)
        off = distance[channel, at[..., 1], at[..., 0]].mean(1)
        costs.append(off * length + (size != 1) * _RESIZED * length)
        covers.append(_covered(fine, doubled, moves, lines, direction))
        tried.append(shape + moves[:, None])
    return _Tries(np.concatenate(tried), np.tile(moves, (len(_SIZES), 1)), np.concatenate(costs),
                  np.concatenate(covers), length)


def _covered(fine: Floats, doubled: Floats, moves: Floats, lines: Floats,
             direction: Floats) -> Floats:
    """Which points of the lines (C, M) a stroke (32, 2) covers after each move (C, 2)."""
    reach = int(np.ceil(_COVER)) + 1
    low = np.floor(fine.min(0)).astype(int) - reach
    size = np.ceil(fine.max(0)).astype(int) + reach + 1 - low
    raster = np.stack(np.meshgrid(np.arange(size[0]), np.arange(size[1])), -1) + low
    squared = ((raster[:, :, None] - fine)**2).sum(-1)
    nearest, near = squared.argmin(-1), squared.min(-1) < _COVER**2
    at = np.round(lines - moves[:, None]).astype(int) - low
    inside = ((at >= 0) & (at < size)).all(-1)
    column, row = (np.clip(at[..., k], 0, size[k] - 1) for k in (0, 1))
    alike = (doubled[nearest[row, column]] * direction).sum(-1)
    return (inside & near[row, column] & (alike > _ALIKE * np.hypot(*direction.T))
            ).astype(np.float32)


def _chosen(tries: list[_Tries], strokes: Floats, each: float) -> Floats:
    """The best place of each stroke, the others where they are, until none moves.

    each: pixels of line that a counted point stands for.
    """
    places = len(tries[0].moves) // len(_SIZES)
    as_it_is = _SIZES.index(1.0) * places + int(np.abs(tries[0].moves[:places]).sum(1).argmin())
    chosen, near = [as_it_is] * len(tries), _neighbours(strokes)
    count = np.sum([one.covers[at] for one, at in zip(tries, chosen)], axis=0)
    order = np.argsort([-one.length for one in tries], kind="stable")
    for _ in range(_SWEEPS):
        before = list(chosen)
        for i in order:
            one = tries[i]
            rest = count - one.covers[chosen[i]]
            moves = np.stack([other.moves[at] for other, at in zip(tries, chosen)])
            cost = one.cost + max(one.length, _LEAST) * (
                _APART * ((one.moves - near[i] @ moves)**2).sum(1)
                + _AWAY * (one.moves**2).sum(1))
            cost -= each * (one.covers @ (_BARE * (rest == 0) - _TWICE * (rest > 0)))
            if cost.min() < cost[chosen[i]] - 1e-3:
                chosen[i] = int(cost.argmin())
            count = rest + one.covers[chosen[i]]
        if chosen == before:
            break
    return np.stack([one.strokes[at] for one, at in zip(tries, chosen)]).astype(np.float32)


def _neighbours(strokes: Floats) -> Floats:
    """How much each stroke (S,) goes by each other (S, S); rows sum to 1."""
    middle, rank = strokes.mean(1), np.arange(len(strokes))
    apart = np.sqrt(((middle[:, None] - middle)**2).sum(-1))
    weight = np.exp(-apart / _AROUND - np.abs(rank[:, None] - rank) / _SOON)
    np.fill_diagonal(weight, 0)
    return (weight / np.maximum(weight.sum(1, keepdims=True), 1e-6)).astype(np.float32)
