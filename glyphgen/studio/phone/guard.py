"""Every request to the phone's address is checked before anything else sees it."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qs

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope

from fonts.errors import Line
from glyphgen.studio.phone.access import Access
from glyphgen.studio.phone.address import is_private
from glyphgen.studio.security import HEADERS, MEGABYTE, SAFE, Guard, refused, same_origin

LIMITS = {"/api/photo": 16 * MEGABYTE}


class PhoneGuard(Guard):
    """ASGI middleware that lets through what a device sends that used a code."""

    limits = LIMITS
    # on plain HTTP browsers ignore this one, and complain
    headers = {name: value for name, value in HEADERS.items()
               if name != "Cross-Origin-Opener-Policy"}

    def __init__(self, app: ASGIApp, access: Access, entered: Callable[[], None]) -> None:
        self.app, self._access, self._entered = app, access, entered

    def _refusal(self, scope: Scope) -> Response | None:
        """The answer to a request that goes no further; None lets it through."""
        headers, method = Headers(scope=scope), scope["method"]
        source, access = (scope.get("client") or ("",))[0], self._access
        if not is_private(source):
            return _told(headers, "error.phone-foreign", 403)
        if not access.admits(source):
            return _told(headers, "error.phone-often", 429)
        if headers.get("host") != access.host:
            return _told(headers, "error.name", 421)
        if not same_origin(headers, method in SAFE, {access.host}):
            return _told(headers, "error.origin", 403)
        code = parse_qs(scope["query_string"].decode("latin-1")).get("code")
        if scope["path"] == "/" and code and method == "GET":
            return self._enter(code[0], headers, source)
        return None if access.knows(headers, source) else \
            _told(headers, "error.phone-closed", 403)

    def _enter(self, code: str, headers: Headers, source: str) -> Response:
        onward = RedirectResponse("/", 303)
        if self._access.knows(headers, source):
            return onward
        login = self._access.enter(code, source)
        if login is None:
            return _told(headers, "error.phone-code", 403)
        self._entered()
        onward.set_cookie(self._access.cookie, login, path="/", httponly=True, samesite="strict")
        return onward

    def _counted(self, scope: Scope, receive: Receive) -> Receive:
        within = super()._counted(scope, receive)

        async def counting() -> Message:
            message = await within()
            if not self._access.spends(len(message.get("body", b""))):
                raise HTTPException(413, Line("no more is taken from phones now: end it, and show "
                                              "a new code"))
            return message

        return counting


def _told(headers: Headers, key: str, status: int) -> Response:
    """A bare page for a person, and JSON for a page's code."""
    if "text/html" in headers.get("accept", ""):
        return refused(headers, key, status)
    return JSONResponse({"error": {"key": key, "values": {}, "at": ""}}, status)
