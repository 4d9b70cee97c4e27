"""The font that a preview is set in: only what was typed, of the project as it is now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from itertools import chain
from pathlib import Path

from exporters.fontfile.formats import to_bytes
from exporters.fontfile.info import ExportError, FontInfo
from exporters.fontfile.metrics import box_of, ink_box, measure
from exporters.fontfile.ttf import pack
from exporters.outlines.outline import Outline
from exporters.outlines.tuning import Tuning
from exporters.preview.draft import draft as drafted
from exporters.preview.specimen import specimen_text
from fonts.charset import composed
from fonts.drawing import Field
from glyphgen.export.outlines import Cut, composing, loose, outlines_of
from glyphgen.export.weights import bearings_of, tuning_of
from glyphgen.project.document import Project, ProjectError
from glyphgen.project.records import drawing_of

_MEASURED = 256                 # characters that line metrics are measured on


def specimen_font(path: Path, text: str | None) -> tuple[bytes, int]:
    """What the specimen page of a project takes of its font, and how many characters that has."""
    with Project.open(path, read_only=True) as project:
        family = _family(project, path)
        shown = specimen_text(str(project.get("region", "cn"))) + (text or "") + family
        count = len(set(project.states()) | {sample.codepoint for sample in project.samples()})
    return preview_font(path, shown, family=family), count


def _family(project: Project, path: Path) -> str:
    """The family name of the project, or the name of its file."""
    for name in filter(None, (project.get("family"), path.stem)):
        with suppress(ExportError):
            return FontInfo(family=str(name)).family
    return "Preview"


def preview_font(path: Path, text: str, tuning: Tuning | None = None,
                 draft: bool = False, family: str = "Preview") -> bytes:
    """TTF bytes of the project at `path` with the characters of `text` that it has.

    `tuning` stands in for the project's own; a `draft` is of polygons, which need no tracer.
    """
    with Project.open(path, read_only=True) as project:
        tuning, bearings = tuning or tuning_of(project), bearings_of(project)
    stamp, chars = _stamp(path), "".join(sorted(set(composed(text))))
    outlines, region = _preview_outlines(path, chars, Cut.of(tuning), draft, stamp)
    info = FontInfo(family=family, region=region, tracking=round(tuning.spacing),
                    bearings=bearings)
    metrics = measure({c: box_of(tuning.shaped(c, box)) for c, box in
                       _boxes(path, tuning.level, stamp).items()}) if not draft else None
    return to_bytes(pack({c: tuning.shaped(c, outline) for c, outline in outlines.items()}, info,
                         outlines, metrics=metrics))


@lru_cache(8)       # while a slider is moved, only what it changes is made anew
def _preview_outlines(path: Path, text: str, cut: Cut, draft: bool,
                      stamp: object) -> tuple[Mapping[int, Outline], str]:
    with Project.open(path, read_only=True) as project:
        have = set(project.states()) | {s.codepoint for s in project.samples()}
        wanted = sorted(have & {ord(c) for c in text})
        if not wanted:
            raise ProjectError(f"{path}: has none of these characters yet")
        outlines = (_drafts(project, wanted, cut) if draft
                    else dict(outlines_of(project, wanted, cut)))
        return outlines, str(project.get("region", "cn"))


@lru_cache(8)
def _boxes(path: Path, level: float, stamp: object) -> Mapping[int, Outline]:
    """Boxes around the ink of characters all over the project, which line metrics come from."""
    with Project.open(path, read_only=True) as project:
        points = sorted({*project.states(), *(s.codepoint for s in project.samples())})
        some = points[:: -(-len(points) // _MEASURED)]
        return {c: box for c, field in _fields(project, some)
                if not (box := ink_box(field, c, level)).is_empty}


def _drafts(project: Project, wanted: Sequence[int], cut: Cut) -> dict[int, Outline]:
    def as_drawn(some: Sequence[int]) -> Iterator[tuple[int, Outline]]:
        for codepoint, field in _fields(project, some, cut.looseness):
            yield codepoint, drafted(field, codepoint, cut.level)

    return {c: outline for c, outline in composing(project, wanted, as_drawn, drafted)
            if not outline.is_empty}


def _fields(project: Project, wanted: Iterable[int],
            looseness: float = 0.0) -> Iterator[tuple[int, Field]]:
    """What the font shows of these characters: the person's own samples, else drawings."""
    points, samples = list(wanted), {s.codepoint: s.field for s in project.samples()}
    rest = project.drawings([c for c in points if c not in samples])
    drawn = (loose(drawing_of(one), looseness) for one in rest)
    return chain(((d.codepoint, d.field) for d in drawn),
                 ((c, samples[c]) for c in points if c in samples))


def _stamp(path: Path) -> tuple[tuple[int, int], ...]:
    """What changes when a project does: times and sizes of its file and of its journal."""
    files = (path, path.with_name(f"{path.name}-wal"))
    return tuple((stat.st_mtime_ns, stat.st_size) for file in files if file.exists()
                 for stat in (file.stat(),))
