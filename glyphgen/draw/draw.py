"""The recipe: the characters of a project drawn, judged, drawn again where doubtful, and kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial

import torch

from glyphgen.config import GenerateConfig, Recipe
from glyphgen.draw.judge import Judge
from glyphgen.draw.tries import Batch, Tries
from glyphgen.engine import hold_less, spread
from glyphgen.hand.opened import open_hand, recipe_tag
from glyphgen.hand.prepared import Contents, PreparedHand
from glyphgen.progress import Progress
from glyphgen.project.document import Drawn, Project


def draw_pending(project: Project, codepoints: Sequence[int], config: GenerateConfig,
                 progress: Progress) -> int:
    """Draw those of `codepoints` that are pending, a batch a transaction; returns how many."""
    tag, style = recipe_tag(config), project.style()
    pending = project.pending(codepoints, tag, style)
    if not pending:
        return 0
    hold_less()
    hand, samples = open_hand(project, config, progress)
    judge = Judge(hand, samples)
    with progress.stage("glyphs", len(pending)) as tick:
        for drawn in draw_batches(hand, judge, pending, engine=config.engine):
            project.put_drawings(replace(one, recipe_tag=tag, style=style) for one in drawn)
            tick(len(drawn))
    return len(pending)


def draw_batches(hand: PreparedHand, judge: Judge, codepoints: Iterable[int], redraw: int = 0,
                 engine: str = "local", workers: int | None = None) -> Iterator[list[Drawn]]:
    """The best of a few tries at each of some different characters, as they are settled.

    On all cores that the engine has, or by so many workers. `redraw` 0 is the first drawing,
    another number another one.
    """
    if hand.painter.device.type == "mps":               # which is not for several threads
        workers = 1
    tries = Tries(hand, codepoints, len(_TRIES))
    for drawn in spread(partial(draw_batch, redraw=redraw), (hand, judge), tries, engine, workers):
        if settled := tries.settled(drawn):
            yield settled


def draw_batch(prepared: tuple[PreparedHand, Judge], batch: Batch, redraw: int = 0) -> list[Drawn]:
    """One try at a batch, in whatever thread or process this is."""
    torch.set_num_threads(1)                # each batch has a core, so that bits are the same
    torch.set_flush_denormal(True)          # on any number of cores
    hand, judge = prepared
    made: list[Drawn] = []
    for own, part in hand.parts(batch.codepoints):
        recipe = _TRIES[batch.attempt](own.hand.recipe)
        made += draw_glyphs(own, judge, own.framed(part),
                            own.seeds_of(part, batch.attempt, redraw), recipe, redraw > 0)
    return made


def draw_glyphs(hand: PreparedHand, judge: Judge, contents: Contents, seeds: Sequence[int],
                recipe: Recipe | None = None, bent: bool = False) -> list[Drawn]:
    """Content in, judged drawings out: the road of one batch.

    `bent` content gives other strokes, where another seed alone gives other edges.
    """
    shown = contents.bent(seeds) if bent else contents
    inked = hand.inked(shown, seeds, recipe)            # drawn, then finished with the person's pen
    fields = [one.field for one in inked]
    rated = judge.rate(contents, fields, seeds)         # legible? read as itself?
    return [replace(drawn, strokes=one.strokes) for drawn, one in zip(rated, inked)]


# the hand's own recipe, then other noise, then the content itself, displaced
_TRIES: tuple[Callable[[Recipe], Recipe], ...] = (
    lambda recipe: recipe,
    lambda recipe: recipe.by_pixels,
    lambda recipe: replace(recipe.by_pixels, mix=1.0, time=0.9, grain=0.0))
