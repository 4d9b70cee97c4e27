"""Requests about samples: upload, read, look, correct, write on the canvas."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from fonts.reading.samples import Sample
from glyphgen.project.intake import Intake
from glyphgen.project.strokes import Stroke
from glyphgen.studio.pictures import content_picture, sprite
from glyphgen.studio.recut import WHOLE, around_field, cut_field, cut_picture
from glyphgen.studio.security import StudioError
from glyphgen.studio.studio import Studio
from glyphgen.studio.views.request import (
    body_of,
    codepoints,
    flag,
    number,
    query_codepoints,
    studio_of,
    text,
)
from glyphgen.studio.words import Said, translatable
from glyphgen.studio.work.uploads import Cell, canvas_field, read_uploads
from glyphgen.suggest import Wants

_NAME_LIMIT = 255
_NEXT = 12              # characters that are proposed
_CANVAS = 256           # pixels of a picture of a cell


async def receive(request: Request, picture: bool = True,
                  fonts: bool = False) -> tuple[Path, str]:
    """The request's body in a file, seen to be a picture, PDF or font, and what it is called."""
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
    return inbox.check(path, name or "the file", fonts) if picture else path, name


async def upload(request: Request) -> Response:
    """Take one file in."""
    studio = studio_of(request)
    if studio.store is None:
        raise StudioError("no project is open: start one, or open one")
    path, name = await receive(request, fonts=True)
    studio.inbox.add(path, name)
    return JSONResponse({})


async def read(request: Request) -> Response:
    """Read what was taken in; `chars` are on pictures in rows, `sample_chars` of fonts samples."""
    body = await body_of(request)
    how = Intake(fit=flag(body, "fit", False), chars=text(body, "chars", "") or None,
                 sample_chars=text(body, "sample_chars", "") or None)
    return JSONResponse(await run_in_threadpool(_read, studio_of(request), how))


def _read(studio: Studio, how: Intake) -> dict[str, Any]:
    names = studio.inbox.take()
    if not names:
        raise StudioError("there is nothing to read: upload files first")
    cells, notes = read_files(studio, names, how)
    return {"read": len({cell.codepoint for cell in cells if cell.sample}), "notes": notes}


def read_files(studio: Studio, names: dict[str, str], how: Intake) -> tuple[Sequence[Cell],
                                                                            list[Said]]:
    """Keep the samples of files, path to name, which are gone then; the cells, and notes."""
    store = studio.project
    region = store.read(lambda p: str(p.get("region", "cn")))
    try:
        reading = studio.reader.ask(read_uploads, names, replace(how, region=region))
    finally:
        for path in names:
            Path(path).unlink(missing_ok=True)
    found = [cell.sample for cell in reading.cells if cell.sample is not None]
    known = dict(store.read(lambda p: p.get("studio_cells", {})))
    studio.forget_cuts(cell.codepoint for cell in reading.cells)
    studio.cuts |= {cell.codepoint: (Path(cell.around), WHOLE) for cell in reading.cells
                    if cell.around}
    known |= {f"{cell.codepoint:x}": _kept(cell) for cell in reading.cells}
    store.change(("add_samples", (found,)), ("set", ("studio_cells", known)))
    return reading.cells, [*map(translatable, reading.notes)]


def _kept(cell: Cell) -> dict[str, Any]:
    return {"verdicts": list(cell.verdicts), "source": cell.source}


def listing(request: Request) -> Response:
    """Every cell: its character, verdicts and source, those to look at first."""
    samples, cells = studio_of(request).project.read(
        lambda p: ({s.codepoint: s for s in p.samples()}, p.get("studio_cells", {})))
    points = sorted({*samples, *(int(key, 16) for key in cells)})
    cuts = studio_of(request).cuts
    rows = [{"c": point, "has": point in samples, "page": point in cuts,
             "cut": cuts[point][1] if point in cuts else WHOLE,
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


def around(request: Request) -> Response:
    """What is around a cell on its page, else its sample with blank around it."""
    studio, point = studio_of(request), query_codepoints(request, 1)[0]
    data = (studio.cuts[point][0].read_bytes() if point in studio.cuts else
            around_field(_sample(studio, point).field))
    return Response(data, media_type="image/jpeg")


def _sample(studio: Studio, point: int) -> Sample:
    found = studio.project.read(lambda p: [s for s in p.samples() if s.codepoint == point])
    if not found:
        raise StudioError("{char} has no sample", char=chr(point))
    return found[0]


def wanted(request: Request) -> Response:
    """What to write next, the first one first, and why."""
    studio = studio_of(request)
    found = studio.adviser.ask(Wants.suggest, studio.project.read(Wants.of), _NEXT)
    return JSONResponse([{"c": one.codepoint, "reason": one.reason, "n": one.count,
                          "part": one.part.name if one.part else ""} for one in found])


async def edit(request: Request) -> Response:
    """Drop a cell, cut it anew, or say that it is another character."""
    body = await body_of(request)
    op = text(body, "op")
    if op not in _EDITS:
        raise StudioError(f"{op!r} is no change to a sample")
    await run_in_threadpool(_EDITS[op], studio_of(request), codepoints(body), body)
    return JSONResponse({})


def _drop(studio: Studio, points: list[int], body: dict[str, Any]) -> None:
    studio.project.change(("remove_samples", (points,)),
                          ("set", ("studio_cells", _cells(studio, points))))
    studio.forget_cuts(points)


def _reassign(studio: Studio, points: list[int], body: dict[str, Any]) -> None:
    point, target = points[0], codepoints(body, "to")[0]
    sample = _sample(studio, point)
    moved = Sample.from_packed(target, sample.packed, sample.source, sample.written)
    cells = _cells(studio, [point])
    cells[f"{target:x}"] = {"verdicts": [], "source": sample.source}
    studio.project.change(("remove_samples", ([point],)), ("add_samples", ([moved],)),
                          ("set", ("studio_cells", cells)))
    if target != point:
        studio.forget_cuts([target])
        if point in studio.cuts:
            studio.cuts[target] = studio.cuts.pop(point)


def _recut(studio: Studio, points: list[int], body: dict[str, Any]) -> None:
    """Take a sample from another square of the picture around its cell."""
    point, side = points[0], number(body, "side", 0.1, 1, WHOLE[2])
    left, top = (number(body, key, 0, 1 - side, WHOLE[0]) for key in ("left", "top"))
    cut, cells = (left, top, side), _cells(studio, [])
    source = cells.get(f"{point:x}", {}).get("source", "")
    if point in studio.cuts:
        path = studio.cuts[point][0]
        field = studio.reader.ask(cut_picture, str(path), cut)
        studio.cuts[point] = (path, cut)
    else:
        sample = _sample(studio, point)
        field, source = cut_field(sample.field, cut), sample.source
    cells[f"{point:x}"] = {"verdicts": [], "source": source}
    studio.project.change(("add_samples", ([Sample.of(point, field, source, time.time())],)),
                          ("set", ("studio_cells", cells)))


def _cells(studio: Studio, without: list[int]) -> dict[str, Any]:
    """What is known of the cells, less some of them."""
    cells = dict(studio.project.read(lambda p: p.get("studio_cells", {})))
    for point in without:
        cells.pop(f"{point:x}", None)
    return cells


_EDITS = {"drop": _drop, "reassign": _reassign, "recut": _recut}


async def canvas(request: Request) -> Response:
    """A character written on the canvas becomes its sample."""
    studio, point = studio_of(request), query_codepoints(request, 1)[0]
    path, _ = await receive(request)

    def keep() -> None:
        try:
            field = studio.reader.ask(canvas_field, str(path))
        finally:
            path.unlink(missing_ok=True)
        keep_sample(studio, Sample.of(point, field, "canvas", time.time()))

    await run_in_threadpool(keep)
    return JSONResponse({})


def keep_sample(studio: Studio, sample: Sample,
                strokes: Mapping[str, Sequence[Stroke]] | None = None) -> None:
    """Keep what was written on a screen, with the `strokes` of samples by their digests."""
    cells = _cells(studio, [])
    cells[f"{sample.codepoint:x}"] = {"verdicts": [], "source": sample.source}
    studio.forget_cuts([sample.codepoint])
    studio.project.change(("add_samples", ([sample], strokes)), ("set", ("studio_cells", cells)))
