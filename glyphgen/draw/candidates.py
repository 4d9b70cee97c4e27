"""Other drawings of one character, or of a masked part of it, for a person to choose among."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

from fonts.drawing import CANVAS, Mask
from fonts.reading.images import read_grey
from glyphgen.progress import Progress, Silent
from glyphgen.project.document import Drawn, Project, ProjectError
from glyphgen.review import config_of, next_turn

if TYPE_CHECKING:                   # torch only when something is drawn
    from glyphgen.config import Recipe
    from glyphgen.draw.draw import Attempt, Gatekeeper

_EACH = 4               # candidates of the whole by each of two recipes
_PARTS = 6              # of a part


def candidates(project: Project, codepoint: int, mask: Mask | None = None,
               progress: Progress | None = None) -> list[Drawn]:
    """Drawings that could take the place of the one there is, the best first; none is kept.

    With `mask` (128, 128) they differ from it in that part alone, and keep its state if it was
    made by hand. Raises ProjectError for what is not drawn, locked, or has nothing to be repainted.
    """
    from glyphgen.draw.draw import drawn_of, ready

    progress = progress or Silent()
    before = _changeable(project, codepoint, mask is not None)
    keeper = ready(project, config_of(project), progress, next_turn(project))
    with progress.stage("candidates", 1) as tick:
        tries = _whole(keeper, codepoint) if mask is None else _part(keeper, before, mask)
        tick(1)
    style, by_hand = project.style(), before.state == "replaced"
    found = [drawn_of(made, before.model, style)
             for made in sorted(tries, key=lambda made: made.doubt)]
    return [replace(drawn, state="replaced") for drawn in found] if by_hand else found


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


def _whole(keeper: Gatekeeper, codepoint: int) -> list[Attempt]:
    """By the hand's own recipe and by the same over the other content."""
    from glyphgen.draw.repaint import vary

    hand, painter = keeper.prepared.hand.of(codepoint), keeper.painter
    framed = painter.framed(hand, [codepoint])
    tries: list[Attempt] = []
    for number, recipe in enumerate((hand.recipe, _other(hand.recipe))):
        seeds = [keeper.seed_of(codepoint, number * _EACH + k) for k in range(_EACH)]
        varied = vary(framed.expand(_EACH, -1, -1, -1), seeds)
        fields = painter.draw(hand, varied, seeds, recipe)[0]
        finished = [keeper.prepared.finish(field) for field in fields]
        tries += keeper.judge([codepoint] * _EACH, finished, [framed[0].cpu().numpy()] * _EACH,
                              seeds)
    return tries


def _other(recipe: Recipe) -> Recipe:
    return replace(recipe, source=1 - recipe.source, mix=max(recipe.mix, 0.6))


def _part(keeper: Gatekeeper, before: Drawn, mask: Mask) -> list[Attempt]:
    """The drawing with the masked part anew."""
    from glyphgen.draw.repaint import repaint

    point, prepared, painter = before.codepoint, keeper.prepared, keeper.painter
    hand = prepared.hand.of(point)
    framed = painter.framed(hand, [point])
    seeds = [keeper.seed_of(point, k) for k in range(_PARTS)]
    fields = repaint(painter, hand, prepared.finish, framed, before.field, mask, seeds)
    small = [cv2.resize(field, (CANVAS, CANVAS), interpolation=cv2.INTER_AREA)
             for field in fields]
    tries = keeper.judge([point] * _PARTS, small, [framed[0].cpu().numpy()] * _PARTS, seeds)
    return [replace(made, field=field) for made, field in zip(tries, fields)]
