"""Draw the pending glyphs of a project: adapt, calibrate, learn the hand, draw in batches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from fonts.drawing import Field
from glyphgen.adapt import AdaptConfig, adapt
from glyphgen.calibrate import hold_out
from glyphgen.checkpoint import load_model, model_hash
from glyphgen.config import Recipe
from glyphgen.generate import Hand, Painter, glyph_seed, use_threads
from glyphgen.progress import Progress
from glyphgen.project import Drawn, Project, ProjectError

if TYPE_CHECKING:
    from glyphgen.pipeline import GenerateConfig


def draw_pending(project: Project, codepoints: Sequence[int], config: GenerateConfig,
                 progress: Progress) -> int:
    """Draw those of `codepoints` that are pending, a batch a transaction; returns how many."""
    samples = {s.codepoint: s.drawing.field for s in project.samples()}
    if not samples:
        raise ProjectError(f"{project.path}: has no samples; `glyphgen ingest` reads some")
    use_threads()
    tag, style = _tag(config), project.style()
    pending = project.pending(codepoints, tag, style)
    if not pending:
        return 0
    model, codec = load_model()
    painter = Painter(model, codec, config.region, device=config.device)
    usable = {c: f for c, f in samples.items() if painter.content.has(c)}
    if not usable:
        raise ProjectError(f"{project.path}: none of the samples is in the content font; "
                           "write some hanzi, kana, Hangul or Latin letters")
    level, recipe = _prepare(project, painter, usable, config, progress)
    hand = replace(painter.learn(usable), recipe=recipe)
    with progress.stage("glyphs", len(pending)) as tick:
        for start in range(0, len(pending), painter.config.batch):
            batch = pending[start : start + painter.config.batch]
            project.put_drawings(_batch(painter, hand, batch, level, config.seed, tag, style))
            tick(len(batch))
    return len(pending)


def _tag(config: GenerateConfig) -> str:
    """Names everything beside the samples that a drawing depends on."""
    parts = (model_hash()[:16], config.region, f"s{config.seed}", "a" if config.adapt else "n")
    return "-".join(parts)


def _prepare(project: Project, painter: Painter, samples: dict[int, Field],
             config: GenerateConfig, progress: Progress) -> tuple[float, Recipe]:
    """Adapt the network to the samples and measure what they say: weight level and recipe."""
    unseen: tuple[int, ...] = ()
    if config.adapt:
        with progress.stage("adapting", AdaptConfig.steps) as tick:
            outcome = adapt(painter, samples, config.seed, tick=tick)
        if outcome and outcome.steps:
            unseen = outcome.held
            gain = 100 * (1 - outcome.after / outcome.before)
            progress.note(f"adapted to the samples: held-out loss {gain:.0f} % lower")
    with progress.stage("checking", len(unseen or samples)) as tick:
        held = hold_out(painter, samples, config.seed, tick, unseen)
    if held is None:
        return 0.0, Hand.recipe
    level = held.level()
    scores = held.scores(level)
    project.set("held_out", scores)
    progress.note(f"your own samples, drawn from the others: {100 * scores['iou']:.0f} % of the "
                  f"ink in place (IoU {scores['iou']:.2f}, L1 over ink {scores['nl1']:.2f})")
    return level, held.recipe


def _batch(painter: Painter, hand: Hand, batch: Sequence[int], level: float, seed: int,
           tag: str, style: str) -> list[Drawn]:
    seeds = [glyph_seed(seed, c) for c in batch]
    fields = painter.draw(hand, batch, seeds)[0] - level
    return [Drawn(c, f, s, tag, style) for c, f, s in zip(batch, fields, seeds)]
