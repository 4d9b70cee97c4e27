"""How like strokes are, by where the content has them: shape, size and place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

Floats = NDArray[np.float32]

FAR = 0.3               # of unlikeness, where likeness has fallen off
_SIZE, _PLACE = 0.3, 0.15       # of unlikeness: a log ratio of sizes, half an em of place
_HALF_EM = 64.0


@dataclass(frozen=True)
class Shapes:
    """N strokes to compare."""

    forms: Floats           # (N, 32) around their middles, of size 1
    sizes: Floats           # (N,) logs of root mean square distances from the middle, pixels
    places: Floats          # (N, 2) middles, pixels

    @classmethod
    def of(cls, lines: Floats) -> Shapes:
        """Of the content's strokes (N, 16, 2), canvas pixels."""
        places = lines.mean(1)
        around = lines - places[:, None]
        sizes = np.maximum(np.sqrt((around**2).sum(-1).mean(1)), 1)
        forms = (around / sizes[:, None, None]).reshape(len(lines), 2 * lines.shape[1])
        return cls(forms, np.log(sizes), places)

    def unlike(self, others: Shapes) -> Floats:
        """How unlike each of these is to each of the M others (N, M); 0 is the same."""
        points = self.forms.shape[1] / 2
        apart = cdist(self.forms, others.forms, "sqeuclidean") / points
        unlike = np.sqrt(apart).astype(np.float32)
        unlike += _SIZE * np.abs(self.sizes[:, None] - others.sizes)
        unlike += _PLACE / _HALF_EM * cdist(self.places, others.places, "cityblock")
        return unlike


def commonest(unlike: Floats, things: NDArray[Any], within: float) -> NDArray[np.int64]:
    """Which (M,) of K things (M, K, ...) is most like the others, of those that are `within` so
    much of the first as unlike (M, K), least first."""
    behind = ~(unlike <= unlike[:, :1] + within)
    apart = np.abs(things[:, :, None] - things[:, None])
    apart = np.where(behind[:, None], 0, apart.mean(tuple(range(3, apart.ndim)))).sum(-1)
    return np.where(behind, np.inf, apart).argmin(1)
