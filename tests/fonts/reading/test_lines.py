"""Ruled lines are found where they were drawn."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from fonts.reading.lines import Line, find_lines, mean_of, most_of, printed_by, tracks


def page(*ends: tuple[tuple[int, int], tuple[int, int]], dark: float = 0.4) -> np.ndarray:
    """Darkness (400, 400, 3) of a page with lines 3 pixels wide."""
    ink = np.zeros((400, 400), np.float32)
    for start, stop in ends:
        cv2.line(ink, start, stop, (dark,))
    ink = cv2.dilate(ink, np.ones((3, 3)))      # thicker lines of OpenCV are wider than they say
    return np.repeat(ink[..., None], 3, 2)


@pytest.mark.parametrize("family, start, stop", [
    (0, (20, 150), (380, 150)), (1, (150, 20), (150, 380)), (2, (60, 60), (340, 340)),
    (3, (60, 340), (340, 60)), (0, (20, 140), (380, 160))])
def test_a_line_is_found_with_its_ends_and_width(family: int, start: tuple[int, int],
                                                 stop: tuple[int, int]) -> None:
    (line,) = find_lines(page((start, stop)), 400, [family])
    ends = sorted([tuple(line.start), tuple(line.stop)])
    np.testing.assert_allclose(ends, sorted([start, stop]), atol=6)
    assert line.width == pytest.approx(3, abs=1.3) and line.seen > 0.9 and line.wobble < 0.7
    assert line.colour == pytest.approx([0.4] * 3, abs=0.06)


def test_an_empty_page_has_none() -> None:
    assert find_lines(page(), 400, range(4)) == []


def test_distances_to_a_line_are_beside_and_along() -> None:
    line = Line(np.array([10.0, 10]), np.array([110.0, 10]), 0)
    beside, along = line.apart(np.array([[30.0, 15], [10, 4]]))
    assert beside.tolist() == [5, -6] and along.tolist() == [20, 0] and line.length == 100


def test_tracks_and_print_of_a_rule() -> None:
    profile = np.repeat(np.array([0, 0, 0.5, 0.5, 0.5, 0, 0])[:, None], 3, 1)
    rule = Line(np.array([20.0, 50]), np.array([80.0, 50]), 0, width=3, profile=profile)
    rows = np.flatnonzero(tracks((100, 100), [rule], 0).any(1)).tolist()
    assert {49, 50, 51} <= {*rows} <= {48, 49, 50, 51, 52}
    printed = printed_by((100, 100), [rule])
    assert printed[50, 50, 0] == pytest.approx(0.5) and printed[56, 50, 0] == 0


def test_channels_are_joined() -> None:
    dark = np.array([[[0.1, 0.5, 0.3]]], np.float32)
    assert most_of(dark).item() == 0.5 and mean_of(dark).item() == pytest.approx(0.3)
