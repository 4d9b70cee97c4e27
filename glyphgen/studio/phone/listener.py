"""The listener of the phone's page: a second server, on a private address, ended by itself."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from glyphgen.studio.events import Events
from glyphgen.studio.phone.access import Access
from glyphgen.studio.phone.address import own_addresses, private_address
from glyphgen.studio.security import StudioError, listen

LISTENING = 3600.0          # seconds, then it ends
_MOST_AT_ONCE = 32          # connections
_END_WAIT = 10.0
Building = Callable[[Access, Callable[[], None]], ASGIApp]


class Phone:
    """Whether devices of the network may send samples just now, and how they get in."""

    def __init__(self, events: Events) -> None:
        self._events = events
        self._lock = threading.RLock()
        self._access: Access | None = None
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None
        self._timer: threading.Timer | None = None
        self._until, self._port = 0.0, 0
        self.address: str | None = None         # chosen on the command line
        self.asked = False                      # to show the code without being asked again

    def begin(self, build: Building, address: str | None = None) -> None:
        """Listen, on `address` if it is given, and make a code. Raises StudioError."""
        wanted = private_address(address or self.address)
        with self._lock:
            self.asked = False
            if self._access is None or self._access.address != wanted:
                self.end()
                self._listen(wanted, build)
            if self._access is not None:
                self._access.renew()
        self._tell()

    def _listen(self, address: str, build: Building) -> None:
        try:        # where it was before: a page that is open there goes on with a new code
            listener = listen(address, self._port)
        except StudioError:
            if not self._port:
                raise
            listener = listen(address, 0)
        self._port = int(listener.getsockname()[1])
        access = Access(address, self._port)
        server = uvicorn.Server(uvicorn.Config(
            build(access, self._tell), log_level="critical", access_log=False, lifespan="off",
            server_header=False, proxy_headers=False, limit_concurrency=_MOST_AT_ONCE,
            timeout_keep_alive=10, timeout_graceful_shutdown=1, ws="none"))
        self._access, self._server = access, server
        self._thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]},
                                        name="phone", daemon=True)
        self._thread.start()
        self._until = time.time() + LISTENING
        self._timer = threading.Timer(LISTENING, self.end)
        self._timer.daemon = True
        self._timer.start()

    def end(self) -> None:
        """Stop listening; every login ends with it."""
        with self._lock:
            server, thread, timer = self._server, self._thread, self._timer
            self._access = self._server = self._thread = self._timer = None
        if server is None or thread is None:
            return
        if timer is not None:
            timer.cancel()
        server.should_exit = True
        thread.join(_END_WAIT)
        self._tell()

    def link(self) -> str:
        """What the QR code says. Raises StudioError where there is none."""
        access = self._access
        if access is None or not access.link:
            raise StudioError("the code is used, or too old: show a new one")
        return access.link

    def status(self) -> dict[str, Any]:
        """What the Samples page shows."""
        access = self._access
        if access is None:
            return {"on": False, "asked": self.asked, "addresses": self._addresses()}
        return {"on": True, "address": f"http://{access.host}/", "until": self._until,
                "devices": access.devices, "code": round(access.code_left, 1)}

    def _addresses(self) -> list[str]:
        return [self.address] if self.address else own_addresses()

    def _tell(self) -> None:
        self._events.publish("phone", self.status())
