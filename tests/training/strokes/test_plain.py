"""Which drawings their strokes give back."""

from __future__ import annotations

import numpy as np

from fonts.content import Content
from glyphgen.strokes.library import HEI, KAI
from training.strokes.plain import _are_there, _parts, drawings, given_back, others


def test_a_letter_is_given_back_and_a_block_is_not() -> None:
    strokes = given_back(Content().pair(ord("T"))[1])
    assert strokes is not None and strokes.shape[1:] == (16, 2)
    block = np.full((128, 128), -4, np.float32)
    block[30:98, 30:98] = 4
    assert given_back(block) is None


def test_parts_are_whole_and_specks_are_none() -> None:
    mask = np.zeros((128, 128), bool)
    mask[10:20, 10:20] = mask[40:60, 40:60] = mask[100, 100:110] = True
    assert [int(part.sum()) for part in _parts(mask)] == [100, 400]
    half = mask.copy()
    half[10:20, 10:14] = False
    assert not _are_there(_parts(mask), half & (np.arange(128) < 30)) and _are_there(
        _parts(mask), half | mask)


def test_what_regions_write_otherwise_is_split_from_kai_alone() -> None:
    content = Content()
    some = others(content)
    assert ord("国") not in some and {*map(ord, "あA한")} <= {*some}
    assert [*drawings(content, ord("A"))] == [HEI, KAI] and [*drawings(content, ord("≤"))] == [KAI]
