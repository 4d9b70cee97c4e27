"""A writer's own strokes brought over: what a stroke of a sample does beyond the mean.

The network of strokes says where a stroke goes, and in the mean how it bends and swells; means are
tamer than any one stroke. Here each stroke also does what the sample's stroke most like it in the
content does beyond what the network expected there, turned and sized to its place.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from exporters.strokes.curve import turns
from glyphgen.strokes.alike import FAR, Shapes, commonest
from glyphgen.strokes.ink import log_width
from glyphgen.strokes.laid.edges import BENDS, bends, steadied

Floats = NDArray[np.float32]

_CANDIDATES = 4         # like strokes, of which the one most like the others is taken
_WITHIN = 0.1           # of likeness that these may be behind the first
_SHARE = 0.9            # of the course of a like stroke, less where it is not so like
_WIDTHS_FAR = 2         # times as unlike may a stroke be whose widths are taken
_STEEPEST, _SURE = 1.5, 1.0         # contrast at most; squared log widths that make it sure
_SWELL = 1.4            # times as much may a stroke be made to vary in width
_BENT = 1.6             # what the network bends strokes by, over what it bends those it has seen
_TANGLED = 3.0          # radians that a stroke turns more than the content's: it was laid wrong
_WIDER, _ASIDE = 0.15, 0.4      # of log width, and of a half-width that a side lies off: as much
                                # may a stroke stand out among like ones
_BLUNT = 2.5            # the same of ends, over what the hand's are off round ones
_EVEN = 0.022           # of a half-width: what sides are off even ones by, and count as even
_ROUND = 0.024          # of a half-width: what ends are off a round one by, and count as round


@dataclass(frozen=True)
class Habits:
    """The N strokes of a person's samples, and what each does beyond what was expected."""

    shapes: Shapes          # in the content
    expected: NDArray[np.complex64]     # (N, 16) as the network draws them, x + iy, around middles
    beyond: NDArray[np.complex64]       # (N, 16) as written, less the expected one laid over it
    wider: Floats           # (N, 16) log of the half-width over the expected one
    swell: Floats           # (N,) deviation of its log half-widths
    contrast: tuple[float, float]       # of widths, as `_contrast` has it
    ends: Floats            # (N, 2, 13) how it ends, nan where that can't be seen
    blunt: float            # half-widths that they are off round ones
    sides: Floats | None    # (N, 2, 46) how its edges run, None of a pen that runs even
    steady: Floats          # (4,) pixels of bends that the network expects and the hand has not

    @classmethod
    def of(cls, content: Sequence[Floats], written: Sequence[tuple[Floats, Floats]],
           expected: Sequence[tuple[Floats, Floats]], ends: Sequence[Floats],
           sides: Sequence[Floats]) -> Habits:
        """Of samples: where the content has their strokes (S, 16, 2); strokes and half-widths
        (S, 16) as written, and as the network draws them; how those written end (S, 2, 13), and
        their sides (S, 2, 46)."""
        (strokes, width), (drawn, drawn_width) = (
            [np.concatenate(part) for part in zip(*lines)] for lines in (written, expected))
        own, reach, beside = map(np.concatenate, (content, ends, sides))
        clear = ~_tangled(own, strokes)
        own, strokes, width, drawn, drawn_width, reach, beside = (
            part[clear] for part in (own, strokes, width, drawn, drawn_width, reach, beside))
        steady = _BENT * np.maximum(_median_bends(drawn) - _median_bends(strokes), 0)
        drawn = steadied(drawn, steady)
        hand, mean = _around(strokes), _around(drawn)
        logs, network = log_width(width), log_width(drawn_width)
        contrast = _contrast(network, logs)
        return cls(Shapes.of(own), mean, hand - _turn(mean, hand) * mean,
                   logs - _expected(network, contrast), logs.std(1), contrast,
                   *_unless_round(reach), _unless_even(beside), steady)

    def brought(self, content: Floats, strokes: Floats,
                half_width: Floats) -> tuple[Floats, Floats, Floats, Floats | None]:
        """Strokes (S, 16, 2) and half-widths (S, 16) in their places, as this person writes and
        ends (S, 2, 13) them, and their sides (S, 2, 46).

        content: the character's strokes there (S, 16, 2).
        """
        strokes = steadied(strokes, self.steady)
        everyone = Shapes.of(content).unlike(self.shapes)                   # (S, N)
        chosen = np.argsort(everyone, axis=1, kind="stable")[:, :_CANDIDATES]
        unlike = np.take_along_axis(everyone, chosen, 1)                    # (S, K), best first
        points = _complex(strokes)
        turn = _turn(self.expected[chosen], (points - points.mean(1, keepdims=True))[:, None])
        beyond = self.beyond[chosen] * turn                                 # (S, K, 16)
        best = commonest(unlike, beyond, _WITHIN)
        at = np.arange(len(content))
        share = (_SHARE * np.exp(-(unlike[at, best] / FAR)**2))[:, None]
        points = points + share * beyond[at, best]
        share = np.exp(-(unlike[at, best] / (_WIDTHS_FAR * FAR))**2)[:, None]
        wide = _expected(log_width(half_width), self.contrast)
        wide += share * _held(self.wider[chosen], best, _WIDER)
        wide = _swelling(wide, np.median(self.swell[chosen], axis=1))
        return (np.stack([points.real, points.imag], -1).astype(np.float32),
                np.exp(wide).astype(np.float32), self._endings(everyone),
                None if self.sides is None else _held(self.sides[chosen], best, _ASIDE))

    def _endings(self, unlike: Floats) -> Floats:
        """How strokes end (S, 2, 13): as the sample's stroke least unlike (S, N) whose end can be
        seen, held near those of like strokes, and round where there is none."""
        out = np.ones((len(unlike), *self.ends.shape[1:]), np.float32)
        first = np.zeros(len(unlike), np.int64)
        for end in (0, 1):
            seen = np.flatnonzero(np.isfinite(self.ends[:, end, 0]))
            if len(seen):
                near = np.argsort(unlike[:, seen], axis=1, kind="stable")[:, :_CANDIDATES]
                out[:, end] = _held(self.ends[seen[near], end], first, _BLUNT * self.blunt)
        return out


def _tangled(content: Floats, written: Floats) -> NDArray[np.bool_]:
    """Which strokes (N, 16, 2) turn so much more than the content's that they were laid wrong; none
    of a hand in which most do."""
    more = turns(written).sum(1) - turns(content).sum(1)
    return more > max(_TANGLED, float(np.median(more)) + _TANGLED)


def _contrast(network: Floats, written: Floats) -> tuple[float, float]:
    """The network's mean log width, and how much more log widths differ as written than by the
    network: less than 1 for a pen that writes all strokes alike, more for a brush."""
    mean = float(network.mean())
    about = network - mean
    more = float((about * (written - network)).sum()) / (float((about**2).sum()) + _SURE)
    return mean, min(max(1 + more, 0.0), _STEEPEST)


def _expected(network: Floats, contrast: tuple[float, float]) -> Floats:
    mean, share = contrast
    return np.asarray(mean + share * (network - mean), np.float32)


def _swelling(logs: Floats, usual: Floats) -> Floats:
    """Log half-widths (S, 16) that vary along each stroke by as much as is usual (S,), not less."""
    middle = logs.mean(1, keepdims=True)
    more = (usual / np.maximum(logs.std(1), 1e-3)).clip(1, _SWELL)
    return np.asarray(middle + more[:, None] * (logs - middle), np.float32)


def _median_bends(strokes: Floats) -> Floats:
    """How far (4,), pixels, runs of strokes (S, 16, 2) are bent in the median."""
    found = bends(strokes)
    return np.median(found, 0) if len(found) else np.zeros(BENDS, np.float32)


def _held(like: Floats, best: NDArray[np.int64], out: float) -> Floats:
    """The best (S,) of what K like strokes each have (S, K, ...), `out` at most beyond what all of
    them but one have: what stands out was mostly seen wrong."""
    usual, own = np.sort(like, axis=1), like[np.arange(len(like)), best]
    outer = int(like.shape[1] > 2)
    return own.clip(usual[:, outer] - out, usual[:, -1 - outer] + out)


def _unless_even(sides: Floats) -> Floats | None:
    """Sides (N, 2, 46) as they were seen; none of a pen whose edges run beside its line."""
    off = np.sqrt(((sides - 1)**2).mean((1, 2)))
    return sides if np.median(off) > _EVEN else None


def _unless_round(ends: Floats) -> tuple[Floats, float]:
    """Ends (N, 2, 13) as they were seen, none of a pen that ends its strokes round; and how far
    off round ones they usually are, half-widths."""
    off = np.sqrt(((ends - 1)**2).mean(-1))
    usual = float(np.median(off[np.isfinite(off)])) if np.isfinite(off).any() else 0.0
    return ends if usual > _ROUND else np.full_like(ends, np.nan), usual


def _complex(strokes: Floats) -> NDArray[np.complex64]:
    return (strokes[..., 0] + 1j * strokes[..., 1]).astype(np.complex64)


def _around(strokes: Floats) -> NDArray[np.complex64]:
    points = _complex(strokes)
    return points - points.mean(1, keepdims=True)


def _turn(shapes: NDArray[np.complex64], wanted: NDArray[np.complex64]) -> NDArray[np.complex64]:
    """The turns and sizes (..., 1) that lay shapes (..., 16) nearest to the wanted ones."""
    along = (shapes.conj() * wanted).sum(-1, keepdims=True)
    return along / np.maximum((np.abs(shapes)**2).sum(-1, keepdims=True), 1e-3)
