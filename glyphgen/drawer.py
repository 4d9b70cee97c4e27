"""Draw the pending glyphs of a project: prepare the hand, draw, gate, draw again, keep."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

import torch

from fonts.drawing import Field
from glyphgen.calibrate import Prepared, prepare
from glyphgen.checkpoint import load_model, model_hash
from glyphgen.engine import ENGINES
from glyphgen.gate import Gate, kind_of, score
from glyphgen.generate import Fields, Painter, glyph_seed, use_threads
from glyphgen.progress import Progress
from glyphgen.project import Drawn, Project, ProjectError, State
from glyphgen.recall import keep, key_of, recall
from glyphgen.repaint import vary

if TYPE_CHECKING:
    from glyphgen.pipeline import GenerateConfig


_ATTEMPTS = 2               # seeds before the content-anchored rescue
_RESEED = 0x51ED


@dataclass(frozen=True)
class Attempt:
    """One try at a character and the gate's doubt of it."""

    codepoint: int
    field: Field
    seed: int
    doubt: float
    scores: dict[str, float]


def draw_pending(project: Project, codepoints: Sequence[int], config: GenerateConfig,
                 progress: Progress) -> int:
    """Draw those of `codepoints` that are pending, a batch a transaction; returns how many."""
    tag, style = _tag(config), project.style()
    pending = project.pending(codepoints, tag, style)
    if not pending:
        return 0
    keeper = ready(project, config, progress)
    size = keeper.painter.config.batch
    batches = (pending[start : start + size] for start in range(0, len(pending), size))
    with progress.stage("glyphs", len(pending)) as tick:
        for drawn in ENGINES[config.engine].spread(_draw, keeper, batches):
            project.put_drawings(drawn_of(made, tag, style) for made in drawn)
            tick(len(drawn))
    return len(pending)


def ready(project: Project, config: GenerateConfig, progress: Progress,
          turn: int = 0) -> Gatekeeper:
    """The hand of a project's samples, recalled or prepared, behind the gate.

    A `turn` other than 0 draws otherwise than before. Raises ProjectError without usable samples.
    """
    samples = {s.codepoint: s.drawing.field for s in project.samples()}
    if not samples:
        raise ProjectError(f"{project.path}: has no samples; `glyphgen ingest` reads some")
    use_threads()
    model, codec = load_model()
    device = "cpu" if config.engine == "ray" else config.device
    painter = Painter(model, codec, config.region, device=device)
    usable = {c: f for c, f in samples.items() if painter.content.has(c)}
    if not usable:
        raise ProjectError(f"{project.path}: none of the samples is in the content font; "
                           "write some hanzi, kana, Hangul or Latin letters")
    key = key_of(_tag(config), project.style())
    prepared = recall(project, key, painter, usable)
    if prepared is None:
        prepared = prepare(painter, usable, config.seed, config.adapt, progress)
        keep(project, key, painter, prepared)
    _tell(project, prepared, progress)
    return Gatekeeper(painter, prepared, usable, config.seed, turn)


def _draw(keeper: Gatekeeper, codepoints: Sequence[int]) -> list[Attempt]:
    torch.set_flush_denormal(True)          # also where another process draws
    return keeper.batch(codepoints)


def _tag(config: GenerateConfig) -> str:
    """Names everything beside the samples that a drawing depends on."""
    parts = (model_hash()[:16], config.region, f"s{config.seed}", "a" if config.adapt else "n")
    return "-".join(parts)


def _tell(project: Project, prepared: Prepared, progress: Progress) -> None:
    """Note what the samples said, and keep it: the one honest number for a hand without a font."""
    adapted, scores = prepared.adapted, prepared.scores
    if adapted and adapted.steps:
        gain = 100 * (1 - adapted.after / adapted.before)
        progress.note(f"adapted to the samples: held-out loss {gain:.0f} % lower")
    if scores:
        project.set("held_out", dict(scores))
        progress.note("your own samples, drawn from the others: "
                      f"IoU {scores['iou']:.2f}, L1 over ink {scores['nl1']:.2f}")


class Gatekeeper:
    """Draws batches, scores every drawing, and draws the doubtful ones again."""

    def __init__(self, painter: Painter, prepared: Prepared, samples: Mapping[int, Field],
                 seed: int, turn: int = 0) -> None:
        self.painter, self.prepared, self.seed, self.turn = painter, prepared, seed, turn
        self.gate = Gate.load()
        own = [c for c in samples if kind_of(c) == "character"][: painter.config.max_references]
        contents = [*painter.framed(prepared.hand, own).cpu().numpy()] if own else []
        self.usual = self.gate.hand(score(samples[c], [*pair]) for c, pair in zip(own, contents))

    def batch(self, codepoints: Sequence[int]) -> list[Attempt]:
        """The best attempt at each character, in the order asked."""
        hand = self.prepared.hand
        framed = self.painter.framed(hand, codepoints)
        contents = dict(zip(codepoints, framed.cpu().numpy()))
        best: dict[int, Attempt] = {}
        for attempt in range(_ATTEMPTS + 1):
            doubtful = [c for c in codepoints if c not in best or best[c].doubt > 1]
            if not doubtful:
                break
            recipe = hand.recipe
            if attempt == _ATTEMPTS:                # the rescue: the content itself, displaced
                recipe = replace(recipe, mix=1.0, time=0.9, grain=0.0)
            seeds = [self.seed_of(c, attempt) for c in doubtful]
            again = framed[[codepoints.index(c) for c in doubtful]]
            fields = self.painter.draw(hand, vary(again, seeds) if self.turn else again, seeds,
                                       recipe)[0]
            for codepoint, field, seed in zip(doubtful, fields, seeds):
                made = self.judge(codepoint, self.prepared.finish(field), contents[codepoint],
                                  seed)
                if codepoint not in best or made.doubt < best[codepoint].doubt:
                    best[codepoint] = made
        return [best[c] for c in codepoints]

    def seed_of(self, codepoint: int, attempt: int = 0) -> int:
        """The seed of one try at a character."""
        return glyph_seed(self.seed + self.turn + attempt * _RESEED, codepoint)

    def judge(self, codepoint: int, field: Field, contents: Fields, seed: int) -> Attempt:
        """A field (128, 128) with the gate's doubt of it; contents (2, 128, 128)."""
        scores = score(field, [*contents])
        doubt = self.gate.doubt(scores, self.usual, kind_of(codepoint))
        return Attempt(codepoint, field, seed, doubt, asdict(scores))


def drawn_of(made: Attempt, tag: str, style: str) -> Drawn:
    """What the project keeps; its score is 1 / (1 + doubt), one half at the gate's limit."""
    state: State = "doubtful" if made.doubt > 1 else "drawn"
    return Drawn(made.codepoint, made.field, made.seed, tag, style, 1 / (1 + made.doubt),
                 made.scores, state)
