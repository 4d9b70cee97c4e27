"""Requests of the phone's page: strokes and photographs; nothing that is not a sample."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from fonts.reading.samples import Sample
from glyphgen.hand.glass import glass_field
from glyphgen.project.intake import Intake
from glyphgen.project.strokes import COLUMNS, Stroke, StrokesError, check_strokes
from glyphgen.studio.security import StudioError
from glyphgen.studio.studio import Studio
from glyphgen.studio.views.request import body_of, codepoints, studio_of
from glyphgen.studio.views.samples import keep_sample, read_files, receive

_MOST_CHARACTERS = 400          # on one photograph
_KINDS = (".jpg", ".png")


def written(request: Request) -> Response:
    """Which characters have a sample."""
    samples = studio_of(request).project.read(lambda p: p.samples())
    return JSONResponse([{"c": s.codepoint, "digest": s.digest[:12]} for s in samples])


async def strokes(request: Request) -> Response:
    """A character written on glass becomes its sample."""
    body, studio = await body_of(request), studio_of(request)
    [point] = codepoints(body, "chars")[:1]
    drawn = strokes_of(body)
    await run_in_threadpool(_keep, studio, point, drawn)
    return JSONResponse({})


def _keep(studio: Studio, point: int, drawn: list[Stroke]) -> None:
    field = studio.reader.ask(glass_field, drawn)
    sample = Sample.of(point, field, "glass", time.time())
    keep_sample(studio, sample, {sample.digest: drawn})
    studio.events.publish("samples", [point])


def strokes_of(body: dict[str, Any]) -> list[Stroke]:
    """The strokes of `{"strokes": [[[x, y, ...], ...], ...]}`. Raises StudioError."""
    given = body.get("strokes")
    try:
        if not isinstance(given, list) or not all(map(_is_stroke, given)):
            raise StrokesError
        found = [np.array(stroke, np.int64) for stroke in given]
        check_strokes(found)
    except (StrokesError, OverflowError):
        raise StudioError("these are no strokes: write the character again") from None
    return [stroke.astype(np.int32) for stroke in found]


def _is_stroke(stroke: Any) -> bool:
    """Whether these are rows of whole numbers."""
    return isinstance(stroke, list) and bool(stroke) and all(
        isinstance(row, list) and len(row) == len(COLUMNS) and all(type(n) is int for n in row)
        for row in stroke)


async def photo(request: Request) -> Response:
    """A photograph: of the sheet, or of what `chars` says is on it."""
    studio = studio_of(request)
    chars = "".join(request.query_params.get("chars", "").split())
    if len(chars) > _MOST_CHARACTERS:
        raise StudioError("a photograph of up to {n} characters is read", n=_MOST_CHARACTERS)
    path, _ = await receive(request)
    if path.suffix not in _KINDS:
        path.unlink()
        raise StudioError("a photograph is needed: JPEG or PNG")
    name = f"U+{ord(chars):04X}{path.suffix}" if len(chars) == 1 else f"photograph{path.suffix}"
    how = Intake(chars=chars if len(chars) > 1 else None)
    return JSONResponse(await run_in_threadpool(_read, studio, {str(path): name}, how))


def _read(studio: Studio, names: dict[str, str], how: Intake) -> dict[str, Any]:
    cells, notes = read_files(studio, names, how)
    studio.events.publish("samples", [cell.codepoint for cell in cells])
    return {"notes": notes, "cells": [
        {"c": cell.codepoint, "has": cell.sample is not None, "verdicts": cell.verdicts}
        for cell in cells]}
