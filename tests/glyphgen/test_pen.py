"""Strokes get the pen's width, and keep their shape."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from fonts.drawing import CANVAS, Field, from_coverage
from glyphgen.hand.pen import Pen, half_widths, pen_of, redistanced, rewrite
from glyphgen.hand.prepare import chamfer, finish_of, ink


def line(width: float, wobble: float = 0.0) -> Field:
    """A cross of two strokes, `width` canvas pixels wide, give or take `wobble`."""
    paper = np.zeros((512, 512), np.uint8)
    for i in range(80, 430, 2):
        radius = max(1, round((width + wobble * np.sin(i / 20)) * 2))
        cv2.circle(paper, (i, 250), radius, 255, -1)
        cv2.circle(paper, (250, i), radius, 255, -1)
    return from_coverage(paper.astype(np.float32) / 255)


def test_half_widths_are_measured_in_pixels() -> None:
    thin, middle, thick = (np.median(half_widths(line(width))) for width in (3.0, 5.0, 7.0))
    assert middle == pytest.approx(2.5, abs=0.5)
    assert middle - thin == pytest.approx(1.0, abs=0.1)
    assert thick - middle == pytest.approx(1.0, abs=0.1)


@pytest.mark.parametrize("drawn_width, wanted_width", [(6.0, 3.0), (3.0, 6.0), (5.0, 5.0)])
def test_rewriting_brings_the_pen(drawn_width: float, wanted_width: float) -> None:
    drawn, wanted = line(drawn_width), line(wanted_width)
    pens = pen_of([drawn]), pen_of([wanted])
    assert pens[0] and pens[1]
    again = rewrite(drawn, *pens)
    assert np.median(half_widths(again)) == pytest.approx(wanted_width / 2, abs=0.4)
    assert chamfer(again > 0, drawn > 0) < 0.5


def test_an_even_pen_evens_strokes_out() -> None:
    drawn = line(5.0, wobble=2.0)
    before = pen_of([drawn])
    assert before
    after = pen_of([rewrite(drawn, before, Pen(before.mean, 0.1, 0.0))])
    assert after and after.deviation < 0.6 * before.deviation


def test_a_fineliner_writes_every_glyph_alike() -> None:
    glyphs = [line(width) for width in (3.0, 4.0, 5.0)]
    before = pen_of(glyphs)
    assert before and before.between > 0.3
    alike = pen_of(rewrite(g, before, replace(before, between=0.0)) for g in glyphs)
    apart = pen_of(rewrite(g, before, before) for g in glyphs)
    assert alike and alike.between < 0.25 * before.between
    assert apart and apart.between == pytest.approx(before.between, rel=0.05)


def test_redistancing_keeps_the_outline_and_mends_the_slope() -> None:
    true = line(5.0)
    mended = redistanced(true * np.float32(0.3))
    assert np.abs(mended - true).mean() < 0.08


def test_the_finish_matches_ink() -> None:
    truth = np.stack([line(4.0), line(4.2)])
    drawn = np.stack([line(5.5), line(5.2)])
    finish = finish_of(drawn, truth)
    done = np.stack([finish(field) for field in drawn])
    assert ink(done).sum() == pytest.approx(ink(truth).sum(), rel=0.1)


def test_a_blank_stays_blank() -> None:
    blank = np.full((CANVAS, CANVAS), -4, np.float32)
    assert pen_of([blank]) is None
    assert (rewrite(blank, Pen(1, 1, 0), Pen(2, 1, 0)) < 0).all()
