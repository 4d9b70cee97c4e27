"""Outlines of strokes: exact where they can be, the ink of the field, and few points."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exporters.outlines.contour import signed_area
from exporters.outlines.outline import LINE, QUADRATIC, Outline, quadratic
from exporters.outlines.tidy import overlaps
from exporters.outlines.trace import GENERATED, trace
from exporters.strokes.curve import ANGLES, even_unless
from exporters.strokes.outline import stroked
from exporters.strokes.ribbon import ribbon
from exporters.strokes.union import union
from fonts.drawing import Field, Strokes
from fonts.strokes import FINE, PLACES
from glyphgen.strokes.ink import ink

UNIT = 1000 / 112       # of a canvas pixel


def strokes_of(*lines: object, wide: float = 2.8) -> Strokes:
    """Polylines as strokes of 16 points, evenly spaced, with one half-width."""
    out = []
    for line in lines:
        corners = np.array(line, np.float64)
        at = np.r_[0, np.cumsum(np.hypot(*np.diff(corners, axis=0).T))]
        t = np.linspace(0, at[-1], 16)
        out.append(np.stack([np.interp(t, at, corners[:, k]) for k in (0, 1)], 1))
    return Strokes(np.array(out, np.float32), np.full((len(out), 16), wide, np.float32))


def whole(strokes: Strokes, level: float = 0.0) -> Outline:
    outline = stroked(strokes, 0x4E00, level)
    assert outline is not None
    return outline


def overlap(outline: Outline, field: Field) -> float:
    """Intersection over union of an outline with the ink of a field (S, S), on its pixels."""
    size = len(field)
    winding = np.zeros((size, size + 1), np.int32)
    for contour in outline.contours:
        points = contour.flattened(12)
        x = (points[:, 0] + 8 * UNIT) / UNIT * size / 128
        y = (880 + 8 * UNIT - points[:, 1]) / UNIT * size / 128
        for x0, y0, x1, y1 in zip(x, y, np.roll(x, -1), np.roll(y, -1)):
            rows = np.arange(np.ceil(min(y0, y1) - 0.5), np.ceil(max(y0, y1) - 0.5)).astype(int)
            at = x0 + (rows + 0.5 - y0) / (y1 - y0 or 1) * (x1 - x0)
            np.add.at(winding, (rows, np.ceil(at - 0.5).astype(int)), 1 if y1 > y0 else -1)
    inside, inked = np.cumsum(winding, 1)[:, :size] != 0, field > 0
    return float((inside & inked).sum() / (inside | inked).sum())


def test_a_straight_even_stroke_is_a_stadium_of_ten_points() -> None:
    (contour,) = whole(strokes_of([(36, 64), (92, 64)], wide=2.8)).contours
    assert contour.kinds == (LINE, *[QUADRATIC] * 3) * 2
    assert [s.tolist() for s in contour.segments() if len(s) == 2] == [
        [[752, 356], [248, 356]], [[252, 406], [748, 406]]]
    assert contour.area == pytest.approx(500 * 50 + np.pi * 25**2, rel=0.002)
    assert len(quadratic(Outline((contour,))).coordinates) == 10


def test_two_crossing_strokes_are_one_contour_with_four_corners() -> None:
    (contour,) = whole(strokes_of([(36, 64), (92, 64)], [(64, 36), (64, 92)])).contours
    parts = [*contour.segments()]
    corners = {tuple(s[0].tolist()) for before, s in zip(parts[-1:] + parts, parts)
               if len(before) == len(s) == 2}
    assert corners == {(476, 356), (476, 406), (526, 356), (526, 406)}
    assert len(quadratic(Outline((contour,))).coordinates) == 4 + 4 * 5
    assert contour.area == pytest.approx(2 * (500 * 50 + np.pi * 25**2) - 50 * 50, rel=0.01)


def test_strokes_apart_stay_apart_and_white_between_them_is_wound_the_other_way() -> None:
    apart = whole(strokes_of([(30, 40), (90, 40)], [(30, 52), (90, 52)]))
    assert [contour.area > 0 for contour in apart.contours] == [True, True]
    ring = whole(strokes_of([(40, 40), (88, 40)], [(88, 40), (88, 88)], [(88, 88), (40, 88)],
                            [(40, 88), (40, 40)]))
    assert sorted(contour.area > 0 for contour in ring.contours) == [False, True]


HOOK = [(40, 30), (80, 30), (80, 90), (70, 84)]
SHAPES = {"hook": (HOOK,), "sharp turn": ([(40, 40), (90, 42), (42, 46)],),
          "crossing itself": ([(40, 40), (90, 80), (90, 40), (40, 80)],),
          "dot": ([(64, 64), (64.5, 64.2)],), "point": ([(64, 64), (64, 64)],)}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("level", [-1.0, 0.0, 1.0])
def test_the_outline_is_the_ink_of_the_field(shape: str, level: float) -> None:
    strokes = strokes_of(*SHAPES[shape])
    outline = whole(strokes, level)
    fine = ink(strokes.lines, strokes.half_width - np.float32(level), size=1024)
    assert overlap(outline, fine) > 0.95
    assert all(np.array_equal(c.points, np.rint(c.points)) for c in outline.contours)
    assert not overlaps(outline.contours)


def tapered(wide: list[float]) -> Strokes:
    """A bent stroke with half-widths that change evenly between those given."""
    t = np.linspace(0, 1, 16)
    line = np.stack([24 + 80 * t, 64 + 14 * np.sin(3 * t)], 1).astype(np.float32)
    return Strokes(line[None], np.interp(t, np.linspace(0, 1, len(wide)), wide)
                   .astype(np.float32)[None])


@pytest.mark.parametrize("wide", [[0.5, 4.0], [4.0, 0.5], [0.4, 5.0, 0.4], [5.0, 1.0, 5.0],
                                  [1.0, 9.0], [3.0, 3.0]])
def test_tapers_are_nearer_than_traced(wide: list[float]) -> None:
    strokes = tapered(wide)
    outline = whole(strokes)
    traced = trace(ink(strokes.lines, strokes.half_width), 0x4E00, config=GENERATED)
    fine = ink(strokes.lines, strokes.half_width, size=1024)
    assert overlap(outline, fine) > max(0.982, overlap(traced, fine))
    assert len(quadratic(outline).coordinates) <= 25


ENDS = {"flat": np.clip(1 / np.maximum(np.cos(ANGLES), 0.1), 0, 1.4) * 0.9,
        "slanted": 1 + 0.6 * np.sin(ANGLES), "pointed": 1 + 0.8 * np.cos(ANGLES) ** 8}


@pytest.mark.parametrize("shape", ENDS)
@pytest.mark.parametrize("wide", [1.5, 3.0, 6.0])
def test_ends_are_those_of_the_field(shape: str, wide: float) -> None:
    plain = strokes_of([(30, 40), (90, 50)], [(60, 30), (64, 90)], wide=wide)
    strokes = Strokes(plain.lines, plain.half_width,
                      np.tile(ENDS[shape].astype(np.float32), (2, 2, 1)))
    outline = whole(strokes)
    fine = ink(strokes.lines, strokes.half_width, strokes.ends, 1024)
    assert overlap(outline, fine) > 0.965
    assert overlap(outline, fine) > overlap(whole(plain), fine)
    assert len(outline.contours) == 1 and not overlaps(outline.contours)


def test_the_edges_of_a_stroke_run_as_its_sides_say() -> None:
    """A heel on the left of what goes down the page, a notch on its right."""
    strokes = strokes_of([(64, 24), (64, 104)])
    sides = even_unless(None, 1)
    sides[0, 0, 20:30], sides[0, 1, 10:14] = 1.5, 0.7
    pressed = Strokes(strokes.lines, strokes.half_width, None, sides)
    outline = whole(pressed)
    assert outline.bounds is not None and whole(strokes).bounds is not None
    left, _, right, _ = outline.bounds
    assert (left, right) == (464, 526)
    fine = ink(strokes.lines, strokes.half_width, size=1024, sides=sides)
    assert overlap(outline, fine) > 0.97 > overlap(whole(strokes), fine)
    assert len(outline.contours) == 1 and not overlaps(outline.contours)


def test_lighter_weights_keep_thin_strokes_whole() -> None:
    """Where the field loses all that is thinner than the shift, strokes become hairlines."""
    strokes = strokes_of([(30, 64), (98, 64)], wide=1.0)
    (contour,) = whole(strokes, 1.5).contours
    assert contour.points[:, 1].max() - contour.points[:, 1].min() == 6       # 2 x 0.3 pixels
    assert trace(ink(strokes.lines, strokes.half_width), 0x4E00, 1.5).is_empty


def test_letters_stand_higher_than_characters() -> None:
    strokes = strokes_of([(36, 64), (92, 64)])
    letter = stroked(strokes, ord("l"))
    assert letter is not None and letter.bounds is not None
    assert letter.bounds[1] == whole(strokes).bounds[1] - 90        # type: ignore[index]


def test_a_ribbon_winds_around_all_of_its_ink_and_nothing_backwards() -> None:
    line = np.array([[0, 0], [40, 0], [40, 5], [0, 5], [0, 60]], np.float64)
    edge = ribbon(line, np.full((2, 5), 8.0), np.array([False, True, True, True, False]),
                  np.zeros(2, np.bool_))
    (chain,) = union([edge])
    assert signed_area(chain[0]) > 0
    alone = [union([ribbon(line[k:k + 2], np.full((2, 2), 8.0), np.zeros(2, np.bool_),
                           np.zeros(2, np.bool_))])[0]
             for k in range(4)]
    together = union(alone)
    assert sum(signed_area(points) for points, _, _ in together) == pytest.approx(
        signed_area(chain[0]), rel=0.003)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 2**32 - 1), st.integers(1, 5), st.sampled_from([0.0, 0.1, 1.0, 8.0, 200.0]),
       st.sampled_from([0.02, 2.0, 30.0]), st.sampled_from([None, 0.3, 3.0, 200.0]))
def test_whatever_a_project_may_hold_is_an_outline_or_nothing(
        seed: int, count: int, far: float, wide: float, beside: float | None) -> None:
    rng = np.random.default_rng(seed)
    lines = 64 + np.cumsum(rng.normal(0, 1, (count, 16, 2)), 1) * far / 4
    strokes = Strokes((np.rint(lines * FINE) / FINE).astype(np.float32),    # as they are stored
                      rng.uniform(0.02, wide, (count, 16)).astype(np.float32))
    if beside is not None:
        sides = rng.uniform(0, beside, (count, 2, PLACES)).astype(np.float32)
        strokes = replace(strokes, sides=sides)
    outline = stroked(strokes, 0x4E00)
    assert outline == stroked(strokes, 0x4E00)
    if outline is not None:
        assert not overlaps(outline.contours)


def test_a_stroke_that_goes_back_on_itself_keeps_where_it_turned() -> None:
    there_and_back = strokes_of([(40, 64), (90, 64), (40, 65)], wide=3)
    outline = whole(there_and_back)
    assert overlap(outline, ink(there_and_back.lines, there_and_back.half_width, size=1024)) > 0.97
    still = there_and_back.lines.copy()
    still[0, 5:9] = still[0, 5]                 # four points in one place
    still[0, 9:] = still[0, 1]
    twice = whole(Strokes(still, there_and_back.half_width))
    assert all(np.isfinite(contour.points).all() for contour in twice.contours)
    assert overlap(twice, ink(still, there_and_back.half_width, size=1024)) > 0.95


@pytest.mark.parametrize(("lines", "wide"), [
    (([(32, 45), (51, 99)], [(80, 50), (60, 62)], [(102, 97), (43, 43), (53, 66)]), 4),
    (([(49, 64), (44, 104), (47, 42)], [(32, 31), (43, 52), (99, 94)]), 3),
    (([(37, 100), (66, 75), (52, 80)], [(64, 90), (71, 77), (60, 58)], [(68, 102), (32, 71)]), 2)])
def test_what_crosses_though_it_follows_the_edge_closely_is_fitted_otherwise(
        lines: tuple[object, ...], wide: int) -> None:
    """None of these had an outline of its strokes by the first closer way alone."""
    strokes = strokes_of(*lines, wide=wide)
    outline = whole(strokes)
    assert not overlaps(outline.contours)
    assert overlap(outline, ink(strokes.lines, strokes.half_width, size=1024)) > 0.98


def test_a_stroke_that_begins_twice_in_one_place_is_whole() -> None:
    """The curve between two such points goes out and back by less than is told apart."""
    steps = [(0, 0), (0, 0), (3, 2), (4, 5), (8, 7), (9, 9), (13, 8), (17, 12), (15, 16), (19, 17),
             (21, 18), (27, 22), (30, 25), (35, 32), (42, 37), (53, 45)]    # 64ths, as drawn once
    line = (np.array([3859, 3567]) + np.cumsum(steps, 0)) / FINE
    wide = np.array([142, 143, 143, *[144] * 4, *[145] * 7, 144, 144]) / FINE
    for one, width in ((line, wide), (line[::-1], wide[::-1])):
        begun = Strokes(one[None].astype(np.float32), width[None].astype(np.float32))
        outline = whole(begun)
        assert all(np.isfinite(contour.points).all() for contour in outline.contours)
        assert overlap(outline, ink(begun.lines, begun.half_width, size=1024)) > 0.95



def test_a_curve_may_come_back_to_where_it_was() -> None:
    line = np.array([(56.0, 75.5), (55.4, 76.0), (54.8, 76.5), (54.21, 76.98), (54.25, 77.04),
                     (54.25, 77.04), (54.27, 77.05), *((53.5 - i * 0.4, 78.5 + i * 1.5)
                                                       for i in range(9))], np.float32)
    bent = Strokes(line[None], np.linspace(0.5, 2.8, 16, dtype=np.float32)[None])
    assert overlap(whole(bent), ink(bent.lines, bent.half_width, size=1024)) > 0.95
