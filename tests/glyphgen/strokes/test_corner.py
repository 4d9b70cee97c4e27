import numpy as np
import pytest

from exporters.strokes.curve import corners, curve, turns
from glyphgen.strokes.corners.corner import CUTS, Corner, apex, cornered, corners_of, meeting
from glyphgen.strokes.corners.turning import cuts_of, turnings
from glyphgen.strokes.ink import ink_lines
from glyphgen.strokes.laid.edges import Edges

RIGHT = np.concatenate([np.stack([np.linspace(30, 86, 8), np.full(8, 30.0)], 1),
                        np.stack([np.full(8, 90.0), np.linspace(34, 90, 8)], 1)]).astype(np.float32)
WIDE = np.full(16, 2.5, np.float32)
BOTH = np.float32([0, 0])


def test_a_corner_between_two_points_is_found() -> None:
    assert corners_of(RIGHT) == [Corner(7, 8, 1)]
    assert corners_of(RIGHT[:, ::-1]) == [Corner(7, 8, -1)]
    assert apex(RIGHT, Corner(7, 8, 1)) == pytest.approx([90, 30])
    round_one = 60 + 30 * np.stack([np.cos(a := np.linspace(0, np.pi, 16)), np.sin(a)], 1)
    assert corners_of(round_one.astype(np.float32)) == []


def test_lines_meet_ahead_or_nowhere() -> None:
    level, upright = np.float32([[0, 0], [1, 0]]), np.float32([[5, 9], [5, 8]])
    assert meeting(level, upright) == pytest.approx([5, 0])
    assert meeting(level[::-1], upright) is None
    assert meeting(level, level + np.float32([0, 1])) is None


def test_a_sharp_hand_has_no_chamfer() -> None:
    (drawn,), (wide,) = cornered(RIGHT[None], WIDE[None], RIGHT[None], BOTH)
    assert drawn[7] == pytest.approx([90, 30])
    assert np.delete(drawn, 7, 0) == pytest.approx(np.delete(RIGHT, 7, 0))
    assert wide == pytest.approx(WIDE)


def test_a_round_hand_turns_in_a_curve() -> None:
    (drawn,), _ = cornered(RIGHT[None], WIDE[None], RIGHT[None], np.float32([8, 0]))
    assert not corners(drawn).any() and turns(drawn).sum() == pytest.approx(np.pi / 2, abs=1e-5)
    assert drawn[[0, -1]] == pytest.approx(RIGHT[[0, -1]])
    nearest = np.hypot(*(curve(drawn, WIDE, corners(drawn))[0] - np.float32([90, 30])).T).min()
    assert nearest == pytest.approx(8 / np.sqrt(8), abs=0.05)   # the middle of a parabola
    mirrored = cornered(RIGHT[None, :, ::-1], WIDE[None], RIGHT[None, :, ::-1],
                        np.float32([0, 8]))[0][0]
    assert mirrored[:, ::-1] == pytest.approx(drawn)


def test_what_has_no_corner_stays_as_it_is() -> None:
    line = np.linspace((20, 20), (100, 90), 16, dtype=np.float32)
    drawn, wide = cornered(line[None], WIDE[None], line[None], np.float32([8, 8]))
    assert np.array_equal(drawn[0], line) and np.array_equal(wide[0], WIDE)


@pytest.mark.parametrize("cut", CUTS)
def test_the_curve_that_a_sample_shows_is_the_least_wrong(cut: float) -> None:
    (drawn,), _ = cornered(RIGHT[None], WIDE[None], RIGHT[None], np.float32([cut, cut]))
    field = ink_lines([curve(drawn, WIDE, corners(drawn))])
    seen = turnings(RIGHT[None], Edges(field, RIGHT[None], WIDE[None]))
    assert seen.shape == (1, 1 + len(CUTS)) and seen[0, 0] == 1
    assert CUTS[int(seen[0, 1:].argmin())] == cut and seen[0, 1:].min() == pytest.approx(0, abs=0.1)


def test_a_hand_turns_as_most_of_its_ink_says() -> None:
    def at(way: int, cut: float) -> list[float]:
        return [way, *(abs(cut - each) for each in CUTS)]

    assert cuts_of(np.float32([at(1, 6)] * 3 + [at(-1, 3)] * 3)) == pytest.approx([6, 3])
    assert cuts_of(np.float32([at(1, 6)] * 3 + [at(-1, 0)])) == pytest.approx([6, 6])  # too few
    assert cuts_of(np.float32([at(1, 6)] * 2)) == pytest.approx([0, 0])
