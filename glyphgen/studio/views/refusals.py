"""Errors as answers: one line each, in the reader's language."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from fonts.errors import Line, UserError
from glyphgen.faults import line_of
from glyphgen.studio.words import Said, translatable

Answering = Callable[[Request, Said, int], Response]


def handlers(answer: Answering) -> dict[Any, Callable[[Request, Exception], Response]]:
    """What an application does with each kind of error."""

    def refused(request: Request, error: Exception) -> Response:
        """One line for the person; where a file lies here is not for the page."""
        line = Line(error.strerror) if isinstance(error, OSError) and error.strerror \
            else line_of(error)
        return answer(request, translatable(line), 400)

    def failed(request: Request, error: Exception) -> Response:
        """A fault of this program."""
        return answer(request, translatable(line_of(error)), 500)

    def answered(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return answer(request, translatable(error.detail), error.status_code)

    return {UserError: refused, OSError: refused, HTTPException: answered, Exception: failed}
