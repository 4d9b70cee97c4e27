"""Is a drawn glyph taken for its writer's? The hand is sought among those of twenty faces.

A face is known by the mean vector of genuine glyphs (`training.measure.style`); what is asked about
are glyphs of other characters.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fonts.drawing import CANVAS, Field, coverage, from_coverage
from fonts.regions import script_of
from fonts.render import Face
from training.corpus import FaceRow
from training.measure.baselines import Fitted, Library
from training.measure.metrics import Typeset
from training.measure.style import StyleReader, Vectors

HANDS = 20              # in a line-up, the right one included
KNOWN = 30              # characters that a face is known by
TOGETHER = 8            # glyphs that are looked at together

_LEAST = 10             # of those that a rival must have
_OVERSAMPLE = 2         # of the raster that a field is made of


@dataclass(frozen=True)
class LineUp:
    """Hands among which one is sought: the first is the right one."""

    centroids: Vectors          # (H, WIDTH)

    @classmethod
    def of(cls, own: Vectors, rivals: Sequence[Vectors]) -> LineUp:
        """Hands by their glyphs' vectors (N, WIDTH), N as it comes."""
        return cls(np.stack([_middle(glyphs) for glyphs in (own, *rivals)]))

    def hits(self, glyphs: Vectors, together: int = 1) -> NDArray[np.bool_]:
        """Whether the right hand is the nearest one (N,).

        Row i asks about the mean of glyphs i, i + 1 and so on, `together` of them, from the start
        again after the last.
        """
        rows = (np.arange(len(glyphs))[:, None] + np.arange(together)) % len(glyphs)
        hits: NDArray[np.bool_] = (glyphs[rows].mean(1) @ self.centroids.T).argmax(1) == 0
        return hits

    def near(self, glyphs: Vectors) -> float:
        """Mean cosine of glyphs (N, WIDTH) and the right hand."""
        return float((glyphs @ self.centroids[0]).mean())


def _middle(glyphs: Vectors) -> Vectors:
    """The unit vector (WIDTH,) in the middle of unit vectors (N, WIDTH)."""
    mean = glyphs.mean(0)
    unit: Vectors = mean / max(float(np.linalg.norm(mean)), 1e-9)
    return unit


def taken_for(line_up: LineUp, drawn: Vectors, genuine: Vectors) -> dict[str, object]:
    """How often drawn glyphs are taken for the hand's own, beside genuine ones.

    `hand1` is the share of single glyphs, `hand8` of means of eight, to which the right hand is the
    nearest; `_true` the same of genuine glyphs, `_share` the first over the second; `hand_near` the
    mean cosine with the hand. Empty where there are no glyphs.
    """
    if not len(drawn) or not len(genuine):
        return {}
    out: dict[str, object] = {"hands": len(line_up.centroids)}
    for together in (1, TOGETHER):
        mine, theirs = (float(line_up.hits(glyphs, together).mean()) for glyphs in (drawn, genuine))
        out |= {f"hand{together}": round(mine, 4), f"hand{together}_true": round(theirs, 4)}
        if theirs:
            out[f"hand{together}_share"] = round(mine / theirs, 4)
    return out | {"hand_near": round(line_up.near(drawn), 4),
                  "hand_near_true": round(line_up.near(genuine), 4)}


@dataclass(frozen=True)
class Hands:
    """Fonts as hands: the faces of the library, and the network that sees their style."""

    library: Library
    reader: StyleReader
    _open: dict[tuple[Path, int], Face] = field(default_factory=dict)

    def line_up(self, row: FaceRow, chars: Sequence[str]) -> LineUp:
        """The row's face and its rivals, known by the first characters of its script.

        A rival that lacks too many of them is passed over.
        """
        script = script_of(ord(chars[0]))
        chars = [c for c in chars if script_of(ord(c)) == script][:KNOWN]
        rivals: list[Vectors] = []
        for other in self.library.rivals(row, script):
            if len(rivals) == HANDS - 1:
                break
            glyphs = self.vectors(self.library.typeset(other), chars)
            rivals += [glyphs] if len(glyphs) >= min(_LEAST, len(chars)) else []
        return LineUp.of(self.vectors(self.library.typeset(row), chars), rivals)

    def vectors(self, font: Typeset | Fitted, chars: Sequence[str]) -> Vectors:
        """Unit vectors (N, WIDTH) of the characters that the font has ink for."""
        fields = (_rendered(font, c) if isinstance(font, Fitted) else self._field(font, c)
                  for c in chars)
        return self.reader.vectors([f for f in fields if f is not None])

    def _field(self, font: Typeset, char: str) -> Field | None:
        """The character as its font file draws it without hints."""
        source = next((s for s in font.sources if ord(char) in s.codepoints), None)
        if source is None:
            return None
        key = (source.path, source.index)
        if key not in self._open:
            self._open[key] = Face(*key)
        return self._open[key].field(ord(char), oversample=_OVERSAMPLE)


def _rendered(font: Fitted, char: str) -> Field | None:
    """The fitted drawing as if it stood in a font file: a field again after its shift of level."""
    drawing = font.field(char)
    if drawing is None:
        return None
    ink = coverage(drawing, _OVERSAMPLE * CANVAS)
    return from_coverage(ink) if ink.max() >= 0.5 else None
