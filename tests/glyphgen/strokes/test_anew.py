"""Drawings by pixels inked anew."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from fonts.content import Content
from fonts.drawing import Field, from_coverage
from glyphgen.hand.clean import cleanliness
from glyphgen.strokes.anew import Inking, closed, inked_anew, steadier
from glyphgen.strokes.ink import ink
from glyphgen.strokes.laid.lay import Laid, lay
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
            if (inked := inked_anew(one, one, before)) is not None]
    assert len(anew) == 5
    assert cleanliness(anew).ripples < 0.7 * cleanliness(wild).ripples


@pytest.mark.parametrize("char", "あのぬむばれソパヴaegikBR08?한뷁")
def test_loops_stay_closed_and_dots_stay(char: str) -> None:
    truth = Content("cn").pair(ord(char))[KAI]
    wild = ragged(truth)
    own = Library.load(KAI)[ord(char)]
    inked = inked_anew(own, own, wild)
    assert inked is not None and inked.strokes is not None
    anew = inked.field
    assert np.array_equal(anew, ink(inked.strokes.lines, inked.strokes.half_width))
    assert parts(anew) == parts(truth)
    assert ((anew > 0) & (wild > 0)).sum() > 0.75 * ((anew > 0) | (wild > 0)).sum()
    assert (anew > 0).sum() == pytest.approx((wild > 0).sum(), rel=0.1)
    for _ in range(9):
        again = inked_anew(own, own, wild.copy())
        assert again is not None and np.array_equal(anew, again.field)


def test_strokes_of_another_character_ink_nothing() -> None:
    line = Library.load(HEI)[ord("l")]
    assert inked_anew(line, line, Content("cn").pair(ord("W"))[HEI]) is None
    assert inked_anew(line, line, np.full((128, 128), -4, np.float32)) is None
    blot = from_coverage((np.hypot(*np.mgrid[-64:64, -64:64]) < 1).astype(np.float32), 128)
    assert inked_anew(line, line, blot) is None


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


def laid_with(pens: dict[str, float], swell: float = 0.0) -> dict[int, Laid]:
    """Samples written on the content's strokes with pens of these half-widths, pixels."""
    found = {}
    for char, half_width in pens.items():
        strokes = Library.load(KAI)[ord(char)]
        wide = half_width * np.exp(swell * np.linspace(-1, 1, 16, dtype=np.float32))
        one = lay(strokes, ink(strokes, np.tile(wide.astype(np.float32), (len(strokes), 1))))
        assert one is not None
        found[ord(char)] = one
    return found


def usual(char: str, inking: Inking, half_width: float) -> float:
    """The half-width of a character that a drawing has with another, once it is inked anew."""
    strokes = Library.load(KAI)[ord(char)]
    draft = ink(strokes, np.full(strokes.shape[:2], half_width, np.float32))
    made = inked_anew(strokes, strokes, draft, inking, "kana")
    assert made is not None and made.strokes is not None
    return float(np.median(made.strokes.half_width))


def test_an_even_pen_is_as_bold_in_every_character() -> None:
    inking = Inking.of(laid_with(dict.fromkeys("三木小らねコ", 2.5)))
    assert inking is not None and inking.even
    for char, drafted in (("ソ", 2.1), ("く", 3.1), ("も", 2.5)):
        assert usual(char, inking, drafted) == pytest.approx(2.5, rel=0.04)


def test_each_script_has_its_own_pen_and_one_bad_sample_is_none() -> None:
    pens = dict.fromkeys("三木小土", 3.5) | dict.fromkeys("らねコソりく", 2.5) | {"も": 3.2}
    inking = Inking.of(laid_with(pens))
    assert inking is not None
    assert usual("い", inking, 3.5) == pytest.approx(2.5, rel=0.04)
    both = inking.blended(inking, 0.5)
    assert usual("い", both, 3.5) == pytest.approx(2.5, rel=0.04)


def test_a_pen_that_swells_is_not_even_and_few_samples_say_nothing() -> None:
    swelling = Inking.of(laid_with(dict.fromkeys("三木小らねコ", 2.5), swell=0.5))
    assert swelling is not None and not swelling.even
    assert Inking.of(laid_with(dict.fromkeys("三木小", 2.5))) is None


def test_rings_and_ends_within_other_strokes_are_round() -> None:
    inking = Inking.of(laid_with(dict.fromkeys("三木小らねコ", 2.5)))
    assert inking is not None
    strokes = Library.load(KAI)[ord("ぱ")]
    wide = np.full(strokes.shape[:2], 2.5, np.float32)
    lines, half_width, ends, _ = inking.lines(strokes, strokes, wide, "kana")
    ring = int(np.linalg.norm(lines[:, 0] - lines[:, -1], axis=-1).argmin())
    assert np.linalg.norm(lines[ring, 0] - lines[ring, -1]) < 1.5
    assert half_width[ring, 0] == pytest.approx(half_width[ring, -1], rel=0.02)
    assert ends is not None and (ends[ring] == 1).all()
