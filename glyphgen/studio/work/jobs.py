"""One long piece of work at a time, in a process of its own."""

from __future__ import annotations

import itertools
import multiprocessing
import threading
import time
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from fonts.errors import Line
from glyphgen.project.document import Drawn
from glyphgen.studio.events import Events
from glyphgen.studio.security import StudioError
from glyphgen.studio.words import Said
from glyphgen.studio.work.worker import Edit, work

_EDIT_WAIT = 60.0       # seconds: the worker may be reading its network
_STOP_WAIT = 10.0


class Jobs:
    """Starts work, keeps what it reports, passes orders on."""

    def __init__(self, events: Events) -> None:
        self._events = events
        self._lock = threading.RLock()
        self._process: Any = None
        self._pipe: Connection | None = None
        self._listener: threading.Thread | None = None
        self._numbers = itertools.count(1)
        self._answers: dict[int, Line | None] = {}
        self._answered = threading.Condition()
        self.status: dict[str, Any] = {"state": "idle"}
        self.results: dict[str, dict[str, Any]] = {}        # of the last work of each kind
        self.found: list[Drawn] = []                        # candidates that were drawn last

    @property
    def running(self) -> bool:
        """Whether a worker has the project."""
        return self._pipe is not None

    def start(self, path: Path, kind: str, *arguments: Any) -> None:
        """Begin; raises StudioError where something is under way already."""
        with self._lock:
            if self.running:
                raise StudioError("something is being drawn or written; wait for it, or stop it")
            context = multiprocessing.get_context("spawn")
            here, there = context.Pipe()
            process = context.Process(target=work, args=(there, path, kind, arguments),
                                      name=f"glyphgen {kind}")
            process.start()
            there.close()
            self._pipe, self._process = here, process
            self._report(state="running", kind=kind, stage="", done=0, total=0, rate=0.0,
                         paused=False, notes=[], result={}, began=time.time())
            self._listener = threading.Thread(target=self._listen, args=(here, process),
                                              daemon=True)
            self._listener.start()

    def order(self, name: str) -> None:
        """pause, resume or cancel. Raises StudioError where nothing runs."""
        if not self._send(name):
            raise StudioError("nothing is being drawn")

    def edit(self, edits: Sequence[Edit]) -> bool:
        """Let the worker make changes; False where there is none that could."""
        number = next(self._numbers)
        if not self._send("edit", number, list(edits)):
            return False
        with self._answered:
            self._answered.wait_for(lambda: number in self._answers or not self.running,
                                    _EDIT_WAIT)
            if number not in self._answers:
                if not self.running:
                    return False
                raise StudioError("the drawing is busy; try again in a moment")
            problem = self._answers.pop(number)
        if problem:
            raise StudioError(problem)
        return True

    def wait(self, seconds: float | None = None) -> None:
        """Until the work under way has ended."""
        listener = self._listener
        if listener is not None:
            listener.join(seconds)

    def stop(self) -> None:
        """End the worker; what is drawn stays, and the project says that there is more to do."""
        with self._lock:
            pipe, process = self._pipe, self._process
        if pipe is None:
            return
        self._send("cancel")
        process.join(_STOP_WAIT)
        if process.is_alive():
            process.terminate()
        self.wait(_STOP_WAIT)

    def _send(self, *message: Any) -> bool:
        with self._lock:
            if self._pipe is None:
                return False
            try:
                self._pipe.send(message)
            except OSError:
                return False
            return True

    def _listen(self, pipe: Connection, process: Any) -> None:
        ended: dict[str, Any] = {"state": "interrupted"}
        try:
            while True:
                kind, *values = pipe.recv()
                if kind == "end":
                    ended = {"state": values[0], "result": values[1]}
                    if values[0] == "done":
                        self.results[self.status["kind"]] = values[1]
                    break
                _HEARD[kind](self, *values)
        except (EOFError, OSError):
            pass
        process.join()
        with self._lock:
            pipe.close()
            self._pipe = self._process = None
        with self._answered:
            self._answered.notify_all()
        self._report(**ended, paused=False)

    def _report(self, **changes: Any) -> None:
        with self._lock:
            self.status = {**self.status, **changes}
            self._events.publish("job", self.status)

    def _stage(self, name: str, done: int, total: int, rate: float) -> None:
        self._report(stage=name, done=done, total=total, rate=rate)

    def _drawn(self, codepoints: list[int]) -> None:
        self._events.publish("drawn", codepoints)

    def _found(self, drawn: list[Drawn]) -> None:
        self.found = drawn

    def _note(self, line: Said) -> None:
        self._report(notes=[*self.status.get("notes", []), line][-20:])

    def _paused(self, paused: bool) -> None:
        self._report(paused=paused)

    def _edited(self, number: int, problem: Line | None) -> None:
        with self._answered:
            self._answers[number] = problem
            self._answered.notify_all()


_HEARD: dict[str, Callable[..., None]] = {
    "stage": Jobs._stage, "drawn": Jobs._drawn, "note": Jobs._note, "paused": Jobs._paused,
    "edited": Jobs._edited, "found": Jobs._found,
}
