"""A fault of the program is not shown as the person's."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from conftest import HERE, ORIGIN, Run, refusal
from starlette.testclient import TestClient

from fonts import charset
from glyphgen.studio.app import build
from glyphgen.studio.security import Session
from glyphgen.studio.studio import Studio
from glyphgen.studio.views import project
from glyphgen.studio.work import worker


def broken(*arguments: object) -> object:
    raise KeyError("no such thing")


@pytest.fixture(autouse=True)
def _temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))


def details(said: str) -> str:
    """What the file holds that a line names."""
    found = re.fullmatch(r"(?:Error: )?sorry, this is a fault of glyphgen and not yours; "
                         r"(\S+) says what happened, please report it\n?", said)
    assert found, said
    return Path(found[1]).read_text("utf-8")


def test_a_command_apologises(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(charset, "recommended", broken)
    said = run("template", "--out", tmp_path / "sheet.pdf", status=70).output
    written = details(said)
    assert written.startswith("glyphgen ") and "Traceback" in written
    assert "in broken" in written and "KeyError: 'no such thing'" in written


def test_a_page_apologises(studio: Studio, session: Session,
                           monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(project, "named_charset", broken)
    client = TestClient(build(studio, session), base_url=HERE, raise_server_exceptions=False)
    client.get(f"/?token={session.token}")
    answer = client.get("/api/count?charset=kana", headers=ORIGIN)
    assert answer.status_code == 500 and "KeyError" in details(refusal(answer))


def test_work_apologises(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(worker._WORK, "draw", broken)
    state, said = worker._run(None, None, "draw", ())  # type: ignore[arg-type]
    assert state == "failed" and "in broken" in details(said["error"]["text"])
