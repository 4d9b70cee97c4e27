"""The studio as a web application for this machine, and `serve`, which opens it."""

from __future__ import annotations

import functools
import socket
import webbrowser
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from glyphgen.studio.phone.address import private_address
from glyphgen.studio.security import HOST, Guard, Session, listen
from glyphgen.studio.studio import Studio
from glyphgen.studio.views import candidates, export, glyphs, pages, phone, project, samples
from glyphgen.studio.views.refusals import handlers

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
    Route("/api/phone", phone.state, methods=["GET"]),
    Route("/api/phone", phone.change, methods=["POST"]),
    Route("/api/phone/code.svg", phone.code),
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
        exception_handlers=handlers(pages.refusal))
    app.state.studio = studio
    return app


class _Server(uvicorn.Server):
    """Ends what requests wait for first, so that stopping does not wait for them."""

    studio: Studio

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self.studio.hush()
        await super().shutdown(sockets)


def serve(port: int = 0, project: Path | None = None, open_browser: bool = True,
          phone: bool = False, phone_address: str | None = None) -> None:
    """Run the studio until it is stopped (Ctrl-C); prints the address that lets a browser in.

    `port` 0 takes a free one; `project` is opened, and made where absent; projects are kept in
    its folder, else in `glyphgen` in the home folder. With `phone` the Samples page shows the
    code of the phone's page at once; `phone_address` is the private address for that. Raises
    StudioError for a port in use or another address, ProjectError for a project that does not open.
    """
    if phone or phone_address is not None:
        phone_address = private_address(phone_address)
    listener = listen(HOST, port)      # anybody in a network could read the letters
    session = Session(listener.getsockname()[1])
    studio = Studio(project.absolute().parent if project else Path.home() / "glyphgen")
    try:
        if project is not None:
            studio.open(project.absolute())
        studio.phone.asked, studio.phone.address = phone, phone_address
        if phone and project is not None:
            session.first = pages.PAGES["samples"]
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
