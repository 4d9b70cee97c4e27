"""What a segment costs and misses."""

from __future__ import annotations

import numpy as np
import pytest

from exporters.outlines.segments import cubic, line_error, quadratics, span

LINE = np.array([(x, 0.0) for x in range(13)])
ALONG = np.array([(1.0, 0.0), (1.0, 0.0)])
FIXED = np.zeros(2, np.int64)


def test_a_point_beside_a_line_counts_once_and_squared() -> None:
    aside = np.array([(3.0, 2.0), (5.0, -1.0)])
    assert line_error(aside, LINE[0], LINE[-1]) == (2.0, 5.0)


def test_a_cubic_of_a_line_is_the_line_and_one_quadratic() -> None:
    curve, worst, total = cubic(LINE[1:-1], LINE[[0, -1]], ALONG, FIXED, 4, 10.0)
    assert curve[:, 1].tolist() == [0, 0, 0, 0] and curve[[0, 3], 0].tolist() == [0, 12]
    assert worst == total == 0 and quadratics(curve) == 1
    assert quadratics(np.array([(0, 0), (0, 100), (100, 0), (100, 100)], float)) == 4


def test_a_straight_span_is_one_line() -> None:
    points, kinds = span(LINE, ALONG, FIXED, 1.0, 3)
    assert kinds.tolist() == [1] and points.tolist() == [[12, 0]]
    turn = np.linspace(0, np.pi / 2, 40)
    arc = 100 * np.stack([np.sin(turn), 1 - np.cos(turn)], axis=1)
    points, kinds = span(arc, np.array([(1.0, 0.0), (0.0, 1.0)]), FIXED, 1.0, 3)
    assert set(kinds.tolist()) == {3} and points[-1] == pytest.approx([100, 100])
