"""The floor of a hand: how far it is from itself when it writes the same component twice.

No drawing of a hand can be expected to come nearer to it than its own components come to each
other. Components at the left of a character are cut off where a white gap sets them apart, brought
to one ink box, and compared in pairs across characters, at the scale of `metrics`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from skimage.morphology import skeletonize

from training.measure.metrics import EM, FINE_EM, Typeset, distance_to

Mask = NDArray[np.bool_]

HAN = (
    "江河海湖洋深清溫波流油法活酒洗浪泳泡汁汗沙消涼添測",
    "他你作住位低佔何但使例供依便俗信修個們倒候停健",
    "語說話記許詩試論課談請讀調識警説読",
    "林村松板柱樹橋橫機植根格桃校",
    "叫吃吸呼味唱喝嘴喊吹吐吵",
    "她好如妹姐姑始娘婚",
    "忙快怕情性怪恨悟慢慣憶",
    "打拉推投持指描技折抱",
    "紅綠細組給結紙終約絡紀級線",
    "銀銅鉄銘針鈴鏡鋼錢錯",
)
"""Characters that share their left component; each group is compared within itself."""

HANGUL = tuple("".join(chr(0xAC00 + 28 * (21 * initial + vowel))
                       for vowel in (0, 1, 2, 4, 5, 6, 20))
               for initial in (0, 2, 3, 5, 6, 7, 9, 11, 12, 14, 18))
"""Syllables without a final whose vowel stands at the right of the same initial."""

GROUPS = {"han": HAN, "hangul": HANGUL}

_FROM, _TO = 0.15, 0.5      # where the white gap is sought, in widths of the ink
_LEAST = 200                # pixels of ink in a component
_ALIKE = 0.6, 1.6           # width of a component over the group's median
_MARGIN = 4                 # white pixels around a component


@dataclass(frozen=True)
class Floor:
    """Mean figures of the pairs of one hand, as defined in `metrics`; chamfer in 1/1000 em."""

    pairs: int
    nl1: float
    iou: float
    chamfer: float


def floor(font: Typeset, groups: Sequence[str] = HAN) -> Floor | None:
    """How far the font's hand is from itself; None where no two components can be compared."""
    rows: list[tuple[float, float, float]] = []
    for group in groups:
        inks = (font.fine(c) > 0.5 for c in group if ord(c) in font.codepoints)
        found = [part for part in map(left_component, inks) if part is not None]
        if len(found) >= 3:
            parts = [_Part(p) for p in _in_one_box(found)]
            rows += [one.against(other) for one, other in permutations(parts, 2)
                     if one.skeleton.any() and other.skeleton.any()]
    if not rows:
        return None
    nl1, iou, chamfer = (float(value) for value in np.mean(rows, 0))
    return Floor(len(rows), nl1, iou, chamfer)


def left_component(ink: Mask) -> Mask | None:
    """What stands to the left of the whitest column, where that column is white from top to end."""
    columns = np.flatnonzero(ink.any(0))
    if not len(columns):
        return None
    first, width = columns[0], np.ptp(columns)
    start, end = first + int(_FROM * width), first + int(_TO * width)
    if end <= start:
        return None
    gap = start + int(np.argmin(ink[:, start:end].sum(0)))
    part = ink[:, first:gap]
    return part if not ink[:, gap].any() and part.sum() > _LEAST else None


def _in_one_box(parts: Sequence[Mask]) -> list[NDArray[np.float64]]:
    """The parts that are about as wide as the others, each stretched to the median ink box."""
    boxes = [np.argwhere(part) for part in parts]
    sizes = np.array([np.ptp(box, axis=0) + 1 for box in boxes])
    median = np.median(sizes, 0)
    height, width = (max(4, round(side * EM / FINE_EM)) for side in median)
    out = []
    for part, box, size in zip(parts, boxes, sizes):
        if _ALIKE[0] < size[1] / median[1] < _ALIKE[1]:
            (top, first), (end, last) = box.min(0), box.max(0) + 1
            image = Image.fromarray(part[top:end, first:last].astype(np.uint8) * 255)
            small = np.asarray(image.resize((width, height), Image.Resampling.BILINEAR), float)
            out.append(np.pad(small / 255, _MARGIN))
    return out


class _Part:
    """One component in the box of its group, and what comparing it needs."""

    def __init__(self, picture: NDArray[np.float64]) -> None:
        self.picture, self.ink = picture, picture > 0.5
        self.skeleton = skeletonize(self.ink)
        self.distance = distance_to(self.skeleton)

    def against(self, other: _Part) -> tuple[float, float, float]:
        """nl1, IoU and chamfer of this component, held to be a drawing of `other`."""
        error = np.abs(self.picture - other.picture).sum() / other.picture.sum()
        overlap = (self.ink & other.ink).sum() / (self.ink | other.ink).sum()
        there = self.distance[other.skeleton].mean(dtype=np.float64)
        back = other.distance[self.skeleton].mean(dtype=np.float64)
        return float(error), float(overlap), float((there + back) / 2 * 1000 / EM)


def share_left(error: float, least: float, content: float) -> float | None:
    """Share of the reducible error that is left: 1 is the plain content font, 0 the hand itself.

    None where the content font is as near to the hand as the hand is: nothing is to be reduced.
    """
    return (error - least) / (content - least) if content > least else None
