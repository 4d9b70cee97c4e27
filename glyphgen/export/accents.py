"""Accented letters: the hand's own letter under the accents of the content, in the pen's width.

A letter and what stands over it are up to 1.1 em high, more than a drawing's canvas holds, so the
network never sees a whole Ǜ. The letter is the person's, or drawn for them, wherever it is written
without its accent; only the accents come from the content font.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Collection, Iterable
from functools import lru_cache
from typing import NamedTuple

import cv2
import numpy as np

from exporters.fontfile.metrics import box_of
from exporters.outlines.contour import perimeter
from exporters.outlines.outline import Outline
from fonts.content import Content
from fonts.drawing import EM_PIXELS, SPREAD, UNITS_PER_EM, Field, is_proportional

Tracer = Callable[[Field, int, float], Outline]

_ABOVE = 230                    # combining class of what stands over a letter
_LOWERED = 230                  # units that content is lowered by, so that all accents are on it
_SCALE = (0.6, 1.6)             # of accents, as the letter is to the content's
_LEVELS = (-2.5, 1.5)           # canvas pixels that their strokes grow or shrink by
_SLACK = 30                     # units that an accent may reach down beside its letter


class _Parts(NamedTuple):
    """A letter of the content, without a dot, and the field of what stands over it."""

    letter: Outline
    over: Field


def bases(wanted: Iterable[int], there: Collection[int]) -> dict[int, int]:
    """Accented letters and the letters that they are composed on, which must be `there`."""
    found = {}
    for c in wanted:
        parts = unicodedata.normalize("NFD", chr(c))
        if len(parts) > 1 and is_proportional(c) and ord(parts[0]) in there and all(
                unicodedata.combining(mark) == _ABOVE for mark in parts[1:]):
            found[c] = ord(parts[0])
    return found


def accented(codepoint: int, letter: Outline, trace: Tracer) -> Outline | None:
    """`letter` with the accents of `codepoint`, em units; None where they can't be told apart."""
    parts = _parts(codepoint)
    if parts is None or letter.is_empty:
        return None
    body, model = _without_dot(letter), parts.letter
    left, bottom, right, top = box_of(body)
    first, low, last, high = box_of(model)
    scale = float(np.clip((top - bottom) / (high - low), *_SCALE))
    thicker = (_thickness(body) / scale - _thickness(model)) / 2       # units on either side
    level = float(np.clip(-thicker * EM_PIXELS / UNITS_PER_EM, *_LEVELS))
    marks = trace(parts.over, codepoint, level).transformed(
        (scale, 0, 0, scale, (left + right - scale * (first + last)) / 2,
         top - scale * (high - _LOWERED)))
    return Outline((*body.contours, *marks.rounded().contours))


@lru_cache(256)
def _parts(codepoint: int) -> _Parts | None:
    from exporters.preview.draft import draft

    field = Content().lowered(codepoint, _LOWERED)
    if field is None:
        return None
    count, labels, stats, _ = cv2.connectedComponentsWithStats((field > 0).astype(np.uint8))
    if count < 3:
        return None
    letter = 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax())
    slack = _SLACK * EM_PIXELS / UNITS_PER_EM
    ends = stats[:, cv2.CC_STAT_TOP] + stats[:, cv2.CC_STAT_HEIGHT]
    marks = [k for k in range(1, count) if k != letter]
    if any(ends[k] > stats[letter, cv2.CC_STAT_TOP] + slack for k in marks):
        return None
    near, far = (cv2.distanceTransform((~np.isin(labels, some)).astype(np.uint8), cv2.DIST_L2, 5)
                 for some in ([letter], marks))
    alone = np.where(near <= far, field, np.float32(-SPREAD))
    over = np.where(far < near, field, np.float32(-SPREAD))
    return _Parts(draft(alone, codepoint).transformed((1, 0, 0, 1, 0, _LOWERED)), over)


def _without_dot(letter: Outline) -> Outline:
    """The letter less what lies wholly over its largest contour."""
    largest = max(letter.contours, key=lambda c: abs(c.area))
    top = float(largest.points[:, 1].max())
    return Outline(tuple(c for c in letter.contours if c.points[:, 1].min() <= top))


def _thickness(outline: Outline) -> float:
    """Mean width of the strokes, units."""
    around = sum(perimeter(contour.flattened()) for contour in outline.contours)
    return 2 * outline.area / max(around, 1.0)
