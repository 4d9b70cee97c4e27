"""Held-out checks on the person's own samples: the recipe, the stroke weight, the score."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt
from skimage.morphology import skeletonize
from torch import Tensor

from fonts.drawing import CANVAS, Field, reduced
from fonts.regions import script_of
from glyphgen.config import RECIPES, Recipe
from glyphgen.hand.adapt import AdaptConfig, Adapted, adapt
from glyphgen.hand.clean import Cleanliness, measured, on_average
from glyphgen.hand.painter import FEW, Fields, Hand, Painter, glyph_seed
from glyphgen.hand.pen import Pen, pen_of, redistanced, rewrite
from glyphgen.hand.strokes import draw_strokes, ink_anew, lay_samples, with_inking, with_strokes
from glyphgen.progress import Progress
from glyphgen.project.strokes import Stroke
from glyphgen.strokes.ink import Inked
from glyphgen.strokes.laid.lay import Laid

Lines = tuple[NDArray[np.bool_], NDArray[np.float64]] | None

FOLDS = 3
INKED = ("kana", "hangul", "latin", "sign")      # scripts that may be inked anew
_LEVELS = np.linspace(-0.8, 0.8, 33)
_MISSING = 0.1 * CANVAS          # distance that counts where there is no stroke at all
_CHAMFER = 0.12                  # of a recipe's cost, a pixel
_UNLIKE = 0.25                   # of a recipe's cost, a log ratio of cleanliness to the truth's
_BY_EYE = 0.05                   # of nl1, that strokes may cost more: far off, looks say more


@dataclass(frozen=True)
class Finish:
    """What a drawing goes through after the network: level, exact distances, the person's pen."""

    level: float = 0.0
    drawn: Pen | None = None
    wanted: Pen | None = None

    def __call__(self, field: Field) -> Field:
        """The finished field (128, 128)."""
        field = redistanced(field - np.float32(self.level))
        if self.drawn is None or self.wanted is None:
            return field
        return rewrite(field, self.drawn, self.wanted)


def finish_of(drawn: Fields, truth: Fields) -> Finish:
    """The finish that gives drawings (N, 128, 128) the ink and the pen of the truth."""
    wanted = ink(truth).sum()
    amounts = np.array([ink(drawn - level).sum() for level in _LEVELS])
    level = float(_LEVELS[np.abs(amounts - wanted).argmin()])
    return Finish(level, pen_of(redistanced(f - np.float32(level)) for f in drawn), pen_of(truth))


class Truth:
    """The samples that others are compared with: fields (N, 128, 128)."""

    def __init__(self, fields: Fields) -> None:
        self.fields = fields

    @cached_property
    def lines(self) -> list[Lines]:
        """Their centre lines."""
        return [lines_of(field > 0) for field in self.fields]

    @cached_property
    def each(self) -> list[Cleanliness | None]:
        """The cleanliness of each."""
        return [*map(measured, self.fields)]

    def at(self, rows: Sequence[int]) -> Truth:
        """Some of the samples."""
        some = Truth(self.fields[[*rows]])
        some.lines, some.each = [self.lines[i] for i in rows], [self.each[i] for i in rows]
        return some


class Compared(NamedTuple):
    """A drawing beside what the person wrote."""

    nl1: float
    iou: float
    chamfer: float          # of skeletons, canvas pixels
    clean: Cleanliness | None


@dataclass(frozen=True)
class HeldOut:
    """Samples drawn from the other samples alone, by one recipe: fields (N, 128, 128)."""

    recipe: Recipe
    finish: Finish
    truth: Truth
    drawn: Fields
    codepoints: tuple[int, ...] = ()
    known: tuple[Compared | None, ...] = ()     # of drawings that were compared before

    @classmethod
    def of(cls, recipe: Recipe, truth: Truth, drawn: Fields,
           codepoints: Sequence[int] = ()) -> HeldOut:
        """Drawings as the network left them, finished to fit the truth."""
        finish = finish_of(drawn, truth.fields)
        return cls(recipe, finish, truth, np.stack([finish(field) for field in drawn]),
                   tuple(codepoints))

    def with_strokes(self, fields: Sequence[Field | None]) -> HeldOut:
        """The same with those drawings in place that could be drawn stroke by stroke."""
        return replace(self.put(fields), recipe=replace(self.recipe, strokes=True))

    def put(self, fields: Sequence[Field | None]) -> HeldOut:
        """The same with those drawings in place that there are."""
        drawn = [mine if field is None else field for mine, field in zip(self.drawn, fields)]
        known = [one if field is None else None for one, field in zip(self.compared, fields)]
        return replace(self, drawn=np.stack(drawn), known=tuple(known))

    def at(self, rows: Sequence[int]) -> HeldOut:
        """Some of the samples."""
        return replace(self, truth=self.truth.at(rows), drawn=self.drawn[[*rows]],
                       known=tuple(self.compared[i] for i in rows))

    @cached_property
    def compared(self) -> tuple[Compared, ...]:
        """Each drawing beside its truth."""
        known = self.known or [None] * len(self.drawn)
        return tuple(one or compared(field, truth, lines) for one, field, truth, lines
                     in zip(known, self.drawn, self.truth.fields, self.truth.lines))

    @cached_property
    def scores(self) -> dict[str, float]:
        """Means over the samples: ink-normalised L1, IoU, skeleton chamfer in canvas pixels."""
        return {name: float(np.mean([getattr(one, name) for one in self.compared]))
                for name in ("nl1", "iou", "chamfer")}

    @property
    def cost(self) -> float:
        """What recipes are compared by: overlap alone would favour a blur or a clot."""
        return (self.scores["nl1"] - self.scores["iou"] + _CHAMFER * self.scores["chamfer"]
                + _UNLIKE * self.unlike)

    @cached_property
    def unlike(self) -> float:
        """How far strokes vary in width, ripple and fall into parts otherwise than the truth's."""
        usual, own = on_average(self.truth.each), on_average(one.clean for one in self.compared)
        ratio = {name: math.log(max(value, 1e-3) / max(getattr(usual, name), 1e-3))
                 for name, value in asdict(own).items()}
        return abs(ratio["variation"]) + max(0.0, ratio["ripples"]) + abs(ratio["pieces"])


def compared(field: Field, truth: Field, lines: Lines) -> Compared:
    """A drawing (128, 128) beside the sample and its centre lines."""
    a, b = ink(field), ink(truth)
    both, either = ((field > 0) & (truth > 0)).sum(), ((field > 0) | (truth > 0)).sum()
    return Compared(float(np.abs(a - b).sum() / max(b.sum(), 1)), float(both / max(either, 1)),
                    apart(lines_of(field > 0), lines), measured(field))


@dataclass(frozen=True)
class Prepared:
    """A hand ready to be drawn in: what was learnt, how to finish, and how it was checked."""

    hand: Hand
    finish: Finish
    adapted: Adapted | None
    scores: Mapping[str, float] | None      # of held-out samples
    held: Mapping[int, Field] = field(default_factory=dict)     # these, as they were drawn
    laid: Mapping[int, Laid] = field(default_factory=dict)      # samples, on their strokes

    def checked_by(self, held: HeldOut) -> Prepared:
        """The same, finished and scored as samples drawn from the others say."""
        return replace(self, hand=self.hand.with_recipe(held.recipe), finish=held.finish,
                       scores=held.scores, held=dict(zip(held.codepoints, held.drawn)))


def prepare(painter: Painter, samples: Mapping[int, Field], seed: int, adapting: bool,
            progress: Progress, written: Mapping[int, Sequence[Stroke]] | None = None) -> Prepared:
    """Choose the recipe and the finish, adapt the painter where it draws by pixels, learn the hand.

    samples: fields (S, S); where strokes' edges are needs more pixels than the network sees.
    written: the strokes of samples that were written on glass.
    A hand drawn by strokes gains nothing from adapting: where strokes go it moves no nearer.
    """
    laid, adapted = lay_samples(samples, written, painter.content.region), None
    samples = {c: reduced(field) for c, field in samples.items()}
    with progress.stage("checking", len(samples)) as tick:
        held = hold_out(painter, samples, seed, tick, laid=laid)
    if held and held.recipe.strokes:
        hand = with_strokes(painter, with_inking(painter.learn(samples), laid), laid)
        return Prepared(hand, Finish(), None, None, laid=laid).checked_by(held)
    if adapting:
        with progress.stage("adapting", AdaptConfig.steps) as tick:
            adapted = adapt(painter, samples, seed, tick=tick)
    if adapted and adapted.steps:
        with progress.stage("checking", len(adapted.held)) as tick:
            held = hold_out(painter, samples, seed, tick, adapted.held, laid)
    hand = with_inking(painter.learn(samples), laid)
    prepared = Prepared(hand, Finish(), adapted, None, laid=laid)
    return prepared.checked_by(held) if held else prepared


def ink(fields: Fields) -> Fields:
    """Antialiased coverage of fields (N, 128, 128)."""
    return np.clip(fields + np.float32(0.5), 0, 1)


def chamfer(a: np.ndarray, b: np.ndarray) -> float:
    """Mean distance between the skeletons of two masks, both ways, in pixels."""
    return apart(lines_of(a), lines_of(b))


def lines_of(mask: np.ndarray) -> Lines:
    """The skeleton of a mask, and distances to it in pixels; None where there is none."""
    skeleton = skeletonize(mask)
    return (skeleton, distance_transform_edt(~skeleton)) if skeleton.any() else None


def apart(one: Lines, other: Lines) -> float:
    """Mean distance between two skeletons, both ways, in pixels."""
    if one is None or other is None:
        return _MISSING
    return float(other[1][one[0]].mean() + one[1][other[0]].mean()) / 2


def hold_out(painter: Painter, samples: Mapping[int, Field], seed: int = 0,
             tick: Callable[[int], None] = lambda count: None,
             held: Sequence[int] = (), laid: Mapping[int, Laid] | None = None) -> HeldOut | None:
    """Draw samples from the other samples by every recipe; the best, None with fewer than two.

    All samples, in FOLDS folds, or only those of `held`: what an adapted network has not seen.
    laid: the samples whose strokes are known; they draw, but in place of what was adapted.
    """
    codepoints = list(samples)[: painter.config.max_references]
    if len(codepoints) < 2:
        return None
    folds, network = min(FOLDS, len(codepoints)), painter.network()
    truth: list[Field] = []
    drawn: list[list[Fields]] = [[] for _ in RECIPES]
    by_strokes: list[Field | None] = []
    moved: list[tuple[Hand, int, Tensor]] = []
    for part in [list(held)] if held else [codepoints[i::folds] for i in range(folds)]:
        apart = set(part)
        whole = painter.learn({c: samples[c] for c in codepoints if c not in apart}, network)
        others = {c: one for c, one in (laid or {}).items() if c in codepoints and c not in apart}
        whole = with_inking(whole, others)
        if not held:                # what an adapted network draws, it draws by pixels
            whole = with_strokes(painter, whole, others)
        for hand, batch in whole.batches(part, painter.config.batch):
            seeds = [glyph_seed(seed, c) for c in batch]
            framed = painter.framed(hand, batch)
            by_recipe, flows = painter.drawn(hand, framed, seeds, *RECIPES.values(), padded=False)
            for kept, fields in zip(drawn, by_recipe):
                kept.append(fields)
            moved += [(hand, c, flow) for c, flow in zip(batch, flows)]
            by_strokes += [None] * len(batch) if hand.strokes is None else map(
                _field, draw_strokes(hand, batch, painter.displacements(hand, framed, False)))
            truth += [samples[c] for c in batch]
            tick(len(batch))
    order, known = [c for _, c, _ in moved], Truth(np.stack(truth))
    outcomes = [HeldOut.of(recipe, known, np.concatenate(fields), order)
                for recipe, fields in zip(RECIPES.values(), drawn)]
    best = min(outcomes, key=lambda outcome: outcome.cost)
    anew = [_field(ink_anew(hand, best.recipe.source, c, flow, drawing))
            for (hand, c, flow), drawing in zip(moved, best.drawn)]
    even = all(hand.inking and hand.inking.even for hand, _, _ in moved)
    return _with_strokes(inked_where_nearer(best, order, anew, even), by_strokes)


def _field(inked: Inked | None) -> Field | None:
    return None if inked is None else inked.field


def _with_strokes(held: HeldOut, by_strokes: Sequence[Field | None]) -> HeldOut:
    """The same, hanzi by strokes if that is about as near to the hand: it is nearer by eye."""
    rows = [i for i, field in enumerate(by_strokes) if field is not None]
    if not rows:
        return held
    strokes, pixels = held.with_strokes(by_strokes), held.at(rows)
    allowed = _BY_EYE * pixels.scores["nl1"]
    return strokes if strokes.at(rows).cost < pixels.cost + allowed else held


def inked_where_nearer(held: HeldOut, codepoints: Sequence[int],
                       anew: Sequence[Field | None], even: bool = False) -> HeldOut:
    """The same, inked anew in those scripts where that is nearer to the hand.

    anew: drawings inked anew, where they could be. All samples tell where a script has few. With
    an even pen all scripts are: a few samples tell little, and pixels are never even.
    """
    scripts = [script_of(c) for c in codepoints]
    rows = {script: [i for i, own in enumerate(scripts) if own == script] for script in INKED}
    usually = _nearer(held, anew)
    better = [script for script, own in rows.items() if even or (
        _nearer(held.at(own), [anew[i] for i in own]) if len(own) >= FEW else usually)]
    return replace(held.put([field if own in better else None
                             for own, field in zip(scripts, anew)]),
                   recipe=replace(held.recipe, inked=tuple(better)))


def _nearer(held: HeldOut, anew: Sequence[Field | None]) -> bool:
    """Whether drawings cost less once those inked anew are in their place."""
    return held.put(anew).cost < held.cost
