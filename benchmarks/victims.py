"""What is killed: commands of glyphgen in a copy of this process, and hooks that end it."""

from __future__ import annotations

import contextlib
import functools
import mmap
import os
import shutil
import signal
import sqlite3
import struct
import sys
import threading
import time
import traceback
from collections.abc import Callable
from multiprocessing.connection import Connection, Pipe
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from click.testing import CliRunner

import glyphgen.hand.prepare  # so that no copy imports torch again
from cli import cli
from glyphgen.config import GenerateConfig, SampleConfig
from glyphgen.draw import draw
from glyphgen.project.document import Project
from glyphgen.studio.work.worker import work

HAND = Path(__file__).parent.parent / "tests" / "samples"
SAMPLES = "永国我"
LATER = "水"                                            # a sample that `make` is given besides
CHARSET = "山川草木春夏秋冬东西南北花鸟风月日星云雨永国我"
EARLIER = CHARSET[:6]                                   # drawn before the command starts
LOCKED, BY_HAND, EDITED = map(ord, EARLIER[:3])
PROJECT, FONT = "Hand.glyphgen", "Hand.ttf"
OLD_FONT = b"the font before"
_DRAW = ("--charset", CHARSET, "--no-adapt")
_CONFIG = GenerateConfig(CHARSET, adapt=False)
_KILL = getattr(signal, "SIGKILL", signal.SIGTERM)
COUNTED = ("drawn", "commits", "changes")
_CHANGES = ("os.rename", "os.remove", "os.mkdir", "os.rmdir")


class Counts:
    """Numbers that a killed process leaves behind."""

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, 8 * len(COUNTED))
        self._lock = threading.Lock()

    def add(self, name: str, count: int = 1) -> int:
        at = 8 * COUNTED.index(name)
        with self._lock:
            total = self[name] + count
            self._memory[at : at + 8] = struct.pack("q", total)
        return total

    def __getitem__(self, name: str) -> int:
        at = 8 * COUNTED.index(name)
        return int(struct.unpack("q", self._memory[at : at + 8])[0])

    def clear(self) -> None:
        self._memory[:] = bytes(len(self._memory))


COUNTS = Counts()


class Moment(NamedTuple):
    """When to kill: after `seconds`, or before or after the commit or change `number`."""

    kind: str                   # "random", "commits" or "changes"
    seconds: float = 0.0
    number: int = 0
    after: bool = False


class Case(NamedTuple):
    """A command: what is drawn when it starts, and how it runs in a folder of its own."""

    drawn: str
    run: Callable[[Path, Connection], None]
    edits: tuple[tuple[str, tuple[Any, ...]], ...] = ()


def glyphgen(*arguments: object) -> None:
    """One command in this process; a RuntimeError where it does not end well."""
    result = CliRunner().invoke(cli, [str(argument) for argument in arguments])
    if result.exit_code:
        raise RuntimeError(result.output) from result.exception


def started(folder: Path, charset: str) -> None:
    """Samples, the drawings of `charset`, one of them locked and one made by hand."""
    (folder / "hand").mkdir()
    for char in SAMPLES:
        shutil.copy2(HAND / f"{char}.png", folder / "hand")
    glyphgen("ingest", folder / PROJECT, folder / "hand")
    glyphgen("generate", folder / PROJECT, "--charset", charset, "--no-adapt")
    with Project.open(folder / PROJECT) as project:
        project.lock([LOCKED])
        project.replace(BY_HAND, _by_hand())
    (folder / FONT).write_bytes(OLD_FONT)
    shutil.copy2(HAND / f"{LATER}.png", folder / "hand")


def _by_hand() -> np.ndarray:
    y, x = np.mgrid[:128, :128] + 0.5
    return np.clip(30 - np.hypot(x - 64, y - 64), -4, 4).astype(np.float32)


def _make(folder: Path, pipe: Connection) -> None:
    glyphgen("make", folder / "hand", "--out", folder / FONT, *_DRAW)


def _generate(folder: Path, pipe: Connection) -> None:
    glyphgen("generate", folder / PROJECT, *_DRAW)


def _export(folder: Path, pipe: Connection) -> None:
    glyphgen("export", folder / PROJECT, "--out", folder / FONT, "--out",
             folder / "Hand.woff2")


def _work(folder: Path, pipe: Connection) -> None:
    work(pipe, folder / PROJECT, "draw", (_CONFIG,))


CASES = {
    "make": Case(EARLIER, _make),
    "generate": Case(EARLIER, _generate),
    "export": Case(CHARSET, _export),
    "studio": Case(EARLIER, _work,
                   (("replace", (EDITED, _by_hand())), ("lock", ([ord(EARLIER[3])],)))),
}


class _Committing(sqlite3.Connection):
    """A connection that counts commits, and ends the process at the one of `moment`."""

    moment: Moment | None = None

    def execute(self, statement: str, *values: Any) -> sqlite3.Cursor:      # type: ignore[override]
        if statement != "COMMIT":
            return super().execute(statement, *values)
        here = self.moment is not None and COUNTS.add("commits") == self.moment.number
        if here and self.moment is not None and not self.moment.after:
            os.kill(os.getpid(), _KILL)
        cursor = super().execute(statement, *values)
        if here:
            os.kill(os.getpid(), _KILL)
        return cursor


def _hook(moment: Moment, folder: Path) -> None:
    """Count commits and changes of files in this process, and end it at the one of `moment`."""
    _Committing.moment = moment if moment.kind == "commits" else Moment("commits", number=-1)
    sqlite3.connect = functools.partial(sqlite3.connect, factory=_Committing)  # type: ignore

    def audit(event: str, arguments: tuple[Any, ...]) -> None:
        changes = event in _CHANGES or event == "open" and arguments[2] & (os.O_WRONLY | os.O_RDWR)
        if (changes and str(arguments[0]).startswith(str(folder))
                and COUNTS.add("changes") == moment.number and moment.kind == "changes"):
            os.kill(os.getpid(), _KILL)

    sys.addaudithook(audit)


def count_drawn() -> None:
    """Count every glyph that is drawn, in every copy of this process."""
    once = draw.draw_batch

    def counted(prepared: Any, batch: Any, redraw: int = 0) -> Any:
        made = once(prepared, batch, redraw)
        COUNTS.add("drawn", len(batch.codepoints))
        return made

    draw.draw_batch = counted


def run(case: Case, folder: Path, moment: Moment | None) -> tuple[bool, bool, float]:
    """Run `case` in `folder`, killed at `moment`.

    Returns whether it was killed, whether its edits were confirmed, and how many seconds it took.
    RuntimeError where it failed by itself.
    """
    here, there = Pipe()
    began = time.monotonic()
    child = os.fork()
    if not child:
        _in_child(case, folder, moment, there)
    there.close()
    if case.edits:
        here.send(("edit", 1, list(case.edits)))
    if moment is not None and moment.kind == "random":
        _wait(child, began + moment.seconds)
        os.kill(child, _KILL)
    confirmed, said = _heard(here)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if status not in (0, -_KILL):
        raise RuntimeError(f"ended with status {status}: {said}")
    return status != 0, confirmed, time.monotonic() - began


def _wait(child: int, until: float) -> None:
    """Wait for a moment of the clock, or until the child has ended."""
    while time.monotonic() < until and not os.waitid(
            os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT):
        time.sleep(0.005)


def _in_child(case: Case, folder: Path, moment: Moment | None, pipe: Connection) -> None:
    status = 3
    try:
        if moment is not None:
            _hook(moment, folder)
        case.run(folder, pipe)
        status = 0
    except BaseException:
        with contextlib.suppress(OSError):
            pipe.send(("traceback", traceback.format_exc()))
    finally:
        os._exit(status)


def _heard(pipe: Connection) -> tuple[bool, str]:
    """Whether edits were confirmed, and the last words, when the other end is closed."""
    confirmed, said = False, ""
    with contextlib.suppress(EOFError, OSError):
        while True:
            kind, *values = pipe.recv()
            confirmed |= kind == "edited" and values[-1] is None
            if kind in ("traceback", "end"):
                said = str(values)
    return confirmed, said


def small_batches(size: int) -> None:
    """Draw `size` glyphs at a time, in every copy of this process, for more commits a run."""
    SampleConfig.__init__.__defaults__ = (size, *SampleConfig.__init__.__defaults__[1:])  # type: ignore
