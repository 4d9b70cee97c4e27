"""Corners of a closed chain: where it turns at once, and where the field knows of one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from exporters.outlines.kernel import compiled, norm
from exporters.outlines.vertex import vertex
from fonts.drawing import Points

Ints = NDArray[np.int64]

CORNER_GAP = 2               # samples on each side of a corner that the picture has rounded off
DIRECTION_SAMPLES = 3        # samples that a direction beside a corner is measured over
CORNER_CONTRAST = 1.8        # how much sharper than the quieter of its sides a corner bends
OUT_TURNING = 1.5            # times that a corner must out-turn the samples four away
GENTLE_TURN = 0.6            # of the least turn, for a corner in a field of distances
ABRUPT_SHARE = 0.8           # that turns by this share in the narrow window
NARROW_WINDOW_TURN = 1.4     # times the least turn that is asked of a narrow window
NARROW_WINDOW_WEIGHT = 0.05  # weight of such a direction against a pixel of the field
# pixels that know of a corner, and their share of those asked
CORNER_PIXELS, CORNER_PIXEL_SHARE = 2.5, 0.5


@compiled
def direction(chain: Points, start: int, reach: int) -> tuple[float, float]:
    """Least-squares direction of the samples start .. start + reach (cyclic)."""
    n = len(chain)
    x = y = 0.0
    for k in range(reach + 1):
        p = chain[(start + k) % n]
        w = k - reach / 2
        x += w * p[0]
        y += w * p[1]
    return x, y


@compiled
def turned(ax: float, ay: float, bx: float, by: float) -> float:
    """Signed angle from one vector to another, radians."""
    return np.arctan2(ax * by - ay * bx, ax * bx + ay * by)


@compiled
def _turns(chain: Points, gap: int, reach: int) -> tuple[Points, Points]:
    """How far the chain turns at each sample, between directions `gap` to `gap + reach` away.

    The second array is how far it turns on in the quieter of the two directions' next `reach`.
    """
    n = len(chain)
    turn = np.empty(n)
    side = np.empty(n)
    for i in range(n):
        fx, fy = direction(chain, i + gap, reach)
        bx, by = direction(chain, i - gap - reach, reach)
        gx, gy = direction(chain, i + gap + reach, reach)
        ax, ay = direction(chain, i - gap - 2 * reach, reach)
        turn[i] = turned(bx, by, fx, fy)
        side[i] = min(abs(turned(fx, fy, gx, gy)), abs(turned(ax, ay, bx, by)))
    return turn, side


@compiled
def _peak(turn: Points, i: int) -> bool:
    """Whether the turn is greatest at sample i among its CORNER_GAP neighbours each way."""
    for d in range(1, CORNER_GAP + 1):
        if abs(turn[i - d]) >= abs(turn[i]) or abs(turn[(i + d) % len(turn)]) > abs(turn[i]):
            return False
    return True


@compiled
def narrowly(chain: Points, i: int, place: Points, field: Points,
             frame: Points) -> tuple[float, float, Points]:
    """`vertex` at sample i, from `place`, between the directions right beside the sample."""
    into, out = np.empty(2), np.empty(2)
    into[0], into[1] = direction(chain, i - 3, 2)
    out[0], out[1] = direction(chain, i + 1, 2)
    return vertex(field, frame, place, into / norm(into), out / norm(out),
                  np.full(2, NARROW_WINDOW_WEIGHT))


@compiled
def _known(chain: Points, turn: Points, sharp: float, field: Points, frame: Points,
           marked: NDArray[np.bool_]) -> None:
    """Mark also, of the samples where a chain turns most, those that the `field` knows of."""
    n = len(chain)
    for i in range(n):
        here = abs(turn[i])
        if here < sharp or here < abs(turn[i - 1]) or here <= abs(turn[(i + 1) % n]):
            continue
        alone = True
        for d in range(-2, 3):
            alone = alone and not marked[(i + d) % n]
        if not alone:
            continue
        agreed, share, place = narrowly(chain, i, chain[i], field, frame)
        is_seen = agreed >= CORNER_PIXELS and share >= CORNER_PIXEL_SHARE
        if is_seen and norm(place - chain[i]) < frame[2]:
            marked[i] = True


@compiled
def find_corners(chain: Points, sharp: float, field: Points, frame: Points) -> Ints:
    """Indices of the samples (N, 2) where the chain turns by more than `sharp` radians at once.

    First where a narrow window peaks between quieter samples, so that the two ends of a short edge
    are not taken for a round one; then where a wide window does, in a `field` of distances also for
    gentle turns if they are abrupt; then where such a field was measured from a corner (`vertex`).
    """
    n = len(chain)
    fine, _ = _turns(chain, 1, 2)
    turn, side = _turns(chain, CORNER_GAP, DIRECTION_SAMPLES)
    marked = np.zeros(n, np.bool_)
    for i in range(n):
        around = max(fine[i - 4] * fine[i], fine[(i + 4) % n] * fine[i], 0.0)
        stands_out = fine[i] * fine[i] > OUT_TURNING * around
        if abs(fine[i]) >= NARROW_WINDOW_TURN * sharp and stands_out and _peak(fine, i):
            marked[i] = True
    first = marked.copy()
    for i in range(n):
        window = 2 * CORNER_GAP + DIRECTION_SAMPLES
        contrast = abs(turn[i]) * DIRECTION_SAMPLES / window / max(side[i], 1e-3)
        least = sharp
        if len(field) and fine[i] * turn[i] > ABRUPT_SHARE * turn[i] * turn[i]:
            least = GENTLE_TURN * sharp
        if abs(turn[i]) < least or contrast < CORNER_CONTRAST or not _peak(turn, i):
            continue
        alone = True
        for d in range(-4, 5):
            alone = alone and not first[(i + d) % n]
        marked[i] = marked[i] or alone
    if len(field):
        _known(chain, fine, sharp, field, frame, marked)
    found = np.empty(n, np.int64)
    count = 0
    for i in range(n):
        if marked[i]:
            found[count] = i
            count += 1
    return found[:count].copy()
