"""The whole road on one screen: samples in, drawings drawn, a font out."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from exporters.formats import SUFFIXES, to_bytes
from exporters.formats import export as write_fonts
from exporters.info import ExportError, FontInfo
from exporters.outline import Outline
from exporters.trace import trace_all
from exporters.ttf import pack
from fonts.charset import resolve
from fonts.content import Content
from fonts.drawing import Drawing
from glyphgen import __version__
from glyphgen.intake import Intake, read_sources
from glyphgen.progress import Progress, Silent
from glyphgen.project import Project, ProjectError


@dataclass(frozen=True)
class GenerateConfig:
    """What to draw and how."""

    charset: str
    region: str = "cn"
    seed: int = 0
    adapt: bool = True
    device: str = "auto"


@dataclass(frozen=True)
class Report:
    """What `make` and `export` say at the end."""

    paths: tuple[Path, ...]
    glyphs: int
    asked: int
    missing: tuple[int, ...]
    doubtful: int
    seconds: float

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


def ingest(project: Project, sources: Sequence[Path], intake: Intake | None = None,
           progress: Progress | None = None) -> int:
    """Read samples into a project; returns how many count now."""
    progress = progress or Silent()
    intake = intake or Intake()
    read = read_sources(sources, intake, progress)
    for warning in read.warnings:
        progress.note(warning)
    project.add_samples([*read.older, *read.samples])
    project.set("region", intake.region)
    count = len(project.samples())
    if count < 10:
        progress.note(f"only {count} sample{'s' * (count > 1)}: the hand will be a guess, "
                      "about 30 make a good font")
    return count


def generate(project: Project, config: GenerateConfig, progress: Progress | None = None) -> int:
    """Draw what the charset still lacks; returns how many glyphs were drawn."""
    from glyphgen.drawer import draw_pending  # torch only when something is drawn

    progress = progress or Silent()
    charset = resolve(config.charset)
    project.set("charset", config.charset)
    project.set("codepoints", list(charset.codepoints))
    project.set("region", config.region)
    known = Content(config.region).codepoints
    return draw_pending(project, [c for c in charset.codepoints if c in known], config, progress)


def export(project: Project, paths: Sequence[Path], info: FontInfo,
           progress: Progress | None = None, level: float = 0.0) -> Report:
    """Trace and pack the project's samples and drawings into font files."""
    began = time.monotonic()
    progress = progress or Silent()
    drawn = {codepoint: state for codepoint, state in project.states().items()}
    samples = {sample.codepoint for sample in project.samples()}
    asked = set(project.get("codepoints", [])) or set(drawn) | samples
    wanted = sorted((set(drawn) | samples) & (asked | samples))
    if not wanted:
        raise ProjectError(f"{project.path}: nothing is drawn yet; `glyphgen generate` draws")
    with progress.stage("outlines", len(wanted)) as tick:
        outlines = dict(_counted(_outlines(project, wanted, level), tick))
    revision = len(project.exports()) + 1
    with progress.stage("fonts", 1) as tick:
        made = write_fonts(outlines, replace(info, version=revision), asked, *paths)
        tick(1)
    for path in paths:
        project.record_export(path, len(made.glyphs), __version__)
    doubtful = sum(drawn.get(c) == "doubtful" for c in asked - samples)
    return Report(tuple(paths), len(made.glyphs), len(asked), tuple(made.missing), doubtful,
                  time.monotonic() - began)


def make(project: Project, sources: Sequence[Path], paths: Sequence[Path],
         config: GenerateConfig, info: FontInfo, intake: Intake | None = None,
         progress: Progress | None = None) -> Report:
    """Samples to font files: ingest, generate, export."""
    began = time.monotonic()
    if sources:
        ingest(project, sources, intake or Intake(region=config.region), progress)
    generate(project, config, progress)
    report = export(project, paths, info, progress)
    return replace(report, seconds=time.monotonic() - began)


def _outlines(project: Project, wanted: list[int], level: float) -> Iterator[tuple[int, Outline]]:
    """Outlines of the drawings, then of the samples, which go in as they were written."""
    samples = {s.codepoint: s for s in project.samples()}
    by_hand = (c for c in wanted if c in samples)
    by_model = project.drawings([c for c in wanted if c not in samples])
    workers = os.cpu_count() or 1
    yield from trace_all((Drawing(d.codepoint, d.field) for d in by_model),
                         workers if len(wanted) > 500 else 1, level)
    yield from trace_all((Drawing(c, samples[c].field) for c in by_hand), 1, level)


def _counted(pairs: Iterable[tuple[int, Outline]],
             tick: Callable[[int], None]) -> Iterator[tuple[int, Outline]]:
    for pair in pairs:
        tick(1)
        yield pair


@contextmanager
def opened(path: Path) -> Iterator[Project]:
    """The project at `path`, made when absent."""
    with Project.open(path, create=True) as project:
        yield project


def check_target(path: Path) -> None:
    """Refuse a font file that could not be written, before the work. Raises ExportError."""
    if path.suffix.lower() not in SUFFIXES:
        raise ExportError(f"{path}: cannot write {path.suffix or 'a file without suffix'}: "
                          f"use one of {' '.join(SUFFIXES)}")
    if not path.parent.is_dir():
        raise ExportError(f"{path}: there is no folder {path.parent}; make it first")
    if not os.access(path.parent, os.W_OK):
        raise ExportError(f"{path}: the folder {path.parent} cannot be written to")


def preview_font(path: Path, text: str) -> bytes:
    """TTF bytes of the project at `path` with the characters of `text` that it has."""
    with Project.open(path, read_only=True) as project:
        have = set(project.states()) | {s.codepoint for s in project.samples()}
        wanted = sorted(have & {ord(c) for c in text})
        if not wanted:
            raise ProjectError(f"{path}: has none of these characters yet")
        outlines = dict(_outlines(project, wanted, 0.0))
        info = FontInfo(family="Preview", region=str(project.get("region", "cn")))
    return to_bytes(pack(outlines, info, wanted))
