"""Where CJK typography places glyphs."""

from __future__ import annotations

import numpy as np
import pytest

from exporters.fontfile.layout.features import (
    alternation,
    full_advance,
    has_own_width,
    languages,
    shift_into_half,
    vertical_form,
)
from exporters.fontfile.metrics import Metrics, box_of
from exporters.outlines.outline import LINE, Contour, Outline

METRICS = Metrics(880, -120, 840, -80, 40, 960)


def box(left: float, bottom: float, right: float, top: float) -> Outline:
    corners = [(left, bottom), (left, top), (right, top), (right, bottom)]
    return Outline((Contour(np.array(corners, float), (LINE,) * 4),))


@pytest.mark.parametrize("char, region, own", [
    ("A", "cn", True), ("国", "cn", False), ("€", "cn", True), ("·", "cn", False),
    ("·", "jp", True), ("“", "cn", False), ("“", "kr", True), ("Ａ", "cn", False)])
def test_who_has_a_width_of_its_own(char: str, region: str, own: bool) -> None:
    assert has_own_width(ord(char), region) is own


def test_half_width_kana_are_half_as_wide() -> None:
    assert [full_advance(ord(char)) for char in "ｱア国"] == [500, 1000, 1000]


@pytest.mark.parametrize("char, left, right, region, shift", [
    ("（", 440, 660, "cn", 60), ("（", 800, 1020, "cn", -20), ("）", 380, 560, "cn", -60),
    ("）", -30, 200, "cn", 30), ("。", 400, 560, "cn", -60), ("。", 400, 560, "tw", 0),
    ("：", 400, 560, "jp", 0), ("（", 100, 700, "cn", 0), ("国", 400, 560, "cn", 0)])
def test_punctuation_goes_into_its_half(char: str, left: float, right: float, region: str,
                                        shift: int) -> None:
    assert shift_into_half(ord(char), box(left, 0, right, 100), region) == shift


@pytest.mark.parametrize("char, before, region, after", [
    ("（", (620, -60, 680, 820), "cn", (60, 200, 940, 260)),        # turned clockwise
    ("ー", (60, 350, 940, 410), "jp", (470, -60, 530, 820)),        # mirrored as well
    ("。", (60, -60, 200, 80), "cn", (800, 680, 940, 820)),         # to the other corner
    ("：", (60, 300, 120, 460), "jp", (420, 760, 580, 820)),
    ("国", (60, -60, 940, 820), "cn", None)])
def test_forms_of_vertical_text(char: str, before: tuple[float, ...], region: str,
                                after: tuple[float, ...] | None) -> None:
    form = vertical_form(ord(char), box(*before), METRICS, region)
    assert (None if form is None else box_of(form)) == after


def test_the_default_script_has_its_default_language_alone() -> None:
    lines = languages(["KOR"]).split("\n")
    assert lines[0] == "languagesystem DFLT dflt;" and len(lines) == 9
    assert "languagesystem hani KOR;" in lines and "languagesystem DFLT KOR;" not in lines


def test_forms_take_turns() -> None:
    said = alternation({"a": ["a.1", "a.2"], "b": ["b.1"]}, ["c"])
    assert "@turning = [a a.1 a.2 b b.1];" in said and "@still = [c];" in said
    assert "lookup turn1 { sub a by a.1; sub b by b.1; } turn1;" in said
    assert "lookup turn2 { sub a by a.2; } turn2;" in said
    assert alternation({}, ["c"]) == ""
