"""How edges run beside strokes: measured in a drawing, and drawn again."""

from __future__ import annotations

import numpy as np
import pytest

from exporters.strokes.curve import even_unless, normals
from fonts.reading.samples import SIZE
from glyphgen.strokes.ink import ink
from glyphgen.strokes.laid.edges import Edges
from glyphgen.strokes.laid.lay import lay
from glyphgen.strokes.laid.sides import sides_of

AT = np.linspace(0, 1, 16)
BAR = np.stack([24 + 80 * AT, np.full(16, 60.0)], -1)[None].astype(np.float32)
POST = np.stack([np.full(16, 64.0), 24 + 80 * AT], -1)[None].astype(np.float32)
WIDE = np.full((1, 16), 4, np.float32)
HEEL = even_unless(None, 1)
HEEL[0, 0, 30:40] = 1.4         # the lower edge of what goes to the right


def edges_of(strokes: np.ndarray, sides: np.ndarray | None = None) -> Edges:
    wide = np.repeat(WIDE, len(strokes), 0)
    field, fine = (ink(strokes, wide, size=size, sides=sides) for size in (128, SIZE))
    return Edges(field, strokes, wide, fine)


def test_what_lies_across_a_line_is_to_the_left_of_what_goes_down_the_page() -> None:
    assert normals(POST)[0] == pytest.approx(np.tile([-1, 0], (16, 1)))
    assert normals(BAR)[0] == pytest.approx(np.tile([0, 1], (16, 1)))


def test_a_heel_is_seen_where_it_is_and_the_other_edge_is_even() -> None:
    (found,) = sides_of(BAR, WIDE, edges_of(BAR, HEEL))
    assert found[0, 32:38] == pytest.approx(1.4, abs=0.03)
    assert found[0, :28] == pytest.approx(1, abs=0.02) == found[0, 42:]
    assert found[1] == pytest.approx(1, abs=0.02)


def test_edges_that_another_stroke_hides_count_as_even() -> None:
    both = np.concatenate([BAR, POST])
    one, other = sides_of(both, np.repeat(WIDE, 2, 0), edges_of(both))
    assert one == pytest.approx(1, abs=0.05) and other == pytest.approx(1, abs=0.05)


def test_the_inside_of_a_corner_is_the_other_arms_ink() -> None:
    turn = np.stack([np.r_[np.linspace(24, 90, 8), np.full(8, 90.0)],
                     np.r_[np.full(8, 30.0), np.linspace(37, 100, 8)]], -1)[None].astype(np.float32)
    (found,) = sides_of(turn, WIDE, edges_of(turn))
    assert found[0] == pytest.approx(1, abs=0.1)                    # it turns to its lower side


def test_a_sample_is_laid_with_its_edges_in_the_pixels_it_was_read_in() -> None:
    fine = ink(BAR, WIDE, size=SIZE, sides=HEEL)
    laid = lay(BAR, fine)
    assert laid is not None and laid.half_width[0, 2:8] == pytest.approx(4, abs=0.2)
    top, bottom = laid.strokes[0, 11, 1] - np.array([1, -1]) * (
        laid.half_width[0, 11] * laid.sides[0, ::-1, 33])
    assert (top, bottom) == pytest.approx((56, 65.6), abs=0.25)
