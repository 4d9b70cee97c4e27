"""Drawings by pixels inked anew."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from fonts.content import Content
from fonts.drawing import Field, from_coverage
from glyphgen.hand.clean import cleanliness
from glyphgen.strokes.anew import closed, inked_anew, steadier
from glyphgen.strokes.ink import ink
from glyphgen.strokes.library import HEI, KAI, Library


def ragged(field: Field, seed: int = 7) -> Field:
    """A drawing whose edges waver by about a third of a pixel."""
    noise = np.random.default_rng(seed).normal(0, 1, field.shape).astype(np.float32)
    return np.clip(field + 2.4 * cv2.GaussianBlur(noise, (0, 0), 2.0), -4, 4)


def parts(field: Field) -> tuple[int, int]:
    """Connected parts of ink and of white."""
    return (cv2.connectedComponents((field > 0).astype(np.uint8), connectivity=8)[0],
            cv2.connectedComponents((field <= 0).astype(np.uint8), connectivity=4)[0])


def test_straight_strokes_lose_their_ripples() -> None:
    strokes = [Library.load(KAI)[ord(char)] for char in "ソkRヴ丨"]
    wild = [ragged(Content("cn").pair(ord(char))[KAI]) for char in "ソkRヴ丨"]
    anew = [inked.field for one, before in zip(strokes, wild)
            if (inked := inked_anew(one, before)) is not None]
    assert len(anew) == 5
    assert cleanliness(anew).ripples < 0.7 * cleanliness(wild).ripples


@pytest.mark.parametrize("char", "あのぬむばれソパヴaegikBR08?한뷁")
def test_loops_stay_closed_and_dots_stay(char: str) -> None:
    truth = Content("cn").pair(ord(char))[KAI]
    wild = ragged(truth)
    inked = inked_anew(Library.load(KAI)[ord(char)], wild)
    assert inked is not None and inked.strokes is not None
    anew = inked.field
    assert np.array_equal(anew, ink(inked.strokes.lines, inked.strokes.half_width))
    assert parts(anew) == parts(truth)
    assert ((anew > 0) & (wild > 0)).sum() > 0.75 * ((anew > 0) | (wild > 0)).sum()
    assert (anew > 0).sum() == pytest.approx((wild > 0).sum(), rel=0.1)
    for _ in range(9):
        again = inked_anew(Library.load(KAI)[ord(char)], wild.copy())
        assert again is not None and np.array_equal(anew, again.field)


def test_strokes_of_another_character_ink_nothing() -> None:
    assert inked_anew(Library.load(HEI)[ord("l")], Content("cn").pair(ord("W"))[HEI]) is None
    assert inked_anew(Library.load(HEI)[ord("l")], np.full((128, 128), -4, np.float32)) is None
    blot = from_coverage((np.hypot(*np.mgrid[-64:64, -64:64]) < 1).astype(np.float32), 128)
    assert inked_anew(Library.load(HEI)[ord("l")], blot) is None


def test_a_steadier_pen_keeps_its_mean() -> None:
    strokes = np.zeros((1, 16, 2), np.float32)
    strokes[0, :, 0] = np.arange(16)
    wide = np.full((1, 16), 2, np.float32)
    wide[0, ::2] = 4.5
    logs = np.log(steadier(strokes, wide))
    assert logs.mean() == pytest.approx(np.log(3), abs=0.01)
    assert np.ptp(logs) == pytest.approx(np.ptp(np.log(wide)) / 2, abs=0.01)


def test_a_ring_that_gapes_is_closed_where_it_was() -> None:
    turn = np.linspace(0, 2 * np.pi, 16)
    ring = np.stack([np.cos(turn), np.sin(turn)], -1)[None].astype(np.float32) * 20 + 64
    bar = np.stack([np.linspace(20, 60, 16), np.full(16, 9)], -1)[None].astype(np.float32)
    before = np.concatenate([ring, bar])
    gaping = before.copy()
    gaping[0, -1] += 5
    gaping[1, -1] += 5
    out = closed(gaping, before)
    assert np.abs(out[0, -1] - out[0, 0]).max() < 1e-4
    assert np.array_equal(out[0, 3:-3], gaping[0, 3:-3]) and np.array_equal(out[1], gaping[1])
