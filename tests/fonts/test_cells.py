"""What a cell holds: verdicts, characters in each other's place, directions of edges."""

from __future__ import annotations

import numpy as np

from fonts.content import Content
from fonts.sheet.cells import SIDE, Cell, ink_colour
from fonts.sheet.compare import by_direction, swapped_cells


def test_ink_is_as_dark_as_the_darker_half_of_what_is_dark() -> None:
    darkness = np.zeros((SIDE, SIDE, 3), np.float32)
    darkness[100:200] = (0.9, 0.8, 0.5)
    cell = Cell(0, darkness, np.zeros((4, 2)), 10.0, True)
    assert np.allclose(ink_colour([cell]), (0.9, 0.8, 0.5))
    assert ink_colour([Cell(0, darkness * 0, cell.corners, 10.0, True)]).tolist() == [1, 1, 1]


def test_characters_in_each_others_squares_are_found() -> None:
    content = Content("cn")
    asked = [content.hei(ord(char)) for char in "永東国愛水山"]
    written = [asked[1], asked[0], *asked[2:]]
    assert swapped_cells(written, asked) == [1, 0, None, None, None, None]
    assert swapped_cells([None, *asked[1:]], asked) == [None] * 6


def test_edges_are_kept_apart_by_their_direction() -> None:
    upright = np.zeros((8, 8), np.float32)
    upright[:, 4:] = 1
    edge = by_direction(upright)[4, 4]
    assert edge.argmax() == 0 and edge[1:].max() == 0
    assert by_direction(upright.T)[4, 4].argmax() == 1
