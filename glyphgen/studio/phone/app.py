"""The phone's page as a web application of its own: what is not listed here is not there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from glyphgen.studio.phone import views
from glyphgen.studio.phone.access import Access
from glyphgen.studio.phone.guard import PhoneGuard
from glyphgen.studio.studio import Studio
from glyphgen.studio.views import glyphs, pages, samples
from glyphgen.studio.views.refusals import handlers
from glyphgen.studio.words import Said

_STATIC = Path(__file__).parent.parent / "static"
_FILES = ("studio.css", "phone.css", "phone.js", "glass.js", "photograph.js", "page.js",
          "typing.js", "icon.png")


def _file(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in _FILES:
        raise HTTPException(404)
    return FileResponse(_STATIC / name)


_ROUTES = [
    Route("/", pages.phone_page),
    Route("/static/{name}", _file),
    Route("/api/language", pages.set_language, methods=["POST"]),
    Route("/api/written", views.written),
    Route("/api/strokes", views.strokes, methods=["POST"]),
    Route("/api/photo", views.photo, methods=["PUT"]),
    Route("/api/content.png", samples.content),
    Route("/api/font", glyphs.font),
]


def build(studio: Studio, access: Access, entered: Callable[[], None]) -> Starlette:
    """The application around a studio; `entered` is called when a device was let in."""
    app = Starlette(routes=_ROUTES, exception_handlers=handlers(_said), middleware=[
        Middleware(PhoneGuard, access=access, entered=entered)])
    app.state.studio = studio
    return app


def _said(request: Request, said: Said, status: int) -> Response:
    """The line in parts; what names files of the computer stays there."""
    told: dict[str, Any] = {"key": "error.title", "values": {}}
    if isinstance(said, dict) and status != 500:
        told = {"key": said["key"], "values": said["values"]}
    return JSONResponse({"error": {**told, "at": ""}}, status)
