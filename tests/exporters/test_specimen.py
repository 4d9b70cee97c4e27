"""The page to send: whole texts of the font's language, small, light and dark, asking nobody."""

from __future__ import annotations

import base64
import io
import re
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fontTools.ttLib import TTFont

from exporters.fontfile.formats import to_bytes
from exporters.fontfile.info import ExportError, FontInfo
from exporters.fontfile.ttf import pack
from exporters.outlines.outline import LINE, Contour, Outline
from exporters.preview.specimen import MOST, specimen_html, specimen_text
from fonts.charset import default_for, resolve
from fonts.content import Content
from fonts.regions import REGIONS
from tests.exporters.test_ttf import data

BOX = Outline((Contour(np.array([(60, 0), (60, 700), (940, 700), (940, 0)], float), (LINE,) * 4),))
PALE, DARK = "rgb(250, 247, 240)", "rgb(21, 22, 26)"
SPOKEN = {"cn": ("zh-Hans", "山居秋暝 王维", "亲爱的朋友"), "tw": ("zh-Hant", "王維", "親愛的朋友"),
          "hk": ("zh-Hant-HK", "王維", "親愛的朋友"), "jp": ("ja", "松尾芭蕉", "拝啓"),
          "kr": ("ko", "윤동주", "보고 싶은 친구에게")}
NAMES = {"hk": "我的手寫"}        # Hong Kong is known by a name of its own


@lru_cache
def font(region: str, text: str, outline: Outline = BOX) -> bytes:
    points = {ord(c) for c in text if c.isprintable() and not c.isspace()}
    info = FontInfo(region=region, localised_family=NAMES.get(region, ""))
    return to_bytes(pack(dict.fromkeys(points, outline), info, points))


def carried(html: str) -> TTFont:
    (packed,) = re.findall(r"base64,([A-Za-z0-9+/=]+)\)", html)
    return TTFont(io.BytesIO(base64.b64decode(packed)))


def noise(count: int) -> Outline:
    """A shape that does not compress: `count` small boxes."""
    corners = np.random.default_rng(1).integers(0, 900, (count, 2))
    return Outline(tuple(Contour(np.array([(x, y), (x, y + 9), (x + 9, y + 9), (x + 9, y)], float),
                                 (LINE,) * 4) for x, y in corners))


@pytest.mark.parametrize("region", REGIONS)
def test_the_texts_are_in_the_default_charset_and_can_be_drawn(region: str) -> None:
    asked = {ord(c) for c in specimen_text(region) if not c.isspace()}
    assert asked - set(resolve(default_for(region)).codepoints) == set()
    assert asked - Content(region).codepoints == set()


@pytest.mark.parametrize("region", REGIONS)
def test_poem_and_letter_are_in_the_language_of_the_font(region: str) -> None:
    html, missing = specimen_html(font(region, specimen_text(region)))
    language, poem, letter = SPOKEN[region]
    assert f'<html lang="{language}">' in html and missing == []
    assert html.count(poem) == 2 and letter in html and 'class="text hand upright"' in html
    assert "AaBbCc" in html and "<script" not in html and "http:" not in html


def test_a_text_stands_in_for_the_poem_and_leads_the_characters() -> None:
    whole = font("cn", specimen_text("cn"))
    html, missing = specimen_html(whole, "家书\n永和龘")
    assert missing == [ord("龘")] and "王维" not in html and "亲爱的朋友" not in html
    assert html.count('家书\n永和<span class="lack">龘</span>') == 2
    assert '<div class="grid hand"><span>家</span><span>书</span><span>永</span>' in html
    assert html.index("横排") < html.index("直排")
    turned, _ = specimen_html(whole, "家书", vertical=True)
    assert turned.index("横排") > turned.index("直排")


def test_only_what_is_shown_is_carried_with_what_turns_and_joins_it() -> None:
    whole = font("cn", specimen_text("cn") + "龘靐齉")
    html, _ = specimen_html(whole, "永，字")
    small = carried(html)
    assert {ord(c) for c in "永，字书Aa"} <= small.getBestCmap().keys()
    assert small.getBestCmap().keys() & {ord(c) for c in "龘靐齉浣"} == set()
    features = {record.FeatureTag for record in small["GSUB"].table.FeatureList.FeatureRecord}
    assert "vert" in features and "vmtx" in small
    assert small["name"].getDebugName(6) == "MyHand-Regular"
    visible = {c for c in specimen_text("cn") + "龘靐齉" if c.strip()}
    assert f"字体共 {len(visible)} 字" in html


def test_a_font_of_few_characters_shows_them_and_no_half_a_poem() -> None:
    html, _ = specimen_html(font("cn", "永和九年"))
    assert sorted(re.findall("<span>(.)</span>", html)) == sorted("永和九年")
    assert "王维" not in html and "wind" not in html
    assert "字体共 4 字 · 本页含 4 字" in html
    english, _ = specimen_html(font("cn", specimen_text("cn").translate(
        {ord(c): None for c in "空亲"})))
    assert "Who has seen the wind?" in english and "Dear friend," in english


def test_the_page_stays_small_or_says_so() -> None:
    heavy = font("cn", specimen_text("cn"), noise(200))
    html, _ = specimen_html(heavy, "永和")
    assert len(html.encode()) <= MOST and 2 <= html.count("<span>") < 60
    with pytest.raises(ExportError, match="KB and 300 KB are the most: give less text"):
        specimen_html(data(), "永" * 60_000)


def test_light_dark_and_narrow_in_a_browser(browser: Any, tmp_path: Path) -> None:
    page_path = tmp_path / "specimen.html"
    page_path.write_text(specimen_html(font("jp", specimen_text("jp")))[0], "utf-8")
    for scheme, ground, other in (("light", PALE, DARK), ("dark", DARK, PALE)):
        context = browser.new_context(viewport={"width": 360, "height": 740}, color_scheme=scheme)
        page, said, asked = context.new_page(), [], []
        page.on("console", lambda message, said=said: said.append(message.text))
        page.on("request", lambda request, asked=asked: asked.append(request.url))
        page.goto(page_path.as_uri())
        page.wait_for_function("document.fonts.status == 'loaded'")
        assert page.evaluate("[...document.fonts].map(face => face.status)") == ["loaded"]
        assert page.evaluate("document.documentElement.scrollWidth") == 360
        paper = "getComputedStyle(document.body).backgroundColor"
        assert page.evaluate(paper) == ground
        page.get_by_role("switch").press("Space")
        assert page.evaluate(paper) == other
        assert [url for url in asked if not url.startswith("data:")] == [page_path.as_uri()]
        assert said == []
        context.close()
