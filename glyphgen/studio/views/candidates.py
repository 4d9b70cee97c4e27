"""Requests about other drawings of one glyph: asked for, shown, picked; and parts of it erased."""

from __future__ import annotations

from typing import Any

import numpy as np
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from fonts.drawing import SPREAD, Field, Mask, from_coverage
from glyphgen.draw.candidates import read_mask
from glyphgen.project.document import Drawn
from glyphgen.studio.pictures import sprite
from glyphgen.studio.security import StudioError
from glyphgen.studio.studio import Studio
from glyphgen.studio.views.request import body_of, codepoints, query_codepoints, studio_of
from glyphgen.studio.views.samples import receive

_SIZE = 128             # pixels of a candidate's picture


async def ask(request: Request) -> Response:
    """Begin to draw a glyph in other ways."""
    studio, points = studio_of(request), codepoints(await body_of(request))
    await run_in_threadpool(_begin, studio, points[0], None)
    return JSONResponse({})


async def part(request: Request) -> Response:
    """A part of a glyph, painted black on white, drawn anew or (`kind=erase`) taken away."""
    studio, point = studio_of(request), query_codepoints(request, 1)[0]
    path, _ = await receive(request)

    def begin() -> list[int]:
        try:
            mask = studio.reader.ask(read_mask, path)
        finally:
            path.unlink(missing_ok=True)
        if not mask.any():
            raise StudioError("nothing is marked: paint over the part that is wrong")
        if request.query_params.get("kind") == "erase":
            return _erase(studio, point, mask)
        _begin(studio, point, mask)
        return []

    changed = await run_in_threadpool(begin)
    studio.events.publish("drawn", changed)
    return JSONResponse({"changed": changed})


def picture(request: Request) -> Response:
    """The candidates that were drawn last, side by side."""
    found = studio_of(request).jobs.found
    if not found:
        raise StudioError("these candidates are gone: ask for others")
    fields = {place: drawn.field for place, drawn in enumerate(found)}
    return Response(sprite(fields, list(fields), _SIZE, len(found)), media_type="image/png",
                    headers={"Cache-Control": "private, max-age=600"})


async def pick(request: Request) -> Response:
    """Put one of the candidates in the glyph's place."""
    studio, body = studio_of(request), await body_of(request)
    changed = await run_in_threadpool(_pick, studio, body)
    studio.events.publish("drawn", changed)
    return JSONResponse({"changed": changed})


def _present(studio: Studio, point: int) -> Drawn:
    """The drawing that may be changed in place."""
    found, mine = studio.project.read(
        lambda p: (next(p.drawings([point]), None), any(s.codepoint == point
                                                        for s in p.samples())))
    if found is None or mine or found.state == "locked":
        raise StudioError("these are locked or made by you: unlock them or take that back first")
    return found


def _begin(studio: Studio, point: int, mask: Mask | None) -> None:
    if _present(studio, point).state == "replaced" and mask is None:
        raise StudioError("these are locked or made by you: unlock them or take that back first")
    studio.jobs.start(studio.project.path, "candidates", point, mask)


def _pick(studio: Studio, body: dict[str, Any]) -> list[int]:
    point, which, found = codepoints(body)[0], body.get("candidate"), studio.jobs.found
    if type(which) is not int or not 0 <= which < len(found) or found[0].codepoint != point:
        raise StudioError("these candidates are gone: ask for others")
    _present(studio, point)
    drawn, store = found[which], studio.project
    redone = store.read(lambda p: p.get("studio_redone", []))
    store.remember([point])
    if drawn.state == "replaced":
        store.change(("replace", (point, drawn.field)))
        return [point]
    # what was there may be the person's own since, which putting alone would keep
    store.change(("put_back", ([point], [drawn])),
                 ("set", ("studio_redone", sorted({*redone, point}))))
    return [point]


def _erase(studio: Studio, point: int, mask: Mask) -> list[int]:
    field = _present(studio, point).field
    studio.project.remember([point])
    studio.project.change(("replace", (point, without(field, mask))))
    return [point]


def without(field: Field, mask: Mask) -> Field:
    """The field (S, S) less the ink inside a mask (128, 128)."""
    fine = np.kron(mask, np.ones((field.shape[0] // mask.shape[0],) * 2)).astype(np.float32)
    return np.asarray(np.clip(np.minimum(field, -from_coverage(fine, field.shape[0])), -SPREAD,
                              SPREAD), np.float32)
