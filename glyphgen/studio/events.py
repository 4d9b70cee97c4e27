"""What happened, numbered, for every page that listens (server-sent events)."""

from __future__ import annotations

import asyncio
import json
import threading
from collections import deque
from collections.abc import AsyncIterator
from typing import Any

HEARTBEAT = 15.0        # seconds
_KEPT = 2000            # events that a page may have missed


class Events:
    """A log that threads write and pages follow."""

    def __init__(self) -> None:
        self._log: deque[tuple[int, str, str]] = deque(maxlen=_KEPT)
        self._lock = threading.Lock()
        self._last = 0
        self._waiting: set[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = set()
        self._closed = False

    def publish(self, kind: str, data: Any) -> None:
        """Tell every page."""
        with self._lock:
            self._last += 1
            self._log.append((self._last, kind, json.dumps(data)))
        self._wake()

    def close(self) -> None:
        """End every page's stream."""
        self._closed = True
        self._wake()

    def _wake(self) -> None:
        with self._lock:
            waiting = list(self._waiting)
        for loop, event in waiting:
            if not loop.is_closed():
                loop.call_soon_threadsafe(event.set)

    async def follow(self, after: int | None, first: Any) -> AsyncIterator[str]:
        """The stream of one page: `first` as an event "state", then what comes.

        A page that comes back says the last number it saw and gets what it missed.
        """
        woken = (asyncio.get_running_loop(), asyncio.Event())
        with self._lock:
            known = 0 <= (after if after is not None else -1) <= self._last
            seen = after if known and after is not None else self._last
            self._waiting.add(woken)
        try:
            yield _framed(seen, "state", json.dumps(first))
            while not self._closed:
                woken[1].clear()
                with self._lock:
                    fresh = [entry for entry in self._log if entry[0] > seen]
                for number, kind, data in fresh:
                    seen = number
                    yield _framed(number, kind, data)
                try:
                    await asyncio.wait_for(woken[1].wait(), HEARTBEAT)
                except TimeoutError:
                    yield ": still here\n\n"
        finally:
            with self._lock:
                self._waiting.discard(woken)


def _framed(number: int, kind: str, data: str) -> str:
    return f"id: {number}\nevent: {kind}\ndata: {data}\n\n"
