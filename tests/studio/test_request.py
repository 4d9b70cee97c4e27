"""What requests carry is checked where it is taken."""

from __future__ import annotations

import pytest
from starlette.requests import Request

from exporters.outlines.tuning import Tuning
from glyphgen.studio.security import StudioError
from glyphgen.studio.views.request import (
    codepoints,
    flag,
    number,
    query_codepoints,
    query_tuning,
    text,
)


def _asked(query: str) -> Request:
    return Request({"type": "http", "method": "GET", "headers": [], "query_string": query.encode()})


def test_what_is_asked_is_taken() -> None:
    assert query_codepoints(_asked("chars=6c38.20000"), 2) == [0x6C38, 0x20000]
    assert query_tuning(_asked("slant=10")) == Tuning(slant=10) and query_tuning(_asked("")) is None
    assert codepoints({"chars": [0x41]}) == [0x41] and text({}, "name", "x") == "x"
    assert number({"size": 2}, "size", 1, 3, 1) == 2.0 and flag({"fit": True}, "fit", False)


@pytest.mark.parametrize("query", ["chars=", "chars=d800", "chars=1f", "chars=110000", "chars=g"])
def test_what_is_no_character_is_refused(query: str) -> None:
    with pytest.raises(StudioError, match="character|codepoints"):
        query_codepoints(_asked(query), 4)


def test_what_is_of_another_kind_is_refused() -> None:
    for take in (lambda: number({"size": True}, "size", 0, 1, 0), lambda: codepoints({"chars": []}),
                 lambda: number({"size": 9}, "size", 0, 1, 0), lambda: text({"name": 1}, "name"),
                 lambda: flag({"fit": 1}, "fit", True), lambda: codepoints({"chars": [True]})):
        with pytest.raises(StudioError):
            take()
