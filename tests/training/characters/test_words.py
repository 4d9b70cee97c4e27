"""Blocks of strokes, and the letters that syllables hold."""

from __future__ import annotations

import numpy as np

from training.characters.words import blocks, jamo


def test_syllables_hold_their_letters() -> None:
    held = jamo([*map(ord, "가힣a")])
    assert held.shape == (3, 68)
    assert [np.flatnonzero(row).tolist() for row in held] == [[0, 19, 40], [18, 39, 67], []]


def test_only_blocks_with_ink_count_each_with_its_place() -> None:
    grid = np.zeros((16, 16, 4), np.float32)
    assert blocks(grid, 0.35).shape == (0, 66)
    grid[0, 0, 2] = 3.0                         # in the first block of the first row alone
    (one,) = blocks(grid, 0.35)
    assert one[2] == 1 and np.count_nonzero(one) == 1 and one[64:].tolist() == [0, 0]
    grid[0, 0, 2], grid[15, 15, 1] = 0, 0.5     # of the last: 12 cells down and right
    (one,) = blocks(grid, 0.3)
    np.testing.assert_allclose(one[64:], [0.6, 0.6], atol=1e-6)
