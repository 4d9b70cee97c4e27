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
    """TTF of the project's glyphs for `text`, empty where it has none; what it lacks.

    `tuning` stands in for the project's own; a `draft` is there at once, even where the tracer
    is still to be compiled. Nothing is packed: it goes no further than this machine's browser.
    """
    wanted = {ord(char) for char in text if not char.isspace()}
    try:
        data = preview_font(path, text, tuning, draft)
    except ProjectError:
        return b"", sorted(wanted)
    return data, sorted(wanted - set(TTFont(io.BytesIO(data), lazy=True).getBestCmap()))


def at_hand() -> None:
    """Nothing: who asks for it has this module loaded, and its process there, for what follows."""
