"""From a project to font files: outlines, weights, turns, a base font to fill, a report."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import chain, islice
from pathlib import Path

import numpy as np
from fontTools.ttLib import TTFont

from exporters.checks.fontbakery import CHECKED, Finding, findings
from exporters.checks.report import report_on, write_report
from exporters.fontfile.formats import SUFFIXES, save, to_bytes
from exporters.fontfile.formats import export as write_fonts
from exporters.fontfile.info import ExportError, FontInfo
from exporters.fontfile.merge import fill
from exporters.fontfile.metrics import box_of, ink_box, measure
from exporters.fontfile.ttf import pack
from exporters.outlines.outline import Outline
from exporters.outlines.trace import DEFAULT, GENERATED, trace, trace_all
from exporters.outlines.tuning import Tuning
from fonts.charset import composed
from fonts.drawing import SPREAD, Drawing, Field
from glyphgen import __version__
from glyphgen.engine import ENGINES, cores
from glyphgen.progress import Progress, Silent, Tick
from glyphgen.project.document import Project, ProjectError

# stroke width of a weight over that of 400, as measured on Noto Sans SC
STROKES = {100: 0.45, 200: 0.56, 300: 0.68, 400: 1.0, 500: 1.23, 600: 1.37, 700: 1.53, 800: 1.71,
           900: 1.83}
_FARTHEST = SPREAD - 1.0        # canvas pixels that an edge may be moved by
_SPREAD_OUT = 500               # outlines from which processes share the work
_CHUNK = 64                     # drawings traced at once over a cluster
_Forms = tuple[list[Field], list[Field]]        # further samples, the newest first, and drawings
_MEASURED = 256                 # characters that a preview's line metrics are measured on


@dataclass(frozen=True)
class ExportConfig:
    """What to write beside one font of the drawings as they are.

    `weights` writes one file a weight, `alternates` lets so many further samples and drawings of
    frequent characters take turns, `base` is a font whose gaps are filled, `report` a .json or
    text file, `engine` is where drawings are traced; `check` asks FontBakery about each file.
    """

    weights: tuple[int, ...] = ()
    alternates: int = 0
    base: Path | None = None
    report: Path | None = None
    engine: str = "local"
    check: bool = False


@dataclass(frozen=True)
class Report:
    """What `make` and `export` say at the end."""

    paths: tuple[Path, ...]
    glyphs: int
    asked: int
    missing: tuple[int, ...]
    doubtful: int
    seconds: float
    findings: tuple[Finding, ...] = ()

    @property
    def words(self) -> str:
        """One line for the person."""
        made = self.asked - len(self.missing)
        share = 100 * made / max(1, self.asked)
        lacking = "".join(map(chr, self.missing[:20]))
        tail = f", missing: {lacking}{'…' if len(self.missing) > 20 else ''}" if lacking else ""
        return (f"{', '.join(map(str, self.paths))}: {self.glyphs} glyphs, {made} of {self.asked} "
                f"characters ({share:.1f} %), {self.doubtful} doubtful, "
                f"{self.seconds:.0f} s{tail}")


def export(project: Project, paths: Sequence[Path], info: FontInfo,
           progress: Progress | None = None, config: ExportConfig | None = None) -> Report:
    """Trace and pack the project's samples and drawings into font files.

    Raises ProjectError where nothing is drawn, ExportError for what cannot be written.
    """
    began = time.monotonic()
    progress, config = progress or Silent(), config or ExportConfig()
    states = project.states()
    samples = {sample.codepoint for sample in project.samples()}
    asked = frozenset(project.get("codepoints", [])) or frozenset(states) | samples
    wanted = sorted((states.keys() & asked) | samples)
    if not wanted:
        raise ProjectError(f"{project.path}: nothing is drawn yet; `glyphgen generate` draws")
    tuning = tuning_of(project)
    info = replace(info, tracking=round(tuning.spacing), bearings=bearings_of(project))
    contents = _contents(project, info, config, asked)
    info = replace(info, version=project.revision(contents))
    forms = _forms(project, wanted, config.alternates, progress)
    written: list[Path] = []
    for weight in config.weights or (info.weight,):
        styled = replace(info, weight=weight)
        files = [_named(path, styled) if config.weights else path for path in paths]
        level = tuning.level + (weight_level(project, weight) if config.weights else 0.0)
        level = float(np.clip(level, -_FARTHEST, _FARTHEST))
        with progress.stage("outlines", len(wanted)) as tick:
            outlines = {c: tuning.shaped(c, outline) for c, outline in
                        _outlines(project, wanted, level, tick, config.engine)}
        turns = {c: [tuning.shaped(c, form) for form in _turns(c, fields, level)]
                 for c, fields in forms.items()}
        with progress.stage("fonts", 1) as tick:
            made = _written(project, outlines, styled, asked, files, turns, config, progress)
            tick(1)
        written += files
    glyphs, missing = made
    project.record_exports(written, glyphs, __version__, contents)
    doubtful = sum(states.get(c) == "doubtful" for c in asked - samples)
    found = _checked(written, progress) if config.check else ()
    return Report(tuple(written), glyphs, len(asked), missing, doubtful, time.monotonic() - began,
                  found)


def _checked(paths: Iterable[Path], progress: Progress) -> tuple[Finding, ...]:
    files = [path for path in paths if path.suffix.lower() in CHECKED]
    found: list[Finding] = []
    with progress.stage("check", len(files)) as tick:
        for path in files:
            found += findings(path, cores())
            tick(1)
    return tuple(found)


def _contents(project: Project, info: FontInfo, config: ExportConfig,
              asked: frozenset[int]) -> str:
    """A digest of whatever the font depends on, but its own number."""
    base = config.base.read_bytes() if config.base is not None else b""
    what = (info, config.weights, config.alternates, tuning_of(project), sorted(asked),
            __version__, project.contents())
    return hashlib.sha256(repr(what).encode() + base).hexdigest()


def _written(project: Project, outlines: Mapping[int, Outline], info: FontInfo,
             asked: frozenset[int], files: Sequence[Path], turns: Mapping[int, Sequence[Outline]],
             config: ExportConfig, progress: Progress) -> tuple[int, tuple[int, ...]]:
    """Write the files of one weight; how many glyphs there are and what is missing."""
    if config.base is not None:
        font, _, notes = fill(config.base, outlines, info, asked)
        for note in notes:
            progress.note(note)
        for path in files:
            save(font, path)
        return len(font.getGlyphOrder()), tuple(sorted(asked - set(font.getBestCmap())))
    made = write_fonts(outlines, info, asked, *files, alternates=turns)
    if config.report is not None:
        unsure = [c for c, state in project.states().items() if state == "doubtful"]
        scores = {drawn.codepoint: drawn.score for drawn in project.drawings(unsure)}
        path = _named(config.report, info) if config.weights else config.report
        write_report(report_on(made, scores, files), path)
    return len(made.glyphs), tuple(made.missing)


def weight_level(project: Project, weight: int) -> float:
    """The level at which the project's strokes are as wide as `weight` asks, in canvas pixels."""
    fields = [s.drawing.field for s in project.samples()] or [d.field for d in project.drawings()]
    ink = sum(float(np.clip(field + 0.5, 0, 1).sum()) for field in fields)
    edge = sum(float((np.abs(field) < 0.5).sum()) for field in fields)
    width = 2 * ink / max(edge, 1.0)
    return float(np.clip((1 - STROKES[weight]) * width / 2, -_FARTHEST, _FARTHEST))


def _named(path: Path, info: FontInfo) -> Path:
    return path.with_name(f"{path.stem}-{info.style}{path.suffix}")


def _outlines(project: Project, wanted: Sequence[int], level: float, tick: Tick,
              engine: str = "local") -> Iterator[tuple[int, Outline]]:
    """Outlines of the drawings, then of the samples, which go in as they were written."""
    samples = {s.codepoint: s for s in project.samples()}
    states = project.states()
    drawn = [c for c in wanted if c not in samples and states[c] != "replaced"]
    edited = [c for c in wanted if c not in samples and states[c] == "replaced"]
    by_model = (Drawing(d.codepoint, d.field) for d in project.drawings(drawn))
    if engine == "local":
        workers = cores() if len(drawn) > _SPREAD_OUT else 1
        traced = trace_all(by_model, workers, level, GENERATED)
    else:
        chunks = iter(lambda: list(islice(by_model, _CHUNK)), [])
        traced = chain.from_iterable(ENGINES[engine].spread(_trace_chunk, level, chunks))
    by_hand = chain(((d.codepoint, d.field) for d in project.drawings(edited)),
                    ((c, samples[c].field) for c in wanted if c in samples))
    for pair in chain(traced, _by_hand(by_hand, level)):
        tick(1)
        yield pair


def _trace_chunk(level: float, chunk: list[Drawing]) -> list[tuple[int, Outline]]:
    return list(trace_all(chunk, 1, level, GENERATED))


def _by_hand(fields: Iterable[tuple[int, Field]], level: float) -> Iterator[tuple[int, Outline]]:
    return trace_all((Drawing(codepoint, field) for codepoint, field in fields), 1, level)


def _forms(project: Project, wanted: Collection[int], most: int,
           progress: Progress) -> dict[int, _Forms]:
    """Up to `most` further forms of each character that takes turns, frequent ones first."""
    if not most:
        return {}
    from glyphgen.draw.alternates import draw_alternates  # torch only when something is drawn

    current = {s.digest for s in project.samples()}
    written: dict[int, list[Field]] = {}
    for sample in project.samples(every=True):
        forms = written.setdefault(sample.codepoint, [])
        if sample.digest not in current and len(forms) < most:
            forms.append(sample.field)
    have = {c: len(forms) for c, forms in written.items()}
    drawn = draw_alternates(project, wanted, have, most, progress)
    both = {c: (written.get(c, []), drawn.get(c, [])) for c in dict.fromkeys((*drawn, *written))}
    return {c: forms for c, forms in both.items() if any(forms)}


def _turns(codepoint: int, forms: _Forms, level: float) -> Iterator[Outline]:
    for some, config in zip(forms, (DEFAULT, GENERATED)):
        for field in some:
            yield trace(field, codepoint, level, config)


def weights_of(text: str) -> tuple[int, ...]:
    """Weights from text like "300,400,700". Raises ExportError."""
    parts = [part.strip() for part in text.split(",") if part.strip()]
    unknown = [part for part in parts if part not in map(str, STROKES)]
    if unknown:
        raise ExportError(f"weight {unknown[0]!r} is unknown: choose of "
                          f"{', '.join(map(str, STROKES))}")
    return tuple(dict.fromkeys(map(int, parts)))


def check_target(path: Path, config: ExportConfig | None = None) -> None:
    """Refuse a font file that could not be written, before the work. Raises ExportError."""
    config = config or ExportConfig()
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise ExportError(f"{path}: cannot write {suffix or 'a file without suffix'}: "
                          f"use one of {' '.join(SUFFIXES)}")
    if not path.parent.is_dir():
        raise ExportError(f"{path}: there is no folder {path.parent}; make it first")
    if not os.access(path.parent, os.W_OK):
        raise ExportError(f"{path}: the folder {path.parent} cannot be written to")
    if path.is_dir() and suffix != ".ufo":
        raise ExportError(f"{path}: is a folder; give the font another name")
    if config.base is not None:
        if suffix in (".otf", ".ufo"):
            raise ExportError(f"{path}: a filled base font has TrueType outlines; write .ttf or "
                              ".woff2")
        if config.weights or config.alternates or config.report:
            raise ExportError("--base goes without --weights, --alternates and --report")
        fill(config.base, {}, FontInfo(), ())       # readable, static, TrueType


def base_codepoints(base: Path) -> frozenset[int]:
    """What a base font has already. Raises ExportError."""
    font: TTFont = fill(base, {}, FontInfo(), ()).font
    return frozenset(font.getBestCmap() or ())


def tuning_of(project: Project) -> Tuning:
    """The changes to the whole font that a project keeps. Raises ExportError."""
    return Tuning.of(project.get("tuning", {}))


def bearings_of(project: Project) -> tuple[tuple[int, int, int], ...]:
    """The white beside single glyphs that a project keeps: (codepoint, left, right), units."""
    kept = project.get("bearings", {})
    return tuple(sorted((int(point), left, right) for point, (left, right) in kept.items()))


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
        outlines = dict(_outlines(project, wanted, level, lambda count: None))
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
