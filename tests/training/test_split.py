"""Strokes split off drawings whose strokes are known."""

from __future__ import annotations

import numpy as np
import pytest

from fonts.content import Content
from fonts.drawing import Field, from_coverage
from glyphgen.strokes.ink import ink
from glyphgen.strokes.laid.refine import widths_along
from glyphgen.strokes.laid.skeleton import skeleton_of
from training.strokes.split import split

BAR = 8         # pixels that the lines here are thick
Way = list[tuple[float, float]]


def drawn(*bars: tuple[int, int, int, int]) -> Field:
    """Bars (left, top, right, bottom), canvas pixels, as a field."""
    ink_ = np.zeros((512, 512), np.float32)
    for left, top, right, bottom in bars:
        ink_[4 * top:4 * bottom, 4 * left:4 * right] = 1
    return from_coverage(ink_, 128)


def ring() -> Field:
    """A ring of radius 32 round the middle of the canvas."""
    y, x = (np.mgrid[:512, :512] + 0.5) / 4 - 64
    return from_coverage((np.abs(np.hypot(x, y) - 32) < BAR / 2).astype(np.float32), 128)


ACROSS, DOWN = (24, 60, 104, 68), (60, 24, 68, 104)
TOP, BOTTOM = (24, 24, 104, 32), (24, 96, 104, 104)
LEFT, RIGHT = (24, 24, 32, 104), (96, 24, 104, 104)


def ways(field: Field, per_stroke: list[list[int]]) -> list[Way]:
    """Where the chosen points of each stroke lie, in whole pixels."""
    strokes = split(field)
    assert len(strokes) == len(per_stroke)
    return [[(round(float(x)), round(float(y))) for x, y in stroke[points]]
            for stroke, points in zip(strokes, per_stroke)]


def is_near(found: list[Way], wanted: list[Way], pixels: float = 1.5) -> bool:
    return all(np.abs(np.subtract(a, b)).max() <= pixels
               for a, b in zip(found, wanted, strict=True))


def test_a_plus_is_a_bar_and_an_upright() -> None:
    found = ways(drawn(ACROSS, DOWN), [[0, 15], [0, 15]])
    assert is_near(found, [[(28, 64), (100, 64)], [(64, 28), (64, 100)]]), found


def test_a_t_is_a_bar_and_an_upright_that_starts_on_it() -> None:
    found = ways(drawn(TOP, DOWN), [[0, 15], [0, 15]])
    assert is_near(found, [[(28, 28), (100, 28)], [(64, 28), (64, 100)]]), found


@pytest.mark.parametrize("bars, corner, start, stop", [
    ((LEFT, BOTTOM), (28, 100), (28, 28), (100, 100)),
    ((TOP, RIGHT), (100, 28), (28, 28), (100, 100))], ids=["bottom left", "top right"])
def test_a_corner_is_one_stroke_with_a_knot_on_it(
        bars: tuple[tuple[int, int, int, int], ...], corner: tuple[int, int],
        start: tuple[int, int], stop: tuple[int, int]) -> None:
    stroke, = split(drawn(*bars))
    assert np.abs(stroke[[0, 15]] - (start, stop)).max() < 1.5
    assert np.abs(stroke - corner).max(1).min() < 1
    assert 6 <= np.abs(stroke - corner).max(1).argmin() <= 9


def test_a_box_is_written_in_three() -> None:
    strokes = split(drawn(LEFT, TOP, RIGHT, BOTTOM))
    assert len(strokes) == 3
    assert np.abs(strokes[0][[0, 15]] - ((28, 28), (28, 100))).max() < 1
    assert np.abs(strokes[1][[0, 15]] - ((28, 28), (100, 100))).max() < 1
    assert np.abs(strokes[1] - (100, 28)).max(1).min() < 1
    assert np.abs(strokes[2][[0, 15]] - ((28, 100), (100, 100))).max() < 1


def test_a_ring_starts_at_its_top_and_runs_to_the_left() -> None:
    stroke, = split(ring())
    assert np.abs(np.hypot(*(stroke - 64).T) - 32).max() < 0.8
    assert np.abs(stroke[[0, 15]] - (64, 32)).max() < 1.5
    assert stroke[4][0] < 40 and stroke[11][0] > 88


def test_a_dot_is_a_short_stroke_on_its_middle() -> None:
    y, x = (np.mgrid[:512, :512] + 0.5) / 4
    stroke, = split(from_coverage((np.hypot(x - 40, y - 90) < 6).astype(np.float32), 128))
    assert np.abs(stroke.mean(0) - (40, 90)).max() < 1
    assert 1 < np.hypot(*(stroke[15] - stroke[0])) < 6


def test_a_star_of_seven_lines_is_seven_strokes() -> None:
    y, x = (np.mgrid[:512, :512] + 0.5) / 4 - 64
    turns = np.arange(7) * np.pi / 7 + 0.1
    aside = np.min([np.abs(x * np.sin(turn) - y * np.cos(turn)) for turn in turns], axis=0)
    field = from_coverage(((aside < 1.5) & (np.hypot(x, y) < 50)).astype(np.float32), 128)
    strokes = split(field)
    assert len(strokes) == 7
    assert np.abs(np.hypot(*(strokes[:, [0, 15]] - 64).reshape(-1, 2).T) - 49).max() < 2


def test_no_ink_has_no_strokes() -> None:
    assert split(np.full((128, 128), -4, np.float32)).shape == (0, 16, 2)


@pytest.mark.parametrize("character, count", [
    ("十", 2), ("口", 3), ("日", 4), ("田", 5), ("木", 4), ("人", 2), ("山", 3), ("ロ", 3),
    ("い", 2), ("の", 1), ("キ", 3), ("가", 3), ("나", 3), ("다", 4), ("라", 5), ("마", 5),
    ("아", 3), ("한", 6), ("T", 2), ("V", 1), ("O", 1), ("A", 3), ("H", 3), ("i", 2), ("8", 2),
    ("。", 1), ("・", 1)])
def test_characters_have_as_many_strokes_as_people_write(character: str, count: int) -> None:
    assert len(split(Content("cn").pair(ord(character))[1])) == count


@pytest.mark.parametrize("character", "あふきアヲ한뷁Rg永國驫")
def test_strokes_cover_the_drawing(character: str) -> None:
    field = Content("cn").pair(ord(character))[1]
    strokes, lines = split(field), skeleton_of(field)
    assert lines is not None and strokes.dtype == np.float32
    drawn_again = ink(strokes, widths_along(strokes, lines))
    assert ((drawn_again > 0) & (field > 0)).sum() > 0.8 * ((drawn_again > 0) | (field > 0)).sum()
    assert np.array_equal(split(field), strokes)
