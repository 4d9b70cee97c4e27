"""Rules of ruled paper found in a picture, told from the writing, and taken out of it.

A rule is straight, thinner than the pen or of another colour or darkness, and runs on beyond the
writing: to the picture's edge or to another rule.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from fonts.drawing import Field
from fonts.reading.clean import stroke_width
from fonts.reading.erase import Ink, erased
from fonts.reading.lines import (
    APART,
    DIAGONAL,
    SQUARE,
    Line,
    Mask,
    Points,
    find_lines,
    mean_of,
    most_of,
    printed_by,
    tracks,
)

Grey = NDArray[np.uint8]

ALIKE = "ruled lines as dark and thick as the writing were left in it"
ALONG = "writing lies along ruled lines that are as dark as it is"

_WORK = 448             # pixels of a character's side that lengths in pixels are meant for
_END = 0.035            # of a character's side: as near is the same place
_DASHED, _SOLID = 0.45, 0.85    # of its length that a dashed line is seen on, and a solid one
_KIN = 0.28             # of its length that a line is seen on where others are known
_WOBBLE = 1.0           # pixels that a rule is off a straight line
_OTHER = 0.2            # difference of darkness in a channel that makes another colour
_HUE = 0.12             # and angle between colours that makes another hue
_LIGHTER = 0.72         # of the ink's darkness
_DIM = 0.6              # the same, of dashes across the writing that may stay in it
_THINNER = 0.62         # of the pen's width
_RULED = 7              # lines from edge to edge that make paper ruled on which nothing is written
_LEAST = 60             # pixels of writing that are more than the rim of lines
_OFF = 0.3              # of the ink, off all rules, that says what it is like
_RULER = 0.25           # of the wobble of a rule: lines beside a ruler are as straight
_ALIKE = 1.12           # widths of lines that one print has, the widest to the thinnest
_SHADE = 0.05           # difference of darkness in a channel between such lines
_LONG = 0.6             # of the picture's side
_OTHER_PEN = 0.07       # of the ink's darkness, that the sides of what one pen wrote differ at most


@dataclass(frozen=True)
class Cleared:
    """A picture without its rules, in grey, the rules, and what is doubtful about that."""

    grey: Grey
    rules: tuple[Line, ...] = ()
    doubt: str = ""


def without_rules(grey: Grey, colour: NDArray[np.uint8], side: float = 0.0,
                  is_open: bool = False) -> Cleared:
    """A picture (H, W) of writing on paper, less the rules of the paper.

    `colour` (H, W, 3) is the same picture, `side` that of a character in pixels, the picture's
    longer one by default; `is_open` says that the character is no frame around others, as 国 is.
    A picture without rules comes back as it is.
    """
    side = side or max(grey.shape)
    dark = darkness(colour, side)
    lines = find_lines(dark, side, SQUARE)
    chosen = _Choice(dark, side)
    rules, ink = list[Line](), Ink()
    if chosen.may_be_rules(lines):          # no paper is ruled on its diagonals alone
        lines += find_lines(dark, side, DIAGONAL)
        rules, ink = chosen.rules(lines)
    if not rules:
        return Cleared(grey, (), ALIKE if chosen.is_suspicious(lines, is_open) else "")
    rules = [_lengthened(rule, grey.shape, _END * side) for rule in rules]
    cover, touched, lost = erased(dark, rules, ink, side)
    paper = _bare(grey, (mean_of(dark) < 0.1) & ~touched, side)
    painted = paper * (1 - cover * float(ink.colour.mean()))
    lost |= any(line.family > 1 and line.seen < _SOLID and _angle(line.colour, ink.colour) < _HUE
                and line.colour.mean() > _DIM * ink.colour.mean() for line in rules)
    return Cleared(np.where(touched, painted, grey).astype(np.uint8), tuple(rules),
                   ALONG if lost else "")


def darkness(colour: NDArray[np.uint8], side: float) -> Field:
    """Darkness (H, W, 3) in 0..1 of the paper's light, strokes under a sixth of `side` wide."""
    small = cv2.resize(colour, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    kernel = np.ones((max((int(side / 6) | 1) // 4, 3),) * 2, np.uint8)
    closed = cv2.morphologyEx(cv2.GaussianBlur(small, (0, 0), 1.0), cv2.MORPH_CLOSE, kernel)
    paper = cv2.resize(closed, colour.shape[1::-1]).astype(np.float32)
    paper = np.maximum(cv2.GaussianBlur(paper, (0, 0), max(side / 60, 1)), 1)
    dark = (1 - colour / paper).astype(np.float32)
    some = dark[::3, ::3]
    bare = some[mean_of(np.ascontiguousarray(some)) < 0.12]
    if len(bare):
        dark -= np.median(bare, axis=0)
    return np.clip(dark, 0, 1)


class _Choice:
    """Which lines of a picture, by its darkness, belong to the paper."""

    def __init__(self, dark: Field, side: float) -> None:
        self.dark = dark
        self.shape = dark.shape[:2]
        self.near = _END * side
        self.apart = APART * side
        self.wobble = max(_WOBBLE, _WOBBLE / _WORK * max(self.shape))

    def rules(self, lines: Sequence[Line]) -> tuple[list[Line], Ink]:
        """Those of the lines that belong to the paper, and the ink that is none of them."""
        lines = self._single(lines)
        kept = self._through([line for line in lines if self._is_straight(line)])
        ink = self._ink(kept)
        if not ink.width and sum(self._is_long(line) for line in kept) >= _RULED:
            return kept, ink
        while kept:
            rules = self._through(_of_one_print(kept, ink))
            if len(rules) == len(kept):
                break
            kept = rules
            ink = self._ink(kept)
        if kept:
            kept = self._with_kin(kept, lines)
            ink = self._ink(kept)
        return kept, ink

    def may_be_rules(self, lines: Sequence[Line]) -> bool:
        """Whether any of the lines runs through, or nearly, from edge to edge or to another one."""
        return bool(self._through([line for line in self._single(lines)
                                   if self._is_straight(line)], 2))

    def is_suspicious(self, lines: Sequence[Line], is_open: bool) -> bool:
        """Whether lines like the writing run through the picture, so that they may be rules."""
        kept = self._through([line for line in self._single(lines) if self._is_straight(line)])
        height, width = self.shape
        inner = [line for line in kept if line.family < 2 and self._is_long(line) and self.near < (
            np.median([line.start[1 - line.family], line.stop[1 - line.family]])
        ) < (height, width)[line.family] - self.near]
        ink = self._ink(kept)
        return (self._has_another_hue(lines) or is_open and self._is_in_a_frame(kept)
                or bool(ink.width) and (len(inner) > 1 or self._is_framed(kept, 3)
                                        or self._is_framed(kept, 2)
                                        and _is_of_another_pen(kept, ink)))

    def _has_another_hue(self, lines: Sequence[Line]) -> bool:
        """Whether lines of another hue than the writing were drawn with a ruler, two or more."""
        straight = [line for line in self._single(lines) if line.seen > _SOLID
                    and line.length > _LONG * max(self.shape) and self._is_by_ruler([line])]
        if len(straight) < 2:
            return False
        colour = self._ink(straight).colour
        return sum(float(np.abs(line.colour - colour).max()) > _OTHER
                   and _angle(line.colour, colour) > _HUE for line in straight) > 1

    def _is_in_a_frame(self, lines: Sequence[Line]) -> bool:
        """Whether a ruler drew the outermost of the lines, and they are around the writing."""
        frame = [choose((line for line in lines if line.family == family),
                        key=lambda one: float((one.start + one.stop)[1 - family]), default=None)
                 for family in (0, 1) for choose in (min, max)]
        sides = [line for line in frame if line is not None]
        if len(sides) < 4 or not self._is_by_ruler(sides) or not self._is_framed(sides, 2):
            return False
        return not (self._writing(sides) & tracks(self.shape, sides, self.near)).any()

    def _writing(self, lines: Sequence[Line]) -> Mask:
        """What is dark and on none of the lines, less hairs."""
        level = mean_of(self.dark)
        ink = (level > 0.5 * float(level.max())) & ~tracks(self.shape, lines, 5)
        return cv2.erode(ink.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0

    def _is_framed(self, lines: Sequence[Line], least: int) -> bool:
        """Whether lines frame the writing, both ways at `least` so many with those across it.

        Of three or more, characters that are such a frame, like 田, have no writing besides.
        """
        y, x = np.nonzero(self._writing(lines))
        if len(x) < _LEAST:
            return False
        spans = []
        for family, at in ((0, y), (1, x)):
            places = sorted(float((one.start + one.stop)[1 - family]) / 2 for one in lines
                            if one.family == family and one.seen > _DASHED)
            spans.append(len(places) >= least and places[0] < np.percentile(at, 2)
                         and places[-1] > np.percentile(at, 98))
        return all(spans)

    def _is_by_ruler(self, lines: Sequence[Line]) -> bool:
        """Whether lines are straighter and more alike than a pen without a ruler makes them."""
        widths, colours = [line.width for line in lines], [line.colour for line in lines]
        return (max(line.wobble for line in lines) < _RULER * self.wobble
                and max(widths) < _ALIKE * min(widths)
                and float(np.ptp(colours, axis=0).max()) < _SHADE)

    def _is_straight(self, line: Line) -> bool:
        return line.seen >= _DASHED and line.wobble < self.wobble

    def _single(self, lines: Sequence[Line]) -> list[Line]:
        """The lines, of those that are one the one that is seen on more of its length."""
        kept: list[Line] = []
        for line in sorted(lines, key=lambda one: -one.seen * one.length):
            ends = np.stack([line.start, line.stop])
            if not any(np.abs(other.apart(ends)[0]).max() < self.apart for other in kept):
                kept.append(line)
        return kept

    def _through(self, lines: list[Line], loose: int = 1) -> list[Line]:
        """The lines of which each end lies at the picture's edge or on another of them.

        `loose` is how many times farther off that may be than what counts as there.
        """
        while True:
            kept = [line for line in lines if self._is_bound(line, lines, loose)]
            if len(kept) == len(lines):
                return kept
            lines = kept

    def _is_bound(self, line: Line, lines: Sequence[Line], loose: int = 1) -> bool:
        near = self.near * max(loose, 1 if line.seen > _SOLID else 2)    # a dash may be missing
        return all(self._at_edge(end, near) or any(
            other.family != line.family and _is_on(end, other, near + self._corner(line, other))
            for other in lines)
            for end in (line.start, line.stop))

    def _corner(self, line: Line, other: Line) -> float:
        """What two lines that meet hide of each other's ends: half of both, if they are thin."""
        return min((line.width + other.width) / 2, self.near)

    def _at_edge(self, end: Points, near: float) -> bool:
        height, width = self.shape
        return bool(min(end[0], end[1], width - 1 - end[0], height - 1 - end[1]) < near)

    def _is_long(self, line: Line) -> bool:
        return self._at_edge(line.start, self.near) and self._at_edge(line.stop, self.near)

    def _with_kin(self, rules: list[Line], lines: Sequence[Line]) -> list[Line]:
        """The rules and what else is printed like them, though it is seen but here and there."""
        widest = 1.4 * max(rule.width for rule in rules) + 1

        def is_kin(line: Line) -> bool:
            alike = min(float(np.abs(line.colour - rule.colour).max()) for rule in rules)
            return (line.seen > _KIN and line.wobble < 1.5 * self.wobble and alike < _OTHER
                    and line.width < widest)

        others = [line for line in lines if not any(line is rule for rule in rules)
                  and is_kin(line)]
        return rules + [line for line in others if self._is_bound(line, [*rules, *others])]

    def _ink(self, lines: Sequence[Line]) -> Ink:
        """The writing: what is dark and lies on none of the lines, or is darker than they are."""
        level = mean_of(self.dark)
        off = ~tracks(self.shape, lines, 5)
        free = off | (most_of(self.dark - printed_by(self.shape, lines)) > _OTHER)
        values = level[free & (level > 0.1)]
        if values.size < _LEAST:
            return Ink()
        top = float(np.percentile(values, 85))
        mask = (level > 0.5 * top) & free
        solid = cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_OPEN, np.ones((4, 4), np.uint8))
        if solid.sum() < _LEAST:
            return Ink()
        mask &= cv2.dilate(solid, np.ones((3, 3), np.uint8)) > 0
        width = stroke_width(mask)
        if (mask & off).sum() > _OFF * mask.sum():      # ink on a rule is darker than ink alone
            mask &= off
        top = float(np.percentile(level[mask], 85))
        colour = np.median(self.dark[mask & (level > 0.85 * top)], axis=0).astype(float)
        return Ink(colour, width)


def _of_one_print(lines: Sequence[Line], ink: Ink) -> list[Line]:
    """The lines that are of another colour than the writing, lighter or thinner.

    Where some are of another colour, one that is but thinner is a rule if it looks like these.
    """
    if not ink.width:
        return []

    others = [line for line in lines if not _is_like(line, ink)]
    return others + [line for line in lines
                     if _is_like(line, ink) and line.width < _THINNER * ink.width
                     and (not others or min(float(np.abs(line.colour - other.colour).max())
                                            for other in others) < _OTHER)]


def _is_like(line: Line, ink: Ink) -> bool:
    """Whether the line is of the writing's colour and not lighter."""
    return bool(np.abs(line.colour - ink.colour).max() <= _OTHER
                and _angle(line.colour, ink.colour) <= _HUE
                and line.colour.mean() >= _LIGHTER * ink.colour.mean())


def _is_of_another_pen(lines: Sequence[Line], ink: Ink) -> bool:
    """Whether all lines are darker than the writing though no thicker, or lighter though thicker.

    Where a picture is not sharp, thin strokes of a pen are lighter than thick ones of the same.
    """
    size = float(ink.colour.mean())
    return all(line.colour.mean() > (1 + _OTHER_PEN) * size and line.width <= ink.width
               for line in lines) or all(
        line.colour.mean() < (1 - _OTHER_PEN) * size and line.width > ink.width for line in lines)


def _angle(one: Points, other: Points) -> float:
    """Between two colours, in radians."""
    size = float(np.linalg.norm(one) * np.linalg.norm(other))
    return float(np.arccos(np.clip(one @ other / max(size, 1e-6), -1, 1)))


def _is_on(point: Points, line: Line, near: float) -> bool:
    apart, along = line.apart(point)
    return bool(abs(apart) < near and -near < along < line.length + near)


def _lengthened(line: Line, shape: tuple[int, ...], near: float) -> Line:
    """The line, drawn on to the picture's edge where it ends close to it."""
    height, width = shape[:2]
    unit = (line.stop - line.start) / max(line.length, 1e-6)

    def more(end: Points) -> float:
        return 2 * near * bool(min(*end, width - 1 - end[0], height - 1 - end[1]) < 2 * near)

    return replace(line, start=line.start - more(line.start) * unit,
                   stop=line.stop + more(line.stop) * unit)


def _bare(grey: Grey, free: Mask, side: float) -> Field:
    """Grey (H, W) of the paper, from where it is free of rules and ink."""
    weight = cv2.erode(free.astype(np.uint8), np.ones((3, 3), np.uint8)).astype(np.float32)
    small = (max(grey.shape[1] // 4, 1), max(grey.shape[0] // 4, 1))
    seen = [cv2.GaussianBlur(cv2.resize(part, small, interpolation=cv2.INTER_AREA), (0, 0),
                             max(side / 96, 1.0)) for part in (grey * weight, weight)]
    usual = float(np.median(grey[free])) if free.any() else 255.0
    paper = np.where(seen[1] > 1e-3, seen[0] / np.maximum(seen[1], 1e-3), usual)
    return np.asarray(cv2.resize(paper.astype(np.float32), grey.shape[::-1]))
