"""Samples written on glass: their own strokes stand where those of pictures have to be found."""

from __future__ import annotations

import numpy as np
import pytest

from exporters.strokes.curve import corners, curve
from glyphgen.hand.strokes import lay_samples
from glyphgen.project.strokes import UNITS, Stroke
from glyphgen.strokes.ink import ink
from glyphgen.strokes.laid.written import lay_written
from glyphgen.strokes.library import Library

MOVE, SCALE = np.array([4.0, -3.0]), 0.9


def hand_of(char: str) -> tuple[np.ndarray, np.ndarray]:
    """The content's strokes (S, 16, 2) of a character, and a hand's, elsewhere and smaller."""
    content = Library.load()[ord(char)]
    return content, ((content - 64) * SCALE + 64 + MOVE).astype(np.float32)


def written(strokes: np.ndarray, wide: float = 2.0) -> list[tuple[np.ndarray, np.ndarray]]:
    """Many points along each stroke, as glass gives them."""
    return [curve(one, np.full(16, wide, np.float32), corners(one)) for one in strokes]


@pytest.mark.parametrize("char", "永国道书")
def test_strokes_are_paired_in_any_order_and_direction(char: str) -> None:
    content, strokes = hand_of(char)
    width = np.full(strokes.shape[:2], 2, np.float32)
    lines, order = written(strokes), np.random.default_rng(1).permutation(len(strokes))
    mixed = [tuple(part[::-1] for part in lines[i]) if i % 2 else lines[i] for i in order]
    laid = lay_written(content, mixed, ink(strokes, width))
    assert laid is not None
    off = np.linalg.norm(laid.strokes - strokes, axis=-1)
    assert off.mean() < 0.3 and off.max() < 2          # corners on corners
    assert abs(laid.half_width.mean() - 2) < 0.1


def test_widths_follow_the_pressure() -> None:
    content, strokes = hand_of("二")
    line, wide = curve(strokes[0], np.linspace(1, 3, 16, dtype=np.float32), corners(strokes[0]))
    other = curve(strokes[1], np.full(16, 2, np.float32), corners(strokes[1]))
    field = ink(strokes, np.stack([np.linspace(1, 3, 16), np.full(16, 2)]).astype(np.float32))
    laid = lay_written(content, [(line, wide), other], field)
    assert laid is not None and laid.half_width[0, 0] < 1.2 and laid.half_width[0, -1] > 2.7


def test_joined_and_left_out_strokes_are_not_paired() -> None:
    content, strokes = hand_of("永")
    field = ink(strokes, np.full(strokes.shape[:2], 2, np.float32))
    lines = written(strokes)
    joined = tuple(np.concatenate(parts) for parts in zip(*lines[:2]))
    assert lay_written(content, [joined, *lines[2:]], field) is None
    assert lay_written(content, [], field) is None
    far = (lines[0][0] * np.float32(0.05), lines[0][1])
    assert lay_written(content, [far, *lines[1:]], field) is None
    dot = (np.repeat(lines[0][0][:1], 2, axis=0), lines[0][1][:2])
    assert lay_written(content, [dot, *lines[1:]], field) is not None


def test_samples_take_their_own_strokes_where_they_have_them() -> None:
    content, strokes = hand_of("永")
    width = np.full(strokes.shape[:2], 2, np.float32)
    field, point = ink(strokes, width), ord("永")
    found = lay_samples({point: field})[point]

    def glass(lines: np.ndarray) -> list[Stroke]:
        return [np.c_[np.rint(line * UNITS), np.full(16, 500), np.zeros((16, 3))].astype(np.int32)
                for line in lines]

    known = lay_samples({point: field}, {point: glass(strokes)})[point]
    errors = [np.linalg.norm(laid.strokes - strokes, axis=-1).mean() for laid in (found, known)]
    assert errors[1] < 0.3 < errors[0]
    fewer = lay_samples({point: field}, {point: glass(strokes[:3])})[point]
    np.testing.assert_array_equal(fewer.strokes, found.strokes)     # found as in a picture
