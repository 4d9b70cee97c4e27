"""Requests about the project as a whole: start, settings, drawing."""

from __future__ import annotations

from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from exporters.fontfile.info import FontInfo
from fonts.charset import recommended
from fonts.content import Content
from fonts.regions import REGIONS
from fonts.sheet.template import sheet_pdf
from glyphgen.config import from_settings
from glyphgen.studio.security import StudioError
from glyphgen.studio.studio import named_charset
from glyphgen.studio.views.request import body_of, flag, studio_of, text
from glyphgen.studio.work.worker import Edit

_ORDERS = ("pause", "resume", "cancel")


async def state(request: Request) -> Response:
    return JSONResponse(await run_in_threadpool(studio_of(request).state))


async def events(request: Request) -> Response:
    """What happens, as server-sent events."""
    studio = studio_of(request)
    last = request.headers.get("last-event-id", "")
    first = await run_in_threadpool(studio.state)
    return StreamingResponse(
        studio.events.follow(int(last) if last.isdigit() and len(last) < 16 else None, first),
        media_type="text/event-stream")


async def new(request: Request) -> Response:
    """Make a project with its settings."""
    body, studio = await body_of(request), studio_of(request)
    edits = _settings(body)
    name = text(body, "name")

    def make() -> None:
        studio.new(name)
        studio.project.change(*edits)

    await run_in_threadpool(make)
    return JSONResponse({})


async def open_listed(request: Request) -> Response:
    body = await body_of(request)
    await run_in_threadpool(studio_of(request).open_listed, text(body, "name"))
    return JSONResponse({})


async def settings(request: Request) -> Response:
    """Change region, charset and names."""
    edits, studio = _settings(await body_of(request)), studio_of(request)
    await run_in_threadpool(studio.project.change, *edits)
    return JSONResponse(await run_in_threadpool(studio.state))


def _settings(body: dict[str, Any]) -> list[Edit]:
    region, charset = text(body, "region", "cn"), text(body, "charset")
    if region not in REGIONS:
        raise StudioError(f"no region {region!r}; there are {', '.join(REGIONS)}")
    points = named_charset(charset).codepoints
    family = FontInfo(family=text(body, "family", "My Hand"), region=region).family
    values = {"region": region, "charset": charset, "codepoints": list(points), "family": family,
              "adapt": flag(body, "adapt", True)}
    return [("set", pair) for pair in values.items()]


def count(request: Request) -> Response:
    """How many characters a charset has, and how many of them can be drawn."""
    region = request.query_params.get("region", "cn")
    if region not in REGIONS:
        raise StudioError(f"no region {region!r}; there are {', '.join(REGIONS)}")
    points = named_charset(request.query_params.get("charset", "")).codepoints
    known = Content(region).codepoints
    return JSONResponse({"asked": len(points), "known": sum(c in known for c in points)})


def speed(request: Request) -> Response:
    """Glyphs a second that this machine draws, as a short trial says; 0 while it works."""
    return JSONResponse({"rate": studio_of(request).rate()})


def sheet(request: Request) -> Response:
    """The writing sheet as a PDF."""
    query = request.query_params
    region = query.get("region", "cn")
    chars = query.get("chars") or recommended(region)
    data = sheet_pdf(chars, paper=query.get("paper", "a4"), region=region)
    return Response(data, media_type="application/pdf", headers={
        "Content-Disposition": 'attachment; filename="glyphgen-sheet.pdf"'})


async def draw(request: Request) -> Response:
    """Begin to draw, or go on."""
    studio = studio_of(request)
    adapt = flag(await body_of(request), "adapt", True)

    def begin() -> None:
        store, now = studio.project, studio.state()
        config = from_settings(store.read(lambda p: p.settings()), adapt=adapt)
        if config.invent is None and not now["samples"]:
            raise StudioError("there are no samples yet: upload or write some first")
        studio.jobs.start(store.path, "draw", config)

    await run_in_threadpool(begin)
    return JSONResponse({})


async def order(request: Request) -> Response:
    """Pause, resume or cancel."""
    name = text(await body_of(request), "order")
    if name not in _ORDERS:
        raise StudioError(f"{name!r} is none of {', '.join(_ORDERS)}")
    await run_in_threadpool(studio_of(request).jobs.order, name)
    return JSONResponse({})
