"""The font that typed text is set in: only what was typed, made in a process of its own."""

from __future__ import annotations

import io
from pathlib import Path

from fontTools.ttLib import TTFont

from exporters.outlines.tuning import Tuning
from glyphgen.export.preview import preview_font
from glyphgen.project.document import ProjectError


def typed_font(path: Path, text: str, tuning: Tuning | None = None,
               draft: bool = False) -> tuple[bytes, list[int]]:
    """WOFF2 of the project's glyphs for `text`, empty where it has none; what it lacks.

    `tuning` stands in for the project's own; a `draft` is there at once, even where the tracer
    is still to be compiled.
    """
    wanted = {ord(char) for char in text if not char.isspace()}
    try:
        data = preview_font(path, text, tuning, draft)
    except ProjectError:
        return b"", sorted(wanted)
    font = TTFont(io.BytesIO(data), recalcTimestamp=False)
    missing = sorted(wanted - set(font.getBestCmap()))
    font.flavor = "woff2"
    stream = io.BytesIO()
    font.save(stream)
    return stream.getvalue(), missing
