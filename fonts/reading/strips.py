"""Dark strips along a picture's edges: the desk, the scanner's lid, a shadow; taken for paper.

A strip lies along most of an edge, or along a part of it from a corner on, and its inner side is
straight. Writing that was cropped to its ink also touches edges: there nothing is taken out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from fonts.drawing import Field
from fonts.reading.clean import stroke_width

Grey = NDArray[np.uint8]
Mask = NDArray[np.bool_]

SIDES = ("top", "left", "bottom", "right")      # a quarter turn apart

_DARK = 0.62            # of the paper's brightness: darker is desk, or ink
_SHARP = 0.7            # brightness inside over outside, across the side of a desk
_SHADE = 0.22           # darkness of a narrow shadow, over the paper around
_DEEPEST, _NARROW = 0.45, 0.2   # of the picture: strips that are sharp, and those that need not be
_WEDGE, _WHOLE = 0.35, 0.9      # of an edge that a strip from its corner, and any strip, touches
_CROOKED = 0.012        # of the picture: how far from straight a strip's inner side is
_REACH = 0.02           # of the picture: the softness of that side
_LEAST = 0.001          # of the picture: less ink is none
_UNLIKE = 1.8           # times as thick as the pen, or the pen as it: no stroke


class Strip(NamedTuple):
    """A strip: the side that it lies along, and where it is (H, W)."""

    side: str
    mask: Mask


def find_strips(grey: Grey) -> list[Strip]:
    """The strips of a picture (H, W) of dark writing on paper."""
    smooth = cv2.GaussianBlur(grey, (0, 0), 1.0)
    level = float(np.percentile(smooth, 90))
    shade = smooth < (1 - _SHADE) * cv2.morphologyEx(smooth, cv2.MORPH_CLOSE, _square(grey, 0.22))
    found = []
    for turn, side in enumerate(SIDES):
        light, ink = np.rot90(smooth, -turn), np.rot90(shade, -turn)
        depth = _sharp(light, level)
        if depth is None:
            depth = _straight(ink, _NARROW)
        if depth is not None:
            found.append((side, np.rot90(_filled(light.shape, depth), turn)))
    dark = shade | (smooth < _DARK * level)
    return [Strip(*one) for one in _believed(found, dark)]


def paint_over(picture: NDArray[np.uint8], strips: Sequence[Strip]) -> NDArray[np.uint8]:
    """The picture (H, W) or (H, W, 3) with paper where the strips are."""
    if not strips:
        return picture
    mask = np.any([strip.mask for strip in strips], axis=0).astype(np.uint8)
    wide = cv2.dilate(mask, _square(mask, 1.5 * _REACH)) > 0
    paper = _paper(picture, ~wide)
    where = wide if picture.ndim == 2 else wide[..., None]
    return np.where(where, paper, picture).astype(np.uint8)


def touching(ink: Mask, strips: Sequence[Strip]) -> list[str]:
    """The sides whose strip meets ink (H, W), of which a part was lost with it."""
    return [strip.side for strip in strips
            if (cv2.dilate(strip.mask.astype(np.uint8), _square(ink, 1.7 * _REACH)) > 0)[ink].any()]


def _square(grey: NDArray, share: float) -> NDArray[np.uint8]:
    return np.ones((max(3, int(share * max(grey.shape)) | 1),) * 2, np.uint8)


def _sharp(light: Grey, level: float) -> NDArray[np.float64] | None:
    """Depth (W,) of what is dark at the top with a sharp straight side; None where it has none."""
    depth = _straight(light < _DARK * level, _DEEPEST)
    if depth is None:
        return None
    height, width = light.shape
    step = max(2, round(_REACH * max(light.shape)))
    columns = np.flatnonzero(depth > 0)
    inside = light[np.clip(depth[columns] - step, 0, height - 1).astype(int), columns]
    outside = light[np.clip(depth[columns] + step, 0, height - 1).astype(int), columns]
    ratio = np.median(inside / np.maximum(outside.astype(float), 1))
    return depth if ratio < _SHARP else None


def _straight(dark: Mask, deepest: float) -> NDArray[np.float64] | None:
    """Depth (W,) of a straight strip at the top of a mask (H, W); None where there is none."""
    height, width = dark.shape
    reach = np.where(dark.all(0), height, np.argmin(dark, axis=0)).astype(float)
    touch = reach > 0
    share = float(touch.mean())
    x = np.arange(width)
    if share < _WHOLE:
        run = _from_corner(touch)
        if run is None or (run.stop - run.start) < _WEDGE * width:
            return None
        x, reach = x[run], reach[run]
    line = np.polyfit(x, reach, 1)
    for _ in range(4):
        apart = reach - np.polyval(line, x)
        good = np.abs(apart) <= max(1.0, float(np.percentile(np.abs(apart), 60)))
        line = np.polyfit(x[good], reach[good], 1)
    apart = np.abs(reach - np.polyval(line, x))
    if np.percentile(apart, 65) > max(1.5, _CROOKED * max(dark.shape)):
        return None
    depth = np.maximum(np.polyval(line, np.arange(width)), 0)
    return depth if 1 <= depth.max() <= deepest * height else None


def _from_corner(touch: Mask) -> slice | None:
    """The part of an edge that is touched from one of its ends on; None where neither is."""
    width = len(touch)
    gaps = np.flatnonzero(~touch)
    if not len(gaps):
        return slice(0, width)
    left, right = int(gaps[0]), width - 1 - int(gaps[-1])
    if max(left, right) == 0:
        return None
    return slice(0, left) if left >= right else slice(width - right, width)


def _filled(shape: tuple[int, ...], depth: NDArray[np.float64]) -> Mask:
    return np.asarray(np.arange(shape[0])[:, None] < depth[None])


def _believed(found: list[tuple[str, Mask]], dark: Mask) -> list[tuple[str, Mask]]:
    """The strips that are none of the writing's own strokes."""
    if not found:
        return []
    strip = np.any([mask for _, mask in found], axis=0)
    rest = dark & ~cv2.dilate(strip.astype(np.uint8), np.ones((5, 5), np.uint8)).astype(bool)
    if rest.mean() < _LEAST:
        return []
    edges = [dark[0], dark[:, 0], dark[-1], dark[:, -1]]
    if not all(edge.any() for edge in edges):
        return found
    pen = stroke_width(rest)
    return [(side, mask) for side, mask in found
            if not 1 / _UNLIKE < 2 * np.median(mask.sum(0 if side in ("top", "bottom") else 1)
                                               / 2) / pen < _UNLIKE]


def _paper(picture: NDArray[np.uint8], free: Mask) -> Field:
    """The paper (H, W) or (H, W, 3) under a picture's edges, spread from where it is `free`.

    Of what is free around, the brighter half is taken for paper.
    """
    grey = picture if picture.ndim == 2 else picture.mean(-1)
    free = free & (grey >= np.median(grey[free])) if free.any() else free
    small = (max(grey.shape[1] // 4, 1), max(grey.shape[0] // 4, 1))
    weight = free.astype(np.float32) if picture.ndim == 2 else np.repeat(
        free[..., None].astype(np.float32), 3, -1)
    seen = [cv2.GaussianBlur(cv2.resize(part, small, interpolation=cv2.INTER_AREA), (0, 0),
                             max(small) / 6) for part in (picture * weight, weight)]
    usual = np.median(picture[free], axis=0) if free.any() else 255.0
    paper = np.where(seen[1] > 1e-3, seen[0] / np.maximum(seen[1], 1e-3), usual)
    return np.asarray(cv2.resize(paper.astype(np.float32), grey.shape[::-1]))
