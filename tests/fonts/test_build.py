"""Content fonts are cut to their characters, outlines alone."""

from __future__ import annotations

from pathlib import Path

from fontTools.ttLib import TTFont

from fonts.content import FOLDER
from fonts.content.build import cut


def test_a_cut_font_has_the_glyphs_that_were_asked_for(tmp_path: Path) -> None:
    cut(TTFont(FOLDER / "kai.ttf"), [ord("永"), ord("国"), 0x10FFFD], tmp_path / "cut.ttf")
    whole, made = TTFont(FOLDER / "kai.ttf"), TTFont(tmp_path / "cut.ttf")
    assert [*made.getBestCmap()] == sorted(map(ord, "国永"))
    assert len(made.getGlyphOrder()) == 3 and not {"GSUB", "GPOS", "fpgm"} & {*made.keys()}
    name = made.getBestCmap()[ord("永")]
    assert made["glyf"][name].coordinates == whole["glyf"][
        whole.getBestCmap()[ord("永")]].coordinates
