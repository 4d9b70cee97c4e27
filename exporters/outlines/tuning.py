"""One change to a whole font: strokes wider or thinner, leaning, larger, further apart."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from exporters.fontfile.info import ExportError
from exporters.outlines.outline import Outline
from fonts.drawing import EM_PIXELS, EM_TOP, UNITS_PER_EM, is_proportional

# of each setting the least and the most
LIMITS = {"weight": (-40.0, 40.0), "looseness": (-100.0, 100.0), "slant": (-20.0, 20.0),
          "size": (0.8, 1.2), "spacing": (-100.0, 200.0)}
_MIDDLE = UNITS_PER_EM / 2


@dataclass(frozen=True)
class Tuning:
    """`weight`: units that strokes become wider; `looseness`: percent from as drawn to the loosest,
    below zero to the neatest; `slant`: degrees that they lean to the right; `size`: of the ink over
    what was drawn; `spacing`: units between glyphs beyond the usual.

    Raises ExportError outside `LIMITS`.
    """

    weight: float = 0.0
    looseness: float = 0.0
    slant: float = 0.0
    size: float = 1.0
    spacing: float = 0.0

    def __post_init__(self) -> None:
        for name, (least, most) in LIMITS.items():
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int | float) \
                    or not least <= value <= most:
                raise ExportError("{name} {value} is out of range: {least} to {most}", name=name,
                                  value=repr(value), least=f"{least:g}", most=f"{most:g}")

    @classmethod
    def of(cls, settings: Any) -> Tuning:
        """From what `settings` keeps in a project. Raises ExportError for anything else."""
        known = {field.name for field in fields(cls)}
        if not isinstance(settings, Mapping) or not settings.keys() <= known:
            raise ExportError("the tuning of the font is damaged: set it anew")
        return cls(**settings)

    @property
    def settings(self) -> dict[str, float]:
        """What a project keeps."""
        return asdict(self)

    @property
    def level(self) -> float:
        """Where the field is cut, canvas pixels: each edge moves by half of `weight`."""
        return -self.weight / 2 * EM_PIXELS / UNITS_PER_EM

    def shaped(self, codepoint: int, outline: Outline) -> Outline:
        """A glyph leaned and scaled: about its baseline where it has its own width, else about
        the middle of the em square."""
        if self.slant == 0 and self.size == 1:
            return outline
        lean = math.tan(math.radians(self.slant)) * self.size
        x, y = (0.0, 0.0) if is_proportional(codepoint) else (_MIDDLE, EM_TOP - _MIDDLE)
        return outline.transformed((self.size, 0, lean, self.size, x - self.size * x - lean * y,
                                    y - self.size * y))
