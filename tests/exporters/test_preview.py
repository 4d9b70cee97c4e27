"""Set text is looked at through its pixels, its paths and the page that carries the font."""

import base64
import io
import re

import numpy as np
import pypdfium2
import pytest
import uharfbuzz
from fontTools.ttLib import TTFont
from PIL import Image

from exporters.fontfile.info import ExportError
from exporters.preview.render import render, write_preview
from exporters.preview.typeset import set_text
from fonts.errors import UserError
from tests.exporters.test_ttf import data

TEXT = "永字，「东国」。Hello"


def ink(picture: Image.Image) -> np.ndarray:
    return 255 - np.asarray(picture.convert("L")).astype(int)


def page(text: str, vertical: bool = False, length: int = 600):
    return set_text(uharfbuzz.Font(uharfbuzz.Face(data())), text, vertical=vertical, size=50,
                    length=length)


@pytest.mark.parametrize("vertical", [False, True])
def test_text_has_ink_inside_the_picture(vertical: bool) -> None:
    dark = ink(render(data(), TEXT, vertical=vertical, size=50, width=400))
    assert dark.shape[1 - vertical] == 400
    assert (dark > 128).mean() > 0.01
    edges = (dark[0], dark[-1], dark[:, 0], dark[:, -1])
    assert not any(edge.any() for edge in edges)


def test_characters_stand_where_their_squares_are() -> None:
    dark = ink(render(data(), "永", size=100, width=400))
    rows, columns = np.nonzero(dark > 64)       # lines may run through the middle of pixels
    assert abs(columns.min() - (60 + 6)) <= 1 and abs(columns.max() - (60 + 93)) <= 1
    assert rows.max() - rows.min() == pytest.approx(92, abs=1)


@pytest.mark.parametrize("vertical", [False, True])
def test_lines_break_and_closing_marks_do_not_begin_them(vertical: bool) -> None:
    set_page = page("永字东国酬永字东国，永字东国酬永字东国", vertical, 510)
    across = [glyph.x if vertical else glyph.y for glyph in set_page.glyphs]
    lines = [across.count(place) for place in dict.fromkeys(across)]
    assert sum(lines) == 19 and len(lines) == 3 and max(lines) <= 9
    assert lines[0] == 8        # the ninth goes down with the comma after it


def test_words_are_not_torn() -> None:
    glyphs = page("Hello Hello Hello Hello Hello", length=300).glyphs
    heights = [glyph.y for glyph in glyphs]
    assert all(heights.count(y) % 5 in (0, 1) for y in heights) and len(set(heights)) > 1


def test_columns_run_from_right_to_left_and_latin_lies_on_its_side() -> None:
    set_page = page("永\n字\nHe", vertical=True)
    upright = [glyph for glyph in set_page.glyphs if not glyph.turned]
    assert upright[0].x > upright[1].x
    assert [glyph.turned for glyph in set_page.glyphs] == [False, False, True, True]


def test_missing_characters_are_seen_and_listed(tmp_path) -> None:
    path = tmp_path / "a.png"
    assert write_preview(data(), "永龍鬱龍", path) == [ord("鬱"), ord("龍")]
    with Image.open(path) as picture:
        grey = ink(picture)
    assert (grey == 160).sum() > 100
    assert not (ink(render(data(), "永")) == 160).sum() > 100


def test_svg_pdf_and_png_show_the_same(tmp_path) -> None:
    for suffix in ("png", "svg", "pdf"):
        assert write_preview(data(), TEXT, tmp_path / f"a.{suffix}", vertical=True, width=600) == []
    with Image.open(tmp_path / "a.png") as picture:
        truth = ink(picture)
    document = pypdfium2.PdfDocument(tmp_path / "a.pdf")
    drawn = ink(document[0].render(scale=4 / 3).to_pil())
    document.close()
    height, width = (min(a, b) for a, b in zip(truth.shape, drawn.shape))
    both = truth[:height, :width] > 128, drawn[:height, :width] > 128
    assert (both[0] & both[1]).sum() / (both[0] | both[1]).sum() > 0.95
    svg = (tmp_path / "a.svg").read_text(encoding="utf-8")
    assert svg.count("<use ") == len(page(TEXT).glyphs) and "rotate(90)" in svg


def test_html_carries_the_font_and_asks_for_nothing_else(tmp_path) -> None:
    path = tmp_path / "a.html"
    assert write_preview(data(), "永<龍", path) == [ord("<"), ord("龍")]
    html = path.read_text(encoding="utf-8")
    (packed,) = re.findall(r"base64,([A-Za-z0-9+/=]+)\)", html)
    font = TTFont(io.BytesIO(base64.b64decode(packed)))
    assert font.flavor == "woff2" and ord("永") in font.getBestCmap()
    assert '永<span class="lack">&lt;</span><span class="lack">龍</span>' in html
    assert "U+9F8D" in html and 'lang="zh-Hans"' in html
    assert not re.search(r"(src|href)\s*=\s*[\"']?https?:", html)


def test_same_input_same_files(tmp_path) -> None:
    for suffix in ("png", "svg", "pdf", "html"):
        files = [tmp_path / f"{name}.{suffix}" for name in "ab"]
        for path in files:
            write_preview(data(), TEXT, path)
        assert files[0].read_bytes() == files[1].read_bytes()


def test_otf_and_woff2_can_be_previewed(tmp_path) -> None:
    font = TTFont(io.BytesIO(data()))
    font.flavor = "woff2"
    font.save(tmp_path / "a.woff2")
    one, other, third = (ink(render(source, "永He")) > 128
                         for source in (data(), tmp_path / "a.woff2", data("otf")))
    assert (one == other).all()
    assert (one & third).sum() / (one | third).sum() > 0.99


def test_decomposed_text_is_composed_and_compatibility_ideographs_are_not_changed(tmp_path) -> None:
    lacking = write_preview(data(), "e\u0301か\u3099\uFA1B永", tmp_path / "a.png")
    assert 0x301 not in lacking and 0x3099 not in lacking and 0xFA1B in lacking
    lacking = write_preview(data(), "\u304b\u3099", tmp_path / "b.png")
    assert lacking == write_preview(data(), "が", tmp_path / "c.png")


@pytest.mark.parametrize("text, out, reason", [
    (" \n", "a.png", "no text"), (" \n", "a.html", "no text"), (None, "a.png", "no text"),
    ("永", "a.gif", "use one of .png"), ("永", "b/a.png", "written")])
def test_bad_requests(tmp_path, text: str | None, out: str, reason: str) -> None:
    with pytest.raises(UserError, match=reason):
        write_preview(data(), text, tmp_path / out)
    assert not list(tmp_path.iterdir())


def test_what_is_no_font(tmp_path) -> None:
    (tmp_path / "a.ttf").write_bytes(b"wOF2 nothing")
    for source, reason in ((b"nothing", "no font file"), (tmp_path / "a.ttf", "no font file"),
                           (tmp_path / "b.ttf", "cannot be read")):
        with pytest.raises(ExportError, match=reason):
            render(source, "永")
    with pytest.raises(ExportError, match="too large"):
        render(data(), "永" * 30000, size=100)
