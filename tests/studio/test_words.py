"""The studio without a browser: every word in every language."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from fonts.sheet import verdict
from glyphgen.studio.studio import Studio
from glyphgen.studio.views.pages import PAGES
from glyphgen.studio.words import FOLDER, LANGUAGES, causes, chosen, words


def test_languages_have_the_same_words() -> None:
    english = words("en")
    for tag in LANGUAGES:
        assert words(tag).keys() == english.keys(), tag
        for key, word in words(tag).items():
            assert word and set(re.findall(r"\{\w+\}", word)) <= set(
                re.findall(r"\{\w+\}", english[key])), (tag, key)
            assert key.startswith("cause.") or word.count("{") == english[key].count("{")


def test_every_word_that_is_used_is_there() -> None:
    english = words("en")
    folder = FOLDER.parent
    used = set()
    for path in [*folder.glob("templates/*.html"), *folder.glob("static/*.js")]:
        used |= set(re.findall(r'\bt\("([a-z][\w.-]*\w)"[,)]', path.read_text("utf-8")))
    assert used and used <= english.keys(), used - english.keys()


# what only a request says that no page makes
_ODD = {"no language {}; there are {}", "{} is no change to a sample", "{} is no change to a glyph",
        "{} is no change to a project", "no region {}; there are {}", "{} is none of {}",
        "size: one of {}", "columns: a number from 1 to {} is expected", "choose among {}",
        "version {} is out of range: 0 to 64999", "{} {} is unknown: choose one of {}",
        "one character does not give one glyph", "give a static .ttf as base", "{}",
        "weight {} is unknown: choose of {}", "cannot write {}: use one of {}",
        "has none of these characters yet", "has no samples; `glyphgen ingest` reads some"}
_TELLING = """exporters/fontfile/glyphs.py exporters/checks/check.py exporters/fontfile/merge.py
    glyphgen/export/fonts.py glyphgen/project/schema.py glyphgen/draw/draw.py
    glyphgen/draw/repaint.py fonts/reading/images.py fonts/reading/pages.py fonts/reading/clean.py
    fonts/sheet/reader.py fonts/sheet/rectify.py fonts/sheet/layout.py"""


def _raised(path: Path) -> Iterator[str]:
    """The words of the errors that a module raises, what is filled in as {}."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and node.exc.args:
            said = node.exc.args[0]
            parts = said.values if isinstance(said, ast.JoinedStr) else [said]
            line = "".join(str(part.value) if isinstance(part, ast.Constant) else "{}"
                           for part in parts)
            yield re.sub(r"^(\{\}: )+", "", line)


def test_errors_are_known_in_every_language() -> None:
    root = FOLDER.parent.parent.parent
    known = {re.sub(r"\{\w+\}", "{}", line) for line in causes().values()}
    modules = [path for path in (root / "glyphgen/studio").rglob("*.py")
               if path.stem not in ("request", "security", "app")]
    modules += [root / "exporters/fontfile/info.py", root / "exporters/outlines/tuning.py"]
    assert not {line for path in modules for line in _raised(path)} - known - _ODD
    beyond = {line for name in _TELLING.split() for line in _raised(root / name)} - _ODD
    assert len(beyond - known) <= 0.15 * len(beyond), beyond - known
    verdicts = {value for name, value in vars(verdict).items()
                if name.isupper() and isinstance(value, str)}
    english = words("en")
    assert verdicts and all(f"verdict.{word}" in english for word in verdicts)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_is_in_every_language(drawn: Studio, client: TestClient,
                                         language: str) -> None:
    assert client.post("/api/language", json={"language": language}).status_code == 200
    for path in PAGES.values():
        answer = client.get(path)
        assert answer.status_code == 200 and f'lang="{language}"' in answer.text
        assert "<script>" not in answer.text and " style=" not in answer.text


def test_languages_are_told_by_the_browser() -> None:
    assert chosen(None, "fr-FR,zh-TW;q=0.9") == "zh-Hant"
    assert chosen(None, "zh-CN") == "zh-Hans"
    assert chosen("ko", "zh-CN") == "ko"
    assert chosen("../../x", "") == "en"
