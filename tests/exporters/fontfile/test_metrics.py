"""Vertical metrics of drawings."""

from __future__ import annotations

import numpy as np

from exporters.fontfile.metrics import Metrics, base_feature, box_of, ink_box, measure

FACE = Metrics(880, -120, 840, -80, 40, 960)


def test_a_field_has_the_box_of_its_ink() -> None:
    """64 of 112 pixels of an em from the canvas's pixel 32 on: 24 pixels into the em square."""
    field = np.full((128, 128), -4, np.float32)
    field[32:96, 32:96] = 4
    box = np.array(box_of(ink_box(field, ord("国"))))
    np.testing.assert_allclose(box, np.array([24, 112 - 88, 88, 112 - 24]) * 1000 / 112
                               - [0, 120, 0, 120], atol=1)
    assert ink_box(np.full((128, 128), -4, np.float32), ord("国")).is_empty


def test_the_face_is_that_of_hanzi_else_of_syllables() -> None:
    hanzi, kana, letter = (60, -60, 940, 820), (100, 0, 900, 780), (0, -200, 500, 700)
    assert measure({ord("国"): hanzi, ord("あ"): kana, ord("g"): letter}) == Metrics(
        880, -120, 820, -60, 60, 940)
    assert measure({ord("あ"): kana, ord("g"): letter}) == Metrics(880, -120, 780, 0, 100, 900)
    assert measure({ord("g"): letter}) == FACE


def test_lines_are_the_em_box_and_a_little() -> None:
    assert (FACE.ascender, FACE.descender, FACE.centre) == (945, -195, 380)


def test_base_states_em_box_and_face_of_both_axes() -> None:
    said = base_feature(FACE)
    assert "hani ideo -80 840 -120 880 0" in said and "latn romn -80 840 -120 880 0" in said
    assert "hani ideo 40 960 0 1000 120" in said
