"""How clean strokes are: what an eye sees at once and overlap does not.

Glyphs are measured at 400 pixels an em; lengths are in 1/1000 em.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d
from skimage.measure import find_contours
from skimage.morphology import skeletonize

from exporters.strokes.curve import lengths
from fonts.drawing import distance_inside
from training.measure.metrics import FINE_EM, Picture, Typeset

Curve = NDArray[np.float64]         # (K, 2): y, x in 1/1000 em, a point every 4

UNIT = 1000 / FINE_EM               # 1/1000 em a pixel
FIGURES = ("width", "ripples", "fragments", "pieces", "points")

_SHORTEST = 40                      # pixels around a contour that is long enough to ripple
_EVERY = 4                          # 1/1000 em between points of a contour
_FINE, _COARSE = 2, 10              # the two smoothings, in such points: 8 and 40 units
_FRAGMENT = 0.012                   # share of the glyph's ink below which a piece is a fragment
_THICK = 1.5                        # of the thickest usual stroke: how deep ink is in a clot
_CLOT = 4.0                         # squares of the usual half-width that a clot covers


def contour(points: Curve, smooth: float) -> Curve:
    """A closed contour (K, 2) smoothed by a Gaussian of `smooth` points."""
    out: Curve = gaussian_filter1d(points, smooth, axis=0, mode="wrap")
    return out


class Inked:
    """The ink of one glyph at 400 pixels an em: picture (H, W), ink 1, paper 0."""

    def __init__(self, picture: Picture) -> None:
        self.picture, self.ink = picture, picture > 0.5

    @cached_property
    def depth(self) -> Picture:
        """How far each inked pixel lies from paper, in pixels (H, W)."""
        return distance_inside(self.ink.astype(np.uint8))

    @cached_property
    def skeleton(self) -> NDArray[np.bool_]:
        return skeletonize(self.ink)

    @cached_property
    def widths(self) -> Picture:
        """Half-widths along the skeleton (K,), in pixels."""
        return self.depth[self.skeleton]

    @cached_property
    def areas(self) -> NDArray[np.int64]:
        """Pixels of each piece of ink (N,)."""
        stats = cv2.connectedComponentsWithStats(self.ink.astype(np.uint8), connectivity=8)[2]
        return stats[1:, cv2.CC_STAT_AREA].astype(np.int64)

    @cached_property
    def contours(self) -> list[Curve]:
        """The contours that are long enough, as points every 4 units."""
        out = []
        for line in find_contours(self.picture, 0.5):
            along = lengths(line)
            if along[-1] >= _SHORTEST:
                count = int(along[-1] * UNIT / _EVERY)
                at = np.linspace(0, along[-1], count, endpoint=False)
                out.append(np.c_[np.interp(at, along, line[:, 0]),
                                 np.interp(at, along, line[:, 1])] * UNIT)
        return out

    def figures(self) -> tuple[float, float, float, int]:
        """Variation of width, ripples, whether there are fragments, and pieces, as in FIGURES."""
        gaps = [np.hypot(*(contour(c, _FINE) - contour(c, _COARSE)).T) for c in self.contours]
        ripples = float(np.median(np.concatenate(gaps))) if gaps else np.nan
        fragments = float((self.areas < _FRAGMENT * self.areas.sum()).any())
        return self.widths.std() / self.widths.mean(), ripples, fragments, len(self.areas)


def inked(font: Typeset, chars: Sequence[str]) -> dict[str, Inked]:
    """The glyphs of `chars` that the font has ink for, ready to be measured."""
    glyphs = ((c, Inked(font.fine(c))) for c in chars if ord(c) in font.codepoints)
    return {c: glyph for c, glyph in glyphs if glyph.ink.any()}


@dataclass(frozen=True)
class Clean:
    """Means over glyphs: what FIGURES name.

    width: standard deviation over mean of the half-widths along a glyph's skeleton.
    ripples: median distance between contours smoothed at 8 and at 40 units, 1/1000 em.
    fragments: share of glyphs with a piece of less than 1.2 % of their ink.
    pieces: connected pieces of ink. points: outline points as the file stores them.
    """

    width: float
    ripples: float
    fragments: float
    pieces: float
    points: float

    def over(self, true: Clean) -> dict[str, float]:
        """Each figure over that of the true hand; left out where the true hand has none."""
        mine, theirs = vars(self), vars(true)
        return {name: mine[name] / theirs[name] for name in FIGURES if theirs[name]}


def clean(font: Typeset, glyphs: Mapping[str, Inked]) -> Clean:
    """How clean the glyphs (at least one) of `font` are."""
    rows = np.array([glyph.figures() for glyph in glyphs.values()], float)
    width, ripples, fragments, pieces = np.nanmean(rows, 0).tolist()
    points = float(np.mean([font.points(c) for c in glyphs]))
    return Clean(width, ripples, fragments, pieces, points)


def usual(glyphs: Mapping[str, Inked]) -> float:
    """The half-width that is usual in a font, in pixels: the median of its glyphs' medians."""
    return float(np.median([np.median(glyph.widths) for glyph in glyphs.values()]))


def is_clotted(drawn: Inked, true: Inked, weight: float = 1.0) -> bool:
    """Whether the drawing closed white that the true glyph has: a hole, or room between strokes.

    Closed white is ink that lies deeper than strokes are thick. So a clot is an area of more than
    four squares of the usual half-width where ink lies 1.5 times deeper than in all but the
    thickest twentieth of the true strokes, less what is as deep in the true glyph. `weight` is how
    much thicker the drawn font's strokes are in general, which alone is no clot.
    """
    thick = _THICK * float(np.quantile(true.widths, 0.95))
    spare = int((true.depth > thick).sum())
    deep = int((drawn.depth > thick * weight).sum()) / weight**2
    return deep - spare > _CLOT * float(np.median(true.widths)) ** 2


def clotted(drawn: Mapping[str, Inked], true: Mapping[str, Inked]) -> float:
    """Share of clotted drawings among the characters that both have; 0 where they have none."""
    both = [c for c in true if c in drawn]
    if not both:
        return 0.0
    weight = usual(drawn) / usual(true)
    return float(np.mean([is_clotted(drawn[c], true[c], weight) for c in both]))
