"""Content strokes lie on the content, also where the first try at laying them does not."""

import numpy as np
import pytest

from fonts.content import Content
from glyphgen.strokes.laid.skeleton import Skeleton, skeleton_of
from glyphgen.strokes.library import KAI, Library
from training.strokes.medians import astray

LINE = np.stack([np.linspace(20, 100, 161), np.full(161, 60.0)], -1).astype(np.float32)
BAR = np.stack([np.linspace(20, 100, 16), np.full(16, 60.0)], -1)[None].astype(np.float32)


def test_what_is_astray_is_counted_in_pixels_on_either_side() -> None:
    drawing = Skeleton(LINE, np.zeros_like(LINE), np.full(161, 3, np.float32))
    assert astray(BAR, drawing) == 0
    half = np.stack([np.linspace(20, 60, 16), np.full(16, 60.0)], -1)[None].astype(np.float32)
    assert astray(half, drawing) == pytest.approx(36.5, abs=0.6)     # 40 less what lies near
    aside = np.concatenate([BAR, BAR + np.array([0, 10], np.float32)])
    assert astray(aside, drawing) == pytest.approx(16 + 3 * 6, abs=0.01)    # 10 pixels off


@pytest.mark.parametrize("character", "叫告锚银迄蓄俯关糊耐闷笆铲")
def test_strokes_that_ship_lie_on_their_character(character: str) -> None:
    skeleton = skeleton_of(Content("cn").pair(ord(character))[KAI])
    assert skeleton is not None
    assert astray(Library.load()[ord(character)], skeleton) < 15
