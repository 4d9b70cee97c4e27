"""Strokes laid between the edges of their ink, and how they end."""

import numpy as np
import pytest

from exporters.strokes.curve import ANGLES
from glyphgen.strokes.ink import ink
from glyphgen.strokes.laid.edges import Edges, bends, steadied
from glyphgen.strokes.laid.ends import ends_of, to_ends

AT = np.linspace(0, 1, 16)
BAR = np.stack([24 + 80 * AT, np.full(16, 60.0)], -1)[None].astype(np.float32)
POST = np.stack([np.full(16, 64.0), 24 + 80 * AT], -1)[None].astype(np.float32)
WIDE = np.full((1, 16), 4, np.float32)
FLAT = (1 / np.maximum(np.abs(np.cos(ANGLES)), np.abs(np.sin(ANGLES)))).astype(np.float32)


def test_a_stroke_beside_its_ink_is_brought_to_its_middle_and_measured() -> None:
    off = BAR + np.array([0, 0.7], np.float32)
    edges = Edges(ink(BAR, WIDE), off, 1.2 * WIDE)
    laid = edges.centred(off)
    assert laid[..., 1] == pytest.approx(60, abs=0.02)
    assert edges.widths(laid) == pytest.approx(4, abs=0.05)


def test_where_strokes_cross_neither_moves_and_the_width_is_that_of_the_stroke_alone() -> None:
    both, wide = np.concatenate([BAR, POST]), np.repeat(WIDE, 2, 0)
    edges = Edges(ink(both, wide), both, wide)
    assert edges.centred(both) == pytest.approx(both, abs=0.05)
    assert edges.widths(both) == pytest.approx(4, abs=0.05)
    (up, down), _ = edges.sides(both)
    assert np.isnan(up[0, 7]) and np.isnan(down[0, 7]) and np.isfinite(up[0, 2])


def test_the_shake_of_the_raster_goes_and_a_hands_own_bends_stay() -> None:
    shaken = BAR + np.stack([0 * AT, 0.03 * np.sin(3 * np.pi * AT)], -1).astype(np.float32)
    assert np.ptp(steadied(shaken)[0, :, 1]) < 0.01
    bent = BAR + np.stack([0 * AT, 3 * np.sin(np.pi * AT)], -1).astype(np.float32)
    assert np.abs(steadied(bent) - bent).max() < 0.15


def test_bends_are_told_apart_by_degree() -> None:
    at = 2 * AT - 1
    cubic = BAR + np.stack([0 * AT, 2 * (5 * at**3 - 3 * at) / 2], -1).astype(np.float32)
    assert bends(cubic)[0] == pytest.approx([0, 2, 0, 0], abs=0.1)
    less = bends(steadied(cubic, np.array([0.5, 0.5, 0.5, 0.5], np.float32)))
    assert less[0] == pytest.approx([0, 1.5, 0, 0], abs=0.1)
    assert bends(BAR[:, :, :] / 20).shape == (0, 4)              # too short to say anything


def test_a_rounded_corner_stays_as_sharp_as_it_is() -> None:
    turn = np.stack([np.r_[np.linspace(24, 84, 8), 86, np.full(7, 86.0)],
                     np.r_[np.full(8, 40.0), 42, np.linspace(44, 100, 7)]], -1)[None]
    turn = turn.astype(np.float32)
    assert np.abs(steadied(turn, 0.2) - turn).max() < 0.4


def test_corners_stay_where_they_are() -> None:
    hook = np.concatenate([BAR[0, ::2], BAR[0, -1] + [[0, 5 * k] for k in range(1, 9)]])[None]
    corner = int(np.abs(np.diff(hook[0, :, 1])).argmax())
    assert steadied(hook.astype(np.float32))[0, corner] == pytest.approx(hook[0, corner], abs=1e-3)


def test_a_flat_end_is_seen_and_drawn_again() -> None:
    reach = np.stack([np.ones(13, np.float32), FLAT])[None]
    field = ink(BAR, WIDE, reach)
    seen = ends_of(BAR, WIDE, Edges(field, BAR, WIDE))
    assert seen[0, 0] == pytest.approx(1, abs=0.03)
    assert seen[0, 1] == pytest.approx(FLAT, abs=0.1)
    again = ink(BAR, WIDE, seen)
    assert np.abs(again - field)[np.abs(field) < 1].max() < 0.35
    assert field[56, 107] > 0 > ink(BAR, WIDE)[56, 107]          # a corner that round ends lack


def test_a_stroke_that_stops_short_is_lengthened_to_a_half_width_before_the_end() -> None:
    short = BAR.copy()
    short[0, :, 0] = 24 + 78.5 * AT
    edges = Edges(ink(BAR, WIDE), short, WIDE)
    assert to_ends(short, WIDE, edges)[0, [0, -1], 0] == pytest.approx([24, 104], abs=0.05)


def test_an_end_on_another_stroke_is_not_seen() -> None:
    both = np.concatenate([BAR, POST + np.array([40, 0], np.float32)])
    wide = np.repeat(WIDE, 2, 0)
    seen = ends_of(both, wide, Edges(ink(both, wide), both, wide))
    assert np.isfinite(seen[0, 0]).all() and np.isnan(seen[0, 1]).all()


def test_an_end_beside_ink_that_no_stroke_is_known_for_is_not_seen() -> None:
    post = np.stack([np.full(16, 104.0), 48 + 12 * AT], -1)[None].astype(np.float32)
    field = ink(np.concatenate([BAR, post]), np.repeat(WIDE, 2, 0))
    seen = ends_of(BAR, WIDE, Edges(field, BAR, WIDE))
    assert np.isfinite(seen[0, 0]).all() and np.isnan(seen[0, 1]).all()


def test_an_end_beyond_its_ink_is_brought_back_and_one_short_of_it_goes_on() -> None:
    longer = np.stack([21 + 81 * AT, np.full(16, 60.0)], -1)[None].astype(np.float32)
    edges = Edges(ink(BAR, WIDE), longer, WIDE)
    moved = to_ends(longer, WIDE, edges)
    assert moved[0, -1, 0] == pytest.approx(104, abs=0.1)           # two pixels short of it
    assert moved[0, 0, 0] == pytest.approx(23, abs=0.1)             # as far as it may be moved
