"""The desk, the lid and shadows along a picture's edges are no writing."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

import fonts.content
from fonts.drawing import Field
from fonts.reading.ink import ink_of
from fonts.reading.samples import read_samples
from fonts.reading.strips import find_strips
from fonts.render import Face

HEI = Face(Path(fonts.content.__file__).parent / "hei-cn.otf")
SIDE = 448


def written(char: str) -> Field:
    drawn = HEI.coverage(ord(char), SIDE)
    assert drawn is not None
    return drawn


def colours(grey: np.ndarray) -> np.ndarray:
    return np.repeat(grey[..., None], 3, -1)


def with_strip(grey: np.ndarray, turns: int, depth: float, slope: float, left: float,
               soft: float) -> np.ndarray:
    """The picture with a strip of `depth` along an edge, `left` of the light left on it."""
    turned = np.rot90(grey, turns).astype(np.float32)
    side = (depth + slope * np.linspace(-0.5, 0.5, SIDE)) * SIDE
    strip = (np.arange(SIDE)[:, None] < side).astype(np.float32)
    light = 1 - (1 - left) * cv2.GaussianBlur(strip, (0, 0), soft)
    return np.ascontiguousarray(np.rot90(turned * light, -turns)).astype(np.uint8)


@pytest.mark.parametrize("turns", range(4))
@pytest.mark.parametrize("depth, slope, left, soft", [
    (0.02, 0, 0.15, 1), (0.05, 0.03, 0.2, 1), (0.03, -0.06, 0.15, 1), (0.07, 0, 0.5, 4)],
    ids=["lid", "desk", "wedge", "shadow"])
def test_a_dark_strip_is_dropped(turns: int, depth: float, slope: float, left: float,
                                 soft: float) -> None:
    ink = written("中")
    grey = np.rint(240 - 200 * ink + np.random.default_rng(0).normal(0, 3, ink.shape)).clip(
        0, 255).astype(np.uint8)
    dark = with_strip(grey, turns, depth, slope, left, soft)
    found, doubts = ink_of(dark, colours(dark))
    assert ((found >= 0.5) & (ink >= 0.5)).sum() > 0.97 * ((found >= 0.5) | (ink >= 0.5)).sum()
    assert not doubts


@pytest.mark.parametrize("char", "口国匚厂一丨区冂凵中回")
def test_strokes_at_the_edge_of_a_tight_picture_are_no_strips(char: str) -> None:
    ink = written(char)
    x, y, w, h = cv2.boundingRect((ink > 0.5).astype(np.uint8))
    tight = np.rint(240 - 200 * ink[y:y + h, x:x + w]).astype(np.uint8)
    assert not find_strips(cv2.resize(tight, None, fx=SIDE / max(w, h), fy=SIDE / max(w, h)))


def test_a_strip_over_the_writing_is_told(tmp_path: Path) -> None:
    grey = np.rint(240 - 200 * written("中")).astype(np.uint8)
    Image.fromarray(with_strip(grey, 0, 0.2, 0, 0.15, 1)).save(tmp_path / "中.png")
    read = read_samples([tmp_path])
    assert read.warnings == (f"{tmp_path / '中.png'}: the dark strip at its top edge touches the "
                             "writing; look at it",)
