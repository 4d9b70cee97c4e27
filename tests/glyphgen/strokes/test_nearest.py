"""Strokes go to the lines nearest to them, and lines draw the strokes that miss them."""

import numpy as np

from glyphgen.strokes.laid.nearest import drawn_near
from glyphgen.strokes.laid.skeleton import Skeleton


def line(*ends: tuple[float, float], points: int = 16) -> np.ndarray:
    return np.stack([np.linspace(a, b, points) for a, b in zip(*ends)], 1).astype(np.float32)


def lines(*drawn: np.ndarray) -> Skeleton:
    """Centre lines along straight strokes (N, 2)."""
    along = [one[-1] - one[0] for one in drawn]
    angles = [2 * np.arctan2(y, x) for x, y in along]
    direction = np.concatenate([np.tile([np.cos(a), np.sin(a)], (len(one), 1))
                                for a, one in zip(angles, drawn)]).astype(np.float32)
    points = np.concatenate(drawn)
    return Skeleton(points, direction, np.full(len(points), 2, np.float32))


def test_a_stroke_beside_its_line_comes_onto_it_and_stays_as_long() -> None:
    target = lines(line((30, 60), (90, 60), points=121))
    laid = drawn_near(line((32, 63), (88, 62))[None], target)[0]
    assert np.abs(laid[:, 1] - 60).max() < 0.1
    assert 55 < laid[-1, 0] - laid[0, 0] < 61


def test_strokes_go_to_lines_of_their_direction_and_bare_lines_draw_strokes() -> None:
    """A dot leans on a bar; its own line stands off."""
    bar, dot, own = line((30, 60), (90, 60)), line((44, 50), (50, 57)), line((42, 44), (48, 51))
    target = lines(line((30, 60), (90, 60), points=121), line((42, 44), (48, 51), points=20))
    laid = drawn_near(np.stack([bar, dot]), target)
    along = (own[-1] - own[0]) / np.hypot(*(own[-1] - own[0]))
    aside = (laid[1] - own[0]) @ np.array([-along[1], along[0]])
    assert np.abs(aside).max() < 0.3 and np.abs(laid[1] - own)[[0, -1]].max() < 1.5
    assert np.abs(laid[0][:, 1] - 60).max() < 1.5 and np.abs(laid[0] - bar).max() < 2
