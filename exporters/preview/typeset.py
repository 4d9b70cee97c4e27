"""Text set in a font: shaped by HarfBuzz, broken into lines or columns, each glyph in its place."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

import uharfbuzz

from fonts.drawing import is_proportional

_LEADING = 1.45         # distance of lines over the size
_NOT_FIRST = frozenset("、。，．,.!?:;！？：；）］｝〉》」』】〕〗〙〛’”…‥ー々ゝゞヽヾ·・)]}%％"
                       "ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶ")
_NOT_LAST = frozenset("（［｛〈《「『【〔〖〘〚‘“([{")


class Placed(NamedTuple):
    """A glyph with its origin in pixels, y down; `turned` lies on its side in vertical text."""

    glyph: int
    x: float
    y: float
    turned: bool


class Box(NamedTuple):
    """The place of a character that the font lacks, in pixels."""

    codepoint: int
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Page:
    """Set text: everything needed to draw it in any medium."""

    width: int
    height: int
    size: float
    glyphs: tuple[Placed, ...]
    boxes: tuple[Box, ...]

    @property
    def missing(self) -> list[int]:
        """Codepoints that the font lacks, in order, once each."""
        return sorted({box.codepoint for box in self.boxes})


class _Run(NamedTuple):
    text: str
    missing: bool
    turned: bool


def set_text(font: uharfbuzz.Font, text: str, *, vertical: bool = False, size: float = 64,
             length: int = 1000) -> Page:
    """Set `text` at `size` pixels in lines (columns when vertical) of at most `length` pixels."""
    margin, pitch = size * 0.6, size * _LEADING
    rows = [line for paragraph in text.expandtabs(4).splitlines() or [""]
            for line in _lines(font, paragraph, vertical, size, length - 2 * margin)]
    across = round(2 * margin + pitch * len(rows) - (pitch - size))
    glyphs: list[Placed] = []
    boxes: list[Box] = []
    for number, row in enumerate(rows):
        start = margin + number * pitch + size / 2
        middle = across - start if vertical else start
        _place(font, row, vertical, size, margin, middle, glyphs, boxes)
    width, height = (across, length) if vertical else (length, across)
    return Page(width, height, size, tuple(glyphs), tuple(boxes))


def _lines(font: uharfbuzz.Font, paragraph: str, vertical: bool, size: float,
           limit: float) -> list[str]:
    """Greedy line breaking with the rules for punctuation at either end of a line."""
    advances = _advances(font, paragraph, vertical, size)
    lines, start = [], 0
    while True:
        used, stop = 0.0, start
        while stop < len(paragraph) and used + advances[stop] <= limit:
            used += advances[stop]
            stop += 1
        if stop >= len(paragraph):
            lines.append(paragraph[start:])
            return lines
        fits = stop = max(stop, start + 1)
        while stop > start + 1 and not _may_break(paragraph[stop - 1], paragraph[stop]):
            stop -= 1
        if stop == start + 1 and not _may_break(paragraph[start], paragraph[stop]):
            stop = fits
        lines.append(paragraph[start:stop].rstrip(" "))
        start = stop
        while start < len(paragraph) and paragraph[start] == " ":
            start += 1


def _may_break(before: str, after: str) -> bool:
    if after in _NOT_FIRST or before in _NOT_LAST or after == " ":
        return False
    return not (is_proportional(ord(before)) and is_proportional(ord(after)) and before != " ")


def _advances(font: uharfbuzz.Font, text: str, vertical: bool, size: float) -> list[float]:
    """Advance in pixels of each character, that of a cluster at its first."""
    advances, start = [0.0] * len(text), 0
    for run in _runs(font, text, vertical):
        if run.missing:
            advances[start:start + len(run.text)] = [size] * len(run.text)
        else:
            infos, positions = _shape(font, run, vertical)
            for info, position in zip(infos, positions):
                advance = position.x_advance or -position.y_advance
                advances[start + info.cluster] += advance * size / font.face.upem
        start += len(run.text)
    return advances


def _runs(font: uharfbuzz.Font, text: str, vertical: bool) -> list[_Run]:
    """Pieces of one kind: missing or not, upright or on their side."""
    kinds: list[tuple[bool, bool]] = []
    for index, character in enumerate(text):
        missing = font.get_nominal_glyph(ord(character)) is None and character.isprintable()
        turned = vertical and (is_proportional(ord(character)) or _is_apostrophe(text, index))
        if unicodedata.combining(character) and kinds:
            missing, turned = kinds[-1]
        kinds.append((missing, turned))
    pieces = groupby(zip(text, kinds), key=lambda item: item[1])
    return [_Run("".join(character for character, _ in group), *kind) for kind, group in pieces]


def _is_apostrophe(text: str, index: int) -> bool:
    """Whether a ’ stands between two letters of an alphabet, and lies on its side with them."""
    beside = text[max(index - 1, 0):index] + text[index + 1:index + 2]
    return text[index] == "’" and len(beside) == 2 and all(
        is_proportional(ord(character)) and character.isalpha() for character in beside)


def _shape(font: uharfbuzz.Font, run: _Run, vertical: bool) -> tuple[list, list]:
    buffer = uharfbuzz.Buffer()
    buffer.add_str(run.text)
    buffer.guess_segment_properties()
    upright = vertical and not run.turned
    buffer.direction = "ttb" if upright else "ltr"
    uharfbuzz.shape(font, buffer, {"vchw" if upright else "chws": True})
    return buffer.glyph_infos, buffer.glyph_positions


def _place(font: uharfbuzz.Font, row: str, vertical: bool, size: float, start: float,
           middle: float, glyphs: list[Placed], boxes: list[Box]) -> None:
    """Append one line whose em squares are centred on `middle`."""
    scale = size / font.face.upem
    extents = font.get_font_extents("ltr")
    centre = (extents.ascender + extents.descender) / 2 * scale
    along = start
    for run in _runs(font, row, vertical):
        if run.missing:
            for character in run.text:
                corner = (middle - size / 2, along) if vertical else (along, middle - size / 2)
                boxes.append(Box(ord(character), *corner, size, size))
                along += size
            continue
        for info, position in zip(*_shape(font, run, vertical)):
            over, up = position.x_offset * scale, position.y_offset * scale
            if run.turned:
                glyphs.append(Placed(info.codepoint, middle - centre + up, along + over, True))
                along += position.x_advance * scale
            elif vertical:
                glyphs.append(Placed(info.codepoint, middle + over, along - up, False))
                along -= position.y_advance * scale
            else:
                glyphs.append(Placed(info.codepoint, along + over, middle + centre - up, False))
                along += position.x_advance * scale
