"""Distances between two sets of glyphs, on the features of the recogniser.

Characters need not match: what is compared is how the sets are distributed. The features were
trained on training fonts only.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from fonts.drawing import from_coverage
from glyphgen.network.recogniser import WIDTH, Recogniser

Features = NDArray[np.float64]


@cache
def _reader() -> Recogniser:
    return Recogniser.load()


def features(picture: Callable[[str], NDArray[np.float32]], chars: Sequence[str]) -> Features:
    """Features (N, WIDTH), of unit variance in sum, of the pictures (128, 128) that have ink."""
    drawn = [p for p in map(picture, chars) if (p >= 0.5).any()]
    if not drawn:
        return np.zeros((0, WIDTH))
    return _reader().embed(np.stack([from_coverage(p) for p in drawn])).double().numpy()


def frechet(a: Features, b: Features) -> float:
    """Fréchet distance of two normal distributions (Heusel et al. 2017, eq. 6), times 100.

    Biased upwards for few glyphs: compare only among sets of one size.
    """
    means = a.mean(0) - b.mean(0)
    cov_a, cov_b = np.cov(a.T), np.cov(b.T)
    values = np.linalg.eigvals(cov_a @ cov_b).real.clip(min=0)
    return 100 * float(means @ means + np.trace(cov_a) + np.trace(cov_b)
                       - 2 * np.sqrt(values).sum())


def kernel_distance(a: Features, b: Features) -> float:
    """Kernel distance, unbiased (Bińkowski et al. 2018, eq. 4), times 100; 0 for equal sets."""
    def kernel(x: Features, y: Features) -> Features:
        return (x @ y.T + 1) ** 3

    def within(x: Features) -> float:
        inner = kernel(x, x)
        return float(inner.sum() - np.trace(inner)) / (len(x) * (len(x) - 1))

    return 100 * (within(a) + within(b) - 2 * float(kernel(a, b).mean()))
