"""`vert` and `vrt2` of a font that is there already: its lookups extended, or new ones added."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fontTools.otlLib.builder import buildLookup, buildSingleSubstSubtable
from fontTools.ttLib import TTFont, newTable
from fontTools.ttLib.tables import otTables

VERTICAL = ("vert", "vrt2")
_SINGLE, _EXTENSION = 1, 7


def substitute(font: TTFont, forms: Mapping[str, str]) -> None:
    """Let glyphs (by name) become their vertical forms in vertical text, in every script."""
    if not forms:
        return
    table = _table(font)
    found = False
    for mapping in _mappings(table):
        mapping.update(forms)
        found = True
    if not found:
        _add(table, forms)


def _table(font: TTFont) -> Any:
    """GSUB with at least empty lists and one script."""
    if "GSUB" not in font or font["GSUB"].table is None:
        font["GSUB"] = newTable("GSUB")
        font["GSUB"].table = otTables.GSUB()
        font["GSUB"].table.Version = 0x00010000
    table: Any = font["GSUB"].table
    for name, records in (("ScriptList", "ScriptRecord"), ("FeatureList", "FeatureRecord"),
                          ("LookupList", "Lookup")):
        if getattr(table, name, None) is None:
            part = getattr(otTables, name)()
            setattr(part, records, [])
            setattr(table, name, part)
    if not table.ScriptList.ScriptRecord:
        record = otTables.ScriptRecord()
        record.ScriptTag, record.Script = "DFLT", otTables.Script()
        record.Script.DefaultLangSys, record.Script.LangSysRecord = None, []
        table.ScriptList.ScriptRecord.append(record)
    return table


def _mappings(table: Any) -> Iterator[dict[str, str]]:
    """The mapping of the first single substitution of each vertical feature's lookups."""
    indices = {index for record in table.FeatureList.FeatureRecord
               if record.FeatureTag in VERTICAL for index in record.Feature.LookupListIndex}
    for index in sorted(indices):
        for subtable in table.LookupList.Lookup[index].SubTable:
            if subtable.LookupType == _EXTENSION:
                subtable = subtable.ExtSubTable
            if subtable.LookupType == _SINGLE:
                yield subtable.mapping
                break


def _add(table: Any, forms: Mapping[str, str]) -> None:
    """A lookup at the end and both features, in tag order, in every language system."""
    lookups = table.LookupList.Lookup
    lookups.append(buildLookup([buildSingleSubstSubtable(dict(forms))]))
    records = table.FeatureList.FeatureRecord
    before = list(records)
    for tag in VERTICAL:
        record = otTables.FeatureRecord()
        record.FeatureTag, record.Feature = tag, otTables.Feature()
        record.Feature.FeatureParams = None
        record.Feature.LookupListIndex = [len(lookups) - 1]
        records.append(record)
    fresh = records[len(before):]
    records.sort(key=lambda record: record.FeatureTag)
    place = {id(record): index for index, record in enumerate(records)}
    for system in {id(system): system for system in _systems(table)}.values():
        kept = [place[id(before[index])] for index in system.FeatureIndex]
        system.FeatureIndex = sorted(kept + [place[id(record)] for record in fresh])
        if system.ReqFeatureIndex != 0xFFFF:
            system.ReqFeatureIndex = place[id(before[system.ReqFeatureIndex])]
    variations = getattr(table, "FeatureVariations", None)
    for record in variations.FeatureVariationRecord if variations else ():
        for change in record.FeatureTableSubstitution.SubstitutionRecord:
            change.FeatureIndex = place[id(before[change.FeatureIndex])]


def _systems(table: Any) -> Iterator[Any]:
    """Every language system; a script without a default one is given it."""
    for record in table.ScriptList.ScriptRecord:
        script = record.Script
        if script.DefaultLangSys is None:
            script.DefaultLangSys = otTables.DefaultLangSys()
            script.DefaultLangSys.LookupOrder = None
            script.DefaultLangSys.ReqFeatureIndex = 0xFFFF
            script.DefaultLangSys.FeatureIndex = []
        yield script.DefaultLangSys
        yield from (other.LangSys for other in script.LangSysRecord)
