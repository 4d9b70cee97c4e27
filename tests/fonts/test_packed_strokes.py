"""Strokes as they are stored."""

from __future__ import annotations

import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fonts.drawing import Strokes
from fonts.packed import PackedError
from fonts.strokes import FINE, MOST, pack_inked, unpack_inked


def some(count: int, seed: int = 0) -> Strokes:
    """Strokes all over the canvas and beyond it."""
    rng = np.random.default_rng(seed)
    return Strokes(rng.uniform(-200, 250, (count, 16, 2)).astype(np.float32),
                   rng.uniform(0.1, 30, (count, 16)).astype(np.float32))


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 60), st.integers(0, 2**32 - 1))
def test_strokes_come_back_to_a_64th_of_a_pixel(count: int, seed: int) -> None:
    strokes = some(count, seed)
    ends = np.random.default_rng(seed).uniform(0, 4, (count, 2, 13)).astype(np.float32)
    shaped = Strokes(strokes.lines, strokes.half_width, ends)
    both = pack_inked(shaped)
    assert both is not None
    reach = unpack_inked(both).ends
    assert reach is not None and np.abs(reach - ends).max() <= 0.5 / FINE + 1e-5
    sides = np.random.default_rng(seed).uniform(0, 3, (count, 2, 46)).astype(np.float32)
    for reaches in (None, ends):
        packed = pack_inked(Strokes(strokes.lines, strokes.half_width, reaches, sides))
        assert packed is not None
        all_ = unpack_inked(packed)
        assert all_.sides is not None and (all_.ends is None) == (reaches is None)
        assert np.abs(all_.sides - sides).max() <= 0.5 / FINE + 1e-5
    packed = pack_inked(strokes)
    assert packed is not None
    back = unpack_inked(packed)
    assert back.ends is None and back.sides is None
    assert np.abs(back.lines - strokes.lines).max() <= 0.5 / FINE + 1e-5
    assert np.abs(back.half_width - strokes.half_width).max() <= 0.5 / FINE + 1e-5
    assert pack_inked(back) == packed


def test_a_straight_stroke_takes_few_bytes() -> None:
    line = np.linspace((20, 64), (110, 64), 16, dtype=np.float32)[None]
    packed = pack_inked(Strokes(line, np.full((1, 16), 3, np.float32)))
    assert packed is not None and len(packed) == 23


@pytest.mark.parametrize("strokes", [
    some(0), some(MOST + 1), Strokes(some(1).lines * 9, some(1).half_width),
    Strokes(some(1).lines * np.float32(np.nan), some(1).half_width)])
def test_what_cannot_be_stored_is_nothing(strokes: Strokes) -> None:
    assert pack_inked(strokes) is None


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=200))
def test_other_bytes_are_refused(data: bytes) -> None:
    for form in (data, zlib.compress(data)):
        with pytest.raises(PackedError, match="damaged"):
            unpack_inked(form)


@pytest.mark.parametrize("steps", [
    np.zeros((3, 1, 16)), np.full((3, 1, 16), 2000), np.zeros((3, 1, 15)),
    np.ones((3, MOST + 1, 16)), np.zeros((3, 0, 16))])
def test_values_that_no_stroke_has_are_refused(steps: np.ndarray) -> None:
    with pytest.raises(PackedError, match="damaged"):
        unpack_inked(zlib.compress(b"\0" + steps.astype("<i2").tobytes()))
