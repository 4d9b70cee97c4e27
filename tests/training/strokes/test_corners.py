"""Where a line has corners, and the pieces between them."""

from __future__ import annotations

import numpy as np
import pytest

from training.strokes.corners import Line, corners_of, even, opened, parted, smoothed


def walked(*corners: tuple[float, float]) -> Line:
    """A line through corners, ink of half-width 2."""
    return even(np.array(corners, np.float32), np.full(len(corners), 2, np.float32))


def thinned(*corners: tuple[float, float], ring: bool = False) -> Line:
    """The same as it comes from a raster: without its steps, corners rounded by as much."""
    line = walked(*corners)
    return Line(smoothed(line.points, ring), line.wide)


def test_a_line_has_a_point_each_half_pixel() -> None:
    line = walked((10, 10), (40, 10), (40, 50))
    assert line.points.shape == (141, 2) and line.length == pytest.approx(70)
    assert line.points[60].tolist() == [40, 10] and line.points[61].tolist() == [40, 10.5]
    assert line.turned().points[0].tolist() == [40, 50]


def test_a_right_angle_is_the_only_corner() -> None:
    assert corners_of(thinned((10, 10), (40, 10), (40, 50))) == [60]
    assert corners_of(thinned((10, 10), (40, 14), (70, 20))) == []


def test_pieces_meet_in_the_corner() -> None:
    line = thinned((10, 10), (40, 10), (40, 50))
    across, down = parted(line, [60])
    assert across.points[0].tolist() == [10, 10] and down.points[-1].tolist() == [40, 50]
    np.testing.assert_allclose([across.points[-1], down.points[0]], [[40, 10]] * 2, atol=1e-4)


def test_a_ring_begins_at_its_top_left_corner() -> None:
    ring = opened(thinned((60, 60), (20, 60), (20, 20), (60, 20), (60, 60), ring=True))
    np.testing.assert_allclose(ring.points[[0, -1]], [[20, 20]] * 2, atol=0.1)


def test_a_round_ring_begins_at_its_top_and_goes_left() -> None:
    turn = np.linspace(0, 2 * np.pi, 200)
    circle = 60 + 30 * np.stack([np.cos(turn), np.sin(turn)], 1).astype(np.float32)
    ring = opened(even(circle, np.full(200, 2, np.float32)))
    np.testing.assert_allclose(ring.points[0], [60, 30], atol=0.6)
    assert ring.points[20, 0] < ring.points[0, 0]


def test_smoothing_keeps_the_ends_and_straight_lines() -> None:
    line = walked((10, 10), (40, 25)).points
    np.testing.assert_allclose(smoothed(line, ring=False), line, atol=1e-4)
    stairs = np.round(line)
    assert np.abs(smoothed(stairs, ring=False) - line).max() < np.abs(stairs - line).max()
    assert np.array_equal(smoothed(stairs, ring=False)[[0, -1]], stairs[[0, -1]])
