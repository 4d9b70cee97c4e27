"""Changes of a whole hand: the same for all of its characters, and none where none is asked."""

from __future__ import annotations

import numpy as np
import pytest

from training.strokes.augment import AugmentConfig, _bow, _turned, augment

STILL = AugmentConfig(0, 0, 0, 0, 0, 0, 0.3, 0, 0)


def bars() -> np.ndarray:
    """Two characters of one stroke, (2, 1, 16, 2)."""
    return np.stack([np.linspace((20, y), (80, y), 16)[None] for y in (40, 90)]).astype(np.float32)


def test_a_config_of_nothing_changes_nothing() -> None:
    width = np.ones((2, 1, 4), np.float32)
    content, strokes, wide = augment(np.random.default_rng(1), STILL, bars(), bars() + 1, width)
    np.testing.assert_allclose(strokes, bars() + 1, atol=1e-4)
    assert np.array_equal(wide, width) and np.allclose(content, bars())


def test_strokes_are_turned_about_their_middle() -> None:
    turned = _turned(bars(), np.full((2, 1), np.pi / 2), np.full((2, 1), 0.5))
    np.testing.assert_allclose(turned[0, 0, [0, -1]], [(50, 25), (50, 55)], atol=1e-4)


def test_a_bow_is_deepest_in_the_middle() -> None:
    chord = bars()[:, :, -1] - bars()[:, :, 0]
    bow = _bow(chord, np.full((2, 1), 3.0))
    assert np.abs(bow[:, :, [0, -1]]).max() == 0 and bow[0, 0, 7, 0] == 0
    assert bow[0, 0, 7, 1] == pytest.approx(3 * (1 - (1 / 15) ** 2))


def test_a_weight_is_one_for_the_hand() -> None:
    heavy = AugmentConfig(0, 0, 0, 0, 0, 0, 0.3, weight=1.0, contrast=0)
    _, _, wide = augment(np.random.default_rng(2), heavy, bars(), bars(),
                         np.zeros((2, 1, 4), np.float32))
    assert wide[0, 0, 0] == wide[1, 0, 0] != 0 and not wide[..., 1:].any()
