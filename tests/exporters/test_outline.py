"""Outline: drawing, measures, bytes and TrueType glyphs."""

from __future__ import annotations

import numpy as np
import pytest
from fontTools.pens.recordingPen import RecordingPen

from exporters.outlines.outline import CUBIC, LINE, Contour, Outline, OutlineError, quadratic

SQUARE = Contour(np.array([[0, 0], [0, 100], [100, 100], [100, 0.0]]), (LINE,) * 4)
K = 55.228
DISC = Contour(np.array([
    [100, 0], [100, -K], [K, -100], [0, -100], [-K, -100], [-100, -K],
    [-100, 0], [-100, K], [-K, 100], [0, 100], [K, 100], [100, K]]), (CUBIC,) * 4)


def test_area_is_positive_clockwise() -> None:
    assert SQUARE.area == pytest.approx(10000)
    assert SQUARE.reversed().area == pytest.approx(-10000)
    assert DISC.area == pytest.approx(np.pi * 10000, rel=1e-3)


def test_a_polygon_is_measured_as_its_curves_would_be() -> None:
    """What is of lines alone has a way of its own: 10,000 square units less a notch of 150."""
    notched = Contour(np.array([(0, 0), (0, 100), (30, 100), (35, 70), (40, 100), (100, 100),
                                (100, 0)], float), (LINE,) * 7)
    bent = Contour(np.insert(notched.points, 1, [(0, 40), (0, 70)], axis=0), (CUBIC, *(LINE,) * 6))
    assert notched.area == 9850 == bent.area == -notched.reversed().area
    assert np.array_equal(notched.flattened(), notched.points)
    assert len(bent.flattened()) == 14 and Contour(np.empty((0, 2)), ()).area == 0


def test_draw_closes_without_a_last_line() -> None:
    pen = RecordingPen()
    Outline((SQUARE,)).draw(pen)
    assert [name for name, _ in pen.value] == ["moveTo"] + ["lineTo"] * 3 + ["closePath"]
    assert Outline((SQUARE, DISC)).bounds == (-100, -100, 100, 100)


def test_a_mirror_keeps_the_direction() -> None:
    outline = Outline((SQUARE, DISC)).transformed((-1, 0, 0, 1, 10, 0))
    assert all(c.area > 0 for c in outline.contours)
    assert outline.bounds == (-90, -100, 110, 100)


@pytest.mark.parametrize("shift", [0.0, 0.25])
def test_bytes_round_trip(shift: float) -> None:
    outline = Outline((SQUARE, DISC)).transformed((1, 0, 0, 1, shift, 0))
    assert Outline.from_bytes(outline.to_bytes()) == outline
    assert Outline.from_bytes(Outline().to_bytes()).is_empty


def test_damaged_bytes_are_refused() -> None:
    data = Outline((DISC,)).rounded().to_bytes()
    for bad in (b"", data[:-1], data + b"x", b"nope" + data[4:], data[:7], data[:9]):
        with pytest.raises(OutlineError):
            Outline.from_bytes(bad)


def test_segments_must_match_points() -> None:
    with pytest.raises(OutlineError, match="do not match"):
        Contour(SQUARE.points, (LINE,) * 3)
    with pytest.raises(OutlineError, match="finite"):
        Contour(SQUARE.points * np.nan, (LINE,) * 4)


def test_quadratic_stays_within_tolerance() -> None:
    glyph = quadratic(Outline((DISC, SQUARE.reversed())))
    assert glyph.numberOfContours == 2
    points, ends, _ = glyph.getCoordinates({})
    assert ends[-1] + 1 == len(points) <= 24
    assert (glyph.xMin, glyph.yMin, glyph.xMax, glyph.yMax) == (-100, -100, 100, 100)
