"""Boxes that a hand writes as loops: ends that meet at a corner meet in a curve."""

from __future__ import annotations

import numpy as np
import pytest

from glyphgen.strokes.corners.loops import Loops, Meeting, meetings

AT = np.linspace(0, 1, 16)
WIDE = np.full((3, 16), 2.5, np.float32)


def line(*points: tuple[float, float]) -> np.ndarray:
    """A polyline as a stroke (16, 2) of evenly spaced points, one of them on its corner."""
    corner = 8 if len(points) == 3 else 15
    at = np.r_[np.linspace(0, 1, corner + 1), np.linspace(1, 2, 16 - corner)[1:]]
    return np.stack([np.interp(at, range(len(points)), [p[k] for p in points]) for k in (0, 1)],
                    1).astype(np.float32)


BOX = np.stack([line((30, 30), (30, 96)), line((30, 30), (90, 30), (90, 92)),
                line((30, 92), (90, 92))])


def arc(first: float, last: float) -> np.ndarray:
    """A part, degrees, of the ellipse in that box (16, 2); from x to y is positive."""
    turn = np.radians(first + (last - first) * AT)
    return np.stack([60 + 30 * np.cos(turn), 61 + 31 * np.sin(turn)], 1).astype(np.float32)


LOOP = np.stack([arc(225, 135), arc(225, 405), arc(135, 45)])


def bent_at(strokes: np.ndarray, each: Meeting) -> float:
    """Radians by which the way through two ends that meet turns."""
    out = [strokes[s, -e] - strokes[s, 1 if e == 0 else -2] for s, e in (each[:2], each[2:])]
    ways = [np.arctan2(step[1], step[0]) for step in (out[0], -out[1])]
    return abs((ways[0] - ways[1] + np.pi) % (2 * np.pi) - np.pi)


def test_ends_that_meet_at_a_corner_of_the_content_are_found() -> None:
    corners = [Meeting(0, 0, 1, 0), Meeting(0, 1, 2, 0), Meeting(1, 1, 2, 1)]
    assert meetings(BOX) == corners                     # though one upright goes on by 4 pixels
    assert meetings(BOX[:1]) == []
    cross = np.stack([line((20, 60), (100, 60)), line((60, 20), (60, 100))])
    assert meetings(cross) == []
    roof = np.stack([line((60, 20), (20, 60)), line((60, 20), (100, 60))])
    assert meetings(roof) == []                         # as in 人, where no hand goes around


@pytest.mark.parametrize(("written", "low", "high"), [(LOOP, 0.45, 0.65), (BOX, 0, 0.01)])
def test_how_far_around_a_corner_was_written_is_seen(written: np.ndarray, low: float,
                                                     high: float) -> None:
    curves = Loops.of([BOX], [(written, WIDE)]).curves
    assert curves.shape == (3,) and (low <= curves).all() and (curves <= high).all()
    apart = written + np.array([[[0, 0]], [[12, 0]], [[0, 0]]], np.float32)
    assert Loops.of([BOX], [(apart, WIDE)]).curves[0] == 0      # it is open there


def test_a_hand_of_loops_writes_other_boxes_as_loops_and_another_hand_as_they_are() -> None:
    other = 0.8 * BOX + np.float32(12)
    loops, corners = Loops.of([BOX] * 2, [(LOOP, WIDE)] * 2), Loops.of([BOX], [(BOX, WIDE)])
    strokes, curved = loops.brought(other, other)
    assert curved.tolist() == [[True, True], [True, True], [True, True]]
    for each in meetings(other):
        one, two = (strokes[s, -e] for s, e in (each[:2], each[2:]))
        assert one == pytest.approx(two, abs=1e-4)
        assert bent_at(strokes, each) < 0.5 < bent_at(other, each)
    assert strokes[0, 0, 0] > other[0, 0, 0] + 5 and strokes[0, 0, 1] > other[0, 0, 1] + 5
    assert strokes[1, 8] == pytest.approx(other[1, 8], abs=0.01)        # its own corner stays
    same, none = corners.brought(other, other)
    assert (same == other).all() and not none.any()


def test_a_corner_unlike_those_of_the_samples_stays_as_it_is() -> None:
    turned = BOX[:, :, ::-1].copy()                     # strokes that run the other way around
    strokes, curved = Loops.of([BOX], [(LOOP, WIDE)]).brought(turned, turned)
    assert (strokes == turned).all() and not curved.any()
    none = Loops.of([BOX[:1]], [(BOX[:1], WIDE[:1])])
    assert (none.brought(BOX, BOX)[0] == BOX).all()
