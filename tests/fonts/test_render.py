import pickle
from pathlib import Path

import numpy as np
import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib.tables.TupleVariation import TupleVariation

from fonts.drawing import to_em
from fonts.reading.samples import read_samples
from fonts.render import REGULAR, Face, FontError


def box(x0: int, y0: int, x1: int, y1: int) -> object:
    pen = TTGlyphPen(None)
    pen.moveTo((x0, y0))
    for point in ((x0, y1), (x1, y1), (x1, y0)):
        pen.lineTo(point)
    pen.closePath()
    return pen.glyph()


@pytest.fixture
def font(tmp_path: Path) -> FontBuilder:
    """Two boxes and a blank, 2,000 units an em, em square from -240 to 1,760."""
    builder = FontBuilder(2000, isTTF=True)
    builder.setupGlyphOrder([".notdef", "han", "latin", "space"])
    builder.setupCharacterMap({0x4E00: "han", 0x41: "latin", 0x20: "space", 0x20B9F: "han"})
    builder.setupGlyf({".notdef": box(0, 0, 500, 500), "han": box(200, -40, 1800, 1560),
                       "latin": box(100, 0, 1100, 1400), "space": TTGlyphPen(None).glyph()})
    builder.setupHorizontalMetrics({".notdef": (1000, 0), "han": (2000, 200),
                                    "latin": (1200, 100), "space": (500, 0)})
    builder.setupHorizontalHeader(ascent=1760, descent=-240)
    builder.setupOS2(sTypoAscender=1760, sTypoDescender=-240)
    builder.setupNameTable({"familyName": "T", "styleName": "R"})
    builder.setupPost()
    return builder


def saved(builder: FontBuilder, path: Path, flavor: str | None = None) -> Path:
    builder.font.flavor = flavor
    builder.save(path)
    return path


def corners(drawn: np.ndarray, point: int) -> list[float]:
    """Left, bottom, right and top of the ink in em units."""
    rows, columns = np.flatnonzero((drawn > 0).any(1)), np.flatnonzero((drawn > 0).any(0))
    ends = np.array([[columns[0], rows[-1] + 1], [columns[-1] + 1, rows[0]]], float)
    return to_em(ends, point, drawn.shape[0]).ravel().tolist()


@pytest.mark.parametrize("flavor", [None, "woff", "woff2"])
def test_framing_is_faithful(font: FontBuilder, tmp_path: Path, flavor: str | None) -> None:
    face = Face(saved(font, tmp_path / "字.ttf", flavor))
    assert face.em_top == 0.88
    for size, slack in ((128, 5), (256, 2.5)):
        han, latin = face.field(0x4E00, size), face.field(0x41, size)
        assert han is not None and latin is not None and han.shape == (size, size)
        assert corners(han, 0x4E00) == pytest.approx([100, -20, 900, 780], abs=slack)
        # 1,200 of 2,000 wide: 600 units, the middle at 500
        assert corners(latin, 0x41) == pytest.approx([250, 0, 750, 700], abs=slack)
    assert face.field(0x20) is None and face.field(0x42) is None
    assert face.field(0x20B9F) is not None


def test_em_top_rules(font: FontBuilder, tmp_path: Path) -> None:
    font.font["OS/2"].sTypoAscender, font.font["OS/2"].sTypoDescender = 1600, -400
    low = Face(saved(font, tmp_path / "a.ttf"))
    assert low.em_top == 0.8
    drawn = low.field(0x4E00, 256)
    assert drawn is not None
    assert corners(drawn, 0x4E00) == pytest.approx([100, 60, 900, 860], abs=2.5)
    font.font["OS/2"].sTypoAscender = 2200
    assert Face(saved(font, tmp_path / "b.ttf")).em_top == 0.88


def test_a_face_travels_to_another_process(font: FontBuilder, tmp_path: Path) -> None:
    face = Face(saved(font, tmp_path / "a.ttf"))
    copy = pickle.loads(pickle.dumps(face))
    one, other = face.field(0x4E00), copy.field(0x4E00)
    assert one is not None and other is not None
    np.testing.assert_array_equal(one, other)


def test_what_is_no_font(font: FontBuilder, tmp_path: Path) -> None:
    text = tmp_path / "a.ttf"
    text.write_text("not a font")
    whole = saved(font, tmp_path / "b.ttf").read_bytes()
    short = tmp_path / "c.ttf"
    short.write_bytes(whole[:200])
    for path, index, hint in [(text, 0, "not a usable font"), (tmp_path, 0, "cannot be read"),
                              (tmp_path / "d.ttf", 0, "cannot be read"),
                              (short, 0, "not a usable font"), (tmp_path / "b.ttf", 1, "one face")]:
        with pytest.raises(FontError, match=hint) as caught:
            Face(path, index)
        assert "\n" not in str(caught.value)


def test_flipped_bytes_never_crash(font: FontBuilder, tmp_path: Path) -> None:
    whole = saved(font, tmp_path / "a.ttf").read_bytes()
    rng = np.random.default_rng(0)
    path = tmp_path / "b.ttf"
    for _ in range(60):
        data = bytearray(whole)
        for place in rng.integers(0, len(data), 12):
            data[place] = rng.integers(0, 256)
        path.write_bytes(data)
        try:
            face = Face(path)
        except FontError:
            continue
        for point in (0x4E00, 0x41, 0x20):
            face.field(point)


def variable_font(path: Path) -> Path:
    """A font of one glyph whose width follows its weight; Thin is its default."""
    builder = FontBuilder(1000)
    builder.setupGlyphOrder([".notdef", "A"])
    builder.setupCharacterMap({0x41: "A"})
    pen = TTGlyphPen(None)
    pen.moveTo((450, 0))
    for at in ((450, 700), (500, 700), (500, 0)):
        pen.lineTo(at)
    pen.closePath()
    builder.setupGlyf({".notdef": TTGlyphPen(None).glyph(), "A": pen.glyph()})
    builder.setupHorizontalMetrics({".notdef": (1000, 0), "A": (1000, 450)})
    builder.setupHorizontalHeader(ascent=880, descent=-120)
    builder.setupNameTable({"familyName": "Varying", "styleName": "Thin"})
    builder.setupFvar([("wght", 100, 100, 900, "Weight")],
                      [{"location": {"wght": 100}, "stylename": "Thin"},
                       {"location": {"wght": 900}, "stylename": "Black"}])
    wider = [(0, 0), (0, 0), (400, 0), (400, 0), *[(0, 0)] * 4]
    builder.setupGvar({"A": [TupleVariation({"wght": (0, 1, 1)}, wider)]})
    builder.setupPost()
    builder.setupOS2(sTypoAscender=880, sTypoDescender=-120)
    builder.save(path)
    return path


@pytest.mark.parametrize("asked, used, width", [
    ("", "", 50), (REGULAR, REGULAR, 200), ("black", "Black", 450), ("Thin", "Thin", 50)])
def test_an_instance_of_a_variable_font(tmp_path: Path, asked: str, used: str,
                                        width: int) -> None:
    face = Face(variable_font(tmp_path / "v.ttf"), instance=asked)
    assert face.instance == used
    ink = face.coverage(0x41, 1024)
    assert ink is not None and (ink[512] > 0.5).sum() == pytest.approx(width * 0.896, abs=2)


def test_an_instance_that_there_is_not(tmp_path: Path) -> None:
    with pytest.raises(FontError, match="no instance 'Bold'; its instances: Thin, Black"):
        Face(variable_font(tmp_path / "v.ttf"), instance="Bold")
    read = read_samples([tmp_path / "v.ttf"], sample_chars="A")
    assert read.warnings == (f"{tmp_path / 'v.ttf'}: a variable font; its instance Regular is "
                             "used, --sample-instance names another",)
