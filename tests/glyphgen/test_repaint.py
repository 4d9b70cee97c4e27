"""Parts of drawings drawn anew, and other ways of drawing, with the shipped network."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from conftest import written

from fonts.drawing import CANVAS, Field, Mask
from glyphgen.draw.repaint import FEATHER, RepaintError, repaint
from glyphgen.hand.painter import Painter
from glyphgen.hand.prepare import Finish
from glyphgen.hand.prepared import PreparedHand
from glyphgen.network.checkpoint import WEIGHTS, load_model

CHARS = "国明春"


@pytest.fixture(scope="module")
def hand() -> PreparedHand:
    if not WEIGHTS.exists():
        pytest.skip("the network is missing")
    painter = Painter(*load_model(), device="cpu")
    return PreparedHand(painter, painter.learn(written()), Finish(level=0.2))


@pytest.fixture(scope="module")
def drawings(hand: PreparedHand) -> dict[str, Field]:
    points = [*map(ord, CHARS)]
    inked = hand.inked(hand.framed(points), hand.seeds_of(points))
    return {char: one.field for char, one in zip(CHARS, inked)}


def around(field: Field, radius: int = 20) -> Mask:
    """A disc over the ink that is nearest to a point off the middle."""
    rows, columns = np.nonzero(field > 0)
    nearest = np.hypot(rows - 80, columns - 80).argmin()
    y, x = np.ogrid[:CANVAS, :CANVAS]
    return (y - rows[nearest]) ** 2 + (x - columns[nearest]) ** 2 < radius**2


def alike(one: Field, other: Field, mask: Mask) -> float:
    """Intersection over union of the ink inside a mask."""
    a, b = (one > 0) & mask, (other > 0) & mask
    return float((a & b).sum() / (a | b).sum())


def beyond(mask: Mask) -> Mask:
    return cv2.distanceTransform((~mask).astype(np.uint8), cv2.DIST_L2, 5) > FEATHER + 1


@pytest.mark.parametrize("char", CHARS)
def test_an_erased_part_comes_back(hand: PreparedHand, drawings: dict[str, Field],
                                   char: str) -> None:
    """Also where the drawing was moved and scaled since, so that it is not drawn there by heart."""
    whole = drawings[char]
    moved = cv2.warpAffine(whole, np.float32([[0.95, 0, 8], [0, 0.95, 0]]), (CANVAS, CANVAS),
                           borderValue=(-4.0,))
    for drawing in (whole, moved):
        mask = around(drawing)
        erased = np.where(mask, np.float32(-4), drawing)
        again, = repaint(hand, hand.framed([ord(char)]), erased, mask, [5])
        assert again.dtype == np.float32 and np.isfinite(again).all()
        assert np.array_equal(again[beyond(mask)], drawing[beyond(mask)])
        assert alike(again, drawing, mask) > 0.4
    assert alike(again, moved, mask) > alike(whole, moved, mask)


def test_seeds_decide(hand: PreparedHand, drawings: dict[str, Field]) -> None:
    drawing, content = drawings["春"], hand.framed([ord("春")])
    mask = around(drawing)
    first = repaint(hand, content, drawing, mask, [1, 2, 3])
    again = repaint(hand, content, drawing, mask, [1, 2, 3])
    assert all(np.array_equal(a, b) for a, b in zip(first, again))
    for one, other in ((0, 1), (1, 2)):
        assert alike(first[one], first[other], mask) < 0.98


def test_fine_drawings_stay_fine(hand: PreparedHand, drawings: dict[str, Field]) -> None:
    """What a person drew has four times the pixels."""
    drawing = cv2.resize(drawings["明"], (512, 512), interpolation=cv2.INTER_CUBIC)
    mask = around(drawings["明"])
    again, = repaint(hand, hand.framed([ord("明")]), drawing, mask, [1])
    kept = cv2.resize(beyond(mask).astype(np.uint8), (512, 512), interpolation=cv2.INTER_NEAREST)
    assert again.shape == (512, 512)
    assert np.array_equal(again[kept > 0], drawing[kept > 0])
    assert not np.array_equal(again, drawing)


def test_a_mask_is_needed(hand: PreparedHand, drawings: dict[str, Field]) -> None:
    content = hand.framed([ord("国")])
    for mask in (np.zeros((CANVAS, CANVAS), bool), np.ones((64, 64), bool)):
        with pytest.raises(RepaintError, match="marked"):
            repaint(hand, content, drawings["国"], mask, [1])


def test_variations_differ_in_their_strokes(hand: PreparedHand) -> None:
    points = [ord("国")] * 3
    contents, seeds = hand.framed(points), [1, 2, 3]
    everywhere = np.ones((CANVAS, CANVAS), bool)
    plain, varied = ([one.field for one in hand.inked(some, seeds)]
                     for some in (contents, contents.bent(seeds)))
    assert alike(varied[0], varied[1], everywhere) < alike(plain[0], plain[1], everywhere)
    assert alike(varied[0], plain[0], everywhere) > 0.1
