"""Figures of a hand on glyphs whose figures are known: floors, cleanliness, clots, told apart."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen

from training.measure.apart import features, right_answers, told_apart
from training.measure.blind import blind_sheet
from training.measure.clean import Clean, Inked, clean, clotted, inked, is_clotted
from training.measure.floor import HAN, HANGUL, Floor, floor, left_component, share_left
from training.measure.hand import add_shares, stroke_figures
from training.measure.metrics import Picture, Typeset

Box = tuple[int, int, int, int]         # left, bottom, right, top in 1/1000 em


def font_of(path: Path, boxes: dict[str, list[Box]]) -> Typeset:
    """A font whose characters are rectangles."""
    builder = FontBuilder(1000)
    names = {ord(c): f"u{ord(c):X}" for c in boxes}
    builder.setupGlyphOrder([".notdef", *names.values()])
    builder.setupCharacterMap(names)
    glyphs = {".notdef": TTGlyphPen(None).glyph()}
    for char, rectangles in boxes.items():
        pen = TTGlyphPen(None)
        for left, bottom, right, top in rectangles:
            pen.moveTo((left, bottom))
            for point in ((left, top), (right, top), (right, bottom)):
                pen.lineTo(point)
            pen.closePath()
        glyphs[names[ord(char)]] = pen.glyph()
    builder.setupGlyf(glyphs)
    builder.setupHorizontalMetrics({name: (1000, 0) for name in glyphs})
    builder.setupHorizontalHeader(ascent=880, descent=-120)
    builder.setupOS2(sTypoAscender=880, sTypoDescender=-120, sTypoLineGap=0)
    builder.setupPost()
    builder.setupNameTable({"familyName": "Boxes", "styleName": "Regular"})
    builder.save(path)
    return Typeset((path, 0))


def ring(hole: int, edge: int = 20) -> Picture:
    """A square frame of strokes `edge` pixels wide around a white square of `hole` pixels."""
    out = np.zeros((200, 200), np.float32)
    at = 100 - hole // 2
    out[at - edge : at + hole + edge, at - edge : at + hole + edge] = 1
    out[at : at + hole, at : at + hole] = 0
    return out


def bars(gap: int, width: int = 16, count: int = 4) -> Picture:
    """Bars of `width` pixels with white of `gap` between them, held together at their left end."""
    out = np.zeros((200, 200), np.float32)
    for i in range(count):
        top = 20 + i * (width + gap)
        out[top : top + width, 20:180] = 1
    out[20:top + width, 20:36] = 1
    return out


def test_a_hand_that_repeats_itself_exactly_has_no_floor(tmp_path: Path) -> None:
    same = {c: [(100, 0, 300, 700), (500, 0, 800, 700)] for c in "她好如妹"}
    assert floor(font_of(tmp_path / "same.ttf", same)) == Floor(12, 0.0, 1.0, 0.0)


def test_the_floor_is_the_mean_over_ordered_pairs_in_one_box(tmp_path: Path) -> None:
    boxes = {c: [(100, 0, 300, 700), (500, 0, 800, 700)] for c in "她好如"}
    boxes["妹"] = [(100, 0, 300, 100), (100, 600, 300, 700), (500, 0, 800, 700)]
    got = floor(font_of(tmp_path / "odd.ttf", boxes))
    assert got is not None and got.pairs == 12
    # of 12 ordered pairs six are alike; in six one component lacks its middle five sevenths
    lacking, whole = 2 / 7, 1.0
    assert got.iou == pytest.approx((6 + 6 * lacking / whole) / 12, abs=0.01)
    assert got.nl1 == pytest.approx((3 * (5 / 7) + 3 * (5 / 7) / lacking) / 12, rel=0.03)
    assert got.chamfer > 0


def test_components_are_cut_where_white_goes_from_top_to_end() -> None:
    ink = np.zeros((100, 100), bool)
    ink[10:90, 10:30] = ink[10:90, 50:90] = True
    part = left_component(ink)
    assert part is not None and part.shape == (100, 20) and part.sum() == 80 * 20
    ink[50, 30:50] = True                       # a stroke joins the two
    assert left_component(ink) is None
    assert left_component(np.zeros((5, 5), bool)) is None
    ink = np.zeros((100, 100), bool)
    ink[10:15, 10:30] = ink[10:15, 50:90] = True
    assert left_component(ink) is None          # too little ink to be a component


def test_a_font_without_common_components_has_no_floor(tmp_path: Path) -> None:
    font = font_of(tmp_path / "none.ttf", {"永": [(100, 0, 300, 700)]})
    assert floor(font) is None
    assert HANGUL[0] == "가개갸거게겨기" and len(HANGUL) == 11 and len(HAN) == 10


def test_shares_of_the_reducible_error() -> None:
    assert share_left(0.77, 0.16, 0.87) == pytest.approx(0.859, abs=1e-3)
    assert share_left(0.16, 0.16, 0.87) == 0 and share_left(0.87, 0.16, 0.87) == 1
    assert share_left(0.5, 0.9, 0.9) is None
    figures = {"glyphgen": {"all": {"nl1": 0.5, "chamfer": 9.0}},
               "fitted": {"all": {"nl1": 0.8, "chamfer": 12.0}}}
    add_shares(figures, Floor(10, 0.2, 0.8, 12.0))
    assert figures["glyphgen"]["all"] == {"nl1": 0.5, "chamfer": 9.0, "nl1_left": 0.5}
    assert figures["fitted"]["all"]["nl1_left"] == 1
    add_shares({"glyphgen": {"all": {}}}, None)


def test_cleanliness_of_bars(tmp_path: Path) -> None:
    font = font_of(tmp_path / "bars.ttf", {"一": [(100, 300, 900, 400)],
                                           "二": [(100, 100, 900, 200), (100, 500, 900, 600)],
                                           "丶": [(100, 100, 900, 200), (500, 500, 520, 520)]})
    glyphs = inked(font, "一二丶無")
    assert list(glyphs) == ["一", "二", "丶"]
    one = glyphs["一"]
    assert np.median(one.widths) == 20          # 100 units are 40 pixels
    assert one.areas.tolist() == [320 * 40]
    both = clean(font, glyphs)
    assert both.pieces == pytest.approx(5 / 3) and both.points == pytest.approx(20 / 3)
    assert both.fragments == pytest.approx(1 / 3) and both.ripples < 0.01
    assert both.over(both) == dict.fromkeys(("width", "ripples", "fragments", "pieces", "points"),
                                            1.0)
    none = Clean(0.2, 1.0, 0.0, 1.0, 30.0)
    assert both.over(none).keys() == {"width", "ripples", "pieces", "points"}


def test_ripples_and_uneven_widths_are_seen() -> None:
    y, x = np.mgrid[:300, :300].astype(np.float32)
    plain = np.clip(10.5 - np.abs(y - 150), 0, 1) * ((x > 20) & (x < 280))
    wave = np.clip(10.5 + 4 * np.sin(x / 4) - np.abs(y - 150), 0, 1) * ((x > 20) & (x < 280))
    (even, still, _, _), (uneven, rippled, _, _) = Inked(plain).figures(), Inked(wave).figures()
    assert even < 0.1 < uneven and still < 0.1 and rippled > 2


@pytest.mark.parametrize("hole", [16, 30, 60])
def test_a_hole_that_was_filled_is_a_clot(hole: int) -> None:
    true = Inked(ring(hole))
    filled = ring(hole)
    at = 100 - hole // 2
    filled[at : at + hole, at : at + hole] = 1
    assert is_clotted(Inked(filled), true)
    opened = ring(hole)
    opened[98:104, 100:] = 0                    # the frame has a gap: broken, but no clot
    moved = np.roll(ring(hole), 15, 1)
    assert not any(is_clotted(Inked(p), true) for p in (opened, moved, ring(hole)))


def test_white_between_strokes_that_was_closed_is_a_clot() -> None:
    true = Inked(bars(16))
    closed = bars(16)
    closed[20 + 16 : 20 + 32, 20:180] = 1       # the first two bars run together
    assert is_clotted(Inked(closed), true)
    nearer, missing = bars(6), bars(16)
    missing[84:100, 36:] = 0                    # a stroke less is a fault, but no clot
    assert not is_clotted(Inked(nearer), true) and not is_clotted(Inked(missing), true)


def test_a_bolder_pen_alone_is_no_clot() -> None:
    thin, bold = (Inked(ring(80, edge)) for edge in (16, 24))
    assert clotted({"口": bold}, {"口": thin}) == 0
    dense, blot = Inked(bars(16)), Inked(cv2.dilate(bars(16), np.ones((17, 17))))
    both = {"a": thin, "b": dense, "c": thin}
    assert clotted({"a": thin, "b": blot, "c": thin}, both) == pytest.approx(1 / 3)
    assert clotted(both, both) == 0 and clotted({}, both) == 0


def test_sets_that_are_alike_are_not_told_apart() -> None:
    rng = np.random.default_rng(0)
    one, same, shifted = (rng.normal(0, 1, (200, 20)) for _ in range(3))
    shifted[:, 3] += 4
    assert 0.42 < right_answers(one, same).mean() < 0.58
    assert right_answers(one, shifted).mean() > 0.94
    wider = rng.normal(0, 3, (200, 20))         # the same mean, another spread
    assert right_answers(one, wider).mean() > 0.9


def test_no_answer_is_about_a_row_that_was_learnt_from() -> None:
    rng = np.random.default_rng(1)
    one, two = rng.normal(0, 1, (2, 30, 300))   # far more measurements than rows to fit
    assert 0.3 < right_answers(one, two).mean() < 0.7
    # what is said of a fold does not depend on its own labels
    swapped_one, swapped_two = one.copy(), two.copy()
    swapped_one[::5], swapped_two[::5] = two[::5], one[::5]
    told, swapped = right_answers(one, two), right_answers(swapped_one, swapped_two)
    assert np.allclose(told[::5], 1 - swapped[::5])


def test_measurements_of_strokes_see_the_pen_and_not_the_place() -> None:
    here, there = Inked(bars(16)), Inked(np.roll(bars(16), 8, (0, 1)))
    assert np.allclose(features(here), features(there))
    assert features(here)[2] == pytest.approx(8 * 2.5)      # the median half-width, 1/1000 em
    dot = np.zeros((200, 200), np.float32)
    dot[100:103, 100:103] = 1
    assert np.isfinite(features(Inked(dot))).all()
    assert told_apart({"一": here}, {"一": there}) == {}


class _Chosen:
    chars = "一二三四五六七八九十人大小"
    cells = {"all": list(range(12)), "dense": [12]}


def test_figures_of_a_font_by_cell(tmp_path: Path) -> None:
    text = _Chosen.chars
    true = font_of(tmp_path / "true.ttf", {
        c: [(100, 100 + 8 * i, 900, 160 + 8 * i), (100, 500, 900 - 20 * i, 560)]
        for i, c in enumerate(text)})
    thick = font_of(tmp_path / "thick.ttf", {
        c: [(100, 100 + 8 * i, 900, 200 + 8 * i), (100, 500, 900 - 20 * i, 600),
            (950, 700, 955, 705)] for i, c in enumerate(text[:-1])})
    got = stroke_figures(thick, true, _Chosen())
    assert got.keys() == {"all"}                # the font has no dense character
    row = got["all"]
    assert (row["fragments"], row["fragments_true"], row["clotted"]) == (1, 0, 0)
    assert row["pieces"] == 1.5 and row["points"] == 1.5 and row["told"] == 1
    assert stroke_figures(true, true, _Chosen())["dense"]["width"] == 1


def test_the_blind_sheet_hides_what_its_key_says(tmp_path: Path) -> None:
    text = _Chosen.chars
    narrow = font_of(tmp_path / "a.ttf", {c: [(400, 100, 500, 700)] for c in text})
    broad = font_of(tmp_path / "b.ttf", {c: [(100, 100, 900, 700)] for c in text[1:]})
    page, key = blind_sheet(narrow, broad, text, seed=3)
    image = cv2.imdecode(np.frombuffer(page, np.uint8), cv2.IMREAD_GRAYSCALE)
    assert image.shape == (2 * (256 + 22), 2560)
    lines = [line.split() for line in key.splitlines()]
    assert [int(number) for number, _, _ in lines] == list(range(1, 13))
    assert sorted(char for _, char, _ in lines) == sorted(text[1:])
    ink = [(image[i // 10 * 278 + 22 : i // 10 * 278 + 278, i % 10 * 256 : (i % 10 + 1) * 256]
            < 128).mean() for i in range(12)]
    assert [which for *_, which in lines] == ["drawn" if i > 0.2 else "genuine" for i in ink]
    assert sum(which == "drawn" for *_, which in lines) == 6
    assert blind_sheet(narrow, broad, text, 3) == (page, key) != blind_sheet(narrow, broad, text, 4)
