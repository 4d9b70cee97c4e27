"""Kill glyphgen at random moments, at every commit and at every change of a file; check the rest.

    python -m benchmarks.kill --moments 200

`make`, `generate`, `export` and the studio's worker run in a forked copy of this process on a
project with a locked and a hand-made glyph. After each kill: SQLite's integrity check is clean, the
project opens, both glyphs are as they were, an edit that the worker confirmed is there, a font file
is the old one or the new one. Then the same command runs to its end: at most a batch a core was
drawn twice, and font and drawings are those of a run that nobody disturbed, byte for byte.

Needs a system that can fork. The exit status is 1 where anything was lost.
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import hashlib
import mmap
import os
import random
import shutil
import signal
import sqlite3
import struct
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, Pipe
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from click.testing import CliRunner

import glyphgen.calibrate  # so that no copy imports torch again
from cli import cli
from exporters.trace import compile_kernels
from glyphgen import drawer
from glyphgen.config import SampleConfig
from glyphgen.machine import cores
from glyphgen.pipeline import GenerateConfig
from glyphgen.project import Project
from glyphgen.studio.worker import work

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
_COUNTS = ("drawn", "commits", "changes")
_CHANGES = ("os.rename", "os.remove", "os.mkdir", "os.rmdir")


class Counts:
    """Numbers that a killed process leaves behind."""

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, 8 * len(_COUNTS))

    def add(self, name: str, count: int = 1) -> int:
        at = 8 * _COUNTS.index(name)
        total = self[name] + count
        self._memory[at : at + 8] = struct.pack("q", total)
        return total

    def __getitem__(self, name: str) -> int:
        at = 8 * _COUNTS.index(name)
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
    """A command: what it starts from, and how it runs in a folder of its own."""

    start: Callable[[Path], None]
    run: Callable[[Path, Connection], None]
    edits: tuple[tuple[str, tuple[Any, ...]], ...] = ()


def glyphgen(*arguments: object) -> None:
    """One command in this process; a RuntimeError where it does not end well."""
    result = CliRunner().invoke(cli, [str(argument) for argument in arguments])
    if result.exit_code:
        raise RuntimeError(result.output) from result.exception


def _started(folder: Path, charset: str) -> None:
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


def _by_hand() -> np.ndarray:
    y, x = np.mgrid[:128, :128] + 0.5
    return np.clip(30 - np.hypot(x - 64, y - 64), -4, 4).astype(np.float32)


def _start_make(folder: Path) -> None:
    _started(folder, EARLIER)
    shutil.copy2(HAND / f"{LATER}.png", folder / "hand")


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
    "make": Case(_start_make, _make),
    "generate": Case(lambda folder: _started(folder, EARLIER), _generate),
    "export": Case(lambda folder: _started(folder, CHARSET), _export),
    "studio": Case(lambda folder: _started(folder, EARLIER), _work,
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


def _count_drawn() -> None:
    """Count every glyph that is drawn, in every copy of this process."""
    draw = drawer.Gatekeeper.batch

    def counted(keeper: Any, codepoints: Any) -> Any:
        made = draw(keeper, codepoints)
        COUNTS.add("drawn", len(codepoints))
        return made

    drawer.Gatekeeper.batch = counted      # type: ignore[method-assign]


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
        time.sleep(moment.seconds)
        os.kill(child, _KILL)
    confirmed, said = _heard(here)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if status not in (0, -_KILL):
        raise RuntimeError(f"ended with status {status}: {said}")
    return status != 0, confirmed, time.monotonic() - began


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


def _rows(path: Path, condition: str = "1") -> list[tuple[Any, ...]]:
    with contextlib.closing(sqlite3.connect(path)) as db:
        return db.execute(f"SELECT * FROM drawings WHERE {condition} ORDER BY codepoint").fetchall()


def _settled(path: Path) -> list[tuple[Any, ...]]:
    return _rows(path, "state IN ('locked', 'replaced')")


def fonts(folder: Path) -> dict[str, str]:
    """The digests of the font files of a folder."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest()
            for path in folder.iterdir() if path.suffix in (".ttf", ".woff2")}


@dataclass
class Outcome:
    """What the kills of one command did."""

    killed: int = 0
    finished: int = 0
    repeated: int = 0               # the most glyphs that were drawn twice
    litter: int = 0                 # kills that left a hidden folder of a half-written file
    faults: list[str] = field(default_factory=list)


class Trial:
    """One command, its start, and what it makes undisturbed."""

    def __init__(self, name: str, root: Path) -> None:
        self.name, self.case, self.root = name, CASES[name], root
        self.origin = root / f"{name}-origin"
        self.origin.mkdir()
        _fork_and_wait(self.case.start, self.origin)
        self.settled = _settled(self.origin / PROJECT)
        self.outcome = Outcome()
        whole = self._fresh()
        COUNTS.clear()
        *_, self.seconds = run(self.case, whole, Moment("none", number=-1))
        self.drawn, self.commits, self.changes = (COUNTS[name] for name in _COUNTS)
        self.fonts, self.rows = fonts(whole), _rows(whole / PROJECT)
        self.names = sorted(path.name for path in whole.iterdir())
        shutil.rmtree(whole)

    def _fresh(self) -> Path:
        folder = Path(tempfile.mkdtemp(prefix=f"{self.name}-", dir=self.root))
        shutil.copytree(self.origin, folder, dirs_exist_ok=True)
        return folder

    def hooks(self) -> Iterator[Moment]:
        """Every commit, before and after, and every change of a file."""
        for number in range(1, self.commits + 1):
            yield Moment("commits", number=number)
            yield Moment("commits", number=number, after=True)
        for number in range(1, self.changes + 1):
            yield Moment("changes", number=number)

    def random(self, chance: random.Random) -> Moment:
        return Moment("random", seconds=chance.uniform(0, self.seconds))

    def at(self, moment: Moment) -> None:
        """One kill, what it left, and the run that goes on from there."""
        folder = self._fresh()
        COUNTS.clear()
        try:
            killed, confirmed, _ = run(self.case, folder, moment)
            self.outcome.killed += killed
            self.outcome.finished += not killed
            faults = list(self._left(folder, confirmed))
            self.outcome.litter += any(p.name.startswith(f".{FONT}") for p in folder.iterdir())
            *_, seconds = run(self.case, folder, None)
            self.seconds = max(seconds, 0.9 * self.seconds)     # the machine's load changes
            repeated = COUNTS["drawn"] - self.drawn
            self.outcome.repeated = max(self.outcome.repeated, repeated)
            faults += self._resumed(folder, repeated)
        except Exception as error:
            faults = [f"{type(error).__name__}: {error}"]
        self.outcome.faults += [f"{moment}: {fault}" for fault in faults]
        if not faults:
            shutil.rmtree(folder)

    def _left(self, folder: Path, confirmed: bool) -> Iterator[str]:
        """What is wrong with what a kill left."""
        path = folder / PROJECT
        with contextlib.closing(sqlite3.connect(path)) as db:
            verdict = db.execute("PRAGMA integrity_check").fetchall()
        if verdict != [("ok",)]:
            yield f"integrity check: {verdict}"
        with Project.open(path) as project:
            list(project.drawings())
            project.samples(every=True)
        if not set(self.settled) <= set(_settled(path)):
            yield "a locked or hand-made glyph is lost"
        if confirmed and (EDITED,) not in {row[:1] for row in _settled(path)}:
            yield "a confirmed edit is lost"
        allowed = {hashlib.sha256(OLD_FONT).hexdigest(), *self.fonts.values()}
        if not set(fonts(folder).values()) <= allowed or FONT not in fonts(folder):
            yield "a font file is neither the old one nor the new one"

    def _resumed(self, folder: Path, repeated: int) -> Iterator[str]:
        """What is wrong with the end of the run that went on."""
        if repeated > SampleConfig().batch * cores():
            yield f"{repeated} glyphs were drawn twice"
        if _rows(folder / PROJECT) != self.rows:
            yield "the drawings differ from those of an undisturbed run"
        if sorted(path.name for path in folder.iterdir()) != self.names:
            yield f"files are left or missing: {sorted(path.name for path in folder.iterdir())}"
        if fonts(folder) != self.fonts:
            yield "the font differs from that of an undisturbed run"


def _fork_and_wait(start: Callable[[Path], None], folder: Path) -> None:
    """Run `start` in a copy, so that this process stays as it was when it first forked."""
    run(Case(lambda folder, pipe: start(folder), lambda folder, pipe: start(folder)), folder, None)


def small_batches(size: int) -> None:
    """Draw `size` glyphs at a time, in every copy of this process, for more commits a run."""
    SampleConfig.__init__.__defaults__ = (size, *SampleConfig.__init__.__defaults__[1:])  # type: ignore


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--moments", type=int, default=200, help="random ones, over all commands")
    parser.add_argument("--commands", default=",".join(CASES))
    parser.add_argument("--hooks", action="store_true", help="also every commit and file change")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keep", action="store_true", help="keep folders where something is wrong")
    options = parser.parse_args()
    names = options.commands.split(",")
    compile_kernels()
    small_batches(4)
    _count_drawn()
    chance = random.Random(options.seed)
    root = Path(tempfile.mkdtemp(prefix="glyphgen-kill-")).resolve()
    faults = 0
    for turn, name in enumerate(names):
        trial = Trial(name, root)
        moments = [trial.random(chance) for _ in range(options.moments * turn // len(names),
                                                       options.moments * (turn + 1) // len(names))]
        for moment in [*moments, *(trial.hooks() if options.hooks else ())]:
            trial.at(moment if moment.kind != "random" else trial.random(chance))
        _tell(trial)
        faults += len(trial.outcome.faults)
    if not (faults and options.keep):
        shutil.rmtree(root)
    return int(faults > 0)


def _tell(trial: Trial) -> None:
    done = trial.outcome
    print(f"{trial.name}: {done.killed} killed, {done.finished} had finished; "
          f"{trial.commits} commits, {trial.changes} changes of files; at most {done.repeated} "
          f"glyphs drawn twice; {done.litter} left a hidden folder; {len(done.faults)} faults",
          flush=True)
    for fault in done.faults:
        print(f"  {fault}")


if __name__ == "__main__":
    raise SystemExit(main())
