"""From a project to font files: outlines, weights, turns, a base font to fill, a report."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from fontTools.ttLib import TTFont

from exporters.checks.fontbakery import CHECKED, Finding, findings
from exporters.checks.report import report_on, write_report
from exporters.fontfile import formats
from exporters.fontfile.info import ExportError, FontInfo
from exporters.fontfile.merge import fill
from exporters.outlines.outline import Outline
from glyphgen import __version__
from glyphgen.engine import cores
from glyphgen.export.outlines import Cut, forms_traced, outlines_of
from glyphgen.export.weights import (
    bearings_of,
    named_by_weight,
    tuning_of,
    weight_level,
)
from glyphgen.progress import Progress
from glyphgen.project.document import Project, ProjectError
from glyphgen.project.records import Forms


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
    findings: tuple[Finding, ...] = ()
    seconds: float = 0.0

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


class Wanted(NamedTuple):
    """The characters that a project's font has, sorted; those asked for; how many are doubtful."""

    there: list[int]
    asked: frozenset[int]
    doubtful: int

    @classmethod
    def of(cls, project: Project) -> Wanted:
        states = project.states()
        samples = {sample.codepoint for sample in project.samples()}
        asked = frozenset(project.get("codepoints", [])) or frozenset(states) | samples
        return cls(sorted((states.keys() & asked) | samples), asked,
                   sum(states.get(c) == "doubtful" for c in asked - samples))


def write_fonts(project: Project, paths: Sequence[Path], info: FontInfo,
                forms: Mapping[int, Forms], progress: Progress, config: ExportConfig) -> Report:
    """Trace and pack the project's samples and drawings into font files.

    `forms` are those that take turns, where alternates are asked for.
    Raises ProjectError where nothing is drawn, ExportError for what cannot be written.
    """
    wanted, asked, doubtful = Wanted.of(project)
    if not wanted:
        raise ProjectError("nothing is drawn yet; `glyphgen generate` draws", project.path)
    tuning = tuning_of(project)
    info = replace(info, tracking=round(tuning.spacing), bearings=bearings_of(project))
    contents = _contents(project, info, config, asked)
    info = replace(info, version=project.revision(contents))
    written: list[Path] = []
    for weight in config.weights or (info.weight,):
        styled = replace(info, weight=weight)
        files = [named_by_weight(path, styled) if config.weights else path for path in paths]
        cut = Cut.of(tuning, weight_level(project, weight) if config.weights else 0.0)
        with progress.stage("outlines", len(wanted)) as tick:
            outlines = {c: tuning.shaped(c, outline) for c, outline in
                        outlines_of(project, wanted, cut, tick, config.engine)}
        turns = {c: [tuning.shaped(c, form) for form in forms_traced(c, fields, cut)]
                 for c, fields in forms.items()}
        with progress.stage("fonts", 1) as tick:
            made = _written(project, outlines, styled, asked, files, turns, config, progress)
            tick(1)
        written += files
    glyphs, missing = made
    project.record_exports(written, glyphs, __version__, contents)
    found = _checked(written, progress) if config.check else ()
    return Report(tuple(written), glyphs, len(asked), missing, doubtful, found)


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
            formats.save(font, path)
        return len(font.getGlyphOrder()), tuple(sorted(asked - set(font.getBestCmap())))
    made = formats.export(outlines, info, asked, *files, alternates=turns)
    if config.report is not None:
        unsure = [c for c, state in project.states().items() if state == "doubtful"]
        scores = {drawn.codepoint: drawn.score for drawn in project.drawings(unsure)}
        path = named_by_weight(config.report, info) if config.weights else config.report
        write_report(report_on(made, scores, files), path)
    return len(made.glyphs), tuple(made.missing)


def check_target(path: Path, config: ExportConfig | None = None) -> None:
    """Refuse a font file that could not be written, before the work. Raises ExportError."""
    config = config or ExportConfig()
    suffix = path.suffix.lower()
    if suffix not in formats.SUFFIXES:
        raise ExportError(f"{path}: cannot write {suffix or 'a file without suffix'}: "
                          f"use one of {' '.join(formats.SUFFIXES)}")
    if not path.parent.is_dir():
        raise ExportError("there is no folder {folder}; make it first", path, folder=path.parent)
    if not os.access(path.parent, os.W_OK):
        raise ExportError("the folder {folder} cannot be written to", path, folder=path.parent)
    if path.is_dir() and suffix != ".ufo":
        raise ExportError("is a folder; give the font another name", path)
    if config.base is not None:
        if suffix in (".otf", ".ufo"):
            raise ExportError("a filled base font has TrueType outlines; write .ttf or .woff2",
                              path)
        if config.weights or config.alternates or config.report:
            raise ExportError("--base goes without --weights, --alternates and --report")
        fill(config.base, {}, FontInfo(), ())       # readable, static, TrueType


def base_codepoints(base: Path) -> frozenset[int]:
    """What a base font has already. Raises ExportError."""
    font: TTFont = fill(base, {}, FontInfo(), ()).font
    return frozenset(font.getBestCmap() or ())
