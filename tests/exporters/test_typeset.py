"""The same text in HarfBuzz, FreeType and Chromium: the same advances and the same picture."""

from __future__ import annotations

import base64
import io
import os
from functools import lru_cache
from pathlib import Path
from typing import Any

import freetype
import numpy as np
import pytest
import uharfbuzz
from PIL import Image

from exporters.fontfile.formats import to_bytes
from exporters.fontfile.info import FontInfo
from exporters.fontfile.ttf import pack
from exporters.preview.render import render
from tests.exporters.test_ttf import drawings

SIZE = 80
ACROSS = ("永字东国酬，", "AVTo Wen.", "永（国）「东」。", "AV永To", "字永永，永字")
DOWN = ("永，（国）字—", "永字东国酬", "「东」。っ：！")
SHOTS = os.environ.get("GLYPHGEN_SHOTS")        # a folder for a picture of every text
PAGE = """<!DOCTYPE html><meta charset="utf-8"><style>
@font-face { font-family: hand; src: url(data:font/ttf;base64,%s) }
body { margin: 0; padding: 40px; background: #fff }
p { font: %dpx/1.5 hand; margin: 0; text-spacing-trim: space-all; white-space: pre;
    width: max-content; height: max-content }
.down { writing-mode: vertical-rl; text-orientation: upright }
</style><p id="text"></p>"""
ADVANCES = """([text, down, trim]) => {
    const p = document.getElementById("text"), along = down ? "height" : "width";
    p.className = down ? "down" : "";
    p.style.fontFeatureSettings = trim ? (down ? '"vchw"' : '"chws"') : "normal";
    p.textContent = text;
    const whole = p.getBoundingClientRect()[along];
    return [...text].map((_, i) => {
        const range = document.createRange();
        range.setStart(p.firstChild, i); range.setEnd(p.firstChild, i + 1);
        return range.getBoundingClientRect()[along];
    }).concat(whole);
}"""


@lru_cache
def data() -> bytes:
    other = {ord("永"): [drawings()[ord("字")]]}
    return to_bytes(pack(drawings(), FontInfo(), drawings(), other))


@pytest.fixture(scope="module")
def page(browser: Any) -> Any:
    made = browser.new_page()
    made.set_content(PAGE % (base64.b64encode(data()).decode(), SIZE))
    made.evaluate(f"document.fonts.load('{SIZE}px hand', '永')")
    return made


def advances(text: str, down: bool, trim: bool) -> list[float]:
    """Pixels of each character by HarfBuzz."""
    font = uharfbuzz.Font(uharfbuzz.Face(data()))
    buffer = uharfbuzz.Buffer()
    buffer.add_str(text)
    buffer.guess_segment_properties()
    buffer.direction = "ttb" if down else "ltr"
    uharfbuzz.shape(font, buffer, {"vchw" if down else "chws": trim})
    units = [-position.y_advance if down else position.x_advance
             for position in buffer.glyph_positions]
    return [unit * SIZE / font.face.upem for unit in units]


@pytest.mark.parametrize("trim", [False, True])
@pytest.mark.parametrize("text, down", [*((text, False) for text in ACROSS),
                                        *((text, True) for text in DOWN)])
def test_advances(page: Any, text: str, down: bool, trim: bool) -> None:
    *each, whole = page.evaluate(ADVANCES, [text, down, trim])
    expected = advances(text, down, trim)
    assert each == pytest.approx(expected, abs=0.05)
    assert whole == pytest.approx(sum(expected), abs=0.1)


@pytest.mark.parametrize("text, down", [(ACROSS[0], False), (ACROSS[2], False), (DOWN[0], True),
                                        (DOWN[2], True)])
def test_pictures(page: Any, text: str, down: bool) -> None:
    page.evaluate(ADVANCES, [text, down, True])
    shot = Image.open(io.BytesIO(page.screenshot())).convert("L")
    own = render(data(), text, vertical=down, size=SIZE)
    if SHOTS:
        for name, picture in (("chromium", shot), ("own", own)):
            picture.save(Path(SHOTS) / f"{name}-{'down' if down else 'across'}-{len(text)}.png")
    theirs, ours = (inked(np.asarray(picture)) for picture in (shot, own))
    assert np.abs(np.subtract(theirs.shape, ours.shape)).max() <= 2
    height, width = np.minimum(theirs.shape, ours.shape)
    one, other = theirs[:height, :width] < 128, ours[:height, :width] < 128
    # strokes are five pixels wide, and browsers put vertical text on whole pixels
    assert (one & other).sum() / (one | other).sum() > 0.85


def inked(grey: np.ndarray) -> np.ndarray:
    """Cut to what is darker than half."""
    rows, columns = (np.flatnonzero((grey < 128).any(axis)) for axis in (1, 0))
    return grey[rows[0]:rows[-1] + 1, columns[0]:columns[-1] + 1]


def test_freetype_and_harfbuzz_agree_on_every_glyph() -> None:
    face, font = freetype.Face(io.BytesIO(data())), uharfbuzz.Font(uharfbuzz.Face(data()))
    for glyph in range(face.num_glyphs):
        face.load_glyph(glyph, freetype.FT_LOAD_NO_SCALE)
        metrics = face.glyph.metrics
        assert metrics.horiAdvance == font.get_glyph_h_advance(glyph)
        face.load_glyph(glyph, freetype.FT_LOAD_NO_SCALE | freetype.FT_LOAD_VERTICAL_LAYOUT)
        assert face.glyph.metrics.vertAdvance == -font.get_glyph_v_advance(glyph)
