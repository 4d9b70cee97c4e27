"""Who may use the phone's page: a code that is good once, the logins it became, and how much.

A login is good from the address alone that the code was used from. All of it ends with the
listener.
"""

from __future__ import annotations

import hmac
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable

from starlette.datastructures import Headers
from starlette.requests import cookie_parser

CODE_SECONDS = 120.0
MOST_DEVICES = 4
MOST_BYTES = 512 << 20          # that devices may send while it listens
_CODE_BYTES = 18                # of chance: 144 bits, and still a code of few modules
_LOGIN_BYTES = 32
_BURST, _RATE = 120.0, 8.0      # requests of one address at once, and a second
_MOST_KNOWN = 256               # addresses whose requests are counted


class Access:
    """The code, the logins and the counts of one listener."""

    def __init__(self, address: str, port: int,
                 clock: Callable[[], float] = time.monotonic) -> None:
        self.address, self.port, self._clock = address, port, clock
        self._lock = threading.Lock()
        self._code, self._code_until = "", 0.0
        self._logins: dict[str, str] = {}       # cookie to address, the oldest first
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._bytes = 0

    @property
    def host(self) -> str:
        """The one value of Host that is meant for this listener."""
        return f"{self.address}:{self.port}"

    @property
    def cookie(self) -> str:
        """The name of the login's cookie."""
        return f"glyphgen-phone-{self.port}"

    @property
    def devices(self) -> int:
        return len(self._logins)

    @property
    def code_left(self) -> float:
        """Seconds that the code is still good for; 0 for none."""
        return max(0.0, self._code_until - self._clock()) if self._code else 0.0

    @property
    def link(self) -> str:
        """What the QR code says; empty where there is no code that is good."""
        return f"http://{self.host}/?code={self._code}" if self.code_left else ""

    def renew(self) -> None:
        """Make a code, in place of the last."""
        with self._lock:
            self._code = secrets.token_urlsafe(_CODE_BYTES)
            self._code_until = self._clock() + CODE_SECONDS

    def enter(self, code: str, source: str) -> str | None:
        """The login that a good code becomes for the device at `source`; the code is used then."""
        with self._lock:
            if not self.code_left or not hmac.compare_digest(code.encode(), self._code.encode()):
                return None
            self._code = ""
            while len(self._logins) >= MOST_DEVICES:
                del self._logins[next(iter(self._logins))]
            login = secrets.token_urlsafe(_LOGIN_BYTES)
            self._logins[login] = source
            return login

    def knows(self, headers: Headers, source: str) -> bool:
        """Whether a request carries a login, from the address that it belongs to."""
        given = cookie_parser(headers.get("cookie", "")).get(self.cookie, "")
        with self._lock:
            return any(hmac.compare_digest(given.encode(), login.encode()) and source == owner
                       for login, owner in self._logins.items())

    def admits(self, source: str) -> bool:
        """Count a request of an address; False for one too many."""
        now = self._clock()
        with self._lock:
            left, seen = self._left.pop(source, (_BURST, now))
            left = min(_BURST, left + (now - seen) * _RATE)
            self._left[source] = (max(left - 1, 0.0), now)
            while len(self._left) > _MOST_KNOWN:
                self._left.popitem(last=False)
            return left >= 1

    def spends(self, count: int) -> bool:
        """Count bytes that came in; False past `MOST_BYTES`."""
        with self._lock:
            self._bytes += count
            return self._bytes <= MOST_BYTES
