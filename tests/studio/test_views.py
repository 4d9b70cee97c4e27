"""What single requests are answered with: the values behind the pages."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from starlette.requests import Request

from fonts.errors import UserError
from glyphgen.studio.phone.access import Access
from glyphgen.studio.phone.guard import PhoneGuard
from glyphgen.studio.phone.views import strokes_of
from glyphgen.studio.security import StudioError
from glyphgen.studio.studio import Studio
from glyphgen.studio.views import export, glyphs, phone, samples
from glyphgen.studio.views.candidates import without
from glyphgen.studio.views.refusals import handlers


def asked(studio: Studio, query: str = "") -> Request:
    app = SimpleNamespace(state=SimpleNamespace(studio=studio))
    return Request({"type": "http", "method": "GET", "headers": [], "app": app,
                    "query_string": query.encode()})


def test_ink_inside_a_mask_is_gone_and_the_rest_stays() -> None:
    field, mask = np.full((128, 128), 4, np.float32), np.zeros((128, 128), np.bool_)
    mask[:64] = True
    left = without(field, mask)
    assert left[0, 0] == -4 and left[127, 127] == 4


def test_strokes_are_rows_of_six_whole_numbers() -> None:
    row = [256, 512, 500, 0, 0, 0]
    assert strokes_of({"strokes": [[row]]})[0].tolist() == [row]
    for bad in ([[row[:5]]], [[[0.5, *row[1:]]]], [[]], [], "永", [[[-1, *row[1:]]]]):
        with pytest.raises(StudioError, match="these are no strokes"):
            strokes_of({"strokes": bad})


@pytest.mark.parametrize("source, host, status", [
    ("8.8.8.8", "127.0.0.2:80", 403), ("127.0.0.2", "evil.example", 421),
    ("127.0.0.2", "127.0.0.2:80", 403)])
def test_the_phone_lets_nobody_in_without_a_code(source: str, host: str, status: int) -> None:
    guard = PhoneGuard(lambda *given: None, Access("127.0.0.2", 80), lambda: None)  # type: ignore
    answer = guard._refusal({"type": "http", "method": "GET", "path": "/", "query_string": b"",
                             "client": (source, 1), "headers": [(b"host", host.encode())]})
    assert answer is not None and answer.status_code == status


def test_what_a_person_did_is_400_and_a_fault_of_ours_500() -> None:
    answered = []
    given = handlers(lambda request, said, status: answered.append(status))  # type: ignore
    for kind in (UserError("no samples"), OSError(28, "No space left"), ZeroDivisionError()):
        given[next(one for one in type(kind).__mro__ if one in given)](None, kind)
    assert answered == [400, 400, 500]


def test_a_ufo_is_downloaded_as_a_zip(studio: Studio, tmp_path: Path) -> None:
    folder = tmp_path / "Hand.ufo"
    folder.mkdir()
    (folder / "a.glif").write_text("a", encoding="utf-8")
    studio.jobs.results["export"] = {"paths": [str(folder)]}
    answer = export.download(asked(studio, "name=Hand.ufo"))
    assert zipfile.ZipFile(io.BytesIO(answer.body)).namelist() == ["Hand.ufo/a.glif"]
    with pytest.raises(StudioError, match="not exported in this session"):
        export.download(asked(studio, "name=Other.ttf"))


def test_a_project_without_anything_lists_nothing(studio: Studio, tmp_path: Path) -> None:
    studio.open(tmp_path / "New.glyphgen")
    assert json.loads(glyphs.listing(asked(studio)).body) == {"glyphs": [], "redone": []}
    assert json.loads(samples.listing(asked(studio)).body) == []
    assert json.loads(phone.state(asked(studio)).body)["on"] is False
