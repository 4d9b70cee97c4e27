"""What is wrong with a written cell, in words."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from fonts.drawing import Field, coverage
from fonts.reading.clean import stroke_width
from fonts.sheet.cells import SIDE

EMPTY = "empty"
OUTSIDE = "outside the picture"
EDGE = "touching the edge"
BLURRED = "blurred"
FAINT = "too faint"
THIN = "too thin"
DOUBLE = "double-written or crossed out"
OTHER = "perhaps another character"

UNUSABLE = frozenset((EMPTY, OUTSIDE))

_LEAST_INK = 0.0003      # of the canvas: a full stop of 0.5 mm
_RIM = 0.25              # mm of the canvas that ink must not reach
_FAINT = 0.35            # darkness in linear light of full ink, of paper's 1
_THIN = 0.3              # mm of stroke
_SOFT = 0.34             # sigma of an edge, of the stroke's width
_SOFTEST = 0.3           # mm of it that are always too much
_LONGER, _HEAVIER = 1.55, 1.9   # than the page's other characters, for what is printed
_COMPARABLE = 2.5        # canvases of outline from which shapes vary less than hands do
_FEWEST = 8              # written cells from which a page is compared with itself


@dataclass(frozen=True)
class Measure:
    """Of the ink in one cell; lengths in mm, `ink` a share of the canvas."""

    ink: float
    rim: bool                # whether ink reaches the canvas's edge
    darkness: float          # of full ink, linear light
    stroke: float
    softness: float          # sigma of the edges
    length: float            # of all outlines, in canvases


def measure(ink: Field, darkness: float, canvas: float) -> Measure:
    """Measure a cell's coverage (SIDE, SIDE); `canvas` is its side in mm."""
    mask = ink >= 0.5
    scale = canvas / SIDE
    rim = max(1, round(_RIM / scale))
    inner = mask[rim:-rim, rim:-rim].sum()
    share = float(mask.mean())
    if share < _LEAST_INK:
        return Measure(share, False, darkness, 0.0, 0.0, 0.0)
    return Measure(share, bool(mask.sum() > inner), darkness, stroke_width(mask) * scale,
                   _softness(ink) * scale, _length(mask))


def judge(measured: Measure, whole: bool) -> tuple[str, ...]:
    """Verdicts on a cell by itself; none where it is good."""
    if not whole:
        return (OUTSIDE,)
    if measured.ink < _LEAST_INK:
        return (EMPTY,)
    found = {
        EDGE: measured.rim,
        BLURRED: measured.softness > min(_SOFTEST, _SOFT * measured.stroke),
        FAINT: measured.darkness < _FAINT,
        THIN: measured.stroke < _THIN,
    }
    return tuple(name for name, holds in found.items() if holds)


def overwritten(measures: list[Measure], printed: list[Field | None]) -> list[bool]:
    """Which cells hold far more ink than the printed characters (fields) and the page explain."""
    longer, heavier = np.full((2, len(measures)), np.nan)
    for index, (measured, field) in enumerate(zip(measures, printed)):
        if field is None or measured.ink < _LEAST_INK:
            continue
        mask = coverage(field, SIDE) >= 0.5
        if _length(mask) > _COMPARABLE:
            longer[index] = measured.length / _length(mask)
            heavier[index] = measured.ink / float(mask.mean())
    if np.isfinite(longer).sum() < _FEWEST:
        return [False] * len(measures)
    return list((longer > _LONGER * np.nanmedian(longer))
                | (heavier > _HEAVIER * np.nanmedian(heavier)))


def _softness(ink: Field) -> float:
    """Sigma in pixels of the blur over edges, by the slope where coverage is one half."""
    slope_x = cv2.Sobel(ink, cv2.CV_32F, 1, 0, scale=1 / 8)
    slope_y = cv2.Sobel(ink, cv2.CV_32F, 0, 1, scale=1 / 8)
    edge = np.abs(ink - 0.5) < 0.2
    if not edge.any():
        return 0.0
    slope = float(np.median(np.hypot(slope_x[edge], slope_y[edge])))
    return 0.37 / max(slope, 1e-3)       # 1 / sqrt(2 pi), with the band's mean slope


def _length(mask: np.ndarray) -> float:
    contours, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    return sum(cv2.arcLength(contour, True) for contour in contours) / len(mask)
