"""The whole road on one screen: samples in, drawings drawn, a font out."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from exporters.fontfile.info import FontInfo
from fonts.charset import resolve
from fonts.content import Content
from glyphgen.config import GenerateConfig, to_settings
from glyphgen.engine import running
from glyphgen.export.ahead import tracer_ahead
from glyphgen.export.fonts import ExportConfig, Report, Wanted, base_codepoints, write_fonts
from glyphgen.progress import Progress, Silent
from glyphgen.project.document import Project
from glyphgen.project.intake import Intake, read_sources
from glyphgen.project.records import Forms

FEW = 10            # samples below which the person is told that more would help


def ingest(project: Project, sources: Sequence[Path], intake: Intake | None = None,
           progress: Progress | None = None) -> int:
    """Read samples into a project; returns how many count now."""
    progress = progress or Silent()
    intake = intake or Intake()
    before, style = len(project.samples()), project.style()
    read = read_sources(sources, intake, progress)
    for warning in read.warnings:
        progress.note(warning)
    project.add_samples([*read.older, *read.samples])
    project.set("region", intake.region)
    count = len(project.samples())
    if before and project.style() != style:
        progress.note(f"{project.path}: had {before} samples, has {count} now; what was drawn of "
                      "others is drawn again")
    if count < FEW:
        progress.note(f"only {count} sample{'s' * (count > 1)}: the hand will be a guess, "
                      "about 30 make a good font")
    return count


def generate(project: Project, config: GenerateConfig, progress: Progress | None = None,
             skip: Collection[int] = frozenset(), points: Sequence[int] | None = None) -> int:
    """Draw what the charset still lacks, without `skip`; returns how many glyphs were drawn.

    `points` are the charset's characters where they are known already, so that it is not read.
    """
    from glyphgen.draw.draw import draw_pending  # torch only when something is drawn

    progress = progress or Silent()
    asked = resolve(config.charset).codepoints if points is None else points
    project.set_all(to_settings(config) | {"codepoints": list(asked)})
    known = Content(config.region).codepoints - frozenset(skip)
    return draw_pending(project, [c for c in asked if c in known], config, progress)


def export(project: Project, paths: Sequence[Path], info: FontInfo,
           progress: Progress | None = None, config: ExportConfig | None = None) -> Report:
    """Samples and drawings to font files; characters that take turns are drawn first.

    Raises ProjectError where nothing is drawn, ExportError for what cannot be written.
    """
    began = time.monotonic()
    progress, config = progress or Silent(), config or ExportConfig()
    forms: Mapping[int, Forms] = {}
    if config.alternates:
        from glyphgen.draw.alternates import further_forms  # torch only when something is drawn

        there = Wanted.of(project).there
        forms = further_forms(project, there, config.alternates, progress, config.engine)
    report = write_fonts(project, paths, info, forms, progress, config)
    return replace(report, seconds=time.monotonic() - began)


def make(project: Project, sources: Sequence[Path], paths: Sequence[Path],
         config: GenerateConfig, info: FontInfo, intake: Intake | None = None,
         progress: Progress | None = None, wanted: ExportConfig | None = None) -> Report:
    """Samples to font files: ingest, generate, export."""
    began = time.monotonic()
    if sources:
        ingest(project, sources, intake or Intake(region=config.region), progress)
    wanted = replace(wanted or ExportConfig(), engine=config.engine)
    with running(config.engine), tracer_ahead() as compiled:
        generate(project, config, progress, base_codepoints(wanted.base) if wanted.base else ())
        compiled()
        report = export(project, paths, info, progress, wanted)
    return replace(report, seconds=time.monotonic() - began)


@contextmanager
def opened(path: Path) -> Iterator[Project]:
    """The project at `path`, made when absent; one that stays empty is not left behind."""
    there, empty = path.exists(), False
    try:
        with Project.open(path, create=True) as project:
            try:
                yield project
            finally:
                empty = not project.samples(every=True) and not project.states()
    finally:
        if empty and not there:
            path.unlink(missing_ok=True)
