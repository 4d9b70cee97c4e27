"""Corners from the distances around them."""

from __future__ import annotations

import numpy as np
import pytest

from exporters.outlines.vertex import vertex


def test_a_corner_is_where_the_distances_beyond_it_were_measured_from() -> None:
    """Ink is the quarter below and right of (3, -2); the field is sampled every 4 units."""
    frame = np.array([-38.0, 38.0, 4.0])
    x = frame[0] + 4 * np.arange(20)
    px, py = np.meshgrid(x - 3, frame[1] - 4 * np.arange(20) + 2)
    outside = np.hypot(np.maximum(-px, 0), np.maximum(py, 0))
    field = np.where(outside > 0, -outside, np.minimum(px, -py))
    agreed, share, place = vertex(field, frame, np.array([2.0, -1.0]), np.array([0.0, 1.0]),
                                  np.array([1.0, 0.0]), np.full(2, 0.05))
    assert place == pytest.approx([3, -2], abs=0.05) and share > 0.99 and agreed > 20
