"""The whole road on one screen: samples in, drawings drawn, a font out."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from exporters.info import FontInfo
from fonts.charset import default_for, resolve
from fonts.content import Content
from glyphgen.engine import ENGINES
from glyphgen.engine import check as check_engine
from glyphgen.exporting import (
    ExportConfig,
    Report,
    base_codepoints,
    check_target,
    export,
    preview_font,
)
from glyphgen.intake import Intake, read_sources
from glyphgen.progress import Progress, Silent
from glyphgen.project import Project

__all__ = ["ExportConfig", "GenerateConfig", "Report", "check_target", "config_from",
           "export", "generate", "ingest", "make", "opened", "preview_font"]

FEW = 10            # samples below which the person is told that more would help


@dataclass(frozen=True)
class GenerateConfig:
    """What to draw and how."""

    charset: str
    region: str = "cn"
    seed: int = 0
    adapt: bool = True
    device: str = "auto"
    engine: str = "local"
    blend: tuple[str, float] | None = None      # another project's hand and its share
    invent: int | None = None                   # seed of a hand that nobody has

    def __post_init__(self) -> None:
        check_engine(self.engine, self.device)
        if self.blend and not 0 < self.blend[1] < 1:
            raise ValueError(f"--blend {self.blend[0]}: the weight is between 0 and 1, "
                             f"not {self.blend[1]:g}")
        if self.blend and self.invent is not None:
            raise ValueError("--blend and --invent: give one of them")


def config_from(settings: Mapping[str, Any]) -> GenerateConfig:
    """How a project of these settings is drawn; ValueError for settings that are none."""
    blend, invent = settings.get("blend"), settings.get("invent")
    region = str(settings.get("region") or "cn")
    if blend is not None and not (isinstance(blend, list | tuple) and len(blend) == 2
                                  and isinstance(blend[1], int | float)):
        raise ValueError(f"the setting blend is {blend!r}, not a project and a weight")
    if invent is not None and not isinstance(invent, int):
        raise ValueError(f"the setting invent is {invent!r}, not a seed")
    return GenerateConfig(
        str(settings.get("charset") or default_for(region)), region, int(settings.get("seed") or 0),
        settings.get("adapt") is not False, str(settings.get("device", "auto")),
        str(settings.get("engine", "local")),
        (str(blend[0]), float(blend[1])) if blend else None, invent)


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
             skip: Collection[int] = frozenset()) -> int:
    """Draw what the charset still lacks, without `skip`; returns how many glyphs were drawn."""
    from glyphgen.drawer import draw_pending  # torch only when something is drawn

    progress = progress or Silent()
    charset = resolve(config.charset)
    for key, value in (("charset", config.charset), ("codepoints", list(charset.codepoints)),
                       ("region", config.region), ("seed", config.seed), ("adapt", config.adapt),
                       ("blend", config.blend), ("invent", config.invent)):
        project.set(key, value)
    known = Content(config.region).codepoints - frozenset(skip)
    return draw_pending(project, [c for c in charset.codepoints if c in known], config, progress)


def make(project: Project, sources: Sequence[Path], paths: Sequence[Path],
         config: GenerateConfig, info: FontInfo, intake: Intake | None = None,
         progress: Progress | None = None, wanted: ExportConfig | None = None) -> Report:
    """Samples to font files: ingest, generate, export."""
    began = time.monotonic()
    if sources:
        ingest(project, sources, intake or Intake(region=config.region), progress)
    wanted = replace(wanted or ExportConfig(), engine=config.engine)
    with ENGINES[config.engine].running():
        generate(project, config, progress, base_codepoints(wanted.base) if wanted.base else ())
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
