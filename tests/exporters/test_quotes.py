"""What HarfBuzz makes of quotes beside hanzi and letters, and of ー and dashes in a row."""

from __future__ import annotations

import io
from functools import lru_cache

import pytest
import uharfbuzz
from fontTools.ttLib import TTFont

from exporters.fontfile.formats import to_bytes
from exporters.fontfile.info import FontInfo
from exporters.fontfile.ttf import pack
from exporters.outlines.outline import Outline
from tests.exporters.test_ttf import box, outline_of, ring

LETTERS = "dontk"
LOW_QUOTES = {"‘": 700, "“": 600, "’": 200, "”": 200}      # where the ink begins


@lru_cache
def made(region: str = "cn") -> tuple[bytes, list[str]]:
    """A font and the names of its glyphs, which its file leaves out."""
    outlines = {ord(c): outline_of(c) for c in LETTERS + "国、。「」ー—永"}
    outlines |= {ord(c): Outline((ring(x + 40, 760, 40),)) for c, x in LOW_QUOTES.items()}
    outlines |= {ord(c): Outline((box(60, 340, 940, 400),)) for c in "—ー"}
    font = pack(outlines, FontInfo(region=region), outlines)
    return to_bytes(font), font.getGlyphOrder()


def shaped(text: str, region: str = "cn", direction: str = "ltr", language: str = "",
           script: str = "", **features: bool) -> list[tuple[str, int]]:
    """Glyph names and advances."""
    data, names = made(region)
    font = uharfbuzz.Font(uharfbuzz.Face(data))
    buffer = uharfbuzz.Buffer()
    buffer.add_str(text)
    buffer.guess_segment_properties()
    buffer.direction = direction
    buffer.language = language or "und"
    if script:
        buffer.script = script
    uharfbuzz.shape(font, buffer, features)
    return [(names[info.codepoint], position.x_advance or -position.y_advance)
            for info, position in zip(buffer.glyph_infos, buffer.glyph_positions)]


def test_an_apostrophe_between_letters_is_narrow() -> None:
    (name, advance), = [g for g in shaped("don’t") if g[0].startswith("uni2019")]
    assert name == "uni2019.pwid" and 100 < advance < 300
    assert shaped("国’t")[1] == ("uni2019", 1000) == shaped("don’国")[3]


def test_closing_quotes_of_hanzi_keep_their_square() -> None:
    assert [advance for _, advance in shaped("国“永”国")] == [1000] * 5


@pytest.mark.parametrize("region", ["cn", "tw", "hk", "jp"])
def test_quotes_are_narrow_on_demand_and_in_korean(region: str) -> None:
    narrow = shaped("“don”", region, pwid=True)
    assert narrow[0][0] == "uni201C.pwid" and narrow[0][1] < 400 and narrow[-1][1] < 400
    korean = shaped("“don”", region, language="ko")
    assert korean == narrow
    assert shaped("“永”", region, language="ko", script="Hani")[0] == narrow[0]
    assert shaped("“", region, language="ja")[0][1] == 1000


def test_korean_quotes_are_wide_in_other_languages() -> None:
    assert shaped("“don”", "kr")[0][1] < 400
    for language in ("ja", "zh-Hans", "zh-Hant", "zh-HK"):
        assert shaped("“永”", "kr", language=language)[0] == ("uni201C.fwid", 1000)
    assert shaped("“", "kr", fwid=True)[0][1] == 1000


def test_narrow_quotes_are_not_halved_in_korean() -> None:
    usual = shaped("”、", "kr", chws=False)
    assert shaped("”、", "kr", chws=True)[0] == usual[0] and 0 < usual[0][1] < 400


def test_punctuation_is_as_wide_as_its_ink_on_demand() -> None:
    plain, tight = shaped("国、“永"), shaped("国、“永", palt=True)
    assert [advance for _, advance in plain] == [1000] * 4
    assert [tight[0][1], tight[3][1]] == [1000, 1000]
    assert tight[1][1] == 140 + 2 * 50 and tight[2][1] == 80 + 2 * 50
    assert [advance for _, advance in shaped("国、", direction="ttb", vpal=True)] == [1000, 240]


@pytest.mark.parametrize("direction, tail", [("ltr", ""), ("ttb", ".vert")])
def test_long_vowels_join_in_lines_and_columns(direction: str, tail: str) -> None:
    forms = [f"uni30FC{form}{tail}" for form in ("", ".first", ".last", ".first", ".middle",
                                                 ".middle", ".last")]
    assert [name for name, _ in shaped("ー国ーー国ーーーー", direction=direction)
            if name.startswith("uni30FC")] == forms


def test_forms_that_features_bring_keep_the_ink_together() -> None:
    """Where one form of a row ends the next begins, in lines and in columns."""
    data, names = made()
    font = TTFont(io.BytesIO(data))
    font.setGlyphOrder(names)
    shapes, top = font["glyf"], font["OS/2"].sTypoAscender
    assert shapes["uni30FC.first"].xMax == 1002 and shapes["uni30FC.last"].xMin == -2
    first, last = shapes["uni30FC.first.vert"], shapes["uni30FC.last.vert"]
    assert (first.yMin, last.yMax) == (-122, 882) and top > 882
    assert shapes["uni2014"].xMin == -2 and shapes["uni2014"].xMax == 1002
