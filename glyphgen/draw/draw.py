"""Draw the pending glyphs of a project: prepare the hand, draw, gate, draw again, keep."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import torch

from fonts.drawing import Field
from glyphgen.config import GenerateConfig
from glyphgen.draw.gate import Gate, GateScores, kind_of, score
from glyphgen.draw.repaint import vary
from glyphgen.engine import ENGINES, one_by_one
from glyphgen.hand.blend import Styles, blended
from glyphgen.hand.painter import Fields, Hand, Painter, glyph_seed, use_threads
from glyphgen.hand.prepare import Prepared, prepare
from glyphgen.hand.saved import keep, key_of, recall
from glyphgen.network.checkpoint import load_model, model_hash
from glyphgen.network.recogniser import Recogniser
from glyphgen.progress import Progress
from glyphgen.project.document import Drawn, Project, ProjectError, State

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
    one = keeper.painter.device.type == "mps"           # which is not for several threads
    spread = one_by_one if one else ENGINES[config.engine].spread
    with progress.stage("glyphs", len(pending)) as tick:
        for drawn in spread(draw_batch, keeper, batches):
            project.put_drawings(drawn_of(made, tag, style) for made in drawn)
            tick(len(drawn))
    return len(pending)


def ready(project: Project, config: GenerateConfig, progress: Progress,
          turn: int = 0) -> Gatekeeper:
    """The hand that a project is drawn in, behind the gate.

    A `turn` other than 0 draws otherwise than before. Raises ProjectError without usable samples.
    """
    use_threads()
    if config.invent is not None:
        painter = _painter(config)
        prepared = Styles.load().invent(config.invent, painter)
        return Gatekeeper(painter, prepared, {}, config.seed, turn)
    painter, prepared, usable = _own(project, config, progress)
    if config.blend:
        other, share = config.blend
        with Project.open(Path(other), read_only=True) as opened:
            prepared = blended(prepared, _own(opened, config, progress)[1], share)
    return Gatekeeper(painter, prepared, usable, config.seed, turn)


def _painter(config: GenerateConfig) -> Painter:
    device = "cpu" if config.engine == "ray" else config.device
    return Painter(*load_model(), config.region, device=device)


def _own(project: Project, config: GenerateConfig,
         progress: Progress) -> tuple[Painter, Prepared, dict[int, Field]]:
    """The hand of a project's samples, recalled or prepared, its painter, and its samples."""
    samples = {s.codepoint: s.drawing.field for s in project.samples()}
    if not samples:
        raise ProjectError(f"{project.path}: has no samples; `glyphgen ingest` reads some")
    painter = _painter(config)
    usable = {c: f for c, f in samples.items() if painter.content.has(c)}
    if not usable:
        raise ProjectError(f"{project.path}: none of the samples is in the content font; "
                           "write some hanzi, kana, Hangul or Latin letters")
    key = key_of(_tag(replace(config, blend=None)), project.style())
    prepared = recall(project, key, painter, usable)
    if prepared is None:
        prepared = prepare(painter, usable, config.seed, config.adapt, progress)
        if not project.read_only:
            keep(project, key, painter, prepared)
    if not project.read_only:
        _tell(project, prepared, progress)
    return painter, prepared, usable


def draw_batch(keeper: Gatekeeper, codepoints: Sequence[int]) -> list[Attempt]:
    """At most a batch of characters, drawn in whatever thread or process this is."""
    torch.set_num_threads(1)                # each batch has a core, so that bits are the same
    torch.set_flush_denormal(True)          # on any number of cores
    return keeper.batch(codepoints)


def _tag(config: GenerateConfig) -> str:
    """Names everything beside the samples that a drawing depends on."""
    parts = [model_hash()[:16], config.region, f"s{config.seed}", "a" if config.adapt else "n"]
    if config.invent is not None:
        parts.append(f"i{config.invent}")
    if config.blend:
        other, share = config.blend
        with Project.open(Path(other), read_only=True) as opened:
            parts.append(f"b{opened.style()[:16]}:{share:g}")
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
        self.gate, self.reader = Gate.load(), Recogniser.load()
        own = [c for c in samples if kind_of(c) == "character"][: painter.config.max_references]
        scores = [self._scores(part, [samples[c] for c in part],
                               [*painter.framed(hand, part).cpu().numpy()])
                  for hand, part in prepared.hand.batches(own, painter.config.batch)]
        self.usual = self.gate.hand([one for part in scores for one in part])

    def batch(self, codepoints: Sequence[int]) -> list[Attempt]:
        """The best attempt at each character, in the order asked."""
        best = {made.codepoint: made for hand, part in
                self.prepared.hand.batches(codepoints, self.painter.config.batch)
                for made in self._best(hand, part)}
        return [best[c] for c in codepoints]

    def _best(self, hand: Hand, codepoints: Sequence[int]) -> list[Attempt]:
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
            for made in self.judge(doubtful, [self.prepared.finish(field) for field in fields],
                                   [contents[c] for c in doubtful], seeds):
                if made.codepoint not in best or made.doubt < best[made.codepoint].doubt:
                    best[made.codepoint] = made
        return [best[c] for c in codepoints]

    def seed_of(self, codepoint: int, attempt: int = 0) -> int:
        """The seed of one try at a character."""
        return glyph_seed(self.seed + self.turn + attempt * _RESEED, codepoint)

    def judge(self, codepoints: Sequence[int], fields: Sequence[Field],
              contents: Sequence[Fields], seeds: Sequence[int]) -> list[Attempt]:
        """Fields (N, 128, 128) with the gate's doubt of each; contents (N, 2, 128, 128)."""
        rows = zip(codepoints, fields, seeds, self._scores(codepoints, fields, contents))
        return [Attempt(codepoint, field, seed,
                        self.gate.doubt(scores, self.usual, kind_of(codepoint)), asdict(scores))
                for codepoint, field, seed, scores in rows]

    def _scores(self, codepoints: Sequence[int], fields: Sequence[Field],
                contents: Sequence[Fields]) -> list[GateScores]:
        if not codepoints:
            return []
        mistaken = self.reader.mistaken(np.stack(fields), codepoints)
        return [score(field, [*pair], float(read))
                for field, pair, read in zip(fields, contents, mistaken)]


def drawn_of(made: Attempt, tag: str, style: str) -> Drawn:
    """What the project keeps; its score is 1 / (1 + doubt), one half at the gate's limit."""
    state: State = "doubtful" if made.doubt > 1 else "drawn"
    return Drawn(made.codepoint, made.field, made.seed, tag, style, 1 / (1 + made.doubt),
                 made.scores, state)
