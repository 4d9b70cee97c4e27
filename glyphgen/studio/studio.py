"""What one running studio holds: the open project, the work under way, what was uploaded."""

from __future__ import annotations

import contextlib
import re
import tempfile
import threading
import unicodedata
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from fonts.charset import Charset, CharsetError, default_for, names_file, resolve
from glyphgen.config import asked_for
from glyphgen.studio.events import Events
from glyphgen.studio.phone.listener import Phone
from glyphgen.studio.recut import Cut
from glyphgen.studio.security import StudioError
from glyphgen.studio.store import Store
from glyphgen.studio.work.helper import Helper
from glyphgen.studio.work.jobs import Jobs
from glyphgen.studio.work.tracer import Tracer
from glyphgen.studio.work.uploads import kind_of

SUFFIX = ".glyphgen"
MOST_FILES, MOST_BYTES = 2000, 2 << 30      # of uploads that wait to be read
_NAME_LIMIT = 60
_FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]')
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?")


class Inbox:
    """Uploaded files that wait to be read, under names of the studio's own."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="glyphgen-studio-",
                                                   ignore_cleanup_errors=True)
        self._names: dict[str, str] = {}
        self._bytes = 0
        self._number = 0

    def path(self) -> Path:
        """A fresh path to write an upload to."""
        if len(self._names) >= MOST_FILES or self._bytes > MOST_BYTES:
            raise StudioError("{n} files or {size} GB wait already: read these first",
                              n=MOST_FILES, size=MOST_BYTES >> 30)
        self._number += 1
        return Path(self._folder.name) / f"{self._number:06}"

    def check(self, path: Path, name: str, fonts: bool = False) -> Path:
        """The path with the suffix of the file's kind; StudioError for what is not read."""
        with path.open("rb") as file:
            suffix = kind_of(file.read(16), fonts)
        if suffix is None:
            path.unlink()
            raise StudioError("this is no picture or PDF that is read here; save it as JPEG, PNG, "
                              "WebP, TIFF or PDF", name)
        return path.replace(path.with_suffix(suffix))

    def add(self, path: Path, name: str) -> None:
        """Keep an upload until it is read."""
        self._names[str(path)] = name
        self._bytes += path.stat().st_size

    def take(self) -> dict[str, str]:
        """What waits, path to name; it does not wait any more."""
        names, self._names, self._bytes = self._names, {}, 0
        return names

    def close(self) -> None:
        self._folder.cleanup()


class Base(NamedTuple):
    """A font whose gaps an export fills: the copy here, its name, how many characters it has."""

    path: Path
    name: str
    size: int


def measured_speed() -> float:
    """Runs in a process of its own, which alone loads the network."""
    from glyphgen.doctor import speed
    from glyphgen.hand.painter import use_threads

    use_threads()
    return speed()


class Studio:
    """Everything behind the pages."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.events = Events()
        self.jobs = Jobs(self.events)
        self.inbox, self.phone = Inbox(), Phone(self.events)
        self.reader, self.typesetter, self.adviser = Helper(300), Helper(60), Helper(60)
        self.tracer = Tracer(lambda: self.events.publish("traced", []))
        self.store: Store | None = None
        self.cuts: dict[int, tuple[Path, Cut]] = {}     # the picture around a cell, and its cut
        self.base: Base | None = None
        self._rate, self._trial, self._trying = 0.0, Helper(120), threading.Lock()

    @property
    def project(self) -> Store:
        """The open project. Raises StudioError where there is none."""
        if self.store is None:
            raise StudioError("no project is open: start one, or open one")
        return self.store

    def projects(self) -> list[Path]:
        """The projects of the folder, the newest first."""
        if not self.folder.is_dir():
            return []
        found = [path for path in self.folder.glob(f"*{SUFFIX}") if path.is_file()]
        return sorted(found, key=lambda path: path.stat().st_mtime, reverse=True)

    def new(self, name: str) -> None:
        """Make and open a project in the folder. Raises StudioError or ProjectError."""
        path = self.folder / f"{file_name(name)}{SUFFIX}"
        if path.exists():
            raise StudioError("there is a project {name} already: open it, or choose another name",
                              name=path.stem)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.open(path)

    def open_listed(self, name: str) -> None:
        """Open one of `projects` by its name."""
        for path in self.projects():
            if path.stem == name:
                self.open(path)
                return
        raise StudioError("{name} is no project in {folder}", name=repr(name), folder=self.folder)

    def open(self, path: Path) -> None:
        """Open a project in place of the one that is open."""
        if self.jobs.running:
            raise StudioError("something is being drawn or written; wait for it, or stop it")
        store = Store(path, self.jobs)
        self.phone.end()        # it was let into the other project
        if self.store is not None:
            self.store.close()
        self.store = store
        self.inbox.take()
        self.forget_cuts(list(self.cuts))
        last = store.read(lambda p: p.get("studio_job", {}))
        interrupted = last.get("state") == "running" and last.get("kind") != "candidates"
        self.jobs.status = {"state": "interrupted" if interrupted else "idle"}
        self.jobs.results, self.jobs.found = {}, []
        self.events.publish("project", path.stem)

    def rate(self) -> float:
        """Glyphs a second that this machine draws: tried once; 0 while it is at work."""
        with self._trying:
            if not self._rate and not self.jobs.running:
                with contextlib.suppress(ValueError, OSError, RuntimeError):
                    self._rate = self._trial.ask(measured_speed)
                self._trial.close()
        return self._rate

    def forget_cuts(self, codepoints: Iterable[int]) -> None:
        """Of samples that are gone or come from elsewhere now."""
        for codepoint in codepoints:
            path, _ = self.cuts.pop(codepoint, (None, None))
            if path is not None:
                path.unlink(missing_ok=True)

    def state(self) -> dict[str, Any]:
        """What every page shows of the project and the work."""
        if self.store is None:
            return {"project": None, "job": self.jobs.status}
        settings, states, samples = self.store.read(
            lambda p: (p.settings(), p.states(), [s.codepoint for s in p.samples()]))
        region = str(settings.get("region", "cn"))
        charset = str(settings.get("charset") or default_for(region))
        asked = set(asked_for(settings))
        done = asked & (set(states) | set(samples))
        return {
            "project": self.store.path.stem, "folder": str(self.store.path.parent),
            "region": region, "charset": charset, "family": settings.get("family", "My Hand"),
            "adapt": settings.get("adapt", True), "samples": len(samples),
            "asked": len(asked), "done": len(done),
            "doubtful": sum(states.get(c) == "doubtful" for c in asked),
            "lacks": "" if states else "drawn" if samples or settings.get("invent") is not None
            else "samples",
            "learnt": settings.get("learnt", []),
            "tuning": settings.get("tuning", {}), "export": settings.get("studio_export", {}),
            "job": self.jobs.status,
        }

    def hush(self) -> None:
        """End what requests wait for."""
        self.phone.end()
        self.events.close()
        for helper in (self.reader, self.typesetter, self.adviser, self.tracer, self._trial):
            helper.close()

    def close(self) -> None:
        """End everything; what is drawn is in the project."""
        self.hush()
        self.jobs.stop()
        if self.store is not None:
            self.store.close()
        self.inbox.close()


def file_name(name: str) -> str:
    """A name that every system takes as a file's. Raises StudioError."""
    name = unicodedata.normalize("NFC", name).strip()
    if not name or name.startswith(".") or name.endswith(".") or _FORBIDDEN.search(name) \
            or _RESERVED.fullmatch(name) or not name.isprintable():
        raise StudioError("{name} cannot be a file's name: leave out / \\ : * ? \" < > | and dots "
                          "at either end", name=repr(name))
    if len(name) > _NAME_LIMIT:
        raise StudioError("the name is longer than {n} characters: shorten it", n=_NAME_LIMIT)
    return name


def named_charset(spec: str) -> Charset:
    """The charset of a spec, which may not name files."""
    if names_file(spec):
        raise CharsetError("a charset of the studio is names or the characters themselves")
    return resolve(spec)
