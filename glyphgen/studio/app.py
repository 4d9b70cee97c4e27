"""The studio as a web application for this machine, and `serve`, which opens it."""

from __future__ import annotations

import functools
import os
import socket
import webbrowser
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from fonts.errors import Line, UserError
from glyphgen.faults import line_of
from glyphgen.studio.security import HOST, Guard, Session, StudioError
from glyphgen.studio.studio import Studio
from glyphgen.studio.views import candidates, export, glyphs, pages, project, samples
from glyphgen.studio.words import translatable

_STATIC = Path(__file__).parent / "static"
_ROUTES = [
    *(Route(path, functools.partial(pages.page, name), name=name)
      for name, path in pages.PAGES.items()),
    Route("/api/language", pages.set_language, methods=["POST"]),
    Route("/api/state", project.state),
    Route("/api/events", project.events),
    Route("/api/project/new", project.new, methods=["POST"]),
    Route("/api/project/open", project.open_listed, methods=["POST"]),
    Route("/api/project/settings", project.settings, methods=["POST"]),
    Route("/api/count", project.count),
    Route("/api/speed", project.speed),
    Route("/api/sheet.pdf", project.sheet),
    Route("/api/draw", project.draw, methods=["POST"]),
    Route("/api/held", glyphs.held),
    Route("/api/held.png", glyphs.held_sprites),
    Route("/api/order", project.order, methods=["POST"]),
    Route("/api/tuning", export.tune, methods=["POST"]),
    Route("/api/base", export.base, methods=["PUT"]),
    Route("/api/export", export.export, methods=["POST"]),
    Route("/api/download", export.download),
    Route("/api/install", export.install, methods=["POST"]),
    Route("/api/inbox", samples.upload, methods=["PUT"]),
    Route("/api/samples", samples.listing),
    Route("/api/samples/next", samples.wanted),
    Route("/api/samples/read", samples.read, methods=["POST"]),
    Route("/api/samples/edit", samples.edit, methods=["POST"]),
    Route("/api/samples/picture.png", samples.picture),
    Route("/api/samples/around.jpg", samples.around),
    Route("/api/samples/canvas", samples.canvas, methods=["PUT"]),
    Route("/api/content.png", samples.content),
    Route("/api/glyphs", glyphs.listing),
    Route("/api/glyphs/sprite.png", glyphs.sprites),
    Route("/api/font", glyphs.font),
    Route("/api/glyph", glyphs.detail, methods=["GET"]),
    Route("/api/glyph", glyphs.change, methods=["POST"]),
    Route("/api/glyph/picture", glyphs.picture, methods=["PUT"]),
    Route("/api/glyph/part", candidates.part, methods=["PUT"]),
    Route("/api/candidates", candidates.ask, methods=["POST"]),
    Route("/api/candidates/pick", candidates.pick, methods=["POST"]),
    Route("/api/candidates.png", candidates.picture),
    Mount("/static", StaticFiles(directory=_STATIC)),
]


def build(studio: Studio, session: Session) -> Starlette:
    """The application around a studio."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        yield
        studio.close()

    app = Starlette(
        routes=_ROUTES, lifespan=lifespan, middleware=[Middleware(Guard, session=session)],
        exception_handlers={UserError: _refused, OSError: _refused, HTTPException: _answered,
                            Exception: _failed})
    app.state.studio = studio
    return app


def _refused(request: Request, error: Exception) -> Response:
    """An error as one line for the person; where a file lies here is not for the page."""
    line = Line(error.strerror) if isinstance(error, OSError) and error.strerror else line_of(error)
    return pages.refusal(request, translatable(line), 400)


def _failed(request: Request, error: Exception) -> Response:
    """A fault of this program."""
    return pages.refusal(request, translatable(line_of(error)), 500)


def _answered(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return pages.refusal(request, translatable(error.detail), error.status_code)


class _Server(uvicorn.Server):
    """Ends what requests wait for first, so that stopping does not wait for them."""

    studio: Studio

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self.studio.hush()
        await super().shutdown(sockets)


def serve(port: int = 0, project: Path | None = None, open_browser: bool = True) -> None:
    """Run the studio until it is stopped (Ctrl-C); prints the address that lets a browser in.

    `port` 0 takes a free one; `project` is opened, and made where absent; projects are kept in
    its folder, else in `glyphgen` in the home folder. Raises StudioError for a port in use,
    ProjectError for a project that does not open.
    """
    listener = _listen(port)
    session = Session(listener.getsockname()[1])
    studio = Studio(project.absolute().parent if project else Path.home() / "glyphgen")
    try:
        if project is not None:
            studio.open(project.absolute())
        studio.tracer.begin()
        server = _Server(uvicorn.Config(
            build(studio, session), log_level="warning", access_log=False, server_header=False,
            proxy_headers=False, timeout_graceful_shutdown=5, ws="none"))
        server.studio = studio
        print(f"glyphgen studio: {session.address}", flush=True)
        if open_browser:
            webbrowser.open(session.address)
        server.run(sockets=[listener])
    except KeyboardInterrupt:
        pass
    finally:
        listener.close()


def _listen(port: int) -> socket.socket:
    """A socket that this machine alone can reach: anybody in a network could read the letters."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    if os.name == "posix":      # elsewhere this would let a second server share the port
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
    except (OSError, OverflowError) as error:
        listener.close()
        raise StudioError(f"port {port} of {HOST} cannot be used: {error}; take another, "
                          "or 0 for any") from None
    return listener
