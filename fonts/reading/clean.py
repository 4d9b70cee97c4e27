"""Ink from a picture of writing: uneven light, faint ink, noise and specks taken away.

The paper's brightness is estimated everywhere and divided out, so that paper is 1; darkness is
then scaled by the ink's own, so that ink is 1. Darkness in between is kept: on an edge it says
which part of the pixel is inked.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from fonts.drawing import Field
from fonts.errors import UserError

Mask = NDArray[np.bool_]

_FAINTEST = 0.18        # darkness of ink, paper's brightness at 1, that still counts as ink
_DARKEST = 40           # of 255, the paper's brightness
_MOST_INK = 0.75        # share of the picture
_SAUVOLA_K = 0.3
_CALMING = 9.0         # pixels of blur for noise as strong as the ink
_SPECK = 0.12           # a speck's area at most, squares of the stroke width
_LEAST_SPECK = 5        # pixels


class CleanError(UserError):
    """A picture in which no writing was found; one line says why."""


def clean(grey: NDArray[np.uint8]) -> Field:
    """Ink coverage (H, W) in 0..1 of a grey picture (H, W) of dark writing on light paper.

    Meant for 200 to 1000 pixels a character. Raises CleanError where nothing is written, or
    more is dark than light.
    """
    paper = _paper(grey)
    if np.percentile(paper, 95) < _DARKEST:
        raise CleanError("nothing is written on it, or it is far too dark")
    darkness = (1 - np.clip(grey / paper, 0, 1)).astype(np.float32)
    level = _ink_level(darkness)
    if level < _FAINTEST:
        raise CleanError("nothing is written on it")
    darkness = _calm(darkness, level)
    ink = np.clip(darkness / _local_level(darkness, level), 0, 1).astype(np.float32)
    width = stroke_width(ink >= 0.5)
    ink = ink * _near_ink(darkness, level, width)
    ink = _without_specks(ink, width)
    share = float((ink >= 0.5).mean())
    if share > _MOST_INK:
        raise CleanError("more of it is dark than light; dark ink on light paper is needed")
    if not share:
        raise CleanError("nothing is written on it")
    return ink


def stroke_width(mask: Mask) -> float:
    """Typical width in pixels of the strokes of a mask; 1 where there is none."""
    if mask.all():
        return float(min(mask.shape))
    inside = cv2.distanceTransform(mask.astype(np.uint8), cv2.DIST_L2, 5)
    ridge = inside[(inside >= cv2.dilate(inside, np.ones((3, 3), np.uint8))) & (inside > 0)]
    return float(max(1.0, 2 * np.median(ridge) - 0.5)) if ridge.size else 1.0


def _odd(value: float) -> int:
    return int(value) // 2 * 2 + 1


def _paper(grey: NDArray[np.uint8]) -> Field:
    """Brightness of the paper at every pixel (H, W), at least 1.

    A closing wider than any stroke fills the ink and keeps the edges of shadows where they are;
    it follows the brightest of the paper's noise, so it is scaled to the mean of the bare paper
    close by.
    """
    side = max(grey.shape)
    wide, near = _odd(side / 5), (_odd(side / 8), _odd(side / 8))
    smooth = cv2.GaussianBlur(grey, (0, 0), 1.5)
    closed = cv2.morphologyEx(smooth, cv2.MORPH_CLOSE, np.ones((wide, wide), np.uint8))
    level = closed.astype(np.float32)
    bare = (smooth > 0.85 * level).astype(np.float32)
    seen = cv2.blur(bare * grey, near) + 1e-3
    ratio = seen / (cv2.blur(bare * level, near) + 1e-3)
    return np.maximum(level * np.clip(ratio, 0.8, 1), 1).astype(np.float32)


def _ink_level(darkness: Field) -> float:
    """Darkness of full ink: of the darker pixels of the dark class."""
    values = np.clip(darkness * 255, 0, 255).astype(np.uint8)
    split, _ = cv2.threshold(values, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    dark = darkness[values > split]
    return float(np.percentile(dark, 80)) if dark.size else 0.0


def _calm(darkness: Field, level: float) -> Field:
    """Noise blurred away, by as much as there is of it and no more than the strokes bear."""
    mask = cv2.medianBlur((darkness > level / 2).astype(np.uint8), 5)
    solid = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8)) > 0
    grain = darkness - cv2.GaussianBlur(darkness, (0, 0), 1.5)
    inner = [part for part in (_shrunk(solid), _shrunk(~solid)) if part.sum() > 50]
    noise = max((float(grain[part].std()) for part in inner), default=0.0) / level
    sigma = min(_CALMING * noise, stroke_width(solid) / 5)
    return cv2.GaussianBlur(darkness, (0, 0), sigma) if sigma > 0.3 else darkness


def _shrunk(mask: Mask) -> Mask:
    return cv2.erode(mask.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0


def _local_level(darkness: Field, level: float) -> Field:
    """Full ink's darkness at every pixel: a pen may press lightly in one part of a character."""
    wide = _odd(max(darkness.shape) / 4)
    peak = cv2.dilate(cv2.blur(darkness, (3, 3)), np.ones((wide, wide), np.uint8))
    peak = cv2.blur(peak, (wide, wide))
    return np.clip(peak, 0.6 * level, level).astype(np.float32)


def _near_ink(darkness: Field, level: float, width: float) -> Mask:
    """Where Sauvola's local threshold finds ink, and two pixels around it.

    It takes away the edges of shadows, which division by the paper leaves.
    """
    bright = np.clip(1 - darkness / level, 0, 1)
    window = _odd(np.clip(8 * width, 31, min(darkness.shape) - 2))
    mean = cv2.blur(bright, (window, window))
    square = cv2.sqrBoxFilter(bright, -1, (window, window))
    spread = np.sqrt(np.maximum(square - mean * mean, 0))
    mask = bright < mean * (1 + _SAUVOLA_K * (2 * spread - 1))     # spread is at most one half
    return cv2.dilate(mask.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0


def _without_specks(ink: Field, width: float) -> Field:
    """Specks of ink taken away and pinholes filled; the largest piece always stays."""
    least = max(_LEAST_SPECK, _SPECK * width * width)
    ink = np.where(_small(ink >= 0.5, least, keep_largest=True), 0, ink)
    return np.where(_small(ink < 0.5, least / 2, keep_largest=True), 1, ink).astype(np.float32)


def _small(mask: Mask, least: float, keep_largest: bool) -> Mask:
    """The pieces of a mask under `least` pixels, with the pixels around them."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), None,
                                                               connectivity=8)
    area = stats[:, cv2.CC_STAT_AREA]
    small = area < least
    small[0] = False
    if keep_largest and count > 1:
        small[1 + int(np.argmax(area[1:]))] = False
    if not small.any():
        return np.zeros(mask.shape, bool)
    found = small[labels].astype(np.uint8)
    grown = cv2.dilate(found, np.ones((3, 3), np.uint8)) > 0
    return grown & (~mask | (found > 0))
