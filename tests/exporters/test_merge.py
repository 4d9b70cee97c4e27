"""Gaps of a font are filled; all that was there stays."""

import io

import pytest
import uharfbuzz
from fontTools.ttLib import TTFont
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
    font, added = fill(base(units), drawings(), FontInfo(), drawings())
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
    font, _ = fill(base(), other, FontInfo(family="Other"), other)
    after = TTFont(io.BytesIO(to_bytes(font)))
    for character in HAVE:
        one, two = (f["glyf"][f.getBestCmap()[ord(character)]] for f in (before, after))
        assert one == two
    assert [str(r) for r in after["name"].names] == [str(r) for r in before["name"].names]
    assert after["hhea"].ascent == before["hhea"].ascent


def test_new_punctuation_stands_right_in_vertical_text() -> None:
    font, _ = fill(base(), drawings(), FontInfo(), drawings())
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


def test_nothing_to_fill_changes_nothing() -> None:
    font, added = fill(data(), drawings(), FontInfo(), drawings())
    assert added == [] and to_bytes(font) == data()


def test_bases_that_cannot_be_filled(tmp_path) -> None:
    for wrong, reason in ((b"no font", "no font file"), (data("otf"), "no TrueType outlines"),
                          (tmp_path / "none.ttf", "cannot be read")):
        with pytest.raises(ExportError, match=reason):
            fill(wrong, drawings(), FontInfo(), [])
