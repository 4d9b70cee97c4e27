"""Tuning a whole font: what each setting does to outlines, advances and files."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pytest
import uharfbuzz
from fontTools.ttLib import TTFont
from hypothesis import given, settings
from hypothesis import strategies as st

from exporters.fontfile.formats import to_bytes
from exporters.fontfile.glyphs import arrange
from exporters.fontfile.info import ExportError, FontInfo
from exporters.fontfile.otf import build_otf
from exporters.fontfile.ttf import build_ttf, pack
from exporters.fontfile.ufo import write_ufo
from exporters.outlines.outline import LINE, Contour, Outline
from exporters.outlines.trace import trace
from exporters.outlines.tuning import LIMITS, Tuning
from fonts.content import Content
from fonts.drawing import from_coverage
from fonts.reading.samples import Sample
from glyphgen.export.preview import preview_font
from glyphgen.export.weights import tuning_of
from glyphgen.pipeline import export
from glyphgen.project.document import Drawn, Project
from glyphgen.strokes.ink import inked
from glyphgen.strokes.library import Library

TEXT = "永東。Hn"


def _bar(left: float, bottom: float, right: float, top: float) -> Outline:
    points = [(left, bottom), (left, top), (right, top), (right, bottom)]
    return Outline((Contour(np.array(points, float), (LINE,) * 4),))


def _bounds(outline: Outline) -> list[int]:
    assert outline.bounds is not None
    return [round(value) for value in outline.bounds]


@pytest.mark.parametrize("weight", [-40.0, -12.0, 0.0, 25.0, 40.0])
def test_weight_widens_a_stroke_by_so_many_units(weight: float) -> None:
    coverage = np.zeros((512, 512), np.float32)
    coverage[100:400, 230:280] = 1                          # 50 of 448 pixels an em: 112 units
    outline = trace(from_coverage(coverage, 512), 0x6C38, Tuning(weight=weight).level)
    left, _, right, _ = _bounds(outline)
    assert right - left == pytest.approx(1000 / 448 * 50 + weight, abs=3)


def test_slant_and_size_keep_the_middle_and_the_baseline() -> None:
    han, latin = _bar(450, 80, 550, 680), _bar(0, 0, 100, 700)
    assert _bounds(Tuning(size=1.2).shaped(0x6C38, han)) == [440, 20, 560, 740]
    assert _bounds(Tuning(size=0.8).shaped(ord("H"), latin)) == [0, 0, 80, 560]
    lean = np.tan(np.radians(10))
    low, _, high, _ = _bounds(Tuning(slant=10).shaped(0x6C38, han))
    assert (low, high) == (round(450 - 300 * lean), round(550 + 300 * lean))
    assert _bounds(Tuning(slant=10).shaped(ord("H"), latin))[0] == 0
    assert Tuning(weight=9, spacing=9).shaped(0x6C38, han) is han


@given(st.fixed_dictionaries({name: st.floats(*limits, allow_subnormal=False)
                              for name, limits in LIMITS.items()}))
@settings(max_examples=50, deadline=None)
def test_settings_come_back_from_json(values: dict[str, float]) -> None:
    tuning = Tuning(**values)
    assert Tuning.of(json.loads(json.dumps(tuning.settings))) == tuning
    shaped = tuning.shaped(0x6C38, _bar(450, 80, 550, 680))
    assert shaped.area == pytest.approx(100 * 600 * tuning.size ** 2)
    assert shaped.contours[0].area > 0


@pytest.mark.parametrize("settings", [
    {"weight": 41}, {"looseness": -101}, {"slant": float("nan")}, {"size": "1"}, {"spacing": True},
    {"bend": 1}, [1], "x", {"size": 0}])
def test_damaged_settings_are_refused(settings: object) -> None:
    with pytest.raises(ExportError):
        Tuning.of(settings)


@pytest.fixture(scope="module")
def outlines() -> dict[int, Outline]:
    content = Content("cn")
    return {ord(c): trace(content.hei(ord(c)), ord(c)) for c in TEXT}


def _advances(data: bytes, text: str, direction: str) -> list[int]:
    font = uharfbuzz.Font(uharfbuzz.Face(data))
    buffer = uharfbuzz.Buffer()
    buffer.add_str(text)
    buffer.guess_segment_properties()
    buffer.direction = direction
    uharfbuzz.shape(font, buffer, {"kern": False})
    return [max(abs(p.x_advance), abs(p.y_advance)) for p in buffer.glyph_positions]


@pytest.mark.parametrize("spacing", [-100, 60, 200])
def test_spacing_moves_glyphs_apart_both_ways(outlines: dict[int, Outline], spacing: int) -> None:
    usual = to_bytes(pack(outlines, FontInfo(), outlines))
    spaced = to_bytes(pack(outlines, FontInfo(tracking=spacing), outlines))
    for direction in ("ltr", "ttb"):
        before, after = (_advances(data, TEXT, direction) for data in (usual, spaced))
        assert [b + spacing for b in before] == after
    for before, after in zip(*(_lefts(data) for data in (usual, spaced))):
        assert after - before == spacing // 2
    top, font = (TTFont(io.BytesIO(data)) for data in (usual, spaced))
    name = font.getBestCmap()[ord("永")]
    assert font["vmtx"][name][1] - top["vmtx"][name][1] == spacing // 2


def _lefts(data: bytes) -> list[int]:
    font = TTFont(io.BytesIO(data))
    return [font["hmtx"][font.getBestCmap()[ord(c)]][1] for c in TEXT]


def test_spacing_in_the_other_formats(outlines: dict[int, Outline], tmp_path: Path) -> None:
    source = arrange(outlines, FontInfo(tracking=50), outlines)
    otf, ttf = build_otf(source), TTFont(io.BytesIO(to_bytes(build_ttf(source))))
    name = ttf.getBestCmap()[ord("永")]
    assert TTFont(io.BytesIO(to_bytes(otf)))["hmtx"][name] == ttf["hmtx"][name]
    write_ufo(source, tmp_path / "A.ufo")
    assert 'width="1050"' in (tmp_path / "A.ufo/glyphs/uni6C_38.glif").read_text()


def test_a_project_keeps_it_for_preview_and_export(tmp_path: Path) -> None:
    path, content = tmp_path / "P.glyphgen", Content("cn")
    with Project.open(path, create=True) as project:
        project.put_drawings(Drawn(ord(c), content.hei(ord(c))) for c in "永東")
        usual = preview_font(path, "永東")
        tuning = Tuning(weight=20, slant=-5, size=1.1, spacing=40)
        tried = preview_font(path, "永東", tuning)
        assert usual == preview_font(path, "永東")          # a try changes nothing
        project.set("tuning", tuning.settings)
        assert tuning_of(project) == tuning
        assert preview_font(path, "永東") == tried != usual
        export(project, [tmp_path / "P.ttf"], FontInfo())
        project.set("tuning", {"size": 9})
        with pytest.raises(ExportError, match="size"):
            export(project, [tmp_path / "P.ttf"], FontInfo())
    made, seen = TTFont(tmp_path / "P.ttf"), TTFont(io.BytesIO(tried))
    for name in made.getBestCmap().values():
        assert made["glyf"][name] == seen["glyf"][name]
        assert made["hmtx"][name] == seen["hmtx"][name]


def test_a_looser_font_is_of_looser_strokes_and_leaves_pixels_and_samples(tmp_path: Path) -> None:
    """What preview shows is what is exported; zero is as if there were no such setting."""
    path, content = tmp_path / "P.glyphgen", Content("cn")
    lines = Library.load()[ord("東")]
    bent = lines + np.sin(np.linspace(0, np.pi, 16, dtype=np.float32))[:, None] * np.float32(2)
    drawn = inked(bent, np.full(bent.shape[:2], 2, np.float32))
    with Project.open(path, create=True) as project:
        project.put_drawings([Drawn(ord("東"), drawn.field, strokes=drawn.strokes),
                              Drawn(ord("永"), content.hei(ord("永")))])
        project.add_samples([Sample.of(ord("木"), content.hei(ord("木")), "木.png", 1.0)])
        usual = _glyphs(preview_font(path, "永東木"))
        assert _glyphs(preview_font(path, "永東木", Tuning())) == usual
        loose = preview_font(path, "永東木", Tuning(looseness=60))
        for tuning, draft in ((Tuning(looseness=60), False), (Tuning(looseness=-60), True)):
            found = _glyphs(preview_font(path, "永東木", tuning, draft))
            known = _glyphs(preview_font(path, "永東木", draft=draft))
            assert {c for c in found if found[c] != known[c]} == {"東"}
        project.set("tuning", Tuning(looseness=60).settings)
        export(project, [tmp_path / "P.ttf"], FontInfo())
    assert _glyphs((tmp_path / "P.ttf").read_bytes()) == _glyphs(loose)


def _glyphs(data: bytes) -> dict[str, object]:
    """Outlines of the characters."""
    font = TTFont(io.BytesIO(data))
    return {chr(c): font["glyf"][name] for c, name in font.getBestCmap().items() if c > 0x3000}
