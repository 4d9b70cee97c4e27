"""The glyphs of a font to be: which there are, how wide, where the ink sits, what they become
in vertical text. Every format is written from the one `GlyphSet` made here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple

import numpy as np
from fontTools.agl import UV2AGL

from exporters.fontfile import spacing
from exporters.fontfile.info import ExportError, FontInfo, check_count
from exporters.fontfile.layout import features as layout
from exporters.fontfile.layout import joining, quotes
from exporters.fontfile.metrics import Metrics, box_of, measure
from exporters.outlines.outline import LINE, Contour, Outline
from fonts.drawing import UNITS_PER_EM

Outlines = Mapping[int, Outline]
Alternates = Mapping[int, Sequence[Outline]]

_EM = UNITS_PER_EM
_BLANKS = {       # advance of blank characters other than the word space, units
    0x2000: _EM // 2, 0x2001: _EM, 0x2002: _EM // 2, 0x2003: _EM, 0x2004: 333, 0x2005: 250,
    0x2006: 167, 0x2009: 200, 0x200A: 100, 0x202F: 200, 0x205F: 222, 0x3000: _EM, 0x3164: _EM,
    0x200B: 0, 0x2060: 0, 0xFEFF: 0,
}
_WORD_SPACES = (0x20, 0xA0)
_MOST_POINTS = 15_000       # of a glyph; as quadratics there are up to twice as many, of 32,767


class Glyph(NamedTuple):
    """One glyph, its ink placed from its own origin; `outline` has integer coordinates."""

    name: str
    codepoints: tuple[int, ...]
    advance: int
    outline: Outline


@dataclass(frozen=True)
class GlyphSet:
    """Glyphs in font order, `.notdef` first; `features` in feature-file syntax."""

    glyphs: tuple[Glyph, ...]
    metrics: Metrics
    info: FontInfo
    charset: frozenset[int]
    features: str

    @property
    def missing(self) -> list[int]:
        """Codepoints that were asked for and are not in the font, in order."""
        return sorted(self.charset - {c for glyph in self.glyphs for c in glyph.codepoints})

    @property
    def vertical_advance(self) -> int:
        """Of every glyph in vertical text, units."""
        return _EM + self.info.tracking

    @property
    def vertical_origin(self) -> int:
        """y where vertical text enters a glyph."""
        return self.metrics.em_top + self.info.tracking // 2


def glyph_name(codepoint: int) -> str:
    """Production name: Adobe's for Latin letters, else uniXXXX or uXXXXX."""
    if codepoint < 0x250 and codepoint in UV2AGL:
        return UV2AGL[codepoint]
    return f"uni{codepoint:04X}" if codepoint < 0x10000 else f"u{codepoint:05X}"


def arrange(outlines: Outlines, info: FontInfo, charset: Iterable[int],
            alternates: Alternates | None = None, metrics: Metrics | None = None) -> GlyphSet:
    """Place, space and name what goes into the font.

    `outlines` have their origin at the em square's left edge; empty ones count as missing.
    `alternates` are further drawings of some characters, the most frequent first, which take turns
    in running text. `metrics` are measured on the outlines unless they are given. Raises
    ExportError when nothing is drawn or when there are too many glyphs.
    """
    asked = frozenset(charset)
    drawn = {codepoint: outline.rounded() for codepoint, outline in sorted(outlines.items())
             if not (outline.is_empty or codepoint in _BLANKS or codepoint in _WORD_SPACES)}
    _check(drawn)
    metrics = metrics or measure({c: box_of(outline) for c, outline in drawn.items()})
    spaced = spacing.space({c: outline for c, outline in drawn.items()
                            if layout.has_own_width(c, info.region) or c in quotes.QUOTES}
                           ).adjusted(info.bearings)
    written = drawn.copy()
    glyphs = [Glyph(".notdef", (), _EM, _notdef(metrics)), *_blanks(asked, spaced.word_space)]
    for codepoint, outline in written.items():
        advance, drawn[codepoint] = _placed(codepoint, outline, spaced, info)
        glyphs.append(Glyph(glyph_name(codepoint), (codepoint,), advance, drawn[codepoint]))
    turned = {c: form for c, outline in drawn.items()
              if (form := layout.vertical_form(c, outline, metrics, info.region)) is not None}
    names = {codepoint: glyph.name for glyph in glyphs for codepoint in glyph.codepoints}
    glyphs += [Glyph(f"{names[c]}.vert", (), _EM, form) for c, form in turned.items()]
    upright = {names[c]: f"{names[c]}.vert" for c in turned}
    others, rows = _widths(written, names, spaced, info), _rows(written, names, metrics, info)
    glyphs += [*others.values(), *chain.from_iterable(rows.items())]
    upright |= {glyph.name: upright[names[c]] for c, glyph in others.items()
                if names[c] in upright} | {form.name: below.name for form, below in rows.items()}
    turns = _alternates({c: forms for c, forms in (alternates or {}).items()
                         if c in drawn and c not in turned}, glyphs)
    glyphs += [form for forms in turns.values() for form in forms]
    check_count(len(glyphs), drawn)
    forms = {names[c]: [form.name for form in turns[c]] for c in alternates or () if c in turns}
    turning = {*forms, *chain.from_iterable(forms.values())}
    features = [
        layout.languages(quotes.languages(info.region)),
        quotes.features(names, others, info.region, chain.from_iterable(forms.values())),
        joining.row_feature(names[joining.LONG]) if rows else "",
        layout.features(names, drawn, turned, upright, spaced, metrics, forms,
                        info.region),
        layout.alternation(forms, [g.name for g in glyphs if g.name not in turning])]
    return GlyphSet(tuple(_tracked(glyph, info.tracking) for glyph in glyphs), metrics, info,
                    asked, "\n".join(features))


def _placed(codepoint: int, outline: Outline, spaced: spacing.Spacing,
            info: FontInfo) -> tuple[int, Outline]:
    """Advance and outline from its own origin of an encoded glyph."""
    if layout.has_own_width(codepoint, info.region):
        advance, shift = spaced.widths[codepoint]
        return advance, _moved(outline, shift)
    shift = layout.shift_into_half(codepoint, outline, info.region)
    full = _moved(outline, shift) if shift else joining.joined(codepoint, outline, info.tracking)
    return layout.full_advance(codepoint), full


def _widths(written: Outlines, names: Mapping[int, str], spaced: spacing.Spacing,
            info: FontInfo) -> dict[int, Glyph]:
    """The quotes in the width that the region does not give them."""
    tag = quotes.other_width(info.region)
    forms = {}
    for c in filter(written.__contains__, quotes.QUOTES):
        advance, shift = spaced.widths[c] if tag == quotes.NARROW else (
            _EM, layout.shift_into_half(c, written[c], info.region))
        forms[c] = Glyph(f"{names[c]}.{tag}", (), advance, _moved(written[c], shift))
    return forms


def _rows(written: Outlines, names: Mapping[int, str], metrics: Metrics,
          info: FontInfo) -> dict[Glyph, Glyph]:
    """The forms of ー in a row of its like, each with its vertical form."""
    if joining.LONG not in written:
        return {}
    name, rows = names[joining.LONG], {}
    for form, outline in joining.row_forms(written[joining.LONG], info.tracking).items():
        below = layout.vertical_form(joining.LONG, outline, metrics, info.region) or outline
        rows[Glyph(f"{name}.{form}", (), _EM, outline)] = Glyph(
            f"{name}.{form}.vert", (), _EM, below)
    return rows


def _moved(outline: Outline, shift: int) -> Outline:
    return outline.transformed((1, 0, 0, 1, shift, 0)) if shift else outline


def _tracked(glyph: Glyph, tracking: int) -> Glyph:
    """The glyph with `tracking` more advance, half of it on either side."""
    if not tracking or not glyph.advance:
        return glyph
    return glyph._replace(advance=max(glyph.advance + tracking, 1),
                          outline=glyph.outline.transformed((1, 0, 0, 1, tracking // 2, 0)))


def _check(drawn: Outlines) -> None:
    if not drawn:
        raise ExportError("there is no drawing to export: generate some characters first")
    for codepoint, outline in drawn.items():
        if codepoint < 0x20 or 0x7F <= codepoint < 0xA0 or not 0 <= codepoint < 0x110000:
            raise ExportError("U+{code} is a control character: leave it out",
                              code=f"{codepoint:04X}")
        points = sum(len(contour.points) for contour in outline.contours)
        if points > _MOST_POINTS:
            raise ExportError(f"U+{codepoint:04X} has {points:,} points, which no font holds: "
                              "draw it with fewer specks")


def _blanks(asked: frozenset[int], word_space: int) -> list[Glyph]:
    """The word space (also as no-break space), U+3000, and what other blanks were asked for."""
    wanted = sorted((asked & _BLANKS.keys()) | {0x3000})
    return [Glyph("space", _WORD_SPACES, word_space, Outline())] + [
        Glyph(glyph_name(c), (c,), _BLANKS[c], Outline()) for c in wanted]


def _alternates(alternates: Alternates, glyphs: Iterable[Glyph]) -> dict[int, list[Glyph]]:
    """Glyphs of further drawings: as wide as the first, their ink about the same middle."""
    turns = {}
    for glyph in glyphs:
        forms = [o.rounded() for c in glyph.codepoints for o in alternates.get(c, ())
                 if not o.is_empty]
        if not forms:
            continue
        left, _, right, _ = box_of(glyph.outline)
        narrow, placed = glyph.advance < _EM, []
        for number, form in enumerate(forms, 1):
            if narrow:
                first, _, last, _ = box_of(form)
                form = form.transformed((1, 0, 0, 1, round((left + right - first - last) / 2), 0))
            placed.append(Glyph(f"{glyph.name}.alt{number}", (), glyph.advance, form))
        turns[glyph.codepoints[0]] = placed
    return turns


def _notdef(metrics: Metrics) -> Outline:
    """An empty box, so that a missing character is seen."""
    def box(inset: int) -> list[tuple[int, int]]:
        left, right = 50 + inset, _EM - 50 - inset
        low, high = metrics.em_bottom + 50 + inset, metrics.em_top - 50 - inset
        return [(left, low), (left, high), (right, high), (right, low)]

    return Outline(tuple(Contour(np.array(points, float), (LINE,) * 4)
                         for points in (box(0), box(50)[::-1])))
