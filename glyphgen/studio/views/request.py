"""What requests carry, checked: every getter raises a StudioError of one line."""

from __future__ import annotations

import json
from typing import Any, cast

from starlette.requests import Request

from exporters.outlines.tuning import LIMITS, Tuning
from fonts.errors import UserError
from glyphgen.studio.security import StudioError
from glyphgen.studio.studio import Studio

MOST_CHARACTERS = 70_000


def studio_of(request: Request) -> Studio:
    return cast(Studio, request.app.state.studio)


async def body_of(request: Request) -> dict[str, Any]:
    """The JSON object that the request brings."""
    if request.headers.get("content-type", "").split(";")[0] != "application/json":
        raise StudioError("JSON is expected")
    try:
        body = json.loads(await request.body())
    except (ValueError, RecursionError):
        raise StudioError("that is no JSON") from None
    if not isinstance(body, dict):
        raise StudioError("a JSON object is expected")
    return body


def text(body: dict[str, Any], key: str, default: str | None = None) -> str:
    value = body.get(key, default)
    if not isinstance(value, str):
        raise StudioError(f"{key}: a text is expected")
    return value


def flag(body: dict[str, Any], key: str, default: bool) -> bool:
    value = body.get(key, default)
    if not isinstance(value, bool):
        raise StudioError(f"{key}: true or false is expected")
    return value


def number(body: dict[str, Any], key: str, low: float, high: float, default: float) -> float:
    value = body.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise StudioError(f"{key}: a number from {low:g} to {high:g} is expected")
    return float(value)


def codepoints(body: dict[str, Any], key: str = "chars") -> list[int]:
    """A list of codepoints, as numbers."""
    value = body.get(key)
    if not isinstance(value, list) or not 0 < len(value) <= MOST_CHARACTERS:
        raise StudioError(f"{key}: a list of codepoints is expected")
    return [_codepoint(one) for one in value]


def query_codepoints(request: Request, most: int) -> list[int]:
    """The codepoints of `?chars=6c38.4e1c`."""
    parts = request.query_params.get("chars", "").split(".")
    if not parts[0] or len(parts) > most:
        raise StudioError(f"chars: 1 to {most} codepoints are expected, like 6c38.4e1c")
    try:
        return [_codepoint(int(part, 16)) for part in parts]
    except ValueError:
        raise StudioError("chars: codepoints in hexadecimal are expected, like 6c38.4e1c") from None


def query_tuning(request: Request) -> Tuning | None:
    """The tuning of `?weight=10&slant=-5`; None where none is given."""
    given = {name: request.query_params[name] for name in LIMITS if name in request.query_params}
    try:
        return Tuning(**{name: float(value) for name, value in given.items()}) if given else None
    except UserError:
        raise
    except ValueError:
        raise StudioError("a number is expected", ", ".join(given)) from None


def _codepoint(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0x20 <= value <= 0x10FFFF \
            or 0xD800 <= value <= 0xDFFF:
        raise StudioError(f"{value!r} is no character")
    return value
