"""Hooks: where the content has one, whether a drawing has it, and hands that leave them out."""

from __future__ import annotations

import numpy as np
import pytest

from glyphgen.strokes.checkpoint import load_strokes
from glyphgen.strokes.hand import StrokeHand
from glyphgen.strokes.ink import ink
from glyphgen.strokes.laid.hooks import Hooks, before, hook_of, less_hooks, taken, whole
from glyphgen.strokes.laid.lay import Laid, lay
from glyphgen.strokes.laid.register import POINTS
from glyphgen.strokes.laid.written import lay_written
from glyphgen.strokes.library import Library

CORNER = 13


def line(*parts: tuple[tuple[float, float], tuple[float, float], int]) -> np.ndarray:
    """A stroke (16, 2) of straight parts, each from a point to another in so many steps."""
    steps = [np.linspace(first, last, count, endpoint=False) for first, last, count in parts]
    return np.concatenate([*steps, [parts[-1][1]]]).astype(np.float32)


HOOKED = line(((64, 20), (64, 104), CORNER), ((64, 104), (50, 94), 2))
BAR = line(((24, 40), (104, 40), 15))
PLAIN = taken(HOOKED[None], before(HOOKED, CORNER)[None])[0]


def test_a_short_way_back_is_a_hook_and_a_corner_of_a_box_is_none() -> None:
    assert hook_of(HOOKED) == CORNER
    assert hook_of(BAR) is None
    assert hook_of(line(((24, 24), (100, 24), 9), ((100, 24), (100, 100), 6))) is None
    assert hook_of(line(((64, 20), (64, 60), 8), ((64, 60), (40, 40), 7))) is None      # too long


def test_what_lies_before_a_hook_has_all_points_and_ends_at_the_corner() -> None:
    places = before(HOOKED, CORNER)
    assert places.shape == (POINTS,) and places[0] == 0 and places[-1] == CORNER
    assert (np.diff(places) > 0).all() and {*range(CORNER + 1)} <= {*places.tolist()}
    assert PLAIN[-1] == pytest.approx((64, 104)) and (PLAIN[:, 0] == 64).all()
    wide = np.arange(POINTS, dtype=np.float32)[None]
    assert taken(wide, places[None])[0] == pytest.approx(places)
    assert taken(HOOKED[None], whole(1)) == pytest.approx(HOOKED[None])


@pytest.mark.parametrize("written", [True, False])
def test_a_hook_is_laid_where_the_drawing_has_one(written: bool) -> None:
    content = np.stack([HOOKED, BAR])
    drawing = np.stack([HOOKED if written else PLAIN, BAR])
    laid = lay(content, ink(drawing, np.full((2, POINTS), 3, np.float32)))
    assert laid is not None
    assert laid.places[0, -1] == (POINTS - 1 if written else CORNER)
    assert laid.places[1].tolist() == whole(1)[0].tolist()
    assert laid.strokes[:, -1] == pytest.approx(drawing[:, -1], abs=1.5)
    assert laid.content == pytest.approx(drawing)


@pytest.mark.parametrize("written", [True, False])
def test_a_hook_that_was_not_written_on_glass_is_none(written: bool) -> None:
    content, wide = np.stack([HOOKED, BAR]), np.full((2, POINTS), 3, np.float32)
    lines = np.stack([HOOKED if written else PLAIN, BAR])
    laid = lay_written(content, [*zip(lines, wide)], ink(lines, wide))
    assert laid is not None
    assert laid.places[:, -1].tolist() == [POINTS - 1 if written else CORNER, POINTS - 1]
    assert laid.strokes[:, -1] == pytest.approx(lines[:, -1], abs=0.1)


def test_hooks_are_written_as_those_that_head_alike() -> None:
    aside = HOOKED[:, ::-1].copy()                      # from the left to the right, and back up
    many = [whole(1), before(HOOKED, CORNER)[None], before(HOOKED, CORNER)[None]]
    hooks = Hooks.of([HOOKED[None]] * 3 + [aside[None]], [*many, whole(1)])
    assert hooks.written.tolist() == [True, False, False, True]
    places = hooks.places(np.stack([HOOKED, aside, BAR]))
    assert places[:, -1].tolist() == [CORNER, POINTS - 1, POINTS - 1]
    none = Hooks.of([BAR[None]], [whole(1)])
    assert none.places(HOOKED[None])[0, -1] == POINTS - 1


def test_a_hook_that_goes_up_turns_less_and_follows_those_of_other_headings() -> None:
    up = line(((30, 20), (30, 90), 6), ((30, 90), (90, 92), 7), ((90, 92), (92, 80), 2))
    lifted = line(((30, 20), (30, 100), CORNER), ((30, 100), (44, 90), 2))      # as 長 ends below
    assert hook_of(up) == CORNER and hook_of(lifted) == CORNER
    assert hook_of(line(((30, 20), (90, 20), CORNER), ((90, 20), (92, 32), 2))) is None     # down
    kept, out = whole(1), before(HOOKED, CORNER)[None]
    for places, last in ((kept, POINTS - 1), (out, CORNER)):
        hooks = Hooks.of([HOOKED[None], lifted[None]], [places, kept])
        assert hooks.places(up[None])[0, -1] == last
    only = Hooks.of([HOOKED[None]], [out])
    assert only.places(lifted[None])[0, -1] == POINTS - 1       # it is no hook of that kind


def test_who_writes_no_hooks_gets_none() -> None:
    library, wide = Library.load(), 2.6
    hooked = [library[ord(c)] for c in "打可寸于才"]
    hand = StrokeHand.learn(load_strokes(), [laid_plainly(one, wide) for one in hooked], hooked)
    assert hand is not None
    (content,) = contents = [library[ord("丁")]]
    (stem,) = (i for i, stroke in enumerate(content) if hook_of(stroke) is not None)
    ((strokes, *_),) = hand.lines(contents, contents)
    assert np.ptp(content[stem, 8:, 0]) > 9             # the content's hook goes to the left
    assert np.ptp(strokes[stem, 8:, 0]) < 4


def laid_plainly(content: np.ndarray, wide: float) -> Laid:
    """A character's strokes laid on a drawing of them without hooks."""
    kept = less_hooks(content, lambda *_: True)
    laid = lay(content, ink(taken(content, kept), np.full(kept.shape, wide, np.float32)))
    assert laid is not None
    return laid
