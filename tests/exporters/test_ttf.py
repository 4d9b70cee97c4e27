"""A font of real curves, packed, saved, and opened again by everything that will open it."""

import io
from collections.abc import Callable
from functools import lru_cache

import freetype
import numpy as np
import pytest
import uharfbuzz
from fontTools.pens.boundsPen import ControlBoundsPen
from fontTools.ttLib import TTFont

from exporters.checks.check import check, lint, sanitise
from exporters.fontfile.formats import save, to_bytes
from exporters.fontfile.glyphs import arrange, glyph_name
from exporters.fontfile.info import MAX_GLYPHS, ExportError, FontInfo, check_count
from exporters.fontfile.otf import build_otf
from exporters.fontfile.tables import code_pages
from exporters.fontfile.ttf import pack
from exporters.outlines.outline import CUBIC, LINE, QUADRATIC, Contour, Outline
from fonts.charset import named

HAN = "永字东国酬𠮟"
MARKS = "，。、（）「」！：—…ーっァ"
LATIN = "HelloWrdnxAVTou019.,"
CENTRE = 380


def pack_otf(outlines, info, charset, alternates=None):
    return build_otf(arrange(outlines, info, charset, alternates))


def box(left: float, bottom: float, right: float, top: float) -> Contour:
    return Contour(np.array([(left, bottom), (left, top), (right, top), (right, bottom)], float),
                   (LINE,) * 4)


def ring(x: float, y: float, radius: float) -> Contour:
    k = 0.5523 * radius
    points = [(x - radius, y), (x - radius, y + k), (x - k, y + radius), (x, y + radius),
              (x + k, y + radius), (x + radius, y + k), (x + radius, y), (x + radius, y - k),
              (x + k, y - radius), (x, y - radius), (x - k, y - radius), (x - radius, y - k)]
    return Contour(np.array(points, float), (CUBIC,) * 4)


def outline_of(character: str) -> Outline:
    """A shape of its own for each character, where that character has its ink."""
    if character in "，。、":
        return Outline((ring(180, 0, 70),))
    if character in "（「":
        return Outline((box(620, -60, 680, 820), box(680, 760, 900, 820)))
    if character in "）」":
        return Outline((box(320, -60, 380, 820), box(100, -60, 320, 0)))
    if character in "—…ー":
        return Outline((box(60, 340, 940, 400),))
    if character in "っァ":
        return Outline((ring(470, 250, 250), ring(470, 250, 190).reversed()))
    if ord(character) < 0x250:
        wide = 300 + ord(character) % 7 * 20
        return Outline((ring(500, 250, wide / 2), ring(500, 250, wide / 2 - 70).reversed()))
    inner = 100 + ord(character) % 50
    return Outline((box(60, -80, 940, 840), box(inner, 0, 900, 760).reversed()))


@lru_cache
def drawings() -> dict[int, Outline]:
    return {ord(c): outline_of(c) for c in HAN + MARKS + LATIN}


@lru_cache
def data(kind: str = "ttf", **settings: str) -> bytes:
    make = pack if kind == "ttf" else pack_otf
    return to_bytes(make(drawings(), FontInfo(**settings), drawings()))


def opened(kind: str = "ttf") -> TTFont:
    return TTFont(io.BytesIO(data(kind)))


@pytest.mark.parametrize("kind", ["ttf", "otf"])
def test_every_checker_accepts_the_font(kind: str) -> None:
    once = sanitise(data(kind))
    assert sanitise(once) == once
    check(data(kind))
    face = freetype.Face(io.BytesIO(data(kind)))
    for character in HAN + LATIN:
        assert face.get_char_index(character)


@pytest.mark.parametrize("kind", ["ttf", "otf"])
def test_same_drawings_give_the_same_bytes(kind: str) -> None:
    make = pack if kind == "ttf" else pack_otf
    assert to_bytes(make(drawings(), FontInfo(), drawings())) == data(kind)


def test_character_map_has_both_formats_and_all_characters() -> None:
    font = opened()
    tables = {(t.platformID, t.platEncID): t for t in font["cmap"].tables}
    assert {key: t.format for key, t in tables.items()} == {
        (3, 1): 4, (0, 3): 4, (3, 10): 12, (0, 4): 12}
    assert set(tables[3, 10].cmap) >= {ord(c) for c in HAN + MARKS + LATIN} | {0x20, 0xA0, 0x3000}
    assert 0x20B9F not in tables[3, 1].cmap
    assert min(tables[3, 10].cmap) >= 0x20


def test_metrics_follow_the_drawings() -> None:
    font = opened()
    os2, hhea = font["OS/2"], font["hhea"]
    assert (os2.sTypoAscender, os2.sTypoDescender, os2.sTypoLineGap) == (945, -195, 0)
    assert (hhea.ascent, hhea.descent, hhea.lineGap) == (945, -195, 0)
    assert os2.fsSelection & 1 << 7 and os2.fsType == 0
    assert font["maxp"].numGlyphs == len(font.getGlyphOrder())


def test_a_line_of_word_fits_its_document_grid() -> None:
    """Word sets 10.5 points of an East Asian font 1.3 times its lines high, on a grid of 15.6."""
    os2 = opened()["OS/2"]
    assert 10.5 * 1.3 * (os2.sTypoAscender - os2.sTypoDescender) / 1000 < 15.6


@pytest.mark.parametrize("make", [pack, pack_otf])
def test_windows_lines_hold_all_ink_vertical_forms_too(make: Callable[..., TTFont]) -> None:
    """A dash that reaches over the em stands 42 higher than the hanzi when it is turned."""
    some = drawings() | {ord("—"): Outline((box(0, 340, 1000, 400),))}
    font = make(some, FontInfo(), some)
    font.save(stream := io.BytesIO())
    font = TTFont(stream)
    os2, head = font["OS/2"], font["head"]
    assert (os2.usWinAscent, os2.usWinDescent) == (head.yMax, -head.yMin) == (882, 122)


def test_lines_through_and_under_are_as_thick_as_the_strokes() -> None:
    """Of a bar 60 by 880: twice its area over its edge is 56."""
    bars = {c: Outline((box(60, 350, 940, 410),)) for c in (0x4E00, 0x4E8C)}
    os2, post = (pack(bars, FontInfo(), bars)[table] for table in ("OS/2", "post"))
    assert os2.yStrikeoutSize == post.underlineThickness == 56
    assert os2.yStrikeoutPosition == 380 + 28
    assert -200 <= post.underlinePosition - 56 and post.underlinePosition < 0
    font = opened()["OS/2"]
    for side, offset in (("Subscript", 75), ("Superscript", 350)):
        assert [getattr(font, f"y{side}{part}") for part in (
            "XSize", "YSize", "XOffset", "YOffset")] == [650, 600, 0, offset]


def test_letters_are_as_high_as_their_curves_not_their_control_points() -> None:
    """The crossbar of this H sags: its control points lie 46 over its highest ink."""
    arch = Contour(np.array([(100, 700), (250, 790), (400, 700), (400, 0), (100, 0)], float),
                   (QUADRATIC, LINE, LINE, LINE))
    for make in (pack, pack_otf):
        letters = {ord(c): Outline((arch,)) for c in "Hx"}
        os2 = make(letters, FontInfo(), letters)["OS/2"]
        assert (os2.sCapHeight, os2.sxHeight) == (745, 745)


@pytest.mark.parametrize("text", [HAN, HAN + "，", HAN + LATIN])
def test_hanzi_are_not_called_monospaced(text: str) -> None:
    """GDI sets the hanzi of a monospaced font two average advances apart."""
    some = {ord(c): outline_of(c) for c in text}
    font = pack(some, FontInfo(), some)
    assert font["OS/2"].panose.bProportion == 0 and font["post"].isFixedPitch == 0


@pytest.mark.parametrize("kind", ["ttf", "otf"])
def test_bearings_are_of_the_box_of_control_points(kind: str) -> None:
    """Chromium sets an upright glyph by its bearing and that box, not by VORG."""
    font = opened(kind)
    shapes = font.getGlyphSet()
    for name, (_, bearing) in font["vmtx"].metrics.items():
        pen = ControlBoundsPen(shapes)
        shapes[name].draw(pen)
        if pen.bounds:
            assert bearing == 880 - round(pen.bounds[3]), name


def test_a_high_hand_moves_the_face_not_the_em_box() -> None:
    raised = {c: o.transformed((1, 0, 0, 1, 0, 60)) for c, o in drawings().items()}
    font = pack(raised, FontInfo(), raised)
    assert font["OS/2"].sTypoAscender == 945
    axis = font["BASE"].table.HorizAxis
    tags = axis.BaseTagList.BaselineTag
    for record in axis.BaseScriptList.BaseScriptRecord:
        marks = [mark.Coordinate for mark in record.BaseScript.BaseValues.BaseCoord]
        assert dict(zip(tags, marks)) == {
            "icfb": -20, "icft": 900, "ideo": -120, "idtp": 880, "romn": 0}


def test_legacy_metrics() -> None:
    os2 = pack(drawings(), FontInfo(metrics="legacy"), drawings())["OS/2"]
    assert (os2.sTypoAscender, os2.sTypoDescender) == (880, -120)
    assert not os2.fsSelection & 1 << 7


@pytest.mark.parametrize("kind", ["ttf", "otf"])
def test_vertical_origin_is_the_top_of_the_em_box(kind: str) -> None:
    font = opened(kind)
    for name, (height, _) in font["vmtx"].metrics.items():
        assert height == 1000, name
    assert font["vmtx"][font.getBestCmap()[0x6C38]] == (1000, 880 - 840)
    if kind == "otf":
        assert font["VORG"].defaultVertOriginY == 880


def shaped(text: str, direction: str, **features: bool) -> list[tuple[int, int, int]]:
    font = uharfbuzz.Font(uharfbuzz.Face(data()))
    buffer = uharfbuzz.Buffer()
    buffer.add_str(text)
    buffer.guess_segment_properties()
    buffer.direction = direction
    uharfbuzz.shape(font, buffer, features)
    return [(info.codepoint, position.x_advance, position.y_advance)
            for info, position in zip(buffer.glyph_infos, buffer.glyph_positions)]


def test_vertical_text_takes_vertical_forms() -> None:
    order = [glyph.name for glyph in arrange(drawings(), FontInfo(), drawings()).glyphs]
    names = [order[glyph] for glyph, _, _ in shaped("永，（—っ", "ttb")]
    assert names == [
        "uni6C38", "uniFF0C.vert", "uniFF08.vert", "uni2014.vert", "uni3063.vert"]
    font = opened()
    comma, bracket, dash, kana = (font["glyf"][font.getGlyphName(glyph)]
                                  for glyph, _, _ in shaped("，（—っ", "ttb"))
    assert comma.xMin > 500 and comma.yMin > CENTRE
    assert dash.xMax - dash.xMin < 100 and dash.yMax - dash.yMin > 800
    assert bracket.yMax <= CENTRE
    assert (kana.xMin + kana.xMax) / 2 == 630 and (kana.yMin + kana.yMax) / 2 == 410


def test_punctuation_closes_up_beside_punctuation() -> None:
    assert [x for _, x, _ in shaped("永。「永", "ltr", chws=True)] == [1000, 500, 1000, 1000]
    assert [x for _, x, _ in shaped("（（永", "ltr", chws=True)] == [1000, 500, 1000]
    assert [y for _, _, y in shaped("永。「永", "ttb", vchw=True)] == [-1000, -500, -1000, -1000]
    assert [x for _, x, _ in shaped("。「", "ltr", chws=False)] == [1000, 1000]


def test_widths() -> None:
    font = opened()
    widths = {c: font["hmtx"][font.getBestCmap()[c]][0] for c in font.getBestCmap()}
    for character in HAN + MARKS + "　":
        assert widths[ord(character)] == 1000
    assert all(300 < widths[ord(c)] < 700 for c in LATIN)
    assert widths[0x20] == widths[0xA0] < 400
    assert not font["post"].isFixedPitch


@pytest.mark.parametrize("count", [1, 2])
def test_repeated_characters_take_turns(count: int) -> None:
    other = {ord("永"): [outline_of("字")] * count, ord("H"): [outline_of("e")] * count,
             ord("，"): [outline_of("、")]}
    source = arrange(drawings(), FontInfo(), drawings(), other)
    names = [glyph.name for glyph in source.glyphs]
    font = uharfbuzz.Font(uharfbuzz.Face(to_bytes(pack(drawings(), FontInfo(), drawings(), other))))

    def forms(text: str) -> list[str]:
        buffer = uharfbuzz.Buffer()
        buffer.add_str(text)
        buffer.guess_segment_properties()
        uharfbuzz.shape(font, buffer)
        return [names[info.codepoint].partition(".")[2] for info in buffer.glyph_infos]

    turns = ["", "alt1", "alt2"][:count + 1]
    assert forms("永永永永") == (turns * 3)[:4]
    assert forms("永字，永东永") == ["", "", "", "alt1", "", (turns * 2)[2]]
    assert forms("永H永H永字H") == ["", "", "alt1", "alt1", (turns * 2)[2], "", (turns * 2)[2]]
    assert forms("字字，，") == [""] * 4 and forms("HHH") == (turns * 2)[:3]
    assert all(glyph.advance == {"H": source.glyphs[names.index("H")].advance}.get(
        glyph.name[0], 1000) for glyph in source.glyphs if ".alt" in glyph.name)


def test_names_in_two_languages() -> None:
    info = FontInfo(family="My Hand", localised_family="我的字", designer="A. Writer", version=7,
                    licence="OFL", licence_url="https://openfontlicense.org", vendor="GGEN")
    font = pack(drawings(), info, drawings())
    name = font["name"]
    assert name.getDebugName(1) == "My Hand" and name.getDebugName(6) == "MyHand-Regular"
    assert str(name.getName(1, 3, 1, 0x804)) == "我的字"
    assert name.getDebugName(5) == "Version 1.007"
    assert font["head"].fontRevision == pytest.approx(1.007, abs=1e-4)
    assert not [r for r in name.names if r.platformID != 3]
    assert font["OS/2"].achVendID == "GGEN"


def test_weights_link() -> None:
    light, bold = FontInfo(weight=300), FontInfo(weight=700)
    assert light.linked_style("My Hand") == ("My Hand Light", "Regular")
    assert bold.linked_style("My Hand") == ("My Hand", "Bold")
    font = pack(drawings(), light, drawings())
    assert font["name"].getDebugName(16) == "My Hand"
    assert font["name"].getDebugName(17) == "Light"
    assert pack(drawings(), bold, drawings())["head"].macStyle == 1


def test_postscript_name_of_a_chinese_family_is_ascii_and_its_own() -> None:
    first, second = (FontInfo(family=f).postscript_name for f in ("我的手写", "你的手写"))
    assert first.isascii() and second.isascii() and first != second


@pytest.mark.parametrize("charset, region, bits", [
    ("gb2312-1", "cn", {18}), ("ksx1001", "kr", {19}), ("jis1", "jp", {17}),
    ("big5", "tw", {20}), ("latin", "cn", {0, 18}), ("sample", "hk", {20}),
])
def test_code_pages_follow_the_charset(charset: str, region: str, bits: set[int]) -> None:
    pages = code_pages(frozenset(named(charset).codepoints), region)
    assert {bit for bit in range(32) if pages >> bit & 1} == bits


def test_what_is_not_drawn_is_listed() -> None:
    asked = [*drawings(), ord("龍"), 0x2003]
    blank = dict(drawings()) | {ord("龍"): Outline()}
    source = arrange(blank, FontInfo(), asked)
    assert source.missing == [ord("龍")]
    assert "uni2003" in [glyph.name for glyph in source.glyphs]
    assert glyph_name(0x20B9F) == "u20B9F"


def test_bad_input_is_refused_in_one_line() -> None:
    for wrong in ({"region": "xx"}, {"weight": 450}, {"family": ""}, {"family": " A"},
                  {"family": "A" * 32}, {"vendor": "TOOLONG"}, {"metrics": "old"},
                  {"version": -1}):
        with pytest.raises(ExportError, match="^[^\n]+$"):
            FontInfo(**wrong)
    with pytest.raises(ExportError, match="no drawing"):
        pack({}, FontInfo(), [65])
    with pytest.raises(ExportError, match="control character"):
        pack({7: outline_of("A")}, FontInfo(), [7])
    with pytest.raises(ExportError, match="leave out 1, for instance from U[+]4000"):
        check_count(MAX_GLYPHS + 1, range(0x4000, 0x5000))


def test_a_damaged_font_does_not_pass(tmp_path) -> None:
    with pytest.raises(ExportError, match="Sanitizer"):
        check(data()[:5000])
    with pytest.raises(ExportError, match="Sanitizer"):
        check(b"no font")
    font = opened()
    for table in font["cmap"].tables:
        table.cmap.pop(0xA0, None)
    stream = io.BytesIO()
    font.save(stream)
    assert lint(stream.getvalue()) == ["U+00A0 is missing"]
    with pytest.raises(ExportError, match="U[+]00A0"):
        save(font, tmp_path / "a.ttf")
    assert not list(tmp_path.iterdir())
