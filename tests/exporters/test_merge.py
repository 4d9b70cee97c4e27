"""Gaps of a font are filled; all that was there stays."""

import io

import pytest
import uharfbuzz
from fontTools.feaLib.builder import addOpenTypeFeaturesFromString
from fontTools.ttLib import TTCollection, TTFont
from fontTools.ttLib.scaleUpem import scale_upem

from exporters.checks.check import check
from exporters.fontfile.formats import to_bytes
from exporters.fontfile.info import ExportError, FontInfo
from exporters.fontfile.merge import fill
from exporters.fontfile.ttf import pack
from tests.exporters.test_ttf import data, drawings, outline_of

HAVE = "永字A，"


def base(units: int = 1000) -> bytes:
    some = {ord(c): outline_of(c) for c in HAVE}
    font = pack(some, FontInfo(family="Mine", version=5), some)
    if units != 1000:
        stream = io.BytesIO(to_bytes(font))
        font = TTFont(stream)
        scale_upem(font, units)
    return to_bytes(font)


@pytest.mark.parametrize("units", [1000, 2048])
def test_gaps_are_filled_in_the_scale_of_the_base(units: int) -> None:
    font, added, _ = fill(base(units), drawings(), FontInfo(), drawings())
    assert set(added) == set(drawings()) - {ord(c) for c in HAVE}
    after = TTFont(io.BytesIO(to_bytes(font)))
    assert set(after.getBestCmap()) >= set(drawings())
    assert {0x20B9F} <= set(after.getBestCmap())
    glyph = after["glyf"][after.getBestCmap()[ord("东")]]
    assert (glyph.yMax, glyph.yMin) == pytest.approx((0.84 * units, -0.08 * units), abs=1)
    assert after["hmtx"][after.getBestCmap()[ord("东")]][0] == units
    check(to_bytes(font))


def test_what_was_there_stays() -> None:
    before = TTFont(io.BytesIO(base()))
    other = {c: outline_of("H") for c in drawings()}
    font = fill(base(), other, FontInfo(family="Other"), other).font
    after = TTFont(io.BytesIO(to_bytes(font)))
    for character in HAVE:
        one, two = (f["glyf"][f.getBestCmap()[ord(character)]] for f in (before, after))
        assert one == two
    assert [str(r) for r in after["name"].names] == [str(r) for r in before["name"].names]
    assert after["hhea"].ascent == before["hhea"].ascent


def test_new_punctuation_stands_right_in_vertical_text() -> None:
    font = fill(base(), drawings(), FontInfo(), drawings()).font
    shaper = uharfbuzz.Font(uharfbuzz.Face(to_bytes(font)))
    glyphs = []
    for direction in ("ltr", "ttb"):
        buffer = uharfbuzz.Buffer()
        buffer.add_str("（")
        buffer.guess_segment_properties()
        buffer.direction = direction
        uharfbuzz.shape(shaper, buffer)
        glyphs.append(buffer.glyph_infos[0].codepoint)
    assert glyphs[0] != glyphs[1]


def plain(drop: tuple[str, ...] = (), **changes: int) -> bytes:
    """A base that lacks tables, with other values in OS/2."""
    font = TTFont(io.BytesIO(base()))
    for tag in drop:
        del font[tag]
    for field, value in changes.items():
        setattr(font["OS/2"], field, value)
    font.save(stream := io.BytesIO())
    return stream.getvalue()


def upright(font: bytes, text: str) -> list[int]:
    """Glyphs of a text in a vertical line."""
    buffer = uharfbuzz.Buffer()
    buffer.add_str(text)
    buffer.guess_segment_properties()
    buffer.direction = "ttb"
    uharfbuzz.shape(uharfbuzz.Font(uharfbuzz.Face(font)), buffer)
    return [info.codepoint for info in buffer.glyph_infos]


LIGATURE = "feature liga { sub A A by uni6C38; } liga; feature zero { sub A by uni5B57; } zero;"


@pytest.mark.parametrize("features", ["", LIGATURE, "languagesystem latn dflt;" + LIGATURE])
def test_a_base_without_vertical_forms_gets_them(features: str) -> None:
    font = TTFont(io.BytesIO(plain(("GSUB",))))
    if features:
        addOpenTypeFeaturesFromString(font, features, ["GSUB"])
    font.save(stream := io.BytesIO())
    filled = fill(stream.getvalue(), drawings(), FontInfo(), drawings()).font
    made = to_bytes(filled)
    after = TTFont(io.BytesIO(made))
    table = after["GSUB"].table
    tags = [record.FeatureTag for record in table.FeatureList.FeatureRecord]
    assert tags == sorted(tags) and {"vert", "vrt2"} <= set(tags)
    cmap = after.getBestCmap()
    for character in "「」ー。っ":
        assert upright(made, character) != [after.getGlyphID(cmap[ord(character)])]
    if features:        # and what it did before it still does
        assert len(upright(made, "AA")) == 2
        buffer = uharfbuzz.Buffer()
        buffer.add_str("AA")
        buffer.guess_segment_properties()
        uharfbuzz.shape(uharfbuzz.Font(uharfbuzz.Face(made)), buffer)
        assert [i.codepoint for i in buffer.glyph_infos] == [after.getGlyphID(cmap[0x6C38])]


def test_windows_does_not_cut_new_glyphs_off() -> None:
    font, _, notes = fill(plain(usWinAscent=700, usWinDescent=10), drawings(), FontInfo(),
                          drawings())
    after = TTFont(io.BytesIO(to_bytes(font)))
    assert (after["OS/2"].usWinAscent, after["OS/2"].usWinDescent) == (882, 122)   # a dash, turned
    assert len(notes) == 2 and "usWinAscent is raised from 700 to 882" in notes[0]
    assert fill(plain(usWinAscent=900, usWinDescent=300), drawings(), FontInfo(),
                drawings()).notes == ()


@pytest.mark.parametrize("width, still", [(500, True), (600, False)])
def test_a_monospaced_base_does_not_space_hanzi_widely(width: int, still: bool) -> None:
    """GDI sets ideographs of a monospaced font two average advances apart."""
    some = {ord(c): outline_of(c) for c in "AVT"}
    font = pack(some, FontInfo(), some)
    for name in font.getGlyphOrder():
        font["hmtx"][name] = width, 0
    font["OS/2"].panose.bFamilyType, font["OS/2"].panose.bProportion = 2, 9
    font["OS/2"].xAvgCharWidth, font["post"].isFixedPitch = width, 1
    font.save(stream := io.BytesIO())
    filled = fill(stream.getvalue(), {0x6C38: outline_of("永")}, FontInfo(), [0x6C38]).font
    os2 = filled["OS/2"]
    assert (os2.panose.bProportion == 9, bool(filled["post"].isFixedPitch)) == (still, still)
    assert os2.panose.bProportion == 0 or 2 * os2.xAvgCharWidth == 1000


def test_of_a_collection_the_first_font_is_filled(tmp_path) -> None:
    collection = TTCollection()
    collection.fonts = [TTFont(io.BytesIO(base())), TTFont(io.BytesIO(data()))]
    collection.save(tmp_path / "two.ttc")
    font, added, notes = fill(tmp_path / "two.ttc", drawings(), FontInfo(), drawings())
    assert set(added) == set(drawings()) - {ord(c) for c in HAVE}
    assert notes[0].endswith("two.ttc: holds 2 fonts; the first, Mine, is filled")
    assert TTFont(io.BytesIO(to_bytes(font)))["name"].getDebugName(1) == "Mine"


def test_nothing_to_fill_changes_nothing() -> None:
    font, added, _ = fill(data(), drawings(), FontInfo(), drawings())
    assert added == [] and to_bytes(font) == data()


def test_bases_that_cannot_be_filled(tmp_path) -> None:
    for wrong, reason in ((b"no font", "no font file"), (data("otf"), "no TrueType outlines"),
                          (tmp_path / "none.ttf", "cannot be read")):
        with pytest.raises(ExportError, match=reason):
            fill(wrong, drawings(), FontInfo(), [])
