"""Requests about samples: upload, read, look, correct, write on the canvas."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from fonts.samples import Sample
from glyphgen.studio.asking import body_of, codepoints, flag, query_codepoints, studio_of, text
from glyphgen.studio.pictures import content_picture, sprite
from glyphgen.studio.reading import Cell, canvas_field, read_uploads
from glyphgen.studio.security import StudioError
from glyphgen.studio.studio import Studio

_NAME_LIMIT = 255
_CANVAS = 256           # pixels of a picture of a cell


async def receive(request: Request, picture: bool = True) -> tuple[Path, str]:
    """The request's body in a file, seen to be a picture or PDF, and what it is called."""
    inbox = studio_of(request).inbox
    name = Path(request.query_params.get("name", "").replace("\\", "/")).name[-_NAME_LIMIT:]
    path = inbox.path()
    try:
        with path.open("wb") as file:
            async for chunk in request.stream():
                file.write(chunk)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return inbox.check(path, name or "the file") if picture else path, name


async def upload(request: Request) -> Response:
    """Take one file in."""
    studio = studio_of(request)
    if studio.store is None:
        raise StudioError("no project is open: start one, or open one")
    path, name = await receive(request)
    studio.inbox.add(path, name)
    return JSONResponse({})


async def read(request: Request) -> Response:
    """Read what was taken in."""
    fit = flag(await body_of(request), "fit", False)
    return JSONResponse(await run_in_threadpool(_read, studio_of(request), fit))


def _read(studio: Studio, fit: bool) -> dict[str, Any]:
    names, store = studio.inbox.take(), studio.project
    if not names:
        raise StudioError("there is nothing to read: upload files first")
    region = store.read(lambda p: str(p.get("region", "cn")))
    try:
        reading = studio.reader.ask(read_uploads, names, region, fit)
    finally:
        for path in names:
            Path(path).unlink(missing_ok=True)
    found = [cell.sample for cell in reading.cells if cell.sample is not None]
    known = dict(store.read(lambda p: p.get("studio_cells", {})))
    known |= {f"{cell.codepoint:x}": _kept(cell) for cell in reading.cells}
    store.change(("add_samples", (found,)), ("set", ("studio_cells", known)))
    return {"read": len({s.codepoint for s in found}), "notes": list(reading.notes)}


def _kept(cell: Cell) -> dict[str, Any]:
    return {"verdicts": list(cell.verdicts), "source": cell.source}


def listing(request: Request) -> Response:
    """Every cell: its character, verdicts and source, those to look at first."""
    samples, cells = studio_of(request).project.read(
        lambda p: ({s.codepoint: s for s in p.samples()}, p.get("studio_cells", {})))
    points = sorted({*samples, *(int(key, 16) for key in cells)})
    rows = [{"c": point, "has": point in samples,
             "verdicts": cells.get(f"{point:x}", {}).get("verdicts", []),
             "source": samples[point].source if point in samples
             else cells[f"{point:x}"].get("source", ""),
             "digest": samples[point].digest[:12] if point in samples else ""}
            for point in points]
    return JSONResponse(sorted(rows, key=lambda row: (row["has"], not row["verdicts"])))


def picture(request: Request) -> Response:
    """One sample as a picture."""
    point = query_codepoints(request, 1)[0]
    fields = studio_of(request).project.read(
        lambda p: {s.codepoint: s.field for s in p.samples() if s.codepoint == point})
    return Response(sprite(fields, [point], _CANVAS), media_type="image/png")


def content(request: Request) -> Response:
    """The character as the content font has it, to write over."""
    region = studio_of(request).project.read(lambda p: str(p.get("region", "cn")))
    data = content_picture(query_codepoints(request, 1)[0], region, 2 * _CANVAS)
    return Response(data, media_type="image/png", headers={"Cache-Control": "private, max-age=600"})


async def edit(request: Request) -> Response:
    """Drop a cell, or say that it is another character."""
    body = await body_of(request)
    await run_in_threadpool(_edit, studio_of(request), body)
    return JSONResponse({})


def _edit(studio: Studio, body: dict[str, Any]) -> None:
    store, op = studio.project, text(body, "op")
    points = codepoints(body)
    samples, cells = store.read(
        lambda p: ({s.codepoint: s for s in p.samples()}, dict(p.get("studio_cells", {}))))
    for point in points:
        cells.pop(f"{point:x}", None)
    if op == "drop":
        store.change(("remove_samples", (points,)), ("set", ("studio_cells", cells)))
        return
    if op != "reassign":
        raise StudioError(f"{op!r} is no change to a sample")
    target, sample = codepoints(body, "to")[0], samples.get(points[0])
    if sample is None:
        raise StudioError(f"{chr(points[0])} has no sample")
    moved = Sample.from_packed(target, sample.packed, sample.source, sample.written)
    cells[f"{target:x}"] = {"verdicts": [], "source": sample.source}
    store.change(("remove_samples", (points[:1],)), ("add_samples", ([moved],)),
                 ("set", ("studio_cells", cells)))


async def canvas(request: Request) -> Response:
    """A character written on the canvas becomes its sample."""
    studio, point = studio_of(request), query_codepoints(request, 1)[0]
    path, _ = await receive(request)

    def keep() -> None:
        try:
            field = studio.reader.ask(canvas_field, str(path))
        finally:
            path.unlink(missing_ok=True)
        cells = dict(studio.project.read(lambda p: p.get("studio_cells", {})))
        cells[f"{point:x}"] = {"verdicts": [], "source": "canvas"}
        studio.project.change(
            ("add_samples", ([Sample.of(point, field, "canvas", time.time())],)),
            ("set", ("studio_cells", cells)))

    await run_in_threadpool(keep)
    return JSONResponse({})
