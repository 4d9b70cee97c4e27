import numpy as np
import pytest

from fonts.drawing import Strokes
from glyphgen.strokes.laid.joints import Beside, Joints, offsets
from glyphgen.strokes.library import Library
from glyphgen.strokes.loose import loosened
from glyphgen.strokes.settle import settled

AT = np.linspace(0, 1, 16)
THIN = np.full((2, 16), 1.5, np.float32)


def line(x0: float, y0: float, x1: float, y1: float) -> np.ndarray:
    return np.stack([x0 + (x1 - x0) * AT, y0 + (y1 - y0) * AT], -1).astype(np.float32)


TEE = np.stack([line(30, 60, 90, 60), line(60, 20, 60, 60)])        # an upright on a bar
CORNER = np.stack([line(30, 30, 90, 30), line(90, 30, 90, 90)])


def lowered(strokes: np.ndarray, x: float, y: float) -> np.ndarray:
    return strokes + np.array([[[0, 0]], [[x, y]]], np.float32)


def away_of(content: np.ndarray, strokes: np.ndarray, half_width: np.ndarray) -> np.ndarray:
    return offsets(Beside.of(content, strokes).met()[0], strokes, half_width)


def test_which_ends_meet_is_the_contents_to_say() -> None:
    ends, along = Beside.of(TEE, lowered(TEE, 0, -9)).met()
    assert ends.tolist() == [[1, 1, 0]] and along == pytest.approx(7.5, abs=0.1)
    assert Beside.of(CORNER, CORNER).met()[0].tolist() == [[0, 1, 1], [1, 0, 0]]
    assert not len(Beside.of(TEE[:1], TEE[:1]).met()[0])


@pytest.mark.parametrize(("down", "ahead"), [(-6, -6), (4, 4), (-2, 0), (0, 0)])
def test_white_and_crossing_are_seen_and_touching_is_not(down: float, ahead: float) -> None:
    found = away_of(TEE, lowered(TEE, 0, down), THIN)
    assert found[1, 1] == pytest.approx([ahead, 0], abs=0.05)
    assert not found[0].any() and not found[1, 0].any()


def test_an_offset_turns_with_the_stroke() -> None:
    turned = np.stack([TEE[..., 1], -TEE[..., 0]], -1) + np.float32([0, 120])
    one, other = (away_of(strokes, lowered(strokes, *by), THIN)[1, 1]
                  for strokes, by in ((TEE, (3, 6)), (turned, (6, -3))))
    assert one == pytest.approx(other, abs=0.05) and one[0] == pytest.approx(6, abs=0.05)


@pytest.mark.parametrize("down", [-6.0, 4.0])
def test_a_joint_is_left_as_the_hand_leaves_it(down: float) -> None:
    hand = Joints.of([TEE], [(lowered(TEE, 0, down), THIN)])
    away = hand.brought(TEE, Beside.of(TEE, TEE))
    assert away[1, 1] == pytest.approx([down, 0], abs=0.05)
    drawn = settled(TEE, Beside.of(TEE, TEE), THIN, away)
    assert 0.7 < (drawn[1, -1, 1] - drawn[0, 7:9, 1].mean()) / down < 1.02
    apart = lowered(TEE, 0, down)
    closed = settled(apart, Beside.of(TEE, apart), THIN)
    assert abs(closed[1, -1, 1] - closed[0, 7:9, 1].mean()) < 2


def test_an_unlike_joint_says_nothing() -> None:
    hand = Joints.of([TEE], [(lowered(TEE, 0, -6), THIN)])
    assert not hand.brought(CORNER, Beside.of(CORNER, CORNER)).any()
    assert not hand.brought(TEE[:1], Beside.of(TEE[:1], TEE[:1])).any()


def test_one_that_was_laid_wrong_is_outvoted() -> None:
    odd, usual = (lowered(TEE, 0, down) for down in (-7, 4))
    hand = Joints.of([TEE] * 4, [(odd, THIN), *[(usual, THIN)] * 3])
    assert hand.brought(TEE, Beside.of(TEE, TEE))[1, 1] == pytest.approx([4, 0], abs=0.05)


def test_looser_and_neater_keep_open_corners_open() -> None:
    content = Library.load()[ord("口")]
    drawn = content.copy()
    drawn[-1] += np.float32([0, 7])                 # the last bar, below its uprights
    wide = np.full(drawn.shape[:2], 1.5, np.float32)
    before = away_of(content, drawn, wide)
    assert np.abs(before).max() > 3
    for taste, share in ((0.5, 1.0), (-0.5, 0.5)):
        after = loosened(Strokes(drawn, wide), ord("口"), taste)
        kept = np.abs(away_of(content, after.lines, wide)).max() / np.abs(before).max()
        assert kept == pytest.approx(share, abs=0.45) and kept > 0.2
