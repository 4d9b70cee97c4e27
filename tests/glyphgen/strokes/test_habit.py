import numpy as np
import pytest

from exporters.strokes.curve import ANGLES, even_unless
from glyphgen.strokes.habit import Habits
from glyphgen.strokes.laid.edges import bends

AT = np.linspace(0, 1, 16)
BAR = np.stack([20 + 80 * AT, np.full(16, 60.0)], -1)[None].astype(np.float32)
POST = np.stack([np.full(16, 60.0), 20 + 80 * AT], -1)[None].astype(np.float32)
BOW = BAR + np.stack([np.zeros(16), 10 * np.sin(np.pi * AT)], -1).astype(np.float32)
SWELL = (1 + 3 * AT)[None].astype(np.float32)
EVEN = np.full((1, 16), 2, np.float32)


ROUND = np.ones((1, 2, 13), np.float32)
EDGES = even_unless(None, 1)
FLAT = 1 / np.maximum(np.abs(np.cos(ANGLES)), np.abs(np.sin(ANGLES)))


def habits(content: list, written: list, width: list, ends: list | None = None,
           sides: list | None = None) -> Habits:
    """Of samples whose strokes the network expects as the content has them, two pixels wide."""
    return Habits.of(content, list(zip(written, width)), [(one, EVEN) for one in content],
                     ends or [ROUND] * len(content), sides or [EDGES] * len(content))


def test_a_stroke_takes_shape_and_width_of_the_sample_most_like_it() -> None:
    hand = habits([BAR, POST], [BOW, POST], [SWELL, EVEN])
    strokes, width, *_ = hand.brought(BAR, BAR + 7, EVEN)
    assert strokes.mean(1) == pytest.approx((BAR + 7).mean(1))      # it stays where it was put
    sag = np.ptp(strokes[0, :, 1])
    assert 0.85 * 10 < sag < 0.95 * 10                              # nine tenths of the bow
    assert width == pytest.approx(SWELL, rel=1e-4)
    assert hand.brought(BAR, BAR, 2 * EVEN)[1] == pytest.approx(2 * width, rel=1e-4)


def test_a_stroke_unlike_all_samples_stays_as_it_was() -> None:
    strokes, width, ends, _ = habits([POST], [POST + BOW - BAR], [SWELL]).brought(BAR, BAR, EVEN)
    assert strokes == pytest.approx(BAR, abs=0.01)
    assert width == pytest.approx(EVEN, rel=0.01)
    assert (ends == ROUND).all()


def test_one_odd_sample_among_like_ones_is_not_taken() -> None:
    odd = habits([BAR] * 4, [2 * BOW - BAR, BAR, BAR, BAR], [EVEN] * 4)
    strokes, *_ = odd.brought(BAR, BAR, EVEN)
    assert np.ptp(strokes[0, :, 1]) < 0.1


def test_a_stroke_ends_as_the_sample_most_like_it_whose_end_is_seen() -> None:
    cut = np.stack([ROUND[0, 0], FLAT])[None].astype(np.float32)
    hidden = np.full_like(cut, np.nan)
    hand = habits([BAR, POST], [BAR, POST], [EVEN, EVEN], [cut, hidden])
    for stroke in (BAR, POST):
        assert hand.brought(stroke, stroke, EVEN)[2] == pytest.approx(cut)


def test_an_end_that_no_like_stroke_has_is_held_near_theirs() -> None:
    flat = np.stack([FLAT, FLAT])[None].astype(np.float32)
    spike = flat.copy()
    spike[0, 1, 0] = 2.7
    hand = habits([BAR] * 4, [BAR] * 4, [EVEN] * 4, [spike, flat, flat, flat])
    held = hand.brought(BAR, BAR, EVEN)[2]
    assert held[0, 1, 0] == pytest.approx(1 + 2.5 * np.sqrt(((FLAT - 1)**2).mean()), rel=1e-5)
    held[0, 1, 0] = 1
    assert held == pytest.approx(flat)


def test_a_pen_that_is_round_in_the_median_ends_all_strokes_round() -> None:
    nearly = ROUND + 0.02
    odd = np.stack([FLAT, FLAT])[None].astype(np.float32)
    hand = habits([BAR, POST, BOW], [BAR, POST, BOW], [EVEN] * 3, [odd, nearly, nearly])
    assert (hand.brought(BAR, BAR, EVEN)[2] == ROUND).all()


def heel(height: float) -> np.ndarray:
    """The sides of a stroke whose left edge lies further off near its end."""
    sides = EDGES.copy()
    sides[0, 0, 36:42] += height
    return sides


def test_edges_run_as_those_of_the_sample_most_like_it() -> None:
    hand = habits([BAR, BAR, BAR, POST], [BAR, BAR, BAR, POST], [EVEN] * 4,
                  sides=[heel(0.3)] * 3 + [heel(-0.4)])
    sides = hand.brought(BAR, BAR, EVEN)[3]
    assert sides is not None and sides == pytest.approx(heel(0.3))


def test_an_edge_that_no_like_stroke_has_is_held_near_theirs() -> None:
    hand = habits([BAR] * 4, [BOW, BAR, BAR, BAR + 0.01], [EVEN] * 4,
                  sides=[heel(0.1), heel(0.7), heel(0.2), heel(0.2)])
    sides = hand.brought(BAR, BAR, EVEN)[3]
    assert sides is not None and 0.1 <= sides[0, 0, 38] - 1 <= 0.6 + 1e-6


def test_a_pen_whose_edges_run_even_in_the_median_has_none_of_its_own() -> None:
    hand = habits([BAR] * 3, [BAR] * 3, [EVEN] * 3, sides=[heel(0.5), heel(0.05), heel(0.02)])
    assert hand.brought(BAR, BAR, EVEN)[3] is None


def test_a_straight_hand_has_no_bends_of_the_content_where_no_sample_is_like() -> None:
    waves = [BAR + np.stack([0 * AT, height * np.sin(2 * np.pi * AT)], -1).astype(np.float32)
             for height in (0.8, 1.0, 1.2)]
    straight = Habits.of([BAR] * 3, [(BAR, EVEN)] * 3, [(wave, EVEN) for wave in waves],
                         [ROUND] * 3, [EDGES] * 3)
    bent = POST + (waves[1] - BAR)[..., ::-1]
    strokes, *_ = straight.brought(POST, bent, EVEN)
    assert bends(bent)[0, 1] > 0.7 and (bends(strokes) < 0.01).all()
    wavy = Habits.of([BAR] * 3, [(wave, EVEN) for wave in waves], [(wave, EVEN) for wave in waves],
                     [ROUND] * 3, [EDGES] * 3)
    assert (wavy.steady == 0).all()


def test_a_stroke_that_was_laid_in_a_tangle_is_no_habit() -> None:
    tangle = BAR + np.where(np.arange(16) % 2, 0, 4)[:, None].astype(np.float32) * [0, 1]
    hand = habits([BAR, POST, POST, POST], [tangle.astype(np.float32), POST, POST, POST],
                  [SWELL, EVEN, EVEN, EVEN])
    strokes, width, *_ = hand.brought(BAR, BAR, EVEN)
    assert np.ptp(strokes[0, :, 1]) < 0.1
    assert width == pytest.approx(EVEN, rel=0.05)


def test_a_width_that_no_like_stroke_has_is_held_near_theirs() -> None:
    hand = habits([BAR] * 4, [BAR] * 4, [2 * EVEN, EVEN, EVEN, EVEN])
    assert hand.brought(BAR, BAR, EVEN)[1] == pytest.approx(2 * np.exp(0.15) * np.ones((1, 16)))


def test_a_stroke_swells_by_as_much_as_those_like_it_though_less_is_brought_over() -> None:
    hand = habits([BAR] * 4, [BAR] * 4, [SWELL] * 4)
    short = (BAR - 60) * np.float32(0.45) + 60
    width = hand.brought(short, short, EVEN)[1]
    assert np.log(width).std() == pytest.approx(np.log(SWELL).std(), rel=1e-3)
    assert np.log(width).mean() < np.log(SWELL).mean() - 0.01       # less is brought over
    tame = habits([BAR] * 4, [BAR] * 4, [SWELL, EVEN, EVEN, EVEN])
    assert np.ptp(tame.brought(short, short, EVEN)[1]) <= 2 * (np.exp(0.15) - np.exp(-0.15))
