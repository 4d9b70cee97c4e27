"""FontBakery's universal profile finds nothing to refuse in a font of each script."""

from __future__ import annotations

import importlib.util
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import Made, Run

from exporters.checks import fontbakery as universal
from exporters.checks.fontbakery import Finding, check_ready, findings
from exporters.fontfile.formats import export
from exporters.fontfile.info import ExportError, FontInfo
from exporters.outlines.outline import Outline
from exporters.outlines.trace import trace_all
from fonts.charset import named
from fonts.content import Content
from fonts.drawing import Drawing

HAN, SIGNS, LETTERS = 160, "，。、（）「」：！—…", "aehtvoAEHTVO.,-019"
SCRIPTS = {"gb2312": "cn", "big5": "tw", "jis0208": "jp", "ksx1001": "kr"}


@pytest.fixture(autouse=True)
def _fontbakery() -> None:
    if importlib.util.find_spec("fontbakery") is not None:
        return
    if os.environ.get("GLYPHGEN_CI") == "1":
        pytest.fail("fontbakery is missing, and here it must be there", pytrace=False)
    pytest.skip("fontbakery is missing")


def outlines(charset: str, region: str) -> Iterator[tuple[int, Outline]]:
    """Every so manieth character of a set, traced from the content, with signs and letters."""
    points = named(charset).codepoints
    wanted = {*points[:: len(points) // HAN], *map(ord, SIGNS + LETTERS)}
    content = Content(region)
    return trace_all(Drawing(c, content.hei(c)) for c in sorted(wanted) if content.has(c))


@pytest.mark.parametrize("charset", SCRIPTS)
def test_no_check_fails(charset: str, tmp_path: Path) -> None:
    region, path = SCRIPTS[charset], tmp_path / f"{charset}.ttf"
    drawn = dict(outlines(charset, region))
    turns = {c: [drawn[c]] for c in [*drawn][:3]} if charset == "gb2312" else None
    export(drawn, FontInfo(region=region), drawn, path, alternates=turns)
    assert [found.words for found in findings(path) if found.is_bad] == []


def test_a_font_is_judged_without_its_neighbours(tmp_path: Path) -> None:
    """Another family beside it, with other line metrics and a name that is none."""
    drawn = dict(outlines("gb2312", "cn"))
    path = tmp_path / "hanzi.ttf"
    few = {c: drawn[c] for c in [*drawn][-60:]}
    export(few, FontInfo(), few, path)
    alone = [found.words for found in findings(path)]
    export(drawn, FontInfo(family="Other", metrics="legacy"), drawn, tmp_path / "Other.ttf")
    (tmp_path / "Damaged.ttf").write_bytes(path.read_bytes()[:900])
    assert [found.words for found in findings(path)] == alone
    assert not [words for words in alone if "FAIL" in words]


def test_the_command_says_what_is_found(run: Run, made: Made, tmp_path: Path,
                                        monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copy(made.project, tmp_path / "p.glyphgen")
    asked = ("export", tmp_path / "p.glyphgen", "--out", tmp_path / "Hand.ttf", "--check")
    said = run(*asked, status=1).output                 # of letters it has A alone
    assert "Hand.ttf: WARN" in said and said.count("FAIL") == said.count("FAIL case_mapping") == 1
    bad = Finding(tmp_path / "Hand.ttf", "FAIL", "some/check", "wrong\nin two lines")
    monkeypatch.setattr("glyphgen.export.fonts.findings", lambda path, jobs: [bad])
    assert "Hand.ttf: FAIL some/check: wrong in two lines" in run(*asked, status=1).output


def test_what_cannot_be_checked_is_refused_before_the_work(
        run: Run, made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ExportError, match="--out of .ttf .otf .woff2"):
        check_ready([Path("a.ufo")])
    with pytest.raises(ExportError, match="none.ttf: cannot be read"):
        findings(tmp_path / "none.ttf")
    with monkeypatch.context() as context:
        context.setattr(universal.sys, "executable", shutil.which("false"))
        with pytest.raises(ExportError, match="FontBakery does not run: status 1"):
            findings(made.font)
    monkeypatch.setattr(universal.importlib.util, "find_spec", lambda name: None)
    out = tmp_path / "Hand.ttf"
    said = run("export", made.project, "--out", out, "--check", status=1).output
    assert "pip install 'glyphgen[check]'" in said and not out.exists()
