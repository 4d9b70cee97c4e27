"""Centre lines as a graph: ends and junctions are where the drawing has them."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from fonts.drawing import Field, from_coverage
from training.strokes.graph import Graph, angle_between, graph_of, heading, lengths


def drawn(*lines: tuple[tuple[int, int], ...], wide: int = 8) -> Field:
    """A field of lines, in canvas pixels, `wide` of them thick."""
    ink = np.zeros((512, 512), np.uint8)
    for line in lines:
        cv2.polylines(ink, [4 * np.array(line, np.int32)], False, (255,), 4 * wide)
    return from_coverage(ink.astype(np.float32) / 255)


def degrees(graph: Graph) -> list[int]:
    """How many lines end at each node."""
    return sorted(len(legs) for legs in graph.legs().values())


def test_lengths_are_summed_along_a_line() -> None:
    line = np.array([(0, 0), (3, 4), (3, 10)], np.float32)
    assert lengths(line).tolist() == [0, 5, 11]


@pytest.mark.parametrize("a, b, apart", [(0.0, 1.0, 1.0), (3.0, -3.0, 2 * np.pi - 6),
                                         (-3.0, 3.0, 6 - 2 * np.pi)])
def test_angles_are_taken_the_short_way(a: float, b: float, apart: float) -> None:
    assert angle_between(a, b) == pytest.approx(apart)


def test_a_bar_has_two_ends() -> None:
    graph = graph_of(drawn(((20, 64), (108, 64))))
    assert degrees(graph) == [1, 1]
    assert sorted(float(p[0]) for p in graph.place.values()) == pytest.approx([20, 108], abs=5)
    assert list(graph.radius.values()) == pytest.approx([4, 4], abs=2)


def test_a_cross_is_one_crossing_in_its_middle() -> None:
    graph = graph_of(drawn(((20, 64), (108, 64)), ((64, 20), (64, 108))))
    assert degrees(graph) == [1, 1, 1, 1, 4]
    middle = next(node for node, legs in graph.legs().items() if len(legs) == 4)
    np.testing.assert_allclose(graph.place[middle], [64, 64], atol=1)
    ways = sorted(heading(graph, leg) for leg in graph.legs()[middle])
    np.testing.assert_allclose(np.abs(np.diff(ways)), np.pi / 2, atol=0.1)


def test_a_joint_and_a_ring() -> None:
    assert degrees(graph_of(drawn(((20, 30), (108, 30)), ((64, 30), (64, 108))))) == [1, 1, 1, 3]
    ring = graph_of(drawn(((30, 30), (98, 30), (98, 98), (30, 98), (30, 30))))
    (edge,) = ring.edges.values()
    assert edge.ends[0] == edge.ends[1] and edge.length == pytest.approx(4 * 68, rel=0.05)
