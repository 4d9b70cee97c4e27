import numpy as np
import pytest

from glyphgen.strokes import settle
from glyphgen.strokes.laid.joints import Beside

AT = np.linspace(0, 1, 16)


def line(x0: float, y0: float, x1: float, y1: float) -> np.ndarray:
    return np.stack([x0 + (x1 - x0) * AT, y0 + (y1 - y0) * AT], -1).astype(np.float32)


CORNER = np.stack([line(30, 30, 90, 30), line(90, 30, 90, 90)])
THIN = np.full((2, 16), 1.5, np.float32)


def settled(strokes: np.ndarray, content: np.ndarray, half_width: np.ndarray) -> np.ndarray:
    return settle.settled(strokes, Beside.of(content, strokes), half_width)


def test_an_open_corner_closes() -> None:
    drawn = CORNER + np.array([[[0, 0]], [[5, 3]]], np.float32)
    gap = np.abs(settled(drawn, CORNER, THIN)[0, -1] - settled(drawn, CORNER, THIN)[1, 0])
    assert np.abs(drawn[0, -1] - drawn[1, 0]) == pytest.approx([5, 3])
    assert gap.max() < 1.5


def test_an_end_that_overshoots_comes_back() -> None:
    tee = np.stack([line(30, 60, 90, 60), line(60, 20, 60, 60)])
    drawn = tee + np.array([[[0, 0]], [[0, 6]]], np.float32)
    end = settled(drawn, tee, THIN)
    assert end[1, -1, 1] - end[0, 7:9, 1].mean() < 1.5


def test_neighbours_that_ran_together_part() -> None:
    ladder = np.stack([line(30, y, 90, y) for y in (20, 50, 60, 100)])
    drawn = ladder - np.array([0, 0, 7, 0])[:, None, None].astype(np.float32) * np.float32([0, 1])
    wide = np.full((4, 16), 1.5, np.float32)
    settled_gap = np.diff(settled(drawn, ladder, wide)[:, :, 1].mean(1))
    assert np.diff(drawn[:, :, 1].mean(1)) == pytest.approx([30, 3, 47])
    assert 4 < settled_gap[1] <= 5                              # two widths and the white
    assert settled_gap[0] == pytest.approx(29.5, abs=1)


def test_what_is_settled_stays() -> None:
    assert settled(CORNER, CORNER, THIN) == pytest.approx(CORNER, abs=1e-3)
    assert settled(CORNER[:1], CORNER[:1], THIN[:1]) == pytest.approx(CORNER[:1], abs=1e-3)
