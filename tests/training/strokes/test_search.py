"""Strokes are found where a smooth warp has lost them."""

import numpy as np

from glyphgen.strokes.ink import ink
from glyphgen.strokes.laid.skeleton import skeleton_of
from training.strokes.medians import astray
from training.strokes.search import brought_to_bare, searched, with_one_more


def box() -> np.ndarray:
    """Two bars, a post, and a dot to the left of it: (4, 16, 2)."""
    ends = [((30, 40), (90, 40)), ((24, 70), (100, 70)), ((62, 40), (62, 105)),
            ((38, 84), (46, 93))]
    return np.stack([np.linspace(a, b, 16) for a, b in ends]).astype(np.float32)


def test_a_stroke_on_the_line_of_another_is_found_a_place_of_its_own() -> None:
    true = box()
    target = skeleton_of(ink(true, np.full((4, 16), 3, np.float32)))
    assert target is not None
    wrong = true.copy()
    wrong[3] += [8, -10]                        # the dot leans on a bar
    assert astray(wrong, target) > 10
    found = searched(wrong, target)
    assert np.abs(found - true).max() < 3 and astray(found, target) < 3


def test_an_idle_stroke_is_brought_to_a_line_without_one() -> None:
    true = box()
    target = skeleton_of(ink(true, np.full((4, 16), 3, np.float32)))
    assert target is not None
    assert brought_to_bare(true, true, target) is None          # nothing is bare
    wrong = true.copy()
    wrong[3] = wrong[1, :] * 0.3 + [60, 49]                     # far off, on a bar
    found = brought_to_bare(wrong, true, target)
    assert found is not None and np.abs(found - true).max() < 3


def test_a_part_without_a_stroke_gets_one() -> None:
    true = box()
    target = skeleton_of(ink(true, np.full((4, 16), 3, np.float32)))
    assert target is not None
    assert with_one_more(true, target) is None
    assert with_one_more(true[[0, 2, 3]], target) is None       # the bar hangs on the post
    found = with_one_more(true[:3], target)
    assert found is not None and np.abs(found - true).max() < 3
