"""The process that draws: long work on a project, steered and watched through a pipe.

It alone writes to the project while it runs, so changes by the person go through it too. When the
other end of the pipe goes away it stops; what was drawn is in the project, and the project says
that the work was not finished.
"""

from __future__ import annotations

import contextlib
import signal
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, cast

from exporters.fontfile.info import WEIGHT_NAMES, FontInfo
from fonts.charset import names_file
from fonts.drawing import Mask
from fonts.errors import UserError
from glyphgen import pipeline, review
from glyphgen.config import GenerateConfig, asked_for
from glyphgen.draw.candidates import candidates as others
from glyphgen.export.fonts import ExportConfig
from glyphgen.faults import line_of
from glyphgen.progress import Tick
from glyphgen.project.document import Drawn, Project
from glyphgen.studio.security import StudioError
from glyphgen.studio.words import translatable

Edit = tuple[str, tuple[Any, ...]]      # a method of Project and its arguments

EDITS = frozenset({"lock", "unlock", "replace", "put_back", "add_samples",
                   "remove_samples", "set", "set_all"})
_OFTEN = 0.15       # seconds between two reports of how far it is


class Cancelled(Exception):
    """The person asked to stop."""


class Orphaned(Exception):
    """Nobody is at the other end any more."""


def apply(project: Project, edits: Iterable[Edit]) -> None:
    """Make the person's changes to a project."""
    for name, arguments in edits:
        if name not in EDITS:
            raise StudioError(f"{name!r} is no change to a project")
        getattr(project, name)(*arguments)


class NotifyingProject(Project):
    """A project that tells which drawings were put into it."""

    notify: Callable[[list[int]], None] | None = None

    def put_drawings(self, batch: Iterable[Drawn]) -> None:
        """Keep a batch and tell of it."""
        kept = list(batch)
        super().put_drawings(kept)
        if self.notify is not None:
            self.notify([drawn.codepoint for drawn in kept])


class WorkerChannel:
    """Progress that goes through a pipe, and the orders that come back."""

    def __init__(self, pipe: Connection, project: NotifyingProject) -> None:
        self._pipe, self._project = pipe, project
        self._paused = False
        project.notify = lambda codepoints: self.send("drawn", codepoints)

    def send(self, *message: Any) -> None:
        """Raises Orphaned where nobody listens."""
        try:
            self._pipe.send(message)
        except OSError:
            raise Orphaned from None

    @contextmanager
    def stage(self, name: str, total: int) -> Iterator[Tick]:
        """A stage whose ticks are reported, with the rate, a few times a second."""
        done, began, told, rested = 0, time.monotonic(), 0.0, 0.0
        self.send("stage", name, 0, total, 0.0)

        def tick(steps: int) -> None:
            nonlocal done, told, rested
            done += steps
            now = time.monotonic()
            if now - told > _OFTEN or done >= total:
                told = now
                self.send("stage", name, done, total, done / max(now - began - rested, 1e-3))
            self.obey()
            rested += time.monotonic() - now

        self.obey()
        yield tick

    def note(self, line: str) -> None:
        self.send("note", translatable(line))

    def obey(self) -> None:
        """Carry out what was ordered since; waits here while paused."""
        try:
            while self._paused or self._pipe.poll():
                order, *arguments = self._pipe.recv()
                _ORDERS[order](self, *arguments)
        except (EOFError, OSError):
            raise Orphaned from None

    def _pause(self) -> None:
        self._paused = True
        self.send("paused", True)

    def _resume(self) -> None:
        self._paused = False
        self.send("paused", False)

    def _cancel(self) -> None:
        raise Cancelled

    def _edit(self, number: int, edits: list[Edit]) -> None:
        try:
            apply(self._project, edits)
        except UserError as error:
            self.send("edited", number, error.line)
        else:
            self.send("edited", number, None)


_ORDERS: dict[str, Callable[..., None]] = {
    "pause": WorkerChannel._pause, "resume": WorkerChannel._resume,
    "cancel": WorkerChannel._cancel, "edit": WorkerChannel._edit,
}


def draw(project: Project, config: GenerateConfig, channel: WorkerChannel) -> dict[str, Any]:
    """Draw what the charset lacks; of one that names a file, what the project keeps of it."""
    kept = asked_for(project.settings()) if names_file(config.charset) else None
    return {"count": pipeline.generate(project, config, channel, points=kept)}


def redo(project: Project, codepoints: list[int], channel: WorkerChannel) -> dict[str, Any]:
    """Draw some glyphs again, from other seeds."""
    return {"count": review.redo(project, "".join(map(chr, codepoints)), channel)}


def export(project: Project, paths: list[Path], info: FontInfo, config: ExportConfig,
           channel: WorkerChannel) -> dict[str, Any]:
    """Write font files."""
    report = pipeline.export(project, paths, info, channel, config)
    written = [*report.paths, *reports_of(config)]
    return {"paths": [str(path) for path in written], "glyphs": report.glyphs,
            "asked": report.asked, "missing": list(report.missing), "doubtful": report.doubtful,
            "seconds": report.seconds, "findings": [found.words for found in report.findings]}


def reports_of(config: ExportConfig) -> list[Path]:
    """The files that an export says what is in the fonts in."""
    path = config.report
    if path is None or not config.weights:
        return [] if path is None else [path]
    return [path.with_name(f"{path.stem}-{WEIGHT_NAMES[weight]}{path.suffix}")
            for weight in config.weights]


def candidates(project: Project, codepoint: int, mask: Mask | None,
               channel: WorkerChannel) -> dict[str, Any]:
    """Draw one glyph, or a part of it, in other ways; what comes of it is sent, not kept."""
    found = others(project, codepoint, mask, channel)
    channel.send("found", found)
    return {"codepoint": codepoint, "scores": [drawn.score for drawn in found]}


_WORK: dict[str, Callable[..., dict[str, Any]]] = {
    "draw": draw, "redo": redo, "candidates": candidates, "export": export}


def work(pipe: Connection, path: Path, kind: str, arguments: tuple[Any, ...]) -> None:
    """Body of the process: one piece of work, its end sent as the last message."""
    with contextlib.suppress(ValueError, AttributeError):
        signal.signal(signal.SIGINT, signal.SIG_IGN)        # the server tells when to stop
    try:
        with cast(NotifyingProject, NotifyingProject.open(path)) as opened:
            project = cast(NotifyingProject, opened)
            channel = WorkerChannel(pipe, project)
            project.set("studio_job", {"kind": kind, "state": "running"})
            state, said = _run(project, channel, kind, arguments)
            project.set("studio_job", {"kind": kind, "state": state})
        channel.send("end", state, said)
    except Orphaned:
        return
    except Exception as error:
        with contextlib.suppress(OSError):
            pipe.send(("end", "failed", {"error": translatable(line_of(error))}))


def _run(project: NotifyingProject, channel: WorkerChannel, kind: str,
         arguments: tuple[Any, ...]) -> tuple[str, dict[str, Any]]:
    try:
        return "done", _WORK[kind](project, *arguments, channel)
    except Cancelled:
        return "cancelled", {}
    except Orphaned:
        raise
    except Exception as error:
        return "failed", {"error": translatable(line_of(error))}
