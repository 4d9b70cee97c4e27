"""Accented letters are whole, in the hand's own letters, however high their accents stand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from exporters.fontfile.spacing import space
from exporters.outlines.outline import Outline
from exporters.preview.draft import draft
from fonts.content import Content
from fonts.drawing import EM_TOP
from glyphgen.export.accents import accented, bases
from glyphgen.export.outlines import Cut, outlines_of
from glyphgen.export.seen import SMALLER, as_in_font
from glyphgen.project.document import Drawn, Project


def letter(char: str, scale: float = 1.0) -> Outline:
    """A letter of the content, larger or smaller, as though a hand had written it so."""
    return draft(Content().hei(ord(char)), ord(char)).transformed((scale, 0, 0, scale, 7, 3))


def whole(char: str, base: str, scale: float = 1.0) -> Outline:
    made = accented(ord(char), letter(base, scale), draft)
    assert made is not None
    return made


def test_letters_are_composed_on_what_is_there() -> None:
    there = set(map(ord, "AUio\u0438"))
    wanted = map(ord, "Á\u01d7ìö\u0439ñÇçAø가が国")
    assert bases(wanted, there) == {ord("Á"): ord("A"), ord("Ǘ"): ord("U"), ord("ì"): ord("i"),
                                    ord("ö"): ord("o"), ord("й"): ord("и")}


@pytest.mark.parametrize("char, base, marks", [("Á", "A", 1), ("Ǘ", "U", 3), ("Å", "A", 2),
                                               ("ǖ", "u", 3), ("Ё", "Е", 2), ("ḿ", "m", 1)])
@pytest.mark.parametrize("scale", [0.9, 1.2])
def test_every_accent_stands_over_the_letter(char: str, base: str, marks: int,
                                             scale: float) -> None:
    alone = letter(base, scale)
    made = whole(char, base, scale)
    assert len(made.contours) == len(alone.contours) + marks
    left, bottom, right, top = alone.bounds or (0, 0, 0, 0)
    over = Outline(made.contours[len(alone.contours):]).bounds or (0, 0, 0, 0)
    assert top - 30 < over[1] < top + 160 and over[3] > top + 60
    assert abs((over[0] + over[2]) / 2 - (left + right) / 2) < 80
    assert (made.bounds or ())[1] == bottom


def test_an_accent_takes_the_place_of_a_dot() -> None:
    alone = letter("i")
    made = whole("í", "i")
    assert len(alone.contours) == len(made.contours) == 2


def test_accents_are_as_thick_as_the_letter() -> None:
    thin, bold = (accented(ord("Ā"), draft(Content().hei(ord("A")), ord("A"), level), draft)
                  for level in (0.8, -1.5))
    assert thin and bold
    heights = [box[3] - box[1] for one in (thin, bold)
               if (box := Outline(one.contours[-1:]).bounds)]
    assert heights[1] - heights[0] == pytest.approx(2 * 2.3 * 1000 / 112, rel=0.3)


def test_a_project_composes_what_nobody_wrote(tmp_path: Path) -> None:
    content = Content()
    fields = {c: content.hei(c) for c in map(ord, "UǗ")}
    with Project.open(tmp_path / "p.glyphgen", create=True) as project:
        project.put_drawings([Drawn(c, f) for c, f in fields.items()])
        tops = {c: (o.bounds or ())[3] for c, o in outlines_of(project, sorted(fields), Cut())}
        assert set(tops) == set(fields) and tops[ord("Ǘ")] > EM_TOP + 100
        alone = dict(outlines_of(project, [ord("Ǘ")], Cut()))
        assert set(alone) == {ord("Ǘ")} and (alone[ord("Ǘ")].bounds or ())[3] == tops[ord("Ǘ")]
        project.lock([ord("Ǘ")])            # what the person approved of stays
        assert (dict(outlines_of(project, [ord("Ǘ")], Cut()))[ord("Ǘ")].bounds or ())[3] < EM_TOP


def test_accents_of_neighbours_do_not_meet() -> None:
    outlines = {ord("I"): letter("I"), ord("Î"): whole("Î", "I"), ord("n"): letter("n")}
    advance, shift = space(outlines).widths[ord("Î")]
    left, _, right, _ = outlines[ord("Î")].bounds or (0, 0, 0, 0)
    assert left + shift >= 0 and right + shift <= advance


def test_pages_show_accented_letters_as_the_font_has_them(tmp_path: Path) -> None:
    """What was drawn of Á is cut at the canvas's edge; what is shown and exported is whole."""
    with Project.open(tmp_path / "a.glyphgen", create=True) as project:
        cut = Content().hei(ord("Á"))
        fields = {ord("Á"): cut, ord("A"): Content().hei(ord("A"))}
        project.put_drawings(Drawn(c, field) for c, field in fields.items())
        seen = as_in_font(project, fields)
        exported = dict(outlines_of(project, [ord("Á")], Cut()))[ord("Á")]
        assert cut[0].max() > 0 > seen[ord("Á")][0].max()
        assert np.array_equal(seen[ord("A")], fields[ord("A")])
        rows, columns = (np.nonzero((seen[ord("Á")] > 0).any(axis))[0] for axis in (1, 0))
        left, bottom, right, top = exported.bounds or (0, 0, 0, 0)
        pixel = 1000 / (4 * 112 * SMALLER)          # units of one of 512
        assert (1 + np.ptp(rows)) * pixel == pytest.approx(top - bottom, abs=2 * pixel)
        assert (1 + np.ptp(columns)) * pixel == pytest.approx(right - left, abs=2 * pixel)
        # of the canvas, whose middle is that of the em square, 380 units over the base line
        assert rows[-1] + 1 == pytest.approx(256 + (380 - bottom) / pixel, abs=2)
        project.lock([ord("Á")])                    # then the font has it as it was drawn
        assert np.array_equal(as_in_font(project, fields)[ord("Á")], cut)
