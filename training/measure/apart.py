"""Can drawn glyphs be told from genuine ones of the same hand? A two-sample test.

A linear classifier sees a few dozen measurements of strokes, learns on some characters which glyphs
are genuine and which are drawn, and is asked about others. Half of its answers are right where it
can't tell (0.5), all where it always can (1).
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from training.measure.clean import UNIT, Inked, contour
from training.measure.metrics import interval

Features = NDArray[np.float64]

_QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
_SCALES = (2, 5, 10, 20)        # points of 4 units: 8 to 80 units
_DIRECTIONS = 8
_FOLDS = 5
_RIDGE = 0.1                    # penalty over the variance of a feature
_CLIP = 4.0                     # standard deviations


def features(glyph: Inked) -> Features:
    """Measurements (WIDTH,) of a glyph's strokes that do not tell which character it is for."""
    return np.concatenate([_widths(glyph), _ends(glyph), _edges(glyph), _shape(glyph)])


def _widths(glyph: Inked) -> Features:
    """Half-widths along the skeleton, 1/1000 em, and how much they vary."""
    widths = glyph.widths.astype(np.float64) * UNIT
    return np.array([*np.quantile(widths, _QUANTILES), widths.std() / widths.mean()])


def _ends(glyph: Inked) -> Features:
    """Ends and joints for a length of skeleton, and how thick ends are beside the strokes."""
    line = glyph.skeleton.astype(np.uint8)
    near = cv2.filter2D(line, -1, np.ones((3, 3)), borderType=cv2.BORDER_CONSTANT)
    ends, joints = glyph.skeleton & (near == 2), glyph.skeleton & (near >= 4)
    length, middle = max(1, int(line.sum())), float(np.median(glyph.widths))
    thick = glyph.depth[ends] / middle if ends.any() else np.ones(1)
    return np.array([100 * ends.sum() / length, 100 * joints.sum() / length, thick.mean(),
                     thick.std()])


def _edges(glyph: Inked) -> Features:
    """Ripples between four smoothings of the contours, how they turn, and where they run."""
    if not glyph.contours:
        return np.zeros(2 * (len(_SCALES) - 1) + 3 + _DIRECTIONS)
    smooth = [[contour(c, scale) for c in glyph.contours] for scale in _SCALES]
    gaps = [np.concatenate([np.hypot(*(a - b).T) for a, b in zip(fine, coarse)])
            for fine, coarse in pairwise(smooth)]
    steps = [np.roll(c, -1, 0) - c for c in smooth[0]]
    angles = [np.arctan2(s[:, 0], s[:, 1]) for s in steps]
    turns = np.concatenate([np.angle(np.exp(1j * (np.roll(a, -1) - a))) for a in angles])
    runs = np.concatenate(angles) % np.pi
    bins = np.round(runs * _DIRECTIONS / np.pi).astype(int) % _DIRECTIONS
    return np.array([*(q for gap in gaps for q in np.quantile(gap, (0.5, 0.9))),
                     *np.quantile(np.abs(turns), (0.5, 0.75, 0.95)),
                     *np.bincount(bins, minlength=_DIRECTIONS) / len(bins)])


def _shape(glyph: Inked) -> Features:
    """Pieces, height and width of the ink, its amount and the length of its skeleton, all in em."""
    (top, left), (end, right) = (f(np.argwhere(glyph.ink), 0) for f in (np.min, np.max))
    height, width = (end - top) * UNIT / 1000, (right - left) * UNIT / 1000
    return np.array([len(glyph.areas), height, width, glyph.ink.sum() * (UNIT / 1000) ** 2,
                     glyph.skeleton.sum() * UNIT / 1000])


def told_apart(one: Mapping[str, Inked], other: Mapping[str, Inked]) -> dict[str, object]:
    """How well two sets of glyphs are told apart, on the characters that both have.

    `told` is the share of right answers in five folds over characters, `told_ci` its 95 % bootstrap
    interval over characters; empty where there are fewer than two characters a fold.
    """
    both = [c for c in one if c in other]
    if len(both) < 2 * _FOLDS:
        return {}
    a, b = (np.stack([features(glyphs[c]) for c in both]) for glyphs in (one, other))
    right = right_answers(a, b)
    return {"told": round(float(right.mean()), 4), "told_ci": interval(right)}


def right_answers(a: Features, b: Features) -> Features:
    """Share of right answers (N,) about each pair of rows of two sets of features (N, WIDTH).

    Row i of both sets is in fold i mod 5, so no answer is about a row that was learnt from.
    """
    fold = np.arange(len(a)) % _FOLDS
    out = np.zeros(len(a))
    for k in range(_FOLDS):
        score = _Classifier(a[fold != k], b[fold != k])
        out[fold == k] = ((score(a[fold == k]) < 0) * 0.5 + (score(b[fold == k]) > 0) * 0.5)
    return out


class _Classifier:
    """A ridge classifier of features and their squares: below 0 for `a`, above 0 for `b`."""

    def __init__(self, a: Features, b: Features) -> None:
        both = np.concatenate([a, b])
        self.mean, self.scale = both.mean(0), np.maximum(both.std(0), 1e-9)
        wide = self._wide(both)
        label = np.repeat([-1.0, 1.0], [len(a), len(b)])
        self.centre = wide.mean(0)
        wide = wide - self.centre
        inner = wide.T @ wide / len(wide) + _RIDGE * np.eye(wide.shape[1])
        self.weights = np.linalg.solve(inner, wide.T @ label / len(wide))

    def _wide(self, x: Features) -> Features:
        scaled: Features = ((x - self.mean) / self.scale).clip(-_CLIP, _CLIP)
        return np.concatenate([scaled, scaled**2 - 1], 1)

    def __call__(self, x: Features) -> Features:
        out: Features = (self._wide(x) - self.centre) @ self.weights
        return out
