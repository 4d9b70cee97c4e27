"""Requests about glyphs: the review, one glyph's changes, pictures, the typed font."""

from __future__ import annotations

import time
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from exporters.fontfile.layout.features import has_own_width
from fonts.reading.samples import Sample
from glyphgen.project.settings import BEARING
from glyphgen.studio.pictures import MOST_SPRITES, fields_of, moved, sprite
from glyphgen.studio.security import StudioError
from glyphgen.studio.studio import Studio
from glyphgen.studio.views.request import (
    body_of,
    codepoints,
    number,
    query_codepoints,
    query_tuning,
    studio_of,
    text,
)
from glyphgen.studio.views.samples import receive
from glyphgen.studio.work.typing_font import typed_font
from glyphgen.studio.work.uploads import canvas_field, picture_field

MOST_TYPED = 500
_PATIENCE = 0.5         # seconds that a typed text waits for the tracer
_SIZES = (48, 64, 96, 128, 256, 512)
_HELD = 96              # pixels of a sample drawn from the others


def listing(request: Request) -> Response:
    """[codepoint, state, score] of every glyph, the worst first, the person's own last."""
    marks, mine, redone = studio_of(request).project.read(
        lambda p: (p.marks(), [s.codepoint for s in p.samples()], p.get("studio_redone", [])))
    own = set(mine)
    rows = [[m.codepoint, m.state, round(m.score, 4)] for m in marks if m.codepoint not in own]
    return JSONResponse({"glyphs": rows + [[point, "mine", 1.0] for point in mine],
                         "redone": redone})


def sprites(request: Request) -> Response:
    """A sprite sheet of the given glyphs."""
    size = request.query_params.get("size", "96")
    if size not in map(str, _SIZES):
        raise StudioError(f"size: one of {', '.join(map(str, _SIZES))}")
    columns = request.query_params.get("columns", "16")
    if not columns.isascii() or not columns.isdigit() or not 0 < int(columns[:4]) <= MOST_SPRITES:
        raise StudioError(f"columns: a number from 1 to {MOST_SPRITES} is expected")
    points = query_codepoints(request, MOST_SPRITES)
    fields = studio_of(request).project.read(lambda p: fields_of(p, points))
    return Response(sprite(fields, points, int(size), int(columns)), media_type="image/png",
                    headers={"Cache-Control": "private, max-age=600"})


def held(request: Request) -> Response:
    """The samples that the kept hand drew from the others."""
    found = studio_of(request).project.read(
        lambda p: [*p.held().keys() & {s.codepoint for s in p.samples()}])
    return JSONResponse(sorted(found))


def held_sprites(request: Request) -> Response:
    """A sprite sheet of samples as they were drawn from the others."""
    points = query_codepoints(request, MOST_SPRITES)
    fields = studio_of(request).project.read(lambda p: p.held())
    return Response(sprite(fields, points, _HELD), media_type="image/png")


def detail(request: Request) -> Response:
    """What is known of one glyph."""
    point = query_codepoints(request, 1)[0]
    found, mine, bearings, own_width = studio_of(request).project.read(
        lambda p: (p.scores_of(point), any(s.codepoint == point for s in p.samples()),
                   p.get("bearings", {}).get(str(point), [0, 0]),
                   has_own_width(point, str(p.get("region", "cn")))))
    if mine:
        found = {"state": "mine", "score": 1.0, "seed": 0, "scores": {}}
    found = found or {"state": "missing", "score": 0, "seed": 0, "scores": {}}
    return JSONResponse({**found, "bearings": bearings if own_width else None})


def font(request: Request) -> Response:
    """TTF with the given characters; what is not in it is listed in a header.

    A tuning that is asked for stands in for the project's. While the tracer is being compiled
    the outlines are drafts, and another header says so.
    """
    studio, points = studio_of(request), query_codepoints(request, MOST_TYPED)
    draft = not studio.tracer.wait(_PATIENCE)
    data, missing = studio.typesetter.ask(typed_font, studio.project.path,
                                          "".join(map(chr, points)), query_tuning(request), draft)
    return Response(data, media_type="font/ttf", headers={
        "X-Missing": ".".join(f"{point:x}" for point in missing), "X-Draft": str(int(draft))})


async def change(request: Request) -> Response:
    """Lock, unlock, undo, move or redo glyphs."""
    body = await body_of(request)
    op = text(body, "op")
    if op not in _CHANGES:
        raise StudioError(f"{op!r} is no change to a glyph")
    studio = studio_of(request)
    changed = await run_in_threadpool(_CHANGES[op], studio, body)
    studio.events.publish("drawn", changed)
    return JSONResponse({"changed": changed})


def _lock(studio: Studio, body: dict[str, Any]) -> list[int]:
    points = codepoints(body)
    studio.project.remember(points)
    studio.project.change(("lock", (points,)))
    return points


def _unlock(studio: Studio, body: dict[str, Any]) -> list[int]:
    points = codepoints(body)
    studio.project.remember(points)
    studio.project.change(("unlock", (points,)))
    return points


def _undo(studio: Studio, body: dict[str, Any]) -> list[int]:
    return studio.project.undo()


def _redo(studio: Studio, body: dict[str, Any]) -> list[int]:
    """Begin to draw glyphs again from seeds that were not tried yet."""
    points, store = codepoints(body), studio.project
    states, mine, redone = store.read(
        lambda p: (p.states(), {s.codepoint for s in p.samples()}, p.get("studio_redone", [])))
    points = [c for c in points if c not in mine and states.get(c) in ("drawn", "doubtful")]
    if not points:
        raise StudioError("these are locked or made by you: unlock them or take that back first")
    if studio.jobs.running:
        raise StudioError("something is being drawn or written; wait for it, or stop it")
    store.remember(points)
    store.change(("set", ("studio_redone", sorted({*redone, *points}))))
    studio.jobs.start(store.path, "redo", points)
    return []


def _move(studio: Studio, body: dict[str, Any]) -> list[int]:
    """Move and scale glyphs; from then on they are the person's."""
    right, down = number(body, "right", -0.5, 0.5, 0), number(body, "down", -0.5, 0.5, 0)
    scale = number(body, "scale", 0.5, 2, 1)
    points, store = codepoints(body), studio.project
    fields = store.read(lambda p: {d.codepoint: d.field for d in p.drawings(points)})
    if not fields:
        raise StudioError("only what was drawn can be moved")
    store.remember(list(fields))
    store.change(*(("replace", (point, moved(field, right, down, scale)))
                   for point, field in fields.items()))
    return list(fields)


def _bearings(studio: Studio, body: dict[str, Any]) -> list[int]:
    """Set the white beside a glyph, units beyond the usual."""
    point, store = codepoints(body)[0], studio.project
    region, old = store.read(lambda p: (str(p.get("region", "cn")), p.get("bearings", {})))
    if not has_own_width(point, region):
        raise StudioError("only glyphs with a width of their own have side bearings: move it")
    pair = [round(number(body, side, -BEARING, BEARING, 0)) for side in ("left", "right")]
    new = {key: value for key, value in old.items() if key != str(point)}
    store.way_back([point], ("set", ("bearings", old)))
    store.change(("set", ("bearings", new | ({str(point): pair} if any(pair) else {}))))
    return [point]


_CHANGES = {"lock": _lock, "unlock": _unlock, "undo": _undo, "redo": _redo, "move": _move,
            "bearings": _bearings}


async def picture(request: Request) -> Response:
    """A picture in place of a glyph: drawn on the canvas (`kind=canvas`) or a file."""
    studio, point = studio_of(request), query_codepoints(request, 1)[0]
    path, _ = await receive(request)
    drawn = request.query_params.get("kind") == "canvas"

    def keep() -> None:
        region, mine = studio.project.read(
            lambda p: (str(p.get("region", "cn")), {s.codepoint: s for s in p.samples()}))
        try:
            field = (studio.reader.ask(canvas_field, str(path)) if drawn else
                     studio.reader.ask(picture_field, str(path), point, region))
        finally:
            path.unlink(missing_ok=True)
        if point in mine:       # the person's own sample is what the font shows
            new = Sample.of(point, field, "canvas", time.time())
            studio.project.way_back([point], ("add_samples", ([mine[point]],)))
            studio.project.change(("add_samples", ([new],)))
            return
        studio.project.remember([point])
        studio.project.change(("replace", (point, field)))

    await run_in_threadpool(keep)
    studio.events.publish("drawn", [point])
    return JSONResponse({"changed": [point]})
