import numpy as np
import pytest

from glyphgen.strokes.habit import Habits

AT = np.linspace(0, 1, 16)
BAR = np.stack([20 + 80 * AT, np.full(16, 60.0)], -1)[None].astype(np.float32)
POST = np.stack([np.full(16, 60.0), 20 + 80 * AT], -1)[None].astype(np.float32)
BOW = BAR + np.stack([np.zeros(16), 10 * np.sin(np.pi * AT)], -1).astype(np.float32)
SWELL = (1 + 3 * AT)[None].astype(np.float32)
EVEN = np.full((1, 16), 2, np.float32)


def habits(content: list, written: list, width: list) -> Habits:
    """Of samples whose strokes the network expects as the content has them, two pixels wide."""
    return Habits.of(content, list(zip(written, width)), [(one, EVEN) for one in content])


def test_a_stroke_takes_shape_and_width_of_the_sample_most_like_it() -> None:
    hand = habits([BAR, POST], [BOW, POST], [SWELL, EVEN])
    strokes, width = hand.brought(BAR, BAR + 7, EVEN)
    assert strokes.mean(1) == pytest.approx((BAR + 7).mean(1))      # it stays where it was put
    sag = np.ptp(strokes[0, :, 1])
    assert 0.85 * 10 < sag < 0.95 * 10                              # nine tenths of the bow
    assert width == pytest.approx(np.exp(0.9 * np.log(SWELL) + 0.1 * np.log(EVEN)), rel=1e-4)
    assert hand.brought(BAR, BAR, 2 * EVEN)[1] == pytest.approx(2 * width, rel=1e-4)


def test_a_stroke_unlike_all_samples_stays_as_it_was() -> None:
    strokes, width = habits([POST], [POST + BOW - BAR], [SWELL]).brought(BAR, BAR, EVEN)
    assert strokes == pytest.approx(BAR, abs=0.01)
    assert width == pytest.approx(EVEN, rel=0.01)


def test_one_odd_sample_among_like_ones_is_not_taken() -> None:
    odd = habits([BAR] * 4, [2 * BOW - BAR, BAR, BAR, BAR], [EVEN] * 4)
    strokes, _ = odd.brought(BAR, BAR, EVEN)
    assert np.ptp(strokes[0, :, 1]) < 0.1
