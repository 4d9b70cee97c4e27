"""Pictures that pages show, and cells cut anew."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from fonts.drawing import EM_PIXELS, from_coverage
from glyphgen.studio.pictures import content_picture, moved, sprite
from glyphgen.studio.recut import WHOLE, around_field, cut_field

INK = np.zeros((128, 128), np.float32)
INK[40:60, 30:70] = 1
FIELD = from_coverage(INK, 128)


def _alpha(data: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(data)) as image:
        return np.asarray(image)[..., 1]


def test_glyphs_stand_in_rows_and_what_is_lacking_is_blank() -> None:
    alpha = _alpha(sprite({65: FIELD}, [66, 65, 66], 128, columns=2))
    assert alpha.shape == (256, 256)
    assert alpha[50, 128 + 50] == 255 and alpha[:128, :128].max() == alpha[128:].max() == 0
    assert _alpha(content_picture(0x1F600, "cn", 64)).max() == 0


def test_a_move_is_in_shares_of_the_em() -> None:
    right = moved(FIELD, 8 / EM_PIXELS, 0.0, 1.0)
    assert right[20:100, 28:100] == pytest.approx(FIELD[20:100, 20:92], abs=1e-3)


def test_the_whole_cut_changes_nothing() -> None:
    assert cut_field(FIELD, WHOLE) == pytest.approx(FIELD, abs=1e-3)
    with Image.open(io.BytesIO(around_field(FIELD))) as image:
        around = np.asarray(image.convert("L"))
    side = len(around)
    assert around.shape == (side, side) and around[:side // 4].min() > 245
    assert around[side // 4 + side // 2 * 50 // 128, side // 4 + side // 2 * 50 // 128] < 20
