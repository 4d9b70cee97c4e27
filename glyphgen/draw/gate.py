"""The legibility gate: how far a drawing is from being the character that it should be.

A drawing is laid over its content (Hei and Kai, already in the hand's frame): first by position and
size, then by a smooth flow, so that only what no hand does is left over: strokes that are missing,
extra, broken or elsewhere. `Gate.doubt` makes one number of it, worst highest, above 1 doubtful.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from functools import cached_property
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from skimage.morphology import skeletonize

from fonts.drawing import CANVAS, SPREAD, Field, coverage
from fonts.regions import script_of
from fonts.sheet.compare import by_direction

Numbers = NDArray[np.float64]

CALIBRATION = Path(__file__).with_name("gate.json")
COLUMNS = ("centre", "within", "between", "tail")       # of a criterion in the calibration
KINDS = ("character", "kana", "latin", "sign")     # the first: hanzi and hangul

_GRID = 16                # cells a side of the density and direction grids
_SHIFT, _STRETCH = 6.0, 0.12        # limits of the first fit: pixels, log of the scale
_FLOW_SMOOTH, _FLOW_LIMIT = 8.0, 5.0      # of the second: sigma and longest arrow, pixels
_FAR = 10.0               # chamfer distances count no further, pixels
_NOWHERE = 64.0           # distance to a drawing without a skeleton, pixels
_Y, _X = np.mgrid[:CANVAS, :CANVAS].astype(np.float32)


class GateError(ValueError):
    """A field that cannot be scored, or a calibration that cannot be read."""


@dataclass(frozen=True)
class GateScores:
    """One drawing against its content after the overlay; 0 is a perfect match everywhere."""

    density: float        # 1 - cosine of the 16 x 16 ink grids about their means
    direction: float      # 1 - cosine of the 16 x 16 grids of stroke directions
    strays: float         # mean distance from the drawn to the content's skeleton, pixels
    gaps: float           # 97th percentile the other way, pixels
    missing: float        # worst local lack of skeleton, pixels of line per 100 of area
    extra: float          # worst local surplus, in the same unit
    length: float         # log of the skeleton's length over the content's
    fragments: float      # connected parts more than the content has
    mistaken: float = 0.0     # tenths of cosine by which it is nearer to another character


NAMES = tuple(field.name for field in fields(GateScores))     # the criteria, in order
_FLOOR = {"density": 1e-3, "direction": 1e-3, "strays": 0.1, "gaps": 0.5, "missing": 0.2,
          "extra": 0.2}   # logarithms are taken of these, from here on
_CARRIED = np.array([0.0 if name == "fragments" else 0.5 for name in NAMES])   # over to all kinds
_TWO_SIDED = np.array([name == "length" for name in NAMES])


def kind_of(codepoint: int) -> str:
    """One of KINDS: each has a threshold of its own."""
    script = script_of(codepoint)
    return script if script in KINDS else KINDS[0]


def _grid(image: Field) -> Field:
    return cv2.resize(image, (_GRID, _GRID), interpolation=cv2.INTER_AREA)


@dataclass(frozen=True, eq=False)
class _Shape:
    """A field and what a comparison needs of it."""

    field: Field

    @cached_property
    def ink(self) -> Field:
        return coverage(self.field)

    @cached_property
    def soft(self) -> Field:
        return cv2.GaussianBlur(self.ink, (0, 0), 2.0)

    @cached_property
    def density(self) -> Field:
        grid = _grid(self.soft)
        return grid - grid.mean()

    @cached_property
    def moments(self) -> Numbers:
        """Mean x and y, spread x and y of the ink, pixels."""
        axis = np.arange(CANVAS) + 0.5
        rows = np.stack([self.ink.sum(0), self.ink.sum(1)]).astype(np.float64)
        rows /= rows.sum(1, keepdims=True)
        mean = rows @ axis
        return np.concatenate([mean, np.sqrt(np.maximum(rows @ axis**2 - mean**2, 4.0))])

    @cached_property
    def skeleton(self) -> NDArray[np.bool_]:
        return skeletonize(self.field > 0)

    @cached_property
    def line(self) -> Field:
        return self.skeleton.astype(np.float32)

    @cached_property
    def distance(self) -> Field:
        """Distance to the skeleton, pixels."""
        return cv2.distanceTransform((~self.skeleton).astype(np.uint8), cv2.DIST_L2, 5)

    @cached_property
    def directions(self) -> Field:
        """Grid (16, 16, 4) of lines across, along and on both diagonals."""
        soft = cv2.GaussianBlur(self.line, (0, 0), 2.0)
        return cv2.GaussianBlur(_grid(by_direction(soft)), (0, 0), 0.4)

    @cached_property
    def local(self) -> Field:
        """Line length per 100 pixels of area around each of 32 x 32 places."""
        small = cv2.resize(self.line, (32, 32), interpolation=cv2.INTER_AREA)
        return cv2.GaussianBlur(small, (0, 0), 7 / 4) * 100

    @cached_property
    def parts(self) -> int:
        return int(cv2.connectedComponents((self.field > 0).astype(np.uint8), connectivity=8)[0])


def line_directions(field: Field) -> Field:
    """Grid (16, 16, 4) of stroke length across, along and on both diagonals of a drawing."""
    return _Shape(field).directions


def _fitted(drawn: _Shape, content: _Shape) -> _Shape:
    """The drawing moved and scaled, within limits, to the content's mean and spread."""
    limits = np.array([_SHIFT, _SHIFT])
    source, target = drawn.moments, content.moments
    middle = target[:2] + np.clip(source[:2] - target[:2], -limits, limits)
    scale = np.exp(np.clip(np.log(source[2:] / target[2:]), -_STRETCH, _STRETCH))
    matrix = np.column_stack([np.diag(scale), middle - scale * target[:2] + 0.5 * scale - 0.5])
    return _Shape(cv2.warpAffine(drawn.field, matrix, (CANVAS, CANVAS),
                                 flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
                                 borderMode=cv2.BORDER_CONSTANT, borderValue=-SPREAD))


def _flowed(drawn: _Shape, content: _Shape) -> _Shape:
    """The drawing under a smooth, bounded flow towards the content (Kroeger et al. 2016)."""
    finder = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST)
    finder.setFinestScale(0)
    half = (CANVAS // 2, CANVAS // 2)
    found = np.zeros((*half, 2), np.float32)
    images = [(cv2.resize(shape.soft, half, interpolation=cv2.INTER_AREA) * 255).astype(np.uint8)
              for shape in (content, drawn)]
    flow = cv2.GaussianBlur(finder.calc(images[0], images[1], found) * 2, (0, 0), _FLOW_SMOOTH / 2)
    flow = cv2.resize(flow, (CANVAS, CANVAS), interpolation=cv2.INTER_LINEAR)
    long = np.maximum(cv2.magnitude(flow[..., 0], flow[..., 1]), _FLOW_LIMIT)
    flow *= (_FLOW_LIMIT / long)[..., None]
    return _Shape(cv2.remap(drawn.field, _X + flow[..., 0], _Y + flow[..., 1], cv2.INTER_LINEAR,
                            borderMode=cv2.BORDER_CONSTANT, borderValue=-SPREAD))


def _unlike(a: Field, b: Field) -> float:
    """1 - cosine."""
    size = float(np.linalg.norm(a) * np.linalg.norm(b))
    return 1.0 - float((a * b).sum()) / max(size, 1e-9)


def _compared(drawn: _Shape, content: _Shape) -> GateScores:
    there, back = content.distance[drawn.skeleton], drawn.distance[content.skeleton]
    lack = content.local - drawn.local
    return GateScores(
        density=_unlike(drawn.density, content.density),
        direction=_unlike(drawn.directions, content.directions),
        strays=float(np.minimum(there, _FAR).mean()),
        gaps=float(np.percentile(back, 97)),
        missing=float(lack.max()), extra=float(-lack.min()),
        length=float(np.log(drawn.skeleton.sum() / content.skeleton.sum())),
        fragments=float(drawn.parts - content.parts),
    )


def _blank(content: _Shape) -> GateScores:
    """The scores of a drawing without ink."""
    return GateScores(1.0, 1.0, _FAR, _NOWHERE, float(content.local.max()), 0.0,
                      -float(np.log(content.skeleton.sum())), 1.0 - content.parts)


def score(field: Field, contents: Sequence[Field], mistaken: float = 0.0) -> GateScores:
    """The drawing (128, 128) against the content that it is more like.

    contents: fields (128, 128) of the same character, in the hand's frame; `mistaken` is what
    `Recogniser.confusion_margin` says of the drawing. GateError for another shape or a content
    without ink.
    """
    for name, one in [("drawing", field), *[("content", c) for c in contents]]:
        if one.shape != (CANVAS, CANVAS):
            raise GateError(f"{name} of shape {one.shape} cannot be scored, give (128, 128)")
    shapes = [_Shape(c) for c in contents]
    if not shapes or not all((content > 0).any() for content in contents):
        raise GateError("content without ink: this character cannot be scored, leave it out")
    return replace(_scored(_Shape(field), shapes), mistaken=10 * mistaken)


def _scored(drawn: _Shape, shapes: Sequence[_Shape]) -> GateScores:
    """The drawing against the one of its contents that it is more like."""
    if not drawn.ink.any():
        return _blank(shapes[0])
    pairs = [(_fitted(drawn, shape), shape) for shape in shapes]
    fitted, content = min(pairs, key=lambda pair: _unlike(pair[0].density, pair[1].density))
    flowed = _flowed(fitted, content)
    return _compared(flowed, content) if flowed.skeleton.any() else _blank(content)


@dataclass(frozen=True)
class HandStats:
    """What is usual in one hand's characters: mean and spread, on `features`' scale."""

    centre: Numbers
    spread: Numbers


@dataclass(frozen=True)
class Criteria:
    """What genuine drawings of one kind score, each (8,), and where the doubt begins.

    `centre`, `within` and `between` are the mean over hands, the spread inside one hand and that
    of the hands' means; `tail` is a high quantile of the standardised surplus, `limit` the combined
    surplus that 95 % of genuine drawings stay under.
    """

    centre: Numbers
    within: Numbers
    between: Numbers
    tail: Numbers
    limit: float


def features(scores: GateScores) -> Numbers:
    """The criteria (8,) on the scale that they are compared on: distances as logarithms."""
    values = asdict(scores)
    return np.array([np.log(max(values[name], _FLOOR[name])) if name in _FLOOR else values[name]
                     for name in NAMES])


@dataclass(frozen=True)
class Gate:
    """The calibration."""

    kinds: Mapping[str, Criteria]
    power: float          # of the norm that combines: 1 adds the criteria, many take the worst
    prior: float          # samples that the usual spread counts for against the hand's own

    @classmethod
    def load(cls, path: Path = CALIBRATION) -> Gate:
        """The calibration in `path`; GateError for what is none."""
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
            return cls({kind: _criteria(data["kinds"][kind]) for kind in KINDS},
                       float(data["power"]), float(data["prior"]))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise GateError(f"{path}: not a gate calibration ({error!r}); "
                            "run training.calibrate_gate") from None

    def hand(self, scores: Iterable[GateScores] = ()) -> HandStats:
        """The hand of a person's own characters scored against their contents.

        The mean is drawn towards all hands' by their spread, the spread by `prior` samples; without
        samples it is the hand of everybody.
        """
        usual = self.kinds[KINDS[0]]
        rows = np.array([features(one) for one in scores]).reshape(-1, len(NAMES))
        if not len(rows):
            return HandStats(usual.centre, np.hypot(usual.within, usual.between))
        of_mean = usual.within**2 / len(rows)
        trust = usual.between**2 / (usual.between**2 + of_mean)
        centre = usual.centre + trust * (rows.mean(0) - usual.centre)
        own = rows.var(0) * len(rows) + usual.within**2 * self.prior
        return HandStats(centre, np.sqrt(own / (len(rows) + self.prior) + trust * of_mean))

    def expected(self, hand: HandStats | None, kind: str) -> tuple[Numbers, Numbers]:
        """Mean and spread of the criteria: the hand's own, for other kinds half carried over."""
        hand, usual = hand or self.hand(), self.kinds[kind]
        if kind == KINDS[0]:
            return hand.centre, hand.spread
        shift = _CARRIED * (hand.centre - self.kinds[KINDS[0]].centre)
        return usual.centre + shift, np.hypot(usual.within, (1 - _CARRIED) * usual.between)

    def surplus(self, scores: GateScores, hand: HandStats | None = None,
                kind: str = KINDS[0]) -> Numbers:
        """How far each criterion (8,) is beyond the usual, 1 at its own high quantile."""
        centre, spread = self.expected(hand, kind)
        z = (features(scores) - centre) / spread
        return np.maximum(np.where(_TWO_SIDED, np.abs(z), z), 0) / self.kinds[kind].tail

    def combined(self, scores: GateScores, hand: HandStats | None = None,
                 kind: str = KINDS[0]) -> float:
        """The surpluses in one number, before the limit."""
        return float((self.surplus(scores, hand, kind) ** self.power).sum() ** (1 / self.power))

    def doubt(self, scores: GateScores, hand: HandStats | None = None,
              kind: str = KINDS[0]) -> float:
        """Worst highest; above 1 a drawing is doubtful. `kind` is `kind_of` its codepoint."""
        return self.combined(scores, hand, kind) / self.kinds[kind].limit


def _criteria(data: dict) -> Criteria:
    rows = data["criteria"]
    columns = {key: np.array([float(rows[name][key]) for name in NAMES]) for key in COLUMNS}
    return Criteria(**columns, limit=float(data["limit"]))
