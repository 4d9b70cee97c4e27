"""Who may talk to the studio: one browser on this machine, let in once by the printed address.

Every request is checked before anything else sees it: the name it was sent to (against DNS
rebinding), where it came from (against other web pages), the session's cookie (against other
users), and how much it brings along.
"""

from __future__ import annotations

import hmac
import os
import secrets
import socket
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from html import escape
from urllib.parse import parse_qs

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import cookie_parser
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fonts.errors import Line, UserError
from glyphgen.studio.words import COOKIE, chosen, words

HOST = "127.0.0.1"          # nobody else's machine reaches it
MEGABYTE = 1 << 20
BODY_LIMIT = MEGABYTE                                   # of a request that brings no picture
UPLOAD_LIMITS = {"/api/inbox": 100 * MEGABYTE, "/api/base": 100 * MEGABYTE,
                 "/api/samples/canvas": 20 * MEGABYTE, "/api/glyph/picture": 20 * MEGABYTE,
                 "/api/glyph/part": 20 * MEGABYTE}

SAFE = ("GET", "HEAD")
HEADERS = {
    "Content-Security-Policy": "default-src 'self'; object-src 'none'; base-uri 'none'; "
                               "form-action 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


class StudioError(UserError):
    """What the studio cannot do; one line says what and what to do."""


@dataclass
class Session:
    """The launch token, good for one use, and the cookie that it is changed into."""

    port: int
    token: str | None = field(default_factory=lambda: secrets.token_urlsafe(32))
    cookie: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    first: str = "/"            # the page that the browser is led to

    @property
    def address(self) -> str:
        """Where the browser starts."""
        return f"http://{HOST}:{self.port}/?token={self.token}"

    @property
    def name(self) -> str:
        """The cookie's name: cookies are shared by all ports of a host."""
        return f"glyphgen-{self.port}"

    @property
    def hosts(self) -> frozenset[str]:
        """The values of Host that are meant for this server."""
        return frozenset(f"{name}:{self.port}" for name in (HOST, "localhost"))

    def take(self, token: str) -> bool:
        """Whether this is the unused launch token; it is used then."""
        if self.token is None or not hmac.compare_digest(token.encode(), self.token.encode()):
            return False
        self.token = None
        return True

    def knows(self, headers: Headers) -> bool:
        """Whether the request carries the session's cookie."""
        given = cookie_parser(headers.get("cookie", "")).get(self.name, "")
        return hmac.compare_digest(given.encode(), self.cookie.encode())


class Guard:
    """ASGI middleware that lets only the session's own page through."""

    limits: Mapping[str, int] = UPLOAD_LIMITS
    headers: Mapping[str, str] = HEADERS

    def __init__(self, app: ASGIApp, session: Session) -> None:
        self.app, self.session = app, session

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":         # the studio speaks nothing else
            return

        async def sealed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self.headers.items():
                    headers[name] = value
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        refusal = self._refusal(scope)
        if refusal is not None:
            await refusal(scope, receive, sealed)
            return
        await self.app(scope, self._counted(scope, receive), sealed)

    def _refusal(self, scope: Scope) -> Response | None:
        """The answer to a request that goes no further; None lets it through."""
        headers, method = Headers(scope=scope), scope["method"]
        if headers.get("host") not in self.session.hosts:
            return refused(headers, "error.name", 421)
        if not same_origin(headers, method in SAFE, self.session.hosts):
            return refused(headers, "error.origin", 403)
        token = parse_qs(scope["query_string"].decode("latin-1")).get("token")
        if scope["path"] == "/" and token and method == "GET":
            return self._launch(token[0], headers)
        if not self.session.knows(headers):
            return refused(headers, "error.closed", 403)
        return None

    def _launch(self, token: str, headers: Headers) -> Response:
        onward = RedirectResponse(self.session.first, 303)
        if self.session.knows(headers):
            return onward
        if not self.session.take(token):
            return refused(headers, "error.used", 403)
        onward.set_cookie(self.session.name, self.session.cookie, path="/", httponly=True,
                          samesite="strict")
        return onward

    def _counted(self, scope: Scope, receive: Receive) -> Receive:
        """`receive` that counts the body as it comes; HTTPException 413 past the limit."""
        limit = self.limits.get(scope["path"], BODY_LIMIT)
        declared = Headers(scope=scope).get("content-length", "0")
        received = int(declared) if declared.isdigit() and int(declared) > limit else 0

        async def counting() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > limit:
                raise HTTPException(413, Line("over {n} MB: make the file smaller",
                                              n=limit // MEGABYTE))
            return message

        return counting


def refused(headers: Headers, key: str, status: int) -> Response:
    """A bare page in the reader's language: a stranger gets nothing of the studio's, no style."""
    chosen_before = cookie_parser(headers.get("cookie", "")).get(COOKIE)
    language = chosen(chosen_before, headers.get("accept-language", ""))
    return HTMLResponse(f'<!DOCTYPE html>\n<html lang="{language}"><meta charset="utf-8">'
                        f"<title>glyphgen</title><p>{escape(words(language)[key])}</p></html>\n",
                        status)


def same_origin(headers: Headers, safe: bool, hosts: Collection[str]) -> bool:
    """Whether the page that asks is the studio's own, or a person typed the address."""
    origin, site = headers.get("origin"), headers.get("sec-fetch-site")
    if origin is not None and origin not in {f"http://{host}" for host in hosts}:
        return False
    if site not in (None, "same-origin", "none") or (site == "none" and not safe):
        return False
    return safe or origin is not None or site == "same-origin"


def listen(host: str, port: int) -> socket.socket:
    """A socket on one address of this machine; `port` 0 takes a free one. Raises StudioError."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    if os.name == "posix":      # elsewhere this would let a second server share the port
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen()       # so that nobody is refused until the server has begun
    except (OSError, OverflowError) as error:
        listener.close()
        raise StudioError("port {port} of {host} cannot be used: {error}; take another, "
                          "or 0 for any", port=port, host=host, error=error) from None
    return listener
