"""Weights of a font: how wide strokes are, and what a project changes about them."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from exporters.fontfile.info import ExportError, FontInfo
from exporters.outlines.tuning import Tuning
from fonts.drawing import SPREAD
from glyphgen.project.document import Project

# stroke width of a weight over that of 400, as measured on Noto Sans SC
STROKES = {100: 0.45, 200: 0.56, 300: 0.68, 400: 1.0, 500: 1.23, 600: 1.37, 700: 1.53, 800: 1.71,
           900: 1.83}
FARTHEST = SPREAD - 1.0         # canvas pixels that an edge may be moved by


def weights_of(text: str) -> tuple[int, ...]:
    """Weights from text like "300,400,700". Raises ExportError."""
    parts = [part.strip() for part in text.split(",") if part.strip()]
    unknown = [part for part in parts if part not in map(str, STROKES)]
    if unknown:
        raise ExportError(f"weight {unknown[0]!r} is unknown: choose of "
                          f"{', '.join(map(str, STROKES))}")
    return tuple(dict.fromkeys(map(int, parts)))


def weight_level(project: Project, weight: int) -> float:
    """The level at which the project's strokes are as wide as `weight` asks, in canvas pixels."""
    fields = [s.drawing.field for s in project.samples()] or [d.field for d in project.drawings()]
    ink = sum(float(np.clip(field + 0.5, 0, 1).sum()) for field in fields)
    edge = sum(float((np.abs(field) < 0.5).sum()) for field in fields)
    width = 2 * ink / max(edge, 1.0)
    return float(np.clip((1 - STROKES[weight]) * width / 2, -FARTHEST, FARTHEST))


def named_by_weight(path: Path, info: FontInfo) -> Path:
    """The file of one weight."""
    return path.with_name(f"{path.stem}-{info.style}{path.suffix}")


def tuning_of(project: Project) -> Tuning:
    """The changes to the whole font that a project keeps. Raises ExportError."""
    return Tuning.of(project.get("tuning", {}))


def bearings_of(project: Project) -> tuple[tuple[int, int, int], ...]:
    """The white beside single glyphs that a project keeps: (codepoint, left, right), units."""
    kept = project.get("bearings", {})
    return tuple(sorted((int(point), left, right) for point, (left, right) in kept.items()))
