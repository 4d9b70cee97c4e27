"""Strokes neater or looser than drawn."""

from __future__ import annotations

import numpy as np
import pytest

from exporters.outlines.tuning import Tuning
from fonts.drawing import Drawing, Strokes
from glyphgen.export.outlines import Cut, loose, outlined
from glyphgen.strokes.ink import inked
from glyphgen.strokes.laid.joints import laid_over
from glyphgen.strokes.library import HEI, KAI, Library
from glyphgen.strokes.loose import loosened

TREE = ord("木")
CONTENT = Library.load()[TREE]


def bent(codepoint: int = TREE, far: float = 2.0) -> Strokes:
    """The content's strokes with a bend and a shake of the width on each."""
    content, at = Library.load()[codepoint], np.linspace(0, np.pi, 16)
    bend = far * np.sin(at)[:, None] * np.where(np.arange(len(content)) % 2, 1, -1)[:, None, None]
    wide = 2 + 0.3 * np.cos(np.arange(16) * np.pi) + 0 * content[..., 0]
    return Strokes((content + bend).astype(np.float32), wide.astype(np.float32))


def beyond(strokes: Strokes) -> float:
    """Pixels, a root mean square, that strokes are off the content's."""
    lines = strokes.lines.astype(float)
    return float(np.sqrt(((lines - laid_over(CONTENT.astype(float), lines))**2).mean()))


def shake(strokes: Strokes) -> float:
    """How much half-widths change from point to point, in the mean."""
    return float(np.abs(np.diff(strokes.half_width, axis=1)).mean())


def test_as_drawn_is_the_same() -> None:
    strokes, drawing = bent(), Drawing(TREE, *inked(bent().lines, bent().half_width))
    assert loosened(strokes, TREE, 0.0) is strokes
    assert loose(drawing, 0.0) is drawing
    assert outlined(drawing, Cut.of(Tuning())) == outlined(drawing)


def test_neater_takes_bends_and_shakes_out_step_by_step() -> None:
    steps = [loosened(bent(), TREE, share) for share in (-0.25, -0.5, -1.0)]
    off, shaken = ([measure(one) for one in (bent(), *steps)] for measure in (beyond, shake))
    assert sorted(off, reverse=True) == off and off[-1] < 0.5 * off[0]
    assert sorted(shaken, reverse=True) == shaken and shaken[-1] < 0.4 * shaken[0]


def test_looser_is_as_far_off_as_the_hand_is_and_comes_out_alike() -> None:
    one, again = (loosened(bent(), TREE, 1.0) for _ in range(2))
    assert np.array_equal(one.lines, again.lines)
    assert 0.3 < np.abs(one.lines - bent().lines).mean() < 4
    steady = loosened(bent(far=0.1), TREE, 1.0)             # a steady hand stays one
    assert np.abs(steady.lines - bent(far=0.1).lines).mean() < 0.3
    other = loosened(bent(far=2.1), TREE, 1.0)              # another drawing varies otherwise
    moved = (other.lines - bent(far=2.1).lines, one.lines - bent().lines)
    assert np.abs(moved[0] - moved[1]).mean() > 0.3


@pytest.mark.parametrize("looseness", [-1.0, 1.0])
def test_what_meets_goes_on_meeting(looseness: float) -> None:
    """Where the second and the last stroke of the box begin."""
    mouth = ord("口")
    content, lines = Library.load()[mouth], loosened(bent(mouth), mouth, looseness).lines

    def gap(strokes: np.ndarray, stroke: int, end: int, other: int) -> float:
        return float(np.linalg.norm(strokes[other] - strokes[stroke, end], axis=-1).min())

    for ends in ((1, 0, 0), (2, 0, 0)):
        assert gap(content, *ends) < 3 and gap(lines, *ends) < gap(content, *ends) + 1.5


@pytest.mark.parametrize("looseness", [-1.0, 1.0])
def test_unknown_strokes_stay(looseness: float) -> None:
    fewer = Strokes(bent().lines[:2], bent().half_width[:2])
    assert loosened(fewer, TREE, looseness) is fewer
    assert loosened(bent(), 0xE000, looseness).lines is not None
    pixels = Drawing(TREE, inked(bent().lines, bent().half_width).field)
    assert loose(pixels, looseness) is pixels


def test_kana_go_by_the_content_that_they_were_drawn_from() -> None:
    """In both contents it has as many strokes, which are placed otherwise."""
    kana = ord("い")
    hei, kai = (Library.load(content)[kana] for content in (HEI, KAI))
    wide = np.full(hei.shape[:2], 2, np.float32)
    assert hei.shape == kai.shape and np.abs(hei - kai).mean() > 2
    for content in (hei, kai):
        assert np.abs(loosened(Strokes(content, wide), kana, -1.0).lines - content).max() < 1
