"""Other drawings of one character, or of a masked part of it, for a person to choose among."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

from fonts.drawing import CANVAS, Mask
from fonts.reading.images import read_grey
from glyphgen.config import Recipe, from_settings
from glyphgen.progress import Progress, Silent
from glyphgen.project.document import Drawn, Project, ProjectError

if TYPE_CHECKING:                   # torch only when something is drawn
    from glyphgen.draw.judge import Judge
    from glyphgen.hand.prepared import PreparedHand

_EACH = 4               # candidates of the whole by each of two recipes
_PARTS = 6              # of a part


def candidates(project: Project, codepoint: int, mask: Mask | None = None,
               progress: Progress | None = None) -> list[Drawn]:
    """Drawings that could take the place of the one there is, the best first; none is kept.

    With `mask` (128, 128) they differ from it in that part alone, and keep its state if it was
    made by hand. Raises ProjectError for what is not drawn, locked, or has nothing to be repainted.
    """
    from glyphgen.draw.judge import Judge
    from glyphgen.hand.opened import open_hand

    progress = progress or Silent()
    before = _changeable(project, codepoint, mask is not None)
    redraw = project.next_redraw()
    hand, samples = open_hand(project, from_settings(project.settings()), progress)
    judge, own = Judge(hand, samples), hand.for_script_of(codepoint)
    with progress.stage("candidates", 1) as tick:
        tries = _whole(own, judge, codepoint, redraw) if mask is None else \
            _part(own, judge, before, mask, redraw)
        tick(1)
    style, by_hand = project.style(), before.state == "replaced"
    return [replace(drawn, recipe_tag=before.recipe_tag, style=style,
                    state="replaced" if by_hand else drawn.state)
            for drawn in sorted(tries, key=lambda drawn: -drawn.score)]


def read_mask(path: Path) -> Mask:
    """The mask (128, 128) of a picture of the whole canvas: what is dark is to be drawn anew.

    Raises ImageError or ProjectError.
    """
    grey = read_grey(path)
    if grey.shape[0] != grey.shape[1]:
        raise ProjectError(f"{path}: the mask is not square; paint it over a picture of "
                           "`glyphgen glyphs pull`")
    small = cv2.resize(grey, (CANVAS, CANVAS), interpolation=cv2.INTER_AREA)
    return np.asarray(small < 128)


def _changeable(project: Project, codepoint: int, part: bool) -> Drawn:
    """The drawing that is to be changed."""
    name = f"{project.path}: {chr(codepoint)}"
    before = next(project.drawings([codepoint]), None)
    if before is None or any(s.codepoint == codepoint for s in project.samples()):
        raise ProjectError(f"{name} is not drawn by the model, so it cannot be drawn otherwise")
    if before.state == "locked" or before.state == "replaced" and not part:
        raise ProjectError(f"{name} is locked or made by hand, and stays as it is")
    return before


def _whole(hand: PreparedHand, judge: Judge, codepoint: int, redraw: int) -> list[Drawn]:
    """By the hand's own recipe and by the same over the other content."""
    from glyphgen.draw.draw import draw_glyphs

    contents, recipe = hand.framed([codepoint]).times(_EACH), hand.hand.recipe
    tries: list[Drawn] = []
    for number, way in enumerate((recipe, _other(recipe))):
        seeds = _seeds(hand, codepoint, redraw, number * _EACH, _EACH)
        tries += draw_glyphs(hand, judge, contents, seeds, way, bent=True)
    return tries


def _other(recipe: Recipe) -> Recipe:
    if recipe != recipe.by_pixels:
        return recipe.by_pixels
    return replace(recipe, source=1 - recipe.source, mix=max(recipe.mix, 0.6))


def _seeds(hand: PreparedHand, codepoint: int, redraw: int, first: int, count: int) -> list[int]:
    return [hand.seeds_of([codepoint], first + k, redraw)[0] for k in range(count)]


def _part(hand: PreparedHand, judge: Judge, before: Drawn, mask: Mask, redraw: int) -> list[Drawn]:
    """The drawing with the masked part anew."""
    from glyphgen.draw.repaint import repaint

    contents = hand.framed([before.codepoint])
    seeds = _seeds(hand, before.codepoint, redraw, 0, _PARTS)
    fields = repaint(hand, contents, before.field, mask, seeds)
    small = [cv2.resize(field, (CANVAS, CANVAS), interpolation=cv2.INTER_AREA)
             for field in fields]
    tries = judge.rate(contents.times(_PARTS), small, seeds)
    return [replace(drawn, field=field) for drawn, field in zip(tries, fields)]
