"""What a network drew becomes few quadratics on a grid, and looks alike in TTF and OTF."""

from __future__ import annotations

import io
from dataclasses import replace

import freetype
import numpy as np
import pytest

from exporters.fontfile.formats import to_bytes
from exporters.fontfile.info import FontInfo
from exporters.fontfile.ttf import pack
from exporters.outlines.outline import CUBIC, LINE, QUADRATIC, Contour, Outline, quadratic
from exporters.outlines.rounding import snapped
from exporters.outlines.spline import cubic, splined
from exporters.outlines.trace import GENERATED, trace
from fonts.drawing import Field
from tests.exporters.test_ttf import pack_otf

HAN = 0x6C38
K = 0.55228
Y, X = np.mgrid[:128, :128] + 0.5


def _disc(x: float, y: float, wide: float, high: float) -> Contour:
    points = np.array([[1, 0], [1, -K], [K, -1], [0, -1], [-K, -1], [-1, -K],
                       [-1, 0], [-1, K], [-K, 1], [0, 1], [K, 1], [1, K]])
    return Contour(points * (wide, high) + (x, y), (CUBIC,) * 4)


def _wave(half: float) -> Field:
    """A wavy stroke, twice `half` canvas pixels wide."""
    middle = 64 + 14 * np.sin(X / 13)
    distance = np.abs(Y - middle) / np.hypot(1, 14 / 13 * np.cos(X / 13))
    field = np.minimum(half - distance, np.minimum(X - 14, 112 - X))
    return np.clip(field, -4, 4).astype(np.float32)


def test_a_round_contour_takes_a_point_or_two_a_quarter_and_keeps_its_extrema() -> None:
    round_one = _disc(401.3, 379.8, 300.4, 170.2)
    contour = splined(round_one, 1.5, 2.0)
    assert set(contour.kinds) == {QUADRATIC}
    assert len(quadratic(Outline((contour,))).coordinates) <= 12
    assert contour.area == pytest.approx(round_one.area, rel=0.01)
    bounds = np.array(Outline((contour,)).bounds)
    assert np.abs(bounds - np.array(Outline((round_one,)).bounds)).max() <= 1
    assert (bounds % 2 == 0).all()


def test_a_drawing_is_quadratic_throughout_and_a_font_holds_it_as_it_is() -> None:
    outline = trace(_wave(3), HAN, config=GENERATED)
    kinds = {kind for contour in outline.contours for kind in contour.kinds}
    assert kinds <= {LINE, QUADRATIC} and QUADRATIC in kinds
    rounded = outline.rounded()
    glyph = quadratic(rounded)
    points = {tuple(p) for p in glyph.coordinates}
    every = {tuple(p) for c in rounded.contours for p in c.points.astype(int).tolist()}
    assert points <= every and all(x % 2 == 0 and y % 2 == 0 for x, y in points)
    cubics = trace(_wave(3), HAN, config=replace(GENERATED, quadratic_tolerance=0.0))
    assert len(points) < 0.85 * len(quadratic(cubics).coordinates)
    assert outline.area == pytest.approx(cubics.area, rel=0.02)


def test_joints_turn_little_once_on_the_grid() -> None:
    sharpest = 0.0
    (contour,) = trace(_wave(3), HAN, config=GENERATED).contours
    segments = list(contour.segments())
    for before, after in zip(segments, segments[1:] + segments[:1]):
        a, b = before[-1] - before[-2], after[1] - after[0]
        turn = np.degrees(abs(np.arctan2(a[0] * b[1] - a[1] * b[0], a @ b)))
        sharpest = max(sharpest, turn if turn < 20 else 0)      # what turns more is a corner
    assert sharpest < 6


def test_the_grid_moves_the_curve_less_than_rounding_does() -> None:
    angle = np.arange(24) * np.pi / 12
    points = np.stack([500 + 333 * np.cos(angle), 380 + 333 * np.sin(angle)], axis=1)
    on = np.zeros(24, bool)
    on[0] = True
    out = snapped(points, on, 4.0)
    assert (out % 4 == 0).all() and np.abs(out - points).max() <= 4

    def away(moved: np.ndarray) -> float:
        joints = (moved + np.roll(moved, 1, axis=0)) / 2
        wanted = (points + np.roll(points, 1, axis=0)) / 2
        normal = (wanted - (500, 380)) / np.hypot(*(wanted - (500, 380)).T)[:, None]
        return float(np.abs(((joints - wanted) * normal).sum(1)).mean())

    assert away(out) < 0.7 * away(np.rint(points / 4) * 4)


def test_upright_lines_stay_upright_on_the_grid() -> None:
    box = np.array([[101.0, 33.0], [101, 801], [305, 801], [305, 33]])
    contour = splined(Contour(box, (LINE,) * 4), 1.5, 2.0)
    assert contour.kinds == (LINE,) * 4
    assert len(set(contour.points[:, 0])) == len(set(contour.points[:, 1])) == 2


def test_cubics_follow_their_quadratics() -> None:
    outline = trace(_wave(3), HAN, config=GENERATED).rounded()
    again = cubic(outline)
    assert {k for c in again.contours for k in c.kinds} <= {LINE, CUBIC}
    for before, after in zip(outline.contours, again.contours):
        assert (after.points == np.rint(after.points)).all()
        assert after.area == pytest.approx(before.area, rel=1e-3)
        fine = before.flattened(200)
        gaps = np.hypot(*(after.flattened(7)[:, None] - fine[None]).T).min(0)
        assert gaps.mean() < 0.25 and gaps.max() < 1.0


def _picture(font: bytes) -> np.ndarray:
    face = freetype.Face(io.BytesIO(font))
    face.set_pixel_sizes(1024, 1024)
    face.load_char(chr(HAN), freetype.FT_LOAD_NO_HINTING | freetype.FT_LOAD_RENDER)
    bitmap, paper = face.glyph.bitmap, np.zeros((1400, 1400))
    top, left = 1000 - face.glyph.bitmap_top, 100 + face.glyph.bitmap_left
    paper[top:top + bitmap.rows, left:left + bitmap.width] = np.array(
        bitmap.buffer, float).reshape(bitmap.rows, bitmap.pitch)[:, :bitmap.width]
    return paper


def test_ttf_and_otf_of_a_thin_pen_look_alike() -> None:
    outlines = {HAN: trace(_wave(1.5), HAN, config=GENERATED)}       # 27 units wide
    ttf, otf = (_picture(to_bytes(make(outlines, FontInfo(), [HAN]))) for make in (pack, pack_otf))
    assert np.minimum(ttf, otf).sum() / np.maximum(ttf, otf).sum() > 0.995
