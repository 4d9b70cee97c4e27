"""The printed sheet: its layout, its identity, its files."""

import json
import re
from dataclasses import asdict

import pypdfium2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from fonts.drawing import CANVAS, EM_PIXELS
from fonts.errors import UserError
from fonts.regions import SAMPLES
from fonts.sheet.layout import (
    LAYOUTS,
    PAPERS,
    REGIONS,
    VERSION,
    IdentityError,
    Layout,
    paginate,
    parse_identity,
)
from fonts.sheet.reader import read_pages
from fonts.sheet.template import TemplateError, code_modules, make_sheet, sheet_pdf


def test_thirty_characters_fit_on_one_page_in_cells_to_write_in():
    layout = LAYOUTS[VERSION]
    for region in REGIONS:
        assert len(paginate(SAMPLES[region], region)) == 1
    assert layout.em >= 18
    assert layout.canvas == pytest.approx(layout.em * CANVAS / EM_PIXELS)


@pytest.mark.parametrize("paper", PAPERS)
def test_everything_lies_inside_the_paper_and_apart(paper):
    layout = LAYOUTS[VERSION]
    assert all((side - frame) / 2 >= 10 for side, frame in zip(PAPERS[paper], layout.frame))
    for index in range(layout.cells):
        x, y = layout.canvas_square(index)
        left, top = layout.corner(index)
        assert left + layout.dot < x and x + layout.canvas < left + layout.pitch[0] - layout.dot
        assert top + layout.prompt < y + 2 and y + layout.canvas < top + layout.pitch[1]
    assert layout.dots(layout.cells)[-1, 0, 1] + layout.dot < layout.frame[1] - layout.marker


def test_manifest_is_plain_data():
    assert Layout(**{key: tuple(value) if isinstance(value, list) else value for key, value
                     in json.loads(json.dumps(asdict(Layout()))).items()}) == Layout()


@given(st.text(st.characters(min_codepoint=0x21, exclude_categories=("C", "Z", "M")), min_size=1,
               max_size=80), st.sampled_from(REGIONS))
def test_identity_survives_its_text(chars, region):
    pages = paginate(chars, region)
    assert "".join(page.chars for page in pages) == chars
    assert [parse_identity(page.text()) for page in pages] == list(pages)


@pytest.mark.parametrize("change, words", [
    (lambda text: text.replace("永", "东"), "misread"),
    (lambda text: text.replace("glyphgen 1", "glyphgen 7"), "version 7"),
    (lambda text: "https://example.org", "not that of a glyphgen sheet"),
])
def test_a_wrong_identity_is_refused_by_name(change, words):
    with pytest.raises(IdentityError, match=words):
        parse_identity(change(paginate("永", "cn")[0].text()))


def test_the_longest_page_fits_into_its_code():
    page = paginate("".join(map(chr, range(0x20000, 0x20000 + 36 * 150))), "cn")[149]
    assert code_modules(page).shape == (49, 49)


@pytest.mark.parametrize("region", ["cn", "kr"])
def test_pdf_is_the_same_each_time_and_embeds_a_small_font(region):
    data = sheet_pdf(SAMPLES[region], region=region)
    assert data == sheet_pdf(SAMPLES[region], region=region)
    assert len(data) < 100_000
    assert b"/FontFile" in data and not re.search(rb"/BaseFont /Helvetica\b", data)


def test_pages_and_papers():
    for paper, size in PAPERS.items():
        document = pypdfium2.PdfDocument(sheet_pdf(range(0x4E00, 0x4E00 + 80), paper=paper))
        assert len(document) == 3
        assert document[0].get_size() == pytest.approx([side * 72 / 25.4 for side in size], abs=0.1)
        words = document[0].get_textpage().get_text_range().split()
        assert "page1of3" in "".join(words)
        document.close()


def test_compatibility_ideographs_are_asked_for_as_they_are(tmp_path):
    make_sheet("\uFA1Bか\u3099\uFA26", tmp_path / "sheet.png")
    (page,) = read_pages([tmp_path / "sheet.png"])
    assert page.identity.chars == "\uFA1Bが\uFA26"


def test_a_character_without_prompt_is_named_by_its_code():
    document = pypdfium2.PdfDocument(sheet_pdf([0x4E00, 0x1F600]))
    assert "U+1F600" in document[0].get_textpage().get_text_range()
    document.close()


def test_png_pages_are_numbered(tmp_path):
    paths = make_sheet(range(0x4E00, 0x4E00 + 40), tmp_path / "s.png")
    assert [path.name for path in paths] == ["s.png", "s-2.png"]
    with Image.open(paths[1]) as image:
        assert image.size == (2480, 3508)


def test_copies_and_repeats():
    text = pypdfium2.PdfDocument(sheet_pdf("永永 东", copies=2))
    assert text[0].get_textpage().get_text_range().count("东") == 2
    text.close()


@pytest.mark.parametrize("chars, options, words", [
    ("", {}, "no character"),
    ("\u200b永", {}, "no shape"),
    ("永", {"paper": "a5"}, "no paper"),
    ("永", {"region": "xx"}, "no region"),
    ("永", {"copies": 0}, "1 to 9 times"),
])
def test_bad_orders_are_refused(chars, options, words):
    with pytest.raises(TemplateError, match=words):
        sheet_pdf(chars, **options)


def test_bad_files_are_refused_and_nothing_is_left(tmp_path):
    (tmp_path / "junk.ttf").write_bytes(b"junk")
    with pytest.raises(TemplateError, match="not a font"):
        sheet_pdf("永", prompt_fonts=[tmp_path / "junk.ttf"])
    with pytest.raises(TemplateError, match="pdf or .png"):
        make_sheet("永", tmp_path / "sheet.doc")
    with pytest.raises(UserError, match="cannot be written"):
        make_sheet("永", tmp_path / "absent" / "sheet.pdf")
    (tmp_path / "taken.pdf").mkdir()
    with pytest.raises(UserError, match="cannot be written"):
        make_sheet("永", tmp_path / "taken.pdf")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["junk.ttf", "taken.pdf"]
