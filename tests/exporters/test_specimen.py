"""The specimen page, which carries its font."""

from __future__ import annotations

import base64
import io
import re

from fontTools.ttLib import TTFont

from exporters.preview.specimen import specimen_html
from tests.exporters.test_ttf import data


def test_a_page_carries_the_whole_font_and_says_what_it_lacks() -> None:
    page = specimen_html(data(), "<永>", vertical=True, missing=[0x9F98])
    found = re.search(r"base64,([^)]+)\)", page)
    assert found
    font = TTFont(io.BytesIO(base64.b64decode(found[1])))
    assert font.flavor == "woff2" and font.getBestCmap() == TTFont(io.BytesIO(data())).getBestCmap()
    assert "Not in the font: 龘 (U+9F98)" in page and "&lt;永&gt;" in page
    assert page.count("writing-mode:vertical-rl;height") == 1
