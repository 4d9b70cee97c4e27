"""The hand that a project is drawn in: learnt from its samples, kept, blended or invented."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from fonts.drawing import Field, reduced
from fonts.errors import Line
from glyphgen.config import GenerateConfig
from glyphgen.hand.blend import Styles, blended
from glyphgen.hand.painter import Painter, there_or_auto, use_threads
from glyphgen.hand.prepare import Prepared, prepare
from glyphgen.hand.prepared import PreparedHand
from glyphgen.hand.saved import key_of, load_hand, save_hand
from glyphgen.network.checkpoint import load_model, model_hash
from glyphgen.network.displacer import WEIGHTS as DISPLACER
from glyphgen.progress import Progress
from glyphgen.project.document import Project, ProjectError
from glyphgen.project.settings import MOST_LEARNT
from glyphgen.strokes.checkpoint import WEIGHTS as STROKES
from glyphgen.strokes.laid.lay import WAY
from glyphgen.strokes.library import edition


def open_hand(project: Project, config: GenerateConfig,
              progress: Progress) -> tuple[PreparedHand, dict[int, Field]]:
    """The hand of a project, and the samples it was learnt from: fields (128, 128) by codepoint.

    Raises ProjectError without usable samples.
    """
    use_threads()
    if config.invent is not None:
        painter = _painter(config)
        prepared = Styles.load().invent(config.invent, painter)
        return PreparedHand.of(painter, prepared, config.seed), {}
    painter, prepared, samples = _own(project, config, progress)
    if config.blend:
        other, share = config.blend
        with Project.open(Path(other), read_only=True) as opened:
            prepared = blended(prepared, _own(opened, config, progress)[1], share)
    return PreparedHand.of(painter, prepared, config.seed), samples


def recipe_tag(config: GenerateConfig) -> str:
    """Names everything beside the samples that a drawing depends on."""
    parts = [model_hash()[:16], model_hash(DISPLACER)[:8], model_hash(STROKES)[:8], edition(),
             f"w{WAY}", config.region, f"s{config.seed}", "a" if config.adapt else "n"]
    if config.invent is not None:
        parts.append(f"i{config.invent}")
    if config.blend:
        other, share = config.blend
        with Project.open(Path(other), read_only=True) as opened:
            parts.append(f"b{opened.style()[:16]}:{share:g}")
    return "-".join(parts)


def _painter(config: GenerateConfig) -> Painter:
    device = "cpu" if config.engine == "ray" else there_or_auto(config.device)
    return Painter(*load_model(), config.region, device=device)


def _own(project: Project, config: GenerateConfig,
         progress: Progress) -> tuple[Painter, Prepared, dict[int, Field]]:
    """The hand of a project's samples, kept or prepared now, its painter, and its samples."""
    samples = {s.codepoint: s.field for s in project.samples()}
    if not samples:
        raise ProjectError(f"{project.path}: has no samples; `glyphgen ingest` reads some")
    painter = _painter(config)
    usable = {c: f for c, f in samples.items() if painter.content.has(c)}
    if not usable:
        raise ProjectError("none of the samples is in the content font; write some hanzi, kana, "
                           "Hangul or Latin letters", project.path)
    key = key_of(recipe_tag(replace(config, blend=None)), project.style())
    prepared = load_hand(project, key, painter, usable)
    if prepared is None:
        prepared = prepare(painter, usable, config.seed, config.adapt, progress,
                           project.strokes())
        if not project.read_only:
            save_hand(project, key, painter, prepared)
            _remember(project, len(usable), prepared)
    if not project.read_only:
        _report(project, prepared, progress)
    return painter, prepared, {c: reduced(f) for c, f in usable.items()}


def _remember(project: Project, samples: int, prepared: Prepared) -> None:
    """Add the score of a hand just learnt to those of its fewer samples; again with as many
    samples, it takes the last one's place."""
    if prepared.scores is None:
        return
    before = project.get("learnt", [])
    if before and before[-1]["samples"] == samples:
        before = before[:-1]
    project.set("learnt", [*before, {"samples": samples, **prepared.scores}][-MOST_LEARNT:])


def _report(project: Project, prepared: Prepared, progress: Progress) -> None:
    """Note what the samples said, and keep it: the one honest number for a hand without a font."""
    adapted, scores = prepared.adapted, prepared.scores
    if adapted and adapted.steps:
        gain = 100 * (1 - adapted.after / adapted.before)
        progress.note(Line("adapted to the samples: held-out loss {n} % lower", n=f"{gain:.0f}"))
    if scores:
        project.set("held_out", dict(scores))
        progress.note(Line("your own samples, drawn from the others: IoU {iou}, L1 over ink {loss}",
                           iou=f"{scores['iou']:.2f}", loss=f"{scores['nl1']:.2f}"))
