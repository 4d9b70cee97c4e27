"""What a project file holds, checked: the file may come from anyone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from fonts.drawing import Field, Strokes
from fonts.packed import PackedError, from_bytes
from fonts.reading.samples import Sample
from fonts.strokes import unpack_inked
from glyphgen.project.records import Drawn
from glyphgen.project.schema import ProjectError
from glyphgen.project.settings import is_allowed
from glyphgen.project.strokes import Stroke, StrokesError, unpack_strokes


class Values:
    """Rows of the project at `path` as values; ProjectError for what none could be."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def sample(self, row: tuple[Any, ...]) -> Sample:
        """A sample of its codepoint, field, source, written and digest."""
        point, packed, source, written, digest = row
        self.field(point, packed)
        sample = Sample.from_packed(point, packed, str(source), float(written))
        if sample.digest != digest:
            raise self._damaged(point)
        return sample

    def drawn(self, row: tuple[Any, ...]) -> Drawn:
        """A drawing of its columns but the state that it was locked in."""
        point, packed, seed, model, style, score, scores, state, lines = row
        field, inked = self.field(point, packed), self._inked(point, lines)
        parts = self._json(scores)
        if not (isinstance(parts, dict) and isinstance(seed, int) and isinstance(score, float)):
            raise self._damaged(point)
        return Drawn(point, field, seed, str(model), str(style), score, parts, state, inked)

    def field(self, point: Any, packed: Any) -> Field:
        """The field (S, S) of a character."""
        if not isinstance(point, int) or not 0 <= point <= 0x10FFFF:
            raise ProjectError(f"{self.path}: is damaged: {point!r} is no codepoint")
        try:
            return from_bytes(packed if isinstance(packed, bytes) else b"")
        except PackedError:
            raise self._damaged(point) from None

    def strokes(self, point: int, points: Any) -> list[Stroke]:
        """The strokes that a sample was written with on glass."""
        try:
            return unpack_strokes(points)
        except StrokesError:
            raise self._damaged(point) from None

    def setting(self, key: str, text: Any) -> Any:
        """A setting of its kind."""
        value = self._json(text)
        if not is_allowed(key, value):
            raise ProjectError(f"{self.path}: is damaged: its {key!r} is not of its kind; "
                               "go back to a copy of it")
        return value

    def _inked(self, point: int, packed: Any) -> Strokes | None:
        try:
            return None if packed is None else unpack_inked(packed)
        except (PackedError, TypeError):
            raise self._damaged(point) from None

    def _json(self, text: Any) -> Any:
        try:
            return json.loads(text)
        except (TypeError, ValueError, RecursionError):
            raise ProjectError(f"{self.path}: is damaged: a setting or score is no JSON") from None

    def _damaged(self, point: int) -> ProjectError:
        return ProjectError(f"{self.path}: is damaged at U+{point:04X}; go back to a copy of it")
