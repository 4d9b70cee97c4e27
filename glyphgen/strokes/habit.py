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

Floats = NDArray[np.float32]

_CANDIDATES = 4         # like strokes, of which the one most like the others is taken
_WITHIN = 0.1           # of likeness that these may be behind the first
_LENGTH, _PLACE = 0.3, 0.15     # of unlikeness: a log ratio of sizes, half an em of place
_HALF_EM = 64.0
_SHARE, _FAR = 0.9, 0.3         # of what a like stroke does, and where that has fallen off
_THIN = 0.3             # pixels: the least half-width


@dataclass(frozen=True)
class Habits:
    """The N strokes of a person's samples, and what each does beyond what was expected."""

    shapes: Floats          # (N, 32) in the content, around their middles, of one size
    sizes: Floats           # (N,) root mean square distance from the middle, pixels
    places: Floats          # (N, 2) middles in the content
    expected: NDArray[np.complex64]     # (N, 16) as the network draws them, x + iy, around middles
    beyond: NDArray[np.complex64]       # (N, 16) as written, less the expected one laid over it
    wider: Floats           # (N, 16) log of the half-width over the expected one

    @classmethod
    def of(cls, content: Sequence[Floats], written: Sequence[tuple[Floats, Floats]],
           expected: Sequence[tuple[Floats, Floats]]) -> Habits:
        """Of samples: where the content has their strokes (S, 16, 2); strokes and half-widths
        (S, 16) as written, and as the network draws them."""
        shapes, sizes, places = _normal(np.concatenate(content))
        (strokes, width), (drawn, drawn_width) = (
            [np.concatenate(part) for part in zip(*lines)] for lines in (written, expected))
        hand, mean = _around(strokes), _around(drawn)
        return cls(shapes, sizes, places, mean, hand - _turn(mean, hand) * mean,
                   _log(width) - _log(drawn_width))

    def brought(self, content: Floats, strokes: Floats,
                half_width: Floats) -> tuple[Floats, Floats]:
        """Strokes (S, 16, 2) and half-widths (S, 16) in their places, as this person writes them.

        content: the character's strokes there (S, 16, 2).
        """
        chosen, unlike = self._alike(content)                               # (S, K)
        points = _complex(strokes)
        turn = _turn(self.expected[chosen], (points - points.mean(1, keepdims=True))[:, None])
        beyond = self.beyond[chosen] * turn                                 # (S, K, 16)
        apart = np.abs(beyond[:, :, None] - beyond[:, None]).mean(-1)       # (S, K, K)
        behind = unlike > unlike[:, :1] + _WITHIN
        apart = np.where(behind[:, None], 0, apart).sum(-1)
        best = np.where(behind, np.inf, apart).argmin(1)
        at = np.arange(len(content))
        share = (_SHARE * np.exp(-(unlike[at, best] / _FAR)**2))[:, None]
        points = points + share * beyond[at, best]
        wide = _log(half_width) + share * self.wider[chosen[at, best]]
        return (np.stack([points.real, points.imag], -1).astype(np.float32),
                np.exp(wide).astype(np.float32))

    def _alike(self, content: Floats) -> tuple[NDArray[np.intp], Floats]:
        """The most alike strokes (S, K) of the samples, best first, and how unlike they are."""
        shapes, sizes, places = _normal(content)
        unlike = np.sqrt(((shapes[:, None] - self.shapes)**2).sum(-1) / shapes.shape[1] * 2)
        unlike += _LENGTH * np.abs(np.log(sizes[:, None] / self.sizes))
        unlike += _PLACE * np.abs(places[:, None] - self.places).sum(-1) / _HALF_EM
        order = np.argsort(unlike, axis=1, kind="stable")[:, :_CANDIDATES]
        return order, np.take_along_axis(unlike, order, 1)


def _normal(strokes: Floats) -> tuple[Floats, Floats, Floats]:
    """Shapes (N, 32) of size 1, sizes (N,) and middles (N, 2) of strokes (N, 16, 2)."""
    places = strokes.mean(1)
    around = strokes - places[:, None]
    sizes = np.maximum(np.sqrt((around**2).sum(-1).mean(1)), 1)
    return (around / sizes[:, None, None]).reshape(len(strokes), -1), sizes, places


def _complex(strokes: Floats) -> NDArray[np.complex64]:
    return (strokes[..., 0] + 1j * strokes[..., 1]).astype(np.complex64)


def _around(strokes: Floats) -> NDArray[np.complex64]:
    points = _complex(strokes)
    return points - points.mean(1, keepdims=True)


def _turn(shapes: NDArray[np.complex64], wanted: NDArray[np.complex64]) -> NDArray[np.complex64]:
    """The turns and sizes (..., 1) that lay shapes (..., 16) nearest to the wanted ones."""
    along = (shapes.conj() * wanted).sum(-1, keepdims=True)
    return along / np.maximum((np.abs(shapes)**2).sum(-1, keepdims=True), 1e-3)


def _log(half_width: Floats) -> Floats:
    return np.log(np.maximum(half_width, _THIN))
