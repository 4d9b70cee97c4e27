"""Cells cut from a page that lies flat, and the ink in them as coverage.

Everything is measured in linear light: there a blurred edge is half as dark exactly where it was
sharp. Ink is told from paper and from the light guides by its colour: how far each pixel is from
the paper's colour towards the page's ink.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from fonts.drawing import Field, Points
from fonts.reading.erase import bridged
from fonts.reading.lines import Line, tracks
from fonts.sheet.layout import Layout
from fonts.sheet.rectify import Warp

Picture = NDArray[np.uint8]
Mask = NDArray[np.bool_]

SIDE = 512              # pixels of a cell's canvas
FAINTEST = 0.12         # darkness in linear light, of paper's 1, that counts as ink

_MESH = 9               # points along a side of a cell that the warp is computed at
_COARSE = 64            # pixels of the canvas that its paper is estimated at
_STROKE = 13            # of those: wider than any stroke
_SPECK = 0.05           # mm^2
_GUIDE = 0.35           # linear darkness of a guide's red, at most
_GUIDE_REACH = 0.25     # mm to either side of a guide that it may be seen in
_INNER = 0.17           # of a guide's reach, to either side, that its hair does not fill
_BLACK = 0.7            # of the guides' length that is ink: then they are black
_ON_GUIDE = 0.85        # of a piece of ink: then it is a guide
_HAN = 0x4E00
_LINEAR = (((np.arange(256) / 255) ** 2.2) * 65535).astype(np.uint16)


@dataclass(frozen=True)
class Cell:
    """A cell as it lies flat: darkness (SIDE, SIDE, 3) of paper's light, and its place.

    `corners` (4, 2) of the canvas in the picture, pixel edges at integers; `density` is the
    picture's pixels a mm there; `whole` is False where it lies partly outside the picture.
    """

    index: int
    darkness: Field
    corners: Points
    density: float
    whole: bool


@dataclass(frozen=True)
class Lit:
    """An RGB picture (H, W, 3), and itself made small, `scale` times, for the light on paper."""

    picture: Picture
    small: Picture
    scale: float

    @classmethod
    def of(cls, picture: Picture, warp: Warp, layout: Layout) -> Lit:
        """The picture of a page, made as small as its paper is looked at."""
        reach = warp(np.array([[0.0, 0.0], list(layout.frame)]))
        density = np.linalg.norm(reach[1] - reach[0]) / np.linalg.norm(layout.frame)
        scale = min(1.0, _COARSE / layout.canvas / float(density))
        small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        return cls(picture, np.asarray(small), scale)


def cut_cell(lit: Lit, warp: Warp, layout: Layout, index: int) -> Cell:
    """Cell `index` of a page."""
    picture = lit.picture
    place = np.array(layout.canvas_square(index))
    square = np.array([[0, 0], [1, 0], [1, 1], [0, 1]]) * layout.canvas
    corners = warp(place + square)
    height, width = picture.shape[:2]
    whole = bool((corners > -0.5).all() and (corners < [width - 0.5, height - 0.5]).all())
    area = abs(cv2.contourArea(corners.astype(np.float32)))
    crop = _flat(picture, warp, place, layout.canvas)
    paper = _paper(lit, warp, place, layout.canvas)
    light = cv2.divide(crop, paper, dst=crop)
    darkness = np.clip(np.subtract(1, light, out=light), 0, 1, out=light)
    return Cell(index, darkness, corners + 0.5, float(np.sqrt(area) / layout.canvas), whole)


def ink_colour(cells: list[Cell]) -> Field:
    """Darkness (3,) of full ink on the page: of the darker half of all that is no guide."""
    dark = np.concatenate([cell.darkness[::8, ::8].reshape(-1, 3) for cell in cells])
    level = dark.mean(1)
    dark = dark[level > max(2 * FAINTEST, _GUIDE * 0.7, 0.5 * np.percentile(level, 99.5))]
    if len(dark) < 50:
        return np.ones(3, np.float32)
    return np.median(dark[dark.mean(1) >= np.median(dark.mean(1))], axis=0).astype(np.float32)


@lru_cache(maxsize=4)
def guide_lines(layout: Layout, proportional: bool) -> tuple[Line, ...]:
    """The guides of a cell, in pixels of its canvas, with what printing and warping blur them."""
    scale = SIDE / layout.canvas
    start = (layout.canvas - layout.em) / 2 * scale
    stop, half = start + layout.em * scale, SIDE / 2
    drops = layout.guides(ord("a") if proportional else _HAN)
    level = [start, stop, *(start + drop * scale for drop in drops)]
    upright = [start, stop]
    if not drops:
        level, upright = [*level, half], [*upright, half]
    ends = [((start, y), (stop, y), 0) for y in level] + [((x, start), (x, stop), 1)
                                                         for x in upright]
    return tuple(Line(np.array(one), np.array(other), family, 2 * _GUIDE_REACH * scale)
                 for one, other, family in ends)


@lru_cache(maxsize=4)
def guides(layout: Layout, proportional: bool) -> Mask:
    """Where the guides of a cell are, (SIDE, SIDE)."""
    mask = np.zeros((SIDE, SIDE), np.uint8)
    for line in guide_lines(layout, proportional):
        one, other = (np.rint(end).astype(int).tolist() for end in (line.start, line.stop))
        cv2.line(mask, one, other, (1,), round(line.width))
    return mask > 0


def coverage(cell: Cell, colour: Field, layout: Layout, codepoint: int) -> tuple[Field, float]:
    """Ink coverage (SIDE, SIDE) in 0..1 of a cell, and its ink's darkness along `colour`."""
    printed = guides(layout, bool(layout.guides(codepoint)))
    toward = colour / float(colour @ colour)
    along = cv2.GaussianBlur(cv2.transform(cell.darkness, toward[None]), (0, 0), 1.2)
    level = _level(along, ~printed)
    if level * float(colour.mean()) < FAINTEST:
        return np.zeros_like(along), level
    ink = np.clip(along / level, 0, 1)
    lines = guide_lines(layout, bool(layout.guides(codepoint)))
    if _are_black(ink, lines):
        ink = _without_hairs(ink, lines)
    least = _SPECK * (SIDE / layout.canvas) ** 2
    return _without_specks(ink, least, printed), level


def _without_hairs(ink: Field, lines: tuple[Line, ...]) -> Field:
    """The ink with black guides taken out, strokes across them joined and no whiskers left."""
    core = tracks(ink.shape, lines, -_INNER * lines[0].width)
    joined = bridged(ink, lines, core)
    mask = (joined >= 0.5).astype(np.uint8)
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (9, 9))
    firm = cv2.dilate(cv2.morphologyEx(mask, cv2.MORPH_OPEN, disc), np.ones((3, 3), np.uint8)) > 0
    near = cv2.dilate(core.astype(np.uint8), np.ones((7, 7), np.uint8)) > 0
    return np.where(near & ~firm, 0, joined).astype(np.float32)


def _are_black(ink: Field, lines: tuple[Line, ...]) -> bool:
    """Whether a scanner made black hairs of the light guides: most of their length is ink."""
    near = cv2.dilate(ink, np.ones((7, 7), np.uint8))
    seen = [near[int(line.start[1]):int(line.stop[1]) + 1, int(line.start[0]):int(line.stop[0]) + 1]
            for line in lines]
    return bool(np.mean([part.mean() for part in seen]) > _BLACK)


def _flat(picture: Picture, warp: Warp, place: Points, side: float) -> Field:
    """Linear light (SIDE, SIDE, 3) of a square of the page, 0 to 65535."""
    columns, rows = _maps(warp, place, side, SIDE)
    left, right = max(int(columns.min()) - 3, 0), int(columns.max()) + 5
    top, bottom = max(int(rows.min()) - 3, 0), int(rows.max()) + 5
    part = picture[top:max(bottom, top + 1), left:max(right, left + 1)]
    if not part.size:
        return np.full((SIDE, SIDE, 3), 65535, np.float32)
    return np.asarray(cv2.remap(cv2.LUT(part, _LINEAR), columns - left, rows - top,
                                cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE), np.float32)


def _maps(warp: Warp, place: Points, side: float, size: int) -> tuple[Field, Field]:
    """Columns and rows (size, size) of the picture that a square of the page is seen at."""
    step = np.arange(_MESH) * (side / (_MESH - 1))
    mesh = warp(place + np.stack(np.meshgrid(step, step), -1))
    between = _between(size)
    columns, rows = (np.asarray(between @ np.float32(mesh[..., axis]) @ between.T, np.float32)
                     for axis in (0, 1))
    return columns, rows


@lru_cache(maxsize=2)
def _between(size: int) -> Field:
    """Weights (size, _MESH) of the mesh's points at each pixel of a line."""
    at = (np.arange(size)[:, None] + 0.5) * ((_MESH - 1) / size)
    return np.clip(1 - np.abs(at - np.arange(_MESH)), 0, 1).astype(np.float32)


def _paper(lit: Lit, warp: Warp, place: Points, side: float) -> Field:
    """Light of bare paper (SIDE, SIDE, 3) under a square of the page.

    Closing fills every stroke from its brighter sides and leaves the edges of shadows where they
    are; what it lifts by noise is taken back by the median of the paper. A rim around the square
    is looked at too, so that a shadow that ends there is known for one.
    """
    rim = _STROKE * side / _COARSE
    columns, rows = ((where + 0.5) * lit.scale - 0.5 for where in
                     _maps(warp, place - rim, side + 2 * rim, _COARSE + 2 * _STROKE))
    seen = cv2.remap(lit.small, columns, rows, cv2.INTER_LINEAR,
                     borderMode=cv2.BORDER_REPLICATE)
    light = _LINEAR[seen].astype(np.float32)
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (_STROKE, _STROKE))
    closed = cv2.morphologyEx(light, cv2.MORPH_CLOSE, disc, borderType=cv2.BORDER_REPLICATE)
    closed = np.maximum(cv2.GaussianBlur(closed, (0, 0), 1.0), 1)
    ratio = light / closed
    bare = ratio.min(-1) > 0.9
    if bare.any():
        closed *= np.median(ratio[bare], axis=0)
    inner = np.ascontiguousarray(closed[_STROKE:-_STROKE, _STROKE:-_STROKE])
    return np.asarray(cv2.resize(inner, (SIDE, SIDE), interpolation=cv2.INTER_LINEAR))


def _level(along: Field, free: Mask) -> float:
    """Full ink's value in a cell, off its guides: the plateau that strokes reach."""
    inked = along[::2, ::2][free[::2, ::2]]
    inked = inked[inked > 0.35]
    return float(np.clip(np.percentile(inked, 75), 0.0, 1.15)) if inked.size > 16 else 0.0


def _without_specks(ink: Field, least: float, printed: Mask) -> Field:
    """The ink less pieces under `least` pixels, and less those that are but printed guides."""
    mask = (ink >= 0.5).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    area = stats[:, cv2.CC_STAT_AREA]
    guide = np.bincount(labels[printed], minlength=count)
    lost = (area < least) | (guide > _ON_GUIDE * area)
    lost[0] = False
    if not lost.any():
        return ink
    grown = cv2.dilate(lost[labels].astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    kept = (mask > 0) & ~lost[labels]
    return np.where(grown & ~kept, 0, ink).astype(np.float32)
