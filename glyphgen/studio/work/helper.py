"""Processes that handle what may be hostile, slow or broken: they can be ended at any time."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any, TypeVar

from glyphgen.studio.security import StudioError

T = TypeVar("T")
_MEMORY = 8 << 30       # bytes of address space, where the system can limit it


class Helper:
    """One process that is asked one thing at a time, and replaced when it fails."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()
        self._pool: ProcessPoolExecutor | None = None

    def ask(self, function: Callable[..., T], *arguments: Any) -> T:
        """The function's result. Raises what it raises, and StudioError where it does not end."""
        with self._lock:
            if self._pool is None:
                self._pool = _process()
            pool = self._pool
            try:
                return pool.submit(function, *arguments).result(self._seconds)
            except TimeoutError:
                self._end()
                raise StudioError("not done after {n} seconds; give fewer or smaller files",
                                  n=f"{self._seconds:.0f}") from None
            except BrokenProcessPool:
                self._end()
                raise StudioError("the picture made its reader fail; save it anew as PNG or "
                                  "JPEG") from None

    def begin(self, function: Callable[[], None]) -> None:
        """Start the process, if there is none, and load there what the function needs.

        Nobody waits for it; what goes wrong is said where something is asked.
        """
        if not self._lock.acquire(blocking=False):
            return
        try:
            if self._pool is None:
                self._pool = _process()
                self._pool.submit(function)
        finally:
            self._lock.release()

    def close(self) -> None:
        """End the process; what it is being asked fails."""
        if not self._lock.acquire(blocking=False):
            self._end()
            return
        try:
            if self._pool is not None:
                self._pool.shutdown()
            self._pool = None
        finally:
            self._lock.release()

    def _end(self) -> None:
        pool, self._pool = self._pool, None
        if pool is None:
            return
        for process in list((getattr(pool, "_processes", None) or {}).values()):
            process.terminate()
        pool.shutdown(wait=False, cancel_futures=True)


def _process() -> ProcessPoolExecutor:
    return ProcessPoolExecutor(1, multiprocessing.get_context("spawn"), initializer=_prepare)


def _leave_with_parent() -> None:
    """End when the server ends, however it does: an idle helper would wait for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(0)


def _prepare() -> None:
    threading.Thread(target=_leave_with_parent, daemon=True).start()
    with contextlib.suppress(ValueError, AttributeError):
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        import resource
    except ImportError:         # Windows has no such limit
        return
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, resource.getrlimit(resource.RLIMIT_AS)[1]))
