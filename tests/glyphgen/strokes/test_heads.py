"""Heads of strokes: bent as far as the hand bends them."""

from __future__ import annotations

import numpy as np
import pytest

from glyphgen.strokes.heads import bent, most_bent, with_heads

AT = np.linspace(0, 40, 16)
STRAIGHT = np.stack([60 + 0 * AT, 30 + AT], -1).astype(np.float32)


def headed(turn: float) -> np.ndarray:
    """A stroke down the page whose first six pixels come in aside, turned by so many radians."""
    out = STRAIGHT.copy()
    back = np.maximum(6 - AT, 0)
    out[:, 0] -= back * np.sin(turn)
    out[:, 1] = 36 - back * np.cos(turn) + np.maximum(AT - 6, 0)
    return out.astype(np.float32)


def test_a_head_is_bent_by_as_much_as_it_turns_and_which_way() -> None:
    turns = bent(np.stack([headed(0.6), headed(-0.6), STRAIGHT]))
    assert turns == pytest.approx([0.6, -0.6, 0], abs=0.1) and turns[2] == 0


def test_a_hand_that_bends_no_heads_gets_none() -> None:
    content = [np.stack([headed(turn)]) for turn in (0.5, -0.5, 0.6, -0.6, 0.7)]
    most = most_bent(content, [STRAIGHT[None]] * 5)
    assert most == pytest.approx(0, abs=1e-6)
    drawn = with_heads(headed(0.5)[None], headed(0.5)[None], most)
    assert bent(drawn) == pytest.approx(0, abs=0.05)
    assert drawn[0, 4:] == pytest.approx(headed(0.5)[4:])            # the rest stays in its place
    assert drawn[0, 0] == pytest.approx(STRAIGHT[0], abs=0.6)


def test_a_hand_that_bends_them_keeps_them_and_few_say_nothing() -> None:
    content = [np.stack([headed(turn)]) for turn in (0.5, -0.5, 0.6, -0.6, 0.7)]
    assert with_heads(headed(0.5)[None], headed(0.5)[None],
                      most_bent(content, content)) == pytest.approx(headed(0.5)[None])
    assert most_bent(content[:4], [STRAIGHT[None]] * 4) == np.inf


def test_what_the_content_does_not_bend_is_left_alone() -> None:
    assert np.array_equal(with_heads(headed(0.6)[None], STRAIGHT[None], 0.0), headed(0.6)[None])
    assert np.array_equal(with_heads(headed(1.4)[None], headed(1.4)[None], 0.0),
                          headed(1.4)[None])                        # a corner
