"""The tracer, compiled once on a machine: half a minute in which a preview is set in drafts."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable

from glyphgen.export.ahead import compile_behind
from glyphgen.studio.work.helper import Helper

_SECONDS = 900          # that a slow machine may take


class Tracer:
    """Whether outlines can be traced at once; `ready` is called when they can."""

    def __init__(self, ready: Callable[[], None]) -> None:
        self._ready, self._helper = ready, Helper(_SECONDS)
        self._compiled, self._thread = threading.Event(), threading.Lock()
        self._begun = False

    def begin(self) -> None:
        """Compile it, or find it compiled, in a process of its own."""
        with self._thread:
            if not self._begun:
                self._begun = True
                threading.Thread(target=self._compile, name="tracer", daemon=True).start()

    def wait(self, seconds: float) -> bool:
        """Whether it is compiled, after so long at the most."""
        self.begin()
        return self._compiled.wait(seconds)

    def close(self) -> None:
        self._helper.close()

    def _compile(self) -> None:
        # what goes wrong here goes wrong again, and is said, where an outline is traced
        with contextlib.suppress(Exception):
            self._helper.ask(compile_behind)
        self._helper.close()
        self._compiled.set()
        self._ready()
