"""What a project holds of drawings and exports, a row each."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

from fonts.drawing import Field

State = Literal["drawn", "doubtful", "locked", "replaced"]


@dataclass(frozen=True)
class Drawn:
    """One drawing and how it came about.

    `field` is (S, S) in canvas pixels, `seed` what it was drawn from, `recipe_tag` what beside the
    samples it depends on, `style` the digest of the samples (`Project.style`), `score` the gate's
    verdict (higher is better) and `scores` its parts.
    """

    codepoint: int
    field: Field
    seed: int = 0
    recipe_tag: str = ""
    style: str = ""
    score: float = 1.0
    scores: Mapping[str, float] = dataclasses.field(default_factory=dict)
    state: State = "drawn"

    @classmethod
    def from_doubt(cls, codepoint: int, field: Field, seed: int, scores: Mapping[str, float],
                   doubt: float) -> Drawn:
        """A drawing as the gate sees it: its score is 1 / (1 + doubt), one half at the limit."""
        return cls(codepoint, field, seed, score=1 / (1 + doubt), scores=scores,
                   state="doubtful" if doubt > 1 else "drawn")


class Export(NamedTuple):
    """One font that was written; `made` in seconds since 1970."""

    revision: int
    path: str
    glyphs: int
    version: str
    made: float
