"""A page laid flat by its markers, and the marker that is missing."""

from __future__ import annotations

import numpy as np
import pytest

from fonts.sheet.layout import CORNERS, LAYOUTS, VERSION
from fonts.sheet.markers import MarkerError, find_markers, missing
from fonts.sheet.rectify import RectifyError, Warp, page_homography


def test_a_rectified_point_is_where_the_markers_say() -> None:
    """A page at 4 pixels a mm, its corner at (10, 20)."""
    places = LAYOUTS[VERSION].markers()
    seen = {index: 4.0 * places[index] + [10, 20] for index in (0, 1, 3)}
    homography = page_homography(seen)
    flat = Warp(homography, np.zeros((10, 2)), np.zeros((1, 2)), np.zeros((4, 2)),
                LAYOUTS[VERSION].frame)
    assert flat(np.array([[0.0, 0.0], [50.0, 100.0]])) == pytest.approx(
        np.array([[10.0, 20.0], [210.0, 420.0]]), abs=1e-3)
    assert missing(seen) == [CORNERS[2]]


def test_markers_in_one_place_say_nothing() -> None:
    with pytest.raises(RectifyError, match="lie on one line"):
        page_homography({index: np.zeros((4, 2)) for index in range(3)})


def test_a_blank_page_has_no_marker() -> None:
    with pytest.raises(MarkerError, match="no marker"):
        find_markers(np.full((600, 400), 255, np.uint8))
