"""Every format of one font, opened again by its own reader."""

import io
import json
import plistlib

import pytest
import ufo2ft
import ufoLib2
from fontTools.misc.xmlWriter import XMLWriter
from fontTools.ttLib import TTFont
from fontTools.ufoLib import UFOReader

from exporters.checks.report import report_on, write_report
from exporters.fontfile.formats import SUFFIXES, export, save
from exporters.fontfile.glyphs import arrange
from exporters.fontfile.info import ExportError, FontInfo
from exporters.fontfile.ttf import pack
from exporters.outlines.outline import Outline
from fonts import files
from fonts.errors import UserError
from tests.exporters.test_ttf import HAN, drawings, outline_of

INFO = FontInfo(family="My Hand", localised_family="我的字", version=3)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("fonts")
    asked = [*drawings(), ord("龍")]
    source = export(drawings(), INFO, asked, *(place / f"hand{suffix}" for suffix in SUFFIXES))
    assert source.missing == [ord("龍")]
    return place


def test_nothing_else_is_left_behind(folder) -> None:
    assert sorted(path.name for path in folder.iterdir()) == sorted(f"hand{s}" for s in SUFFIXES)


@pytest.mark.parametrize("suffix, flavour, table", [
    (".ttf", None, "glyf"), (".otf", None, "CFF "), (".woff2", "woff2", "glyf")])
def test_binary_fonts(folder, suffix: str, flavour: str | None, table: str) -> None:
    font = TTFont(folder / f"hand{suffix}")
    assert font.flavor == flavour and table in font
    assert set(map(ord, HAN)) <= set(font.getBestCmap())
    assert {f.FeatureTag for f in font["GSUB"].table.FeatureList.FeatureRecord} == {
        "ccmp", "vert", "vrt2"}
    assert {f.FeatureTag for f in font["GPOS"].table.FeatureList.FeatureRecord} >= {
        "chws", "vchw", "halt", "vhal"}


def test_profile_for_ios_carries_the_font(folder) -> None:
    profile = plistlib.loads((folder / "hand.mobileconfig").read_bytes())
    payload, = profile["PayloadContent"]
    assert payload["PayloadType"] == "com.apple.font"
    assert payload["Font"] == (folder / "hand.ttf").read_bytes()
    assert profile["PayloadUUID"] != payload["PayloadUUID"]


def test_ufo_opens_with_outlines_features_and_names(folder) -> None:
    reader = UFOReader(folder / "hand.ufo", validate=True)
    info = type("Info", (), {})()
    reader.readInfo(info)
    assert (info.familyName, info.versionMinor, info.unitsPerEm) == ("My Hand", 3, 1000)
    assert "feature vert" in reader.readFeatures()
    glyphs = reader.getGlyphSet()
    assert glyphs.getUnicodes(["uni6C38"]) == {"uni6C38": [0x6C38]}


def test_a_compiler_makes_the_same_font_of_the_ufo(tmp_path) -> None:
    """What fontmake does: no table is guessed that a TTF states."""
    info = FontInfo(family="My Hand", localised_family="我的字", weight=300, designer="A. Writer")
    export(drawings(), info, drawings(), tmp_path / "hand.ttf", tmp_path / "hand.ufo")
    compiled = ufo2ft.compileTTF(ufoLib2.Font.open(tmp_path / "hand.ufo"))
    compiled.save(tmp_path / "compiled.ttf")
    ours, theirs = (TTFont(tmp_path / f"{name}.ttf") for name in ("hand", "compiled"))
    assert set(ours.keys()) == set(theirs.keys())
    left_alone = ("checkSumAdjustment", "modified", "caretSlopeRise", "maxPoints", "maxZones")
    for tag in ("head", "hhea", "vhea", "maxp", "OS/2", "post", "name", "gasp", "prep", "GDEF",
                "BASE", "GSUB", "GPOS"):
        differ = set(stated(ours, tag)) ^ set(stated(theirs, tag))
        assert not [line for line in differ if not any(word in line for word in left_alone)], tag


def stated(font: TTFont, tag: str) -> list[str]:
    """What a table says, line by line."""
    writer = XMLWriter(stream := io.BytesIO())
    font[tag].toXML(writer, font)
    return stream.getvalue().decode().splitlines()


def test_a_second_export_replaces_the_first(folder) -> None:
    for suffix in (".ufo", ".ttf"):
        path = folder / f"hand{suffix}"
        export(drawings(), INFO, drawings(), path)
        export(drawings(), FontInfo(family="Other"), drawings(), path)
    assert TTFont(folder / "hand.ttf")["name"].getDebugName(1) == "Other"
    assert (folder / "hand.ufo" / "fontinfo.plist").read_text().count("Other")
    test_nothing_else_is_left_behind(folder)


def test_ttf_and_otf_have_the_same_widths(folder) -> None:
    ttf, otf = (TTFont(folder / f"hand{suffix}") for suffix in (".ttf", ".otf"))
    for one, other in zip(ttf.getGlyphOrder(), otf.getGlyphOrder()):
        assert ttf["hmtx"][one][0] == otf["hmtx"][other][0]
        assert ttf["vmtx"][one] == otf["vmtx"][other]


def test_refusals_write_nothing(tmp_path, monkeypatch) -> None:
    with pytest.raises(ExportError, match="use one of .ttf"):
        export(drawings(), INFO, [], tmp_path / "a.ttf", tmp_path / "a.docx")
    with pytest.raises(ExportError, match="needs CFF outlines"):
        save(pack(drawings(), INFO, []), tmp_path / "a.otf")
    with pytest.raises(UserError, match="cannot be written"):
        export(drawings(), INFO, [], tmp_path / "none" / "a.ttf")

    def full(*_) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files.os, "fsync", full)
    with pytest.raises(UserError, match="No space left"):
        export(drawings(), INFO, [], tmp_path / "a.ttf")
    assert not list(tmp_path.iterdir())


def test_report_in_both_forms(tmp_path, folder) -> None:
    asked = [*drawings(), ord("龍")]
    drawn = dict(drawings()) | {ord("龍"): Outline()}
    report = report_on(arrange(drawn, INFO, asked), {ord("永"): 0.4, ord("字"): 0.1},
                       [folder / "hand.ttf"])
    write_report(report, tmp_path / "r.json")
    write_report(report, tmp_path / "r.txt")
    facts = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))
    assert facts["missing"] == ["U+9F8D"] and facts["version"] == "1.003"
    assert [row["codepoint"] for row in facts["doubtful"]] == ["U+5B57", "U+6C38"]
    words = (tmp_path / "r.txt").read_text(encoding="utf-8")
    assert "Missing (1): 龍" in words and "worst first (2): 字 永" in words
    assert {row.charset for row in report.coverage} >= {"gb2312", "latin", "punctuation"}


def test_the_latest_ink_counts(tmp_path) -> None:
    moved = dict(drawings()) | {ord("永"): outline_of("A")}
    export(moved, INFO, moved, tmp_path / "a.ttf")
    data = (tmp_path / "a.ttf").read_bytes()
    glyf = TTFont(io.BytesIO(data))
    assert glyf["glyf"][glyf.getBestCmap()[ord("永")]].numberOfContours == 2
