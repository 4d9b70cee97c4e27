"""Strokes between the edges of their ink: where its middle is and how wide it is, to a fraction of
a pixel.

Centre lines by thinning are found on a raster, a quarter of a pixel off here and there; the edges
of a distance field are not.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from exporters.outlines.kernel import compiled
from exporters.strokes.curve import corners, normals, turns
from fonts.drawing import CANVAS, SPREAD, Field
from glyphgen.strokes.ink import ink, log_width
from glyphgen.strokes.laid.register import POINTS

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]

_STEP = 0.125           # pixels between places looked at
_WIDER = 1.8            # half-widths, and half a pixel, from a stroke's middle to an edge at most
_APART = 1.0            # pixels that another stroke stays away from an edge that counts
_ASIDE = 0.9            # half-widths that a middle may lie beside a stroke
_TERMS = 7              # Legendre terms of how far a run lies aside, and of a stroke's log width
_STIFF = 0.02           # against the squared degree of such a term
_WIDTH_STIFF = np.array([0.001, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3])
_SHAKE = 0.05           # pixels: lesser bends are of the raster, not of the hand
_ENOUGH = 6             # points of a stroke whose width is seen, below which its old one counts
_FEW = 3                # points of a run whose middle is seen
_TURNS = 1.0            # radians in all, from which a run has more bends than terms tell
_LONG = 12.0            # pixels of a run whose bends say how steady a hand is
_NOTHING = 1e-9         # a term that adds less to those before it
BENDS = 4               # Legendre terms of a run's bends, from the second degree on

_TO_ENDS = np.polynomial.legendre.legvander(np.linspace(-1, 1, POINTS), _TERMS - 1)


@dataclass(frozen=True)
class Edges:
    """The ink of a drawing (128, 128), and about which strokes with which half-widths it holds.

    fine (F, F): the same in more pixels, if it is known so.
    """

    field: Field
    strokes: Floats         # (S, 16, 2)
    half_width: Floats      # (S, 16)
    fine: Field | None = None

    @cached_property
    def others(self) -> Floats:
        """The fields (S, 128, 128) of all strokes but each."""
        alone = [ink(self.strokes[i:i + 1], self.half_width[i:i + 1])
                 for i in range(len(self.strokes))]
        best, second = (np.full_like(self.field, -SPREAD) for _ in range(2))
        for one in alone:
            second = np.maximum(second, np.minimum(best, one))
            best = np.maximum(best, one)
        return np.stack([np.where(one == best, second, best) for one in alone])

    def reach(self, starts: Floats, directions: Floats, farthest: float, stroke: int,
              apart: float = _APART) -> Floats:
        """How far (N,), pixels, ink reaches from starts (N, 2) in directions (N, 2); nan where
        that can't be seen: too far, or another stroke than this one is there."""
        far = np.arange(0, farthest + _STEP, _STEP, dtype=np.float32)
        places = starts[:, None] + far[:, None] * directions[:, None]
        field = self.field if self.fine is None else self.fine
        inside, theirs = (
            cv2.remap(part, (places * (len(part) / CANVAS) - 0.5).astype(np.float32), None,
                      cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
            for part in (field, self.others[stroke]))
        left = (inside <= 0).argmax(1)              # the first place outside
        rows, before = np.arange(len(starts)), np.maximum(left - 1, 0)
        one, other = inside[rows, before], inside[rows, left]
        hidden = (np.cumsum(theirs > -apart, 1)[rows, left] > 0) | (left == 0)
        share = one / np.where(hidden, 1, one - other)
        return np.where(hidden, np.nan, far[before] + _STEP * share).astype(np.float32)

    def sides(self, strokes: Floats) -> tuple[Floats, Floats]:
        """How far (2, S, 16) ink reaches beside strokes on either side; normals (S, 16, 2)."""
        normal = normals(strokes)
        most = _WIDER * self.half_width + 0.5
        out = np.stack([[self.reach(strokes[i], side * normal[i], float(most[i].max()), i)
                         for i in range(len(strokes))] for side in (1, -1)])
        return np.where(out > most, np.nan, out), normal

    def centred(self, strokes: Floats) -> Floats:
        """Strokes (S, 16, 2) moved aside to the middle of their ink, and without the raster's
        shake."""
        (one, other), normal = self.sides(strokes)
        aside = (one - other) / 2
        aside[np.abs(aside) > _ASIDE * self.half_width] = np.nan
        moved = [stroke + _smooth(stroke, off)[:, None] * across
                 for stroke, off, across in zip(strokes, aside, normal)]
        return steadied(np.stack(moved).astype(np.float32))

    def widths(self, strokes: Floats) -> Floats:
        """Half-widths (S, 16) of the ink along strokes, by a curve each where it is hidden."""
        seen = self.sides(strokes)[0].mean(0)
        return np.stack([_width_curve(*pair) for pair in zip(seen, self.half_width)])


def _runs(stroke: Floats) -> list[tuple[int, int]]:
    """First and last points of what lies between a stroke's corners."""
    return [*pairwise([0, *np.flatnonzero(corners(stroke)), len(stroke) - 1])]


def _smooth(stroke: Floats, aside: Floats) -> Floats:
    """How far (16,) each point is to be moved aside, by a curve for each run between corners."""
    out = np.zeros(len(stroke))
    runs = _runs(stroke)
    seen = np.isfinite(aside)
    for corner in (last for _, last in runs[:-1]):
        seen[corner - 1:corner + 2] = False
    for first, last in runs:
        known = seen[first:last + 1]
        if known.sum() < _FEW:
            continue
        terms = min(_TERMS, int(known.sum()))
        base = np.polynomial.legendre.legvander(np.linspace(-1, 1, last - first + 1), terms - 1)
        inner = base[known].T @ base[known] + np.diag(_STIFF * np.arange(terms)**2.0)
        move = base @ np.linalg.solve(inner, base[known].T @ aside[first:last + 1][known])
        move[0] *= 0.5 if first else 1                  # a corner is of two runs
        move[-1] *= 0.5 if last < len(stroke) - 1 else 1
        out[first:last + 1] += move
    return out.astype(np.float32)


def _width_curve(seen: Floats, usual: Floats) -> Floats:
    known = np.isfinite(seen)
    if known.sum() < _ENOUGH:
        return usual
    logs, base = log_width(seen[known]), _TO_ENDS[known]
    middle = np.median(logs)
    terms = np.linalg.solve(base.T @ base + np.diag(_WIDTH_STIFF), base.T @ (logs - middle))
    curve = np.clip(middle + _TO_ENDS @ terms, logs.min(), logs.max())
    return np.exp(curve).astype(np.float32)


def bends(strokes: Floats) -> Floats:
    """How far (R, 4), pixels, each run between corners is bent, by Legendre terms from the second
    degree to the fifth; only of runs that are long enough to have all."""
    out = [np.hypot(*_fitted(_legendre(_along(run), BENDS + 2), run)[2:].T)
           for stroke in strokes.astype(np.float64)
           for run in (stroke[first:last + 1] for first, last in _runs(stroke))
           if len(run) >= _TERMS - 1 and np.hypot(*np.ptp(run, axis=0)) > _LONG]
    return np.array(out, np.float32).reshape(-1, BENDS)


def steadied(strokes: Floats, least: float | Floats = _SHAKE) -> Floats:
    """Strokes (S, 16, 2) whose bends are less by this many pixels, and gone where they were less.

    Of each Legendre term from the second degree on, between corners; these stay where they are.
    least: one for all terms, or (4,) one each.
    """
    each: Doubles = np.broadcast_to(least, BENDS).astype(np.float64)
    out = strokes.copy()
    for stroke, turn in zip(out, turns(strokes)):
        for first, last in _runs(stroke):
            run = stroke[first:last + 1].astype(np.float64)
            if len(run) >= _FEW and np.hypot(*np.ptp(run, axis=0)) >= 1:
                stroke[first:last + 1] = _steadied(run, each, first > 0, last < len(stroke) - 1,
                                                   turn[first:last - 1].sum() > _TURNS)
    return out


@compiled
def _along(run: Doubles) -> Doubles:
    """Where along a run (N, 2) its points lie, 0 to 1."""
    at = np.zeros(len(run))
    for i in range(1, len(run)):
        x, y = run[i, 0] - run[i - 1, 0], run[i, 1] - run[i - 1, 1]
        at[i] = at[i - 1] + np.sqrt(x * x + y * y)
    return at / max(at[-1], 1e-6)


@compiled
def _legendre(at: Doubles, count: int) -> Doubles:
    """That many Legendre terms, (N, K), at places (N,) from 0 to 1."""
    base = np.ones((len(at), count))
    for i in range(len(at)):
        x = 2 * at[i] - 1
        for k in range(1, count):
            below = base[i, k - 2] if k > 1 else 0.0
            base[i, k] = ((2 * k - 1) * x * base[i, k - 1] - (k - 1) * below) / k
    return base


@compiled
def _orthogonal(base: Doubles) -> tuple[Doubles, Doubles]:
    """Terms (N, K) made orthonormal, and the (K, K) that makes them of the terms."""
    count = base.shape[1]
    across, back = base.copy(), np.eye(count)
    for k in range(count):
        for twice in range(2 * k):              # once more, for what rounding left
            j = twice % k
            share = (across[:, j] * across[:, k]).sum()
            across[:, k] -= share * across[:, j]
            back[:, k] -= share * back[:, j]
        size = np.sqrt((across[:, k] * across[:, k]).sum())
        one = 1 / size if size > _NOTHING else 0.0
        across[:, k] *= one
        back[:, k] *= one
    return across, back


@compiled
def _fitted(base: Doubles, run: Doubles) -> Doubles:
    """The terms (K, 2) of a base (N, K) that come nearest to a run (N, 2)."""
    across, back = _orthogonal(base)
    terms = np.zeros((base.shape[1], 2))
    for k in range(len(terms)):
        for d in range(2):
            terms[:, d] += back[:, k] * (across[:, k] * run[:, d]).sum()
    return terms


@compiled
def _steadied(run: Doubles, least: Doubles, keeps_first: bool, keeps_last: bool,
              winds: bool) -> Doubles:
    """A run (N, 2) whose bends are less by `least` (4,); what `winds` keeps what terms don't
    tell."""
    n, count = len(run), min(BENDS + 2, len(run))
    at = _along(run)
    base = _legendre(at, count)
    terms = _fitted(base, run)
    out = run.copy()
    for d in range(2):
        for i in range(n):
            less, told = 0.0, 0.0
            for k in range(count):
                told += base[i, k] * terms[k, d]
                if k > 1:
                    size = np.sqrt(terms[k, 0]**2 + terms[k, 1]**2)
                    kept = max(0.0, 1 - least[k - 2] / max(size, 1e-9))
                    less += base[i, k] * terms[k, d] * (1 - kept)
            out[i, d] = (run[i, d] if winds else told) - less
        head = run[0, d] - out[0, d] if keeps_first else 0.0
        tail = run[n - 1, d] - out[n - 1, d] if keeps_last else 0.0
        for i in range(n):
            out[i, d] += (1 - at[i]) * head + at[i] * tail
    return out
