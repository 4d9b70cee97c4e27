"""Strokes split off the content's drawings, where there is no stroke-order data.

A drawing stays one of pixels where inked strokes don't give it back: dots, filled shapes, and what
would gain or lose a part or a hole. Parts that touch or hardly don't are the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from fonts.charset import named
from fonts.content import Content
from fonts.drawing import Field
from fonts.regions import REGIONS, script_of
from glyphgen.strokes.ink import ink
from glyphgen.strokes.laid.lay import weighed
from glyphgen.strokes.laid.refine import widths_along
from glyphgen.strokes.laid.skeleton import skeleton_of
from glyphgen.strokes.library import HEI, KAI
from training.strokes.split import split

Floats = NDArray[np.float32]

_LIKE = 0.8             # intersection over union of the drawing and its strokes inked
_THERE = 0.6            # share of a part that is there if the part is
_SPECK = 10             # pixels of a part that is none: where two lines part at an acute angle
_HANZI = ("gb2312", "tw4808", "jis1", "joyo")    # lists that people write from


def given_back(field: Field) -> Floats | None:
    """The strokes (S, 16, 2) of a drawing (128, 128), None where they don't give it back."""
    strokes, lines = split(field), skeleton_of(field)
    if lines is None or not len(strokes):
        return None
    again = ink(strokes, weighed(strokes, widths_along(strokes, lines), field)) > 0
    there = field > 0
    like = (again & there).sum() / (again | there).sum()
    whole = (_are_there(_parts(there), again) and _are_there(_parts(again), there)
             and len(_parts(~there)) == len(_parts(~again)))
    return strokes if like >= _LIKE and whole else None


def _parts(mask: NDArray[np.bool_]) -> list[NDArray[np.bool_]]:
    """The connected parts of a mask, but for specks."""
    count, label = cv2.connectedComponents(mask.astype(np.uint8), connectivity=4)
    parts = (label == number for number in range(1, count))
    return [part for part in parts if part.sum() > _SPECK]


def _are_there(parts: Sequence[NDArray[np.bool_]], mask: NDArray[np.bool_]) -> bool:
    return all(mask[part].mean() > _THERE for part in parts)


def rare_hanzi(content: Content, known: Iterable[int]) -> list[int]:
    """Hanzi of the usual lists whose strokes are not known."""
    listed = {c for name in _HANZI for c in named(name).codepoints if script_of(c) == "han"}
    return sorted((listed & content.codepoints).difference(known))


def others(content: Content) -> list[int]:
    """All that is no hanzi."""
    return sorted(c for c in content.codepoints if script_of(c) != "han")


def drawings(content: Content, codepoint: int) -> dict[int, Field]:
    """What strokes of a character that is no hanzi are split off: by content.

    Not the Hei content where regions write it in other ways: its strokes would be one region's.
    """
    hei, kai = content.pair(codepoint)
    regional = any(Content(region).is_regional(codepoint) for region in REGIONS)
    return {KAI: kai} if regional else {HEI: hei, KAI: kai}
