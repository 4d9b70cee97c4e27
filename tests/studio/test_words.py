"""The studio without a browser: every word in every language."""

from __future__ import annotations

import ast
import pickle
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from fonts.errors import Line
from fonts.sheet import verdict
from glyphgen.studio.studio import Studio
from glyphgen.studio.views.pages import PAGES
from glyphgen.studio.words import FOLDER, LANGUAGES, causes, chosen, translatable, words


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
_ODD = re.compile(r"no language|is no change to|no region|is none of|size: one of|columns: |"
                  r"choose among|is out of range|is unknown: choose|one character does not|"
                  r"cannot write")
_TELLING = """exporters/fontfile/glyphs.py exporters/checks/check.py exporters/fontfile/merge.py
    exporters/fontfile/info.py exporters/outlines/tuning.py glyphgen/export/fonts.py
    glyphgen/project/schema.py glyphgen/hand/opened.py glyphgen/draw/repaint.py
    fonts/reading/images.py fonts/reading/pages.py fonts/reading/clean.py fonts/sheet/reader.py
    fonts/sheet/rectify.py fonts/sheet/layout.py exporters/install/systems.py"""


def _said(path: Path) -> Iterator[str]:
    """The sentences of the lines and errors that a module makes, what is filled in as {}."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or not node.args \
                or node.func.id != "Line" and not node.func.id.endswith("Error"):
            continue
        said = node.args[0]
        if isinstance(said, ast.Constant):
            yield str(said.value)
        elif isinstance(said, ast.JoinedStr):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "{}"
                          for part in said.values)


def test_errors_are_known_in_every_language() -> None:
    root = FOLDER.parent.parent.parent
    modules = [path for path in (root / "glyphgen/studio").rglob("*.py")
               if path.stem not in ("request", "security", "app")]
    said = {line for path in modules for line in _said(path) if not _ODD.search(line)}
    assert len(said) > 20 and said <= causes().keys(), said - causes().keys()
    beyond = {line for name in _TELLING.split() for line in _said(root / name)
              if not _ODD.search(line)}
    assert len(beyond - causes().keys()) <= 0.15 * len(beyond), beyond - causes().keys()
    verdicts = {value for name, value in vars(verdict).items()
                if name.isupper() and isinstance(value, str)}
    english = words("en")
    assert verdicts and all(f"verdict.{word}" in english for word in verdicts)


def test_every_sentence_that_is_translated_is_said() -> None:
    """A sentence that was changed where it is said would be shown in English."""
    root = FOLDER.parent.parent.parent
    modules = [path for package in ("fonts", "exporters", "glyphgen")
               for path in (root / package).rglob("*.py")]
    texts = {str(node.value) for path in modules
             for node in ast.walk(ast.parse(path.read_text("utf-8")))
             if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    assert not {key for line, key in causes().items()
                if line not in texts and not line.startswith("no marker of a glyphgen sheet")}


def test_a_line_goes_to_the_pages_in_parts() -> None:
    inner = Line("over {n} MB; save it smaller", "a.png", n=48)
    line = Line("left out: {cause}", cause=inner)
    assert line == "left out: a.png: over 48 MB; save it smaller"
    assert translatable(pickle.loads(pickle.dumps(line))) == {
        "key": "cause.left-out", "at": "", "text": str(line), "values": {"cause": {
            "key": "cause.file-large", "at": "a.png", "text": str(inner), "values": {"n": "48"}}}}
    assert translatable(Line("something new")) == "something new"


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
