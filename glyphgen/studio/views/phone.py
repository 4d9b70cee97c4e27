"""Requests about the phone: show its code, say who is in, end it. The phone's own are elsewhere."""

from __future__ import annotations

import functools
import io
from collections.abc import Callable

import segno
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from glyphgen.studio.phone.app import build
from glyphgen.studio.security import StudioError
from glyphgen.studio.views.request import body_of, studio_of, text

_MODULE, _QUIET = 6, 4      # pixels of a module, modules of white around a code


def state(request: Request) -> Response:
    return JSONResponse(studio_of(request).phone.status())


async def change(request: Request) -> Response:
    """Listen and make a code (`begin`), or stop listening (`end`)."""
    body, studio = await body_of(request), studio_of(request)
    op, address = text(body, "op"), text(body, "address", "") or None
    changes: dict[str, Callable[[], None]] = {
        "begin": functools.partial(studio.phone.begin, functools.partial(build, studio), address),
        "end": studio.phone.end}
    if op not in changes:
        raise StudioError(f"{op!r} is no change to the phone")
    if studio.store is None:
        raise StudioError("no project is open: start one, or open one")
    await run_in_threadpool(changes[op])
    return JSONResponse(studio.phone.status())


def code(request: Request) -> Response:
    """The QR code, dark on white, as SVG."""
    stream = io.BytesIO()
    segno.make(studio_of(request).phone.link(), error="m", micro=False).save(
        stream, "svg", scale=_MODULE, border=_QUIET, dark="#000", light="#fff", xmldecl=False)
    return Response(stream.getvalue(), media_type="image/svg+xml")
