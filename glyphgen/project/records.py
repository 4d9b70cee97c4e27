"""What a project holds of drawings and exports, a row each."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from fonts.drawing import Drawing, Field, Strokes
from fonts.packed import to_bytes
from fonts.strokes import pack_inked
from glyphgen.project.schema import ProjectError

State = Literal["drawn", "doubtful", "locked", "replaced"]
Forms = tuple[list[Field], list[Drawing]]       # further samples, the newest first, and drawings


@dataclass(frozen=True)
class Drawn:
    """One drawing and how it came about.

    `field` is (S, S) in canvas pixels, `seed` what it was drawn from, `recipe_tag` what beside the
    samples it depends on, `style` the digest of the samples (`Project.style`), `score` the gate's
    verdict (higher is better) and `scores` its parts. `strokes` are what the field was inked from,
    where it was inked from them and from nothing else.
    """

    codepoint: int
    field: Field
    seed: int = 0
    recipe_tag: str = ""
    style: str = ""
    score: float = 1.0
    scores: Mapping[str, float] = dataclasses.field(default_factory=dict)
    state: State = "drawn"
    strokes: Strokes | None = None

    @classmethod
    def from_doubt(cls, codepoint: int, field: Field, seed: int, scores: Mapping[str, float],
                   doubt: float) -> Drawn:
        """A drawing as the gate sees it: its score is 1 / (1 + doubt), one half at the limit."""
        return cls(codepoint, field, seed, score=1 / (1 + doubt), scores=scores,
                   state="doubtful" if doubt > 1 else "drawn")

    def row(self) -> tuple[Any, ...]:
        """What a project keeps of it. Raises ProjectError for a score that is no number."""
        if not math.isfinite(self.score):
            raise ProjectError(f"U+{self.codepoint:04X}: its score is not a number")
        scores = {key: float(value) for key, value in self.scores.items()}
        strokes = None if self.strokes is None else pack_inked(self.strokes)
        unlocked = "drawn" if self.state == "locked" else self.state
        return (self.codepoint, to_bytes(self.field), self.seed, self.recipe_tag, self.style,
                float(self.score), json.dumps(scores, sort_keys=True), self.state, strokes,
                unlocked)


def drawing_of(drawn: Drawn) -> Drawing:
    """What an outline is made of."""
    return Drawing(drawn.codepoint, drawn.field, drawn.strokes)


class Export(NamedTuple):
    """One font that was written; `made` in seconds since 1970."""

    revision: int
    path: str
    glyphs: int
    version: str
    made: float
