"""Tracing: simple shapes come back as a designer would draw them."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from exporters.outlines.outline import CUBIC, LINE, Contour, Outline
from exporters.outlines.tidy import overlaps, upright, without_crumbs, without_overlaps
from exporters.outlines.trace import GENERATED, TraceConfig, TraceError, trace
from exporters.preview.draft import draft
from fonts.content import Content
from fonts.drawing import CANVAS, Field, from_coverage

HAN = 0x4E00
Y, X = np.mgrid[:128, :128] + 0.5


def _field(distance: np.ndarray) -> Field:
    return np.clip(distance, -4, 4).astype(np.float32)


def _box(left: float, top: float, right: float, bottom: float) -> Field:
    return _field(np.minimum(np.minimum(X - left, right - X), np.minimum(Y - top, bottom - Y)))


def _ring(outer: float, inner: float) -> Field:
    radius = np.hypot(X - 64, Y - 64)
    return _field(np.minimum(outer - radius, radius - inner))


def _em(pixels: float) -> float:
    return pixels * 1000 / 112


def test_a_box_is_four_upright_lines() -> None:
    (contour,) = trace(_box(20.3, 30.2, 100.1, 36.9), HAN).contours
    assert contour.kinds == (LINE,) * 4
    assert len(set(contour.points[:, 0])) == len(set(contour.points[:, 1])) == 2
    assert contour.area == pytest.approx(_em(79.8) * _em(6.7), rel=0.01)


def test_a_ring_has_points_at_its_extrema_and_a_counter() -> None:
    outer, inner = trace(_ring(40, 20), HAN).contours
    assert outer.area == pytest.approx(np.pi * _em(40) ** 2, rel=2e-3)
    assert inner.area == pytest.approx(-np.pi * _em(20) ** 2, rel=4e-3)
    for contour in (outer, inner):
        assert contour.kinds == (CUBIC,) * 4
        _assert_upright_handles(contour)


def _assert_upright_handles(contour: Contour) -> None:
    for segment in contour.segments():
        for handle in (segment[1] - segment[0], segment[3] - segment[2]):
            assert np.abs(handle).min() == 0


def test_a_turned_box_keeps_its_corners() -> None:
    c, s = np.cos(0.4), np.sin(0.4)
    u, v = (X - 64) * c + (Y - 64) * s, (Y - 64) * c - (X - 64) * s
    (contour,) = trace(_field(np.minimum(30 - abs(u), 9 - abs(v))), HAN).contours
    assert contour.kinds == (LINE,) * 4
    corners = np.array([[a * c - b * s, a * s + b * c] for a in (-30, 30) for b in (-9, 9)])
    corners = corners * (1000 / 112) * (1, -1) + (500, 380)
    nearest = np.abs(contour.points[:, None] - corners[None]).max(2).min(1)
    assert nearest.max() <= 1.0


def _drawn(corners: np.ndarray) -> Field:
    """Field of a polygon (N, 2) in canvas pixels, drawn eight times as large."""
    paper = np.zeros((8 * CANVAS, 8 * CANVAS), np.uint8)
    cv2.fillPoly(paper, [np.rint((corners * 8 - 0.5) * 256).astype(np.int32)], 255, cv2.LINE_AA, 8)
    return from_coverage(paper / 255)


def _off(outline: Outline, corners: np.ndarray) -> np.ndarray:
    """Distance, in units, of each corner in canvas pixels from the nearest node."""
    nodes = np.array([s[0] for c in outline.contours for s in c.segments()])
    true = (corners - 64) * (1000 / 112) * (1, -1) + (500, 380)
    return np.hypot(*(nodes[:, None] - true).T).min(1)


@pytest.mark.parametrize("width", [9, 14, 24])
def test_a_tip_is_where_the_distances_around_it_were_measured_from(width: float) -> None:
    tip = np.array([[20.3, 60.4], [90, 60 - width], [90, 60 + width]])
    drawn = _drawn(tip)
    assert _off(trace(drawn, HAN), tip).max() < 2.0
    blunt = trace(drawn, HAN, config=TraceConfig(sharpen_corners=False))
    assert _off(blunt, tip)[0] > 3.0


@pytest.mark.parametrize("half", [1.4, 2.0])
def test_a_short_edge_keeps_both_corners(half: float) -> None:
    c, s = np.cos(0.5), np.sin(0.5)
    box = np.array([[a * c - b * s, a * s + b * c] for a, b in
                    ((-30, -half), (30, -half), (30, half), (-30, half))]) + 64
    (contour,) = trace(_drawn(box), HAN).contours
    assert contour.kinds == (LINE,) * 4
    assert _off(Outline((contour,)), box).max() < 2.0


def test_level_thins() -> None:
    field = _box(30, 30, 98, 50)
    assert trace(field, HAN, 1.0).area < trace(field, HAN).area < trace(field, HAN, -1.0).area


def test_larger_fields_have_the_same_frame() -> None:
    big = np.kron(_box(32, 32, 96, 96), np.ones((4, 4))).astype(np.float32)
    assert np.allclose(trace(big, HAN).bounds, trace(_box(32, 32, 96, 96), HAN).bounds, atol=9)


def test_blank_and_specks_have_no_outline() -> None:
    assert trace(np.full((128, 128), -4, np.float32), HAN).is_empty
    assert trace(_field(0.3 - np.hypot(X - 64.5, Y - 64.5)), HAN).is_empty


@pytest.mark.parametrize("field", [np.zeros((128, 64), np.float32), np.zeros(128, np.float32),
                                   np.full((128, 128), np.nan, np.float32)])
def test_what_is_no_field_is_refused(field: Field) -> None:
    with pytest.raises(TraceError):
        trace(field, HAN)


def test_a_thin_stroke_ends_square() -> None:
    (contour,) = trace(_box(20, 60, 100, 63), HAN).contours
    assert contour.kinds == (LINE,) * 4
    left, bottom, right, top = trace(_box(20, 60, 100, 63), HAN).bounds or (0, 0, 0, 0)
    assert (right - left, top - bottom) == pytest.approx((_em(80), _em(3)), abs=2)


def test_a_rounded_end_stays_round() -> None:
    along = np.clip(X, 40, 90)
    (contour,) = trace(_field(6 - np.hypot(X - along, Y - 64)), HAN).contours
    assert contour.kinds.count(LINE) == 2
    assert contour.area == pytest.approx(_em(1) ** 2 * (50 * 12 + np.pi * 36), rel=0.01)


@pytest.mark.parametrize("tilt", [0.0, 0.06, 0.3])
def test_a_rounded_box_is_lines_and_the_curves_between_them(tilt: float) -> None:
    c, s = np.cos(tilt), np.sin(tilt)
    u, v = abs((X - 64) * c + (Y - 64) * s), abs((Y - 64) * c - (X - 64) * s)
    outside = np.hypot(np.maximum(u - 30, 0), np.maximum(v - 12, 0))
    inside = np.minimum(np.maximum(u - 30, v - 12), 0)
    (contour,) = trace(_field(5 - outside - inside), HAN).contours
    assert contour.kinds.count(LINE) >= 4
    assert len(contour.kinds) <= 12
    true = 70 * 34 - (4 - np.pi) * 25
    assert contour.area == pytest.approx(_em(1) ** 2 * true, rel=0.003)


def test_uneven_fields_take_few_points() -> None:
    noise = np.random.default_rng(1).standard_normal((128, 128))
    noise = sum(np.roll(noise, (i, j), (0, 1)) for i in range(4) for j in range(4)) / 16
    field = (_ring(40, 30) + 0.5 * noise).astype(np.float32)
    outline = trace(field, HAN, config=GENERATED)
    assert len(outline.contours) == 2
    assert sum(len(c.kinds) for c in outline.contours) <= 30


def test_crossing_contours_are_joined() -> None:
    square = Contour(np.array([[0, 0], [0, 100], [100, 100], [100, 0.0]]), (LINE,) * 4)
    bow = Contour(np.array([[300, 0], [300, 100], [420, 0], [420, 100.0]]), (LINE,) * 4)
    outline = Outline((square, square.transformed((1, 0, 0, 1, 50, 50)), bow))
    assert overlaps(outline.contours) == [[0, 1], [2]]
    clean = without_overlaps(outline)
    assert overlaps(clean.contours) == []
    assert clean.contours[0].area == 17500
    assert all(c.area > 0 for c in clean.contours)


def test_tidying_lays_lines_upright_and_drops_crumbs() -> None:
    points = np.array([[0, 0], [0.6, 300], [100, 301], [101, 302], [101, 150], [100.5, 0]])
    kinds = np.ones(6, np.int64)
    upright(points, kinds, np.radians(0.5), 1.0)
    assert points[0, 0] == points[1, 0]
    cleaned, left = without_crumbs(points, kinds)
    assert len(left) == len(cleaned) == 4


@pytest.mark.parametrize("char", "永国龜a")
def test_a_draft_is_close_to_the_outline(char: str) -> None:
    field = Content("cn").hei(ord(char))
    rough, fine = draft(field, ord(char)), trace(field, ord(char))
    assert len(rough.contours) == len(fine.contours)
    assert rough.area == pytest.approx(fine.area, rel=0.01)
    assert rough.bounds == pytest.approx(fine.bounds, abs=6)
    assert draft(field - 8, ord(char)).is_empty
    assert 0 < draft(field, ord(char), level=0.5).area < rough.area


def _off_the_bar(half_width: float, share: float) -> float:
    """How far, in half-widths, an outline is from a bar with round ends, at most."""
    bar = _field(half_width - np.hypot(np.maximum(np.abs(X - 64.3) - 30, 0), Y - 63.7))
    (contour,) = trace(bar, HAN, config=replace(GENERATED, width_share=share)).contours
    points = contour.flattened(32)
    x, y = np.abs(points - (points.min(0) + points.max(0)) / 2).T
    reach = np.hypot(np.maximum(x - _em(30), 0), y)
    return float(np.abs(reach - _em(half_width)).max() / _em(half_width))


def test_thin_strokes_keep_their_round_ends() -> None:
    """What is close enough for a broad stroke chops the ends of a fine one."""
    fine = (2.0, 2.5, 3.0)
    assert max(_off_the_bar(width, GENERATED.width_share) for width in fine) < 0.17
    assert max(_off_the_bar(width, 0) for width in fine) > 0.25
