"""A writer's own strokes brought over: how a stroke bends and swells, as a sample of it does.

The network of strokes says where a stroke goes, and in the mean how it bends; means are tamer
than any one stroke. Here each stroke takes its shape and widths from the sample's stroke that is
most like it in the content, turned and sized to where the network put it.
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
_SHARE, _FAR = 0.9, 0.3         # of the sample's shape that is taken, and where it has fallen off
_THIN = 0.3             # pixels: the least half-width


@dataclass(frozen=True)
class Habits:
    """The N strokes of a person's samples."""

    shapes: Floats          # (N, 32) in the content, around their middles, of one size
    sizes: Floats           # (N,) root mean square distance from the middle, pixels
    places: Floats          # (N, 2) middles in the content
    strokes: NDArray[np.complex64]      # (N, 16) as written, x + iy, around their middles
    log_width: Floats       # (N, 16) of half-widths in pixels

    @classmethod
    def of(cls, content: Sequence[Floats], strokes: Sequence[Floats],
           half_width: Sequence[Floats]) -> Habits:
        """Of samples: where the content has their strokes, where the hand has them, how wide."""
        shapes, sizes, places = _normal(np.concatenate(content))
        return cls(shapes, sizes, places, _around(np.concatenate(strokes)),
                   np.log(np.maximum(np.concatenate(half_width), _THIN)))

    def brought(self, content: Floats, strokes: Floats,
                half_width: Floats) -> tuple[Floats, Floats]:
        """Strokes (S, 16, 2) and half-widths (S, 16) in their places, as the samples have them.

        content: the character's strokes there (S, 16, 2).
        """
        chosen, unlike = self._alike(content)                               # (S, K)
        fitted = _fitted(self.strokes[chosen], _around(strokes))
        apart = np.abs(fitted[:, :, None] - fitted[:, None]).mean(-1)       # (S, K, K)
        behind = unlike > unlike[:, :1] + _WITHIN
        apart = np.where(behind[:, None], 0, apart).sum(-1)
        best = np.where(behind, np.inf, apart).argmin(1)
        at = np.arange(len(content))
        share = _SHARE * np.exp(-(unlike[at, best] / _FAR)**2)[:, None]
        shape = _complex(strokes)
        shape = shape + share * (fitted[at, best] + shape.mean(1, keepdims=True) - shape)
        wide = np.log(np.maximum(half_width, _THIN))
        wide = wide + share * (self.log_width[chosen[at, best]] - wide)
        return (np.stack([shape.real, shape.imag], -1).astype(np.float32),
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


def _fitted(shapes: NDArray[np.complex64], wanted: NDArray[np.complex64]) -> NDArray[np.complex64]:
    """Shapes (S, K, 16) turned and sized to lie nearest to the wanted ones (S, 16)."""
    along = (shapes.conj() * wanted[:, None]).sum(-1)
    return shapes * (along / np.maximum((np.abs(shapes)**2).sum(-1), 1e-3))[..., None]
