"""The font that a preview is set in: only what was typed, of the project as it is now."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from itertools import chain
from pathlib import Path

from exporters.fontfile.formats import to_bytes
from exporters.fontfile.info import FontInfo
from exporters.fontfile.metrics import box_of, ink_box, measure
from exporters.fontfile.ttf import pack
from exporters.outlines.outline import Outline
from exporters.outlines.tuning import Tuning
from fonts.charset import composed
from glyphgen.export.outlines import outlines_of
from glyphgen.export.weights import bearings_of, tuning_of
from glyphgen.project.document import Project, ProjectError

_MEASURED = 256                 # characters that line metrics are measured on


def preview_font(path: Path, text: str, tuning: Tuning | None = None) -> bytes:
    """TTF bytes of the project at `path` with the characters of `text` that it has.

    `tuning` stands in for the project's own.
    """
    with Project.open(path, read_only=True) as project:
        tuning, bearings = tuning or tuning_of(project), bearings_of(project)
    stamp, chars = _stamp(path), "".join(sorted(set(composed(text))))
    outlines, region = _preview_outlines(path, chars, tuning.level, stamp)
    info = FontInfo(family="Preview", region=region, tracking=round(tuning.spacing),
                    bearings=bearings)
    metrics = measure({c: box_of(tuning.shaped(c, box)) for c, box in
                       _boxes(path, tuning.level, stamp).items()})
    return to_bytes(pack({c: tuning.shaped(c, outline) for c, outline in outlines.items()}, info,
                         outlines, metrics=metrics))


@lru_cache(8)       # while a slider is moved, only what it changes is made anew
def _preview_outlines(path: Path, text: str, level: float,
                      stamp: object) -> tuple[Mapping[int, Outline], str]:
    with Project.open(path, read_only=True) as project:
        have = set(project.states()) | {s.codepoint for s in project.samples()}
        wanted = sorted(have & {ord(c) for c in text})
        if not wanted:
            raise ProjectError(f"{path}: has none of these characters yet")
        outlines = dict(outlines_of(project, wanted, level))
        return outlines, str(project.get("region", "cn"))


@lru_cache(8)
def _boxes(path: Path, level: float, stamp: object) -> Mapping[int, Outline]:
    """Boxes around the ink of characters all over the project, which line metrics come from."""
    with Project.open(path, read_only=True) as project:
        samples = {s.codepoint: s.field for s in project.samples()}
        points = sorted(project.states().keys() | samples.keys())
        some = points[:: -(-len(points) // _MEASURED)]
        fields = chain(((d.codepoint, d.field) for d in project.drawings(some)
                        if d.codepoint not in samples),
                       ((c, samples[c]) for c in some if c in samples))
        return {c: box for c, field in fields if not (box := ink_box(field, c, level)).is_empty}


def _stamp(path: Path) -> tuple[tuple[int, int], ...]:
    """What changes when a project does: times and sizes of its file and of its journal."""
    files = (path, path.with_name(f"{path.name}-wal"))
    return tuple((stat.st_mtime_ns, stat.st_size) for file in files if file.exists()
                 for stat in (file.stat(),))
