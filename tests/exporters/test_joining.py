"""Dashes meet, and dots stand evenly, however the hand drew them."""

from __future__ import annotations

import numpy as np
import pytest

from exporters.fontfile.glyphs import GlyphSet, arrange
from exporters.fontfile.info import FontInfo
from exporters.fontfile.layout.joining import joined, row_forms
from exporters.outlines.outline import CUBIC, LINE, Contour, Outline

# a dash with pointed ends that rises by 40 over 750 units, 60 thick
DASH = Outline((Contour(np.array([
    (125, 360), (165, 392), (835, 428), (875, 400), (835, 368), (165, 332)], float), (LINE,) * 6),))


def dot(x: float) -> Contour:
    corners = [(x - 40, 340), (x - 40, 420), (x + 40, 420), (x + 40, 340)]
    return Contour(np.array(corners, float), (LINE,) * 4)


def ends(outline: Outline) -> list[tuple[float, float]]:
    """Lowest and highest ink at the left and the right edge."""
    points = np.concatenate([c.points for c in outline.contours])
    return [(float(points[points[:, 0] == x, 1].min()), float(points[points[:, 0] == x, 1].max()))
            for x in (points[:, 0].min(), points[:, 0].max())]


def arranged(tracking: int = 0) -> GlyphSet:
    drawn = {ord("—"): DASH, ord("…"): Outline((dot(150), dot(420), dot(900)))}
    return arrange(drawn, FontInfo(tracking=tracking), drawn)


@pytest.mark.parametrize("tracking", [0, 60, -40])
def test_a_dash_reaches_both_edges_at_one_height(tracking: int) -> None:
    glyph = next(g for g in arranged(tracking).glyphs if g.name == "uni2014")
    left, _, right, _ = glyph.outline.bounds or ()
    assert (left, right) == (-2, glyph.advance + 2)
    first, last = ends(glyph.outline)
    assert sum(first) / 2 == pytest.approx(sum(last) / 2, abs=3)
    assert first[1] - first[0] > 40 and last[1] - last[0] > 40


def test_a_dash_joins_in_vertical_lines_too() -> None:
    glyph = next(g for g in arranged().glyphs if g.name == "uni2014.vert")
    _, bottom, _, top = glyph.outline.bounds or ()
    assert (bottom, top) == (-122, 882)


@pytest.mark.parametrize("tracking", [0, 60])
def test_dots_of_an_ellipsis_are_a_third_of_an_em_apart(tracking: int) -> None:
    glyph = next(g for g in arranged(tracking).glyphs if g.name == "uni2026")
    middles = sorted((c.points[:, 0].min() + c.points[:, 0].max()) / 2
                     for c in glyph.outline.contours)
    assert middles == pytest.approx([glyph.advance * k / 6 for k in (1, 3, 5)], abs=1)


def test_what_is_no_dash_or_has_other_dots_stays() -> None:
    two = Outline((dot(200), dot(700)))
    assert joined(ord("一"), DASH) == DASH and joined(ord("…"), two) == two


ROUND = Outline((Contour(np.array([     # a stroke that rises by 40, its ends round
    (100, 370), (100, 392), (118, 410), (140, 410), (400, 430), (640, 445), (890, 450), (912, 450),
    (930, 432), (930, 410), (930, 388), (912, 370), (890, 370), (640, 365), (400, 345), (140, 330),
    (118, 330), (100, 348)], float), (CUBIC,) * 6),))


@pytest.mark.parametrize("form, edges", [("first", (False, True)), ("middle", (True, True)),
                                         ("last", (True, False))])
def test_a_row_of_long_vowels_meets_at_one_height_and_thickness(
        form: str, edges: tuple[bool, bool]) -> None:
    forms = row_forms(ROUND)
    wanted = {name: ends(outline) for name, outline in forms.items()}["middle"]
    left, _, right, _ = forms[form].bounds or (0, 0, 0, 0)
    assert (left == -2, right == 1002) == edges
    assert (left, right)[edges.index(False)] in (100, 930) if False in edges else True
    for at, edge in enumerate(edges):
        if edge:
            assert ends(forms[form])[at] == pytest.approx(wanted[0], abs=1)
    assert forms["middle"].area == pytest.approx(1004 * (wanted[0][1] - wanted[0][0]), rel=0.1)
