"""Which projects open, and what a person sees where something does not."""

from __future__ import annotations

import json
import re
from html import unescape
from pathlib import Path

import pytest
from conftest import Run
from starlette.testclient import TestClient

from fonts.charset import default_for, resolve
from glyphgen.config import asked_for
from glyphgen.pipeline import generate
from glyphgen.project.document import Project
from glyphgen.studio.studio import Studio
from glyphgen.studio.views.pages import PAGES
from glyphgen.studio.words import LANGUAGES, words

BROWSER = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


def test_a_project_of_a_file_of_characters_opens(run: Run, tmp_path: Path, studio: Studio,
                                                 client: TestClient) -> None:
    """Also where the file is gone: the project keeps what it asked for."""
    wanted = tmp_path / "wanted.txt"
    wanted.write_text("永天", "utf-8")
    run("make", "--invent", 3, "--out", tmp_path / "H.ttf", "--charset", f"@{wanted}")
    wanted.unlink()
    studio.open(tmp_path / "H.glyphgen")
    for path in PAGES.values():
        assert client.get(path, headers=BROWSER).status_code == 200
    state = client.get("/api/state").json()
    assert (state["asked"], state["done"]) == (2, 2)


@pytest.mark.parametrize("charset", ["@/etc/passwd", "gb2321", "", "永,@x"])
def test_what_is_asked_for_reads_no_file(charset: str) -> None:
    """A project may come from anyone, and from a version with other sets."""
    usual = resolve(default_for("jp")).codepoints
    assert asked_for({"charset": charset, "region": "jp"}) == usual
    assert asked_for({"charset": charset, "codepoints": [0x6C38]}) == [0x6C38]


def test_characters_that_are_known_need_no_charset(tmp_path: Path) -> None:
    from glyphgen.config import GenerateConfig

    with Project.open(tmp_path / "p.glyphgen", create=True) as project:
        config = GenerateConfig("@/nowhere", invent=3)
        assert generate(project, config, points=[ord("永")]) == 1
        assert project.get("codepoints", []) == [ord("永")]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path, status", [("/nowhere", 404), ("/api/sheet.pdf?paper=a3", 400),
                                          ("/api/download?name=x", 400)])
def test_a_person_reads_a_page(client: TestClient, language: str, path: str, status: int) -> None:
    client.post("/api/language", json={"language": language})
    answer = client.get(path, headers=BROWSER)
    assert answer.status_code == status and answer.headers["content-type"].startswith("text/html")
    assert f'lang="{language}"' in answer.text and words(language)["error.title"] in answer.text
    said = re.search('data-said="([^"]*)"', answer.text)
    assert said and json.loads(unescape(said[1]))
    asked = client.get(path)            # by the code of a page
    assert asked.status_code == status and asked.json()["error"]


def test_a_page_of_a_broken_project_is_a_page(client: TestClient, drawn: Studio,
                                              monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> dict[str, object]:
        raise ValueError('the file <b>"is" damaged</b>')

    monkeypatch.setattr(drawn, "state", broken)
    answer = client.get("/", headers=BROWSER)
    assert answer.status_code in (400, 500) and "<b>" not in answer.text
    assert answer.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize("language", LANGUAGES)
def test_strangers_read_why_they_stay_out(stranger: TestClient, language: str) -> None:
    answer = stranger.get("/", headers={"accept-language": language})
    assert answer.status_code == 403 and words(language)["error.closed"] in unescape(answer.text)
    assert "static" not in answer.text
