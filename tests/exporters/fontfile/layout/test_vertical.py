"""Vertical forms put into a font that is there already."""

from __future__ import annotations

from fontTools.feaLib.builder import addOpenTypeFeaturesFromString
from fontTools.fontBuilder import FontBuilder
from fontTools.ttLib import TTFont

from exporters.fontfile.layout.vertical import substitute

ORDER = [".notdef", "a", "b", "c", "a.vert", "b.vert"]


def font(features: str = "") -> TTFont:
    builder = FontBuilder(1000)
    builder.setupGlyphOrder(ORDER)
    builder.setupCharacterMap({97: "a", 98: "b", 99: "c"})
    if features:
        addOpenTypeFeaturesFromString(builder.font, features)
    return builder.font


def mappings(made: TTFont, tag: str) -> list[dict[str, str]]:
    table = made["GSUB"].table
    return [table.LookupList.Lookup[index].SubTable[0].mapping
            for record in table.FeatureList.FeatureRecord if record.FeatureTag == tag
            for index in record.Feature.LookupListIndex]


def test_a_font_without_features_gets_both() -> None:
    made = font()
    substitute(made, {"a": "a.vert"})
    assert mappings(made, "vert") == mappings(made, "vrt2") == [{"a": "a.vert"}]


def test_what_there_is_is_added_to() -> None:
    made = font("feature vert { sub a by a.vert; } vert;")
    substitute(made, {"b": "b.vert"})
    assert mappings(made, "vert") == [{"a": "a.vert", "b": "b.vert"}]
    assert mappings(made, "vrt2") == []


def test_other_features_stay_in_every_language() -> None:
    made = font("languagesystem DFLT dflt; languagesystem latn NLD;"
                "feature ccmp { sub a by b; } ccmp; feature zero { sub a by c; } zero;")
    substitute(made, {"a": "a.vert"})
    table = made["GSUB"].table
    tags = [record.FeatureTag for record in table.FeatureList.FeatureRecord]
    assert tags == sorted(tags)
    for record in table.ScriptList.ScriptRecord:
        for system in (record.Script.DefaultLangSys,
                       *(other.LangSys for other in record.Script.LangSysRecord)):
            assert {"vert", "vrt2"} <= {tags[index] for index in system.FeatureIndex}
    assert mappings(made, "zero")[0] == {"a": "c"}
    substitute(made, {})
