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
import hashlib
import random
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from benchmarks.victims import (
    CASES,
    COUNTED,
    COUNTS,
    EDITED,
    FONT,
    OLD_FONT,
    PROJECT,
    Case,
    Moment,
    count_drawn,
    run,
    small_batches,
    started,
)
from exporters.outlines.trace import compile_kernels
from glyphgen.config import SampleConfig
from glyphgen.engine import cores
from glyphgen.project.document import Project


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
    faults: int = 0


class Trial:
    """One command, its start, and what it makes undisturbed."""

    def __init__(self, name: str, root: Path) -> None:
        self.name, self.case, self.root = name, CASES[name], root
        self.origin = root / f"origin-{len(self.case.drawn)}"
        if not self.origin.exists():
            self.origin.mkdir()         # in a copy, so that this process stays as it was
            run(Case("", lambda folder, pipe: started(folder, self.case.drawn)), self.origin, None)
        self.settled = _settled(self.origin / PROJECT)
        self.outcome = Outcome()
        whole = self._fresh()
        COUNTS.clear()
        *_, self.seconds = run(self.case, whole, Moment("none", number=-1))
        self.drawn, self.commits, self.changes = (COUNTS[name] for name in COUNTED)
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

    def randoms(self, chance: random.Random, count: int) -> Iterator[Moment]:
        """Moments within a run, which takes as long as the machine's load makes it."""
        for _ in range(count):
            yield Moment("random", seconds=chance.uniform(0, self.seconds))

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
        for fault in faults:
            print(f"  {self.name}, {moment}: {fault}", flush=True)
        self.outcome.faults += len(faults)
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
    count_drawn()
    chance = random.Random(options.seed)
    root = Path(tempfile.mkdtemp(prefix="glyphgen-kill-")).resolve()
    faults = 0
    for turn, name in enumerate(names):
        trial = Trial(name, root)
        moments = chain(trial.randoms(chance, options.moments * (turn + 1) // len(names)
                                      - options.moments * turn // len(names)),
                        trial.hooks() if options.hooks else ())
        try:
            for moment in moments:
                trial.at(moment)
        finally:
            _tell(trial)                # also when it is stopped
        faults += trial.outcome.faults
    if not (faults and options.keep):
        shutil.rmtree(root)
    return int(faults > 0)


def _tell(trial: Trial) -> None:
    done = trial.outcome
    print(f"{trial.name}: {done.killed} killed, {done.finished} had finished; "
          f"{trial.commits} commits, {trial.changes} changes of files; at most {done.repeated} "
          f"glyphs drawn twice; {done.litter} left a hidden folder; {done.faults} faults",
          flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
