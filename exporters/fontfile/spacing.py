"""Side bearings, word space and kerning classes of proportional glyphs, from their outlines.

The white beside a letter, averaged over its zone and cut off where the eye no longer counts it,
is made the same for all; how much follows from the counters of the letters themselves.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from exporters.outlines.outline import Outline

Profile = NDArray[np.float64]

_STEP = 10
_ROWS = np.arange(-255.0, 1000.0, _STEP)     # scan lines, units
_DEPTH = 80.0           # white deeper than this beside an edge does not count
_COUNTER_SHARE = 0.32   # side bearing of a straight stem over the counter of n
_BEARING = (25.0, 100.0)            # limits of that side bearing
_USUAL_COUNTER = 220.0
_OVERHANG = 60.0        # ink may leave its advance by this
_ACCENT_OVERHANG = -15.0    # but accents would meet the next letter's
_WORD_SPACE = (210, 330)
_CASE_FACTOR = {"Lu": 1.05, "Po": 1.4}     # by Unicode category

_MATHS = frozenset(map(ord, "+<=>¬±×÷−"))       # share one width

_KERNED = frozenset(map(ord, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz.,-'\""))
_PAIR_DEPTH = 300.0     # white between two letters counts to here
_KERN_SHARE = 0.7       # part of the difference that is corrected
_KERN_FREE = 30.0       # difference that is left alone
_KERN_LEAST, _KERN_MOST = 12, 110
_ALIKE = 10.0           # mean difference of profiles in one class


@dataclass(frozen=True)
class Spacing:
    """`widths`: codepoint to (advance, shift of the ink). `first` and `second` are the kerning
    classes of the left and right glyph of a pair, `kerning` the value by their indices."""

    word_space: int = 250
    widths: dict[int, tuple[int, int]] = field(default_factory=dict)
    first: tuple[tuple[int, ...], ...] = ()
    second: tuple[tuple[int, ...], ...] = ()
    kerning: dict[tuple[int, int], int] = field(default_factory=dict)

    def adjusted(self, bearings: Iterable[tuple[int, int, int]]) -> Spacing:
        """With so much more white (codepoint, left, right) beside glyphs, units."""
        widths = dict(self.widths)
        for codepoint, left, right in bearings:
            if codepoint in widths:
                advance, shift = widths[codepoint]
                widths[codepoint] = max(advance + left + right, 1), shift + left
        return replace(self, widths=widths)


class _Sides(NamedTuple):
    """x of the outermost ink on each scan line; nan where there is none."""

    left: Profile
    right: Profile
    inked: NDArray[np.bool_]


def space(outlines: Mapping[int, Outline]) -> Spacing:
    """Spacing of `outlines` by codepoint, any horizontal origin."""
    if not outlines:
        return Spacing()
    sides = {codepoint: _scan(outline) for codepoint, outline in outlines.items()}
    heights = {"Ll": _height(sides, "xnouvz", 480.0), "Lu": _height(sides, "HEXNT", 700.0)}
    heights["Nd"] = heights["Lu"]
    bearing = float(np.clip(_COUNTER_SHARE * _counter(outlines, heights["Ll"]), *_BEARING))
    widths = {codepoint: _bearings(scanned, _zone(codepoint, scanned, heights),
                                   bearing * _CASE_FACTOR.get(
                                       unicodedata.category(chr(codepoint)), 1.0),
                                   _ACCENT_OVERHANG if unicodedata.decomposition(chr(codepoint))
                                   else _OVERHANG)
              for codepoint, scanned in sides.items()}
    maths = _MATHS & widths.keys()
    common = max((widths[codepoint][0] for codepoint in maths), default=0)
    for codepoint in maths:
        advance, shift = widths[codepoint]
        widths[codepoint] = common, shift + (common - advance) // 2
    placed = {codepoint: _Sides(scanned.left + shift, advance - scanned.right - shift,
                                scanned.inked)
              for codepoint, scanned in sides.items()
              for advance, shift in [widths[codepoint]]}
    word_space = round(widths[ord("n")][0] * 0.5) if ord("n") in widths else 250
    word_space = min(max(word_space, _WORD_SPACE[0]), _WORD_SPACE[1])
    return Spacing(word_space, widths, *_kern(placed, heights, bearing))


def _scan(outline: Outline) -> _Sides:
    """Where each scan line first and last crosses the outline."""
    left, right = np.full(len(_ROWS), np.inf), np.full(len(_ROWS), -np.inf)
    for contour in outline.contours:
        start = contour.flattened()
        end = np.roll(start, -1, axis=0)
        low, high = np.minimum(start[:, 1], end[:, 1]), np.maximum(start[:, 1], end[:, 1])
        row, edge = np.nonzero((_ROWS[:, None] >= low) & (_ROWS[:, None] < high))
        part = (_ROWS[row] - start[edge, 1]) / (end[edge, 1] - start[edge, 1])
        x = start[edge, 0] + part * (end[edge, 0] - start[edge, 0])
        np.minimum.at(left, row, x)
        np.maximum.at(right, row, x)
    inked = np.isfinite(left)
    if not inked.any():         # thinner than the step between scan lines
        points = np.concatenate([contour.points for contour in outline.contours])
        nearest = np.abs(_ROWS - points[:, 1].mean()).argmin()
        left[nearest], right[nearest] = points[:, 0].min(), points[:, 0].max()
        inked[nearest] = True
    return _Sides(np.where(inked, left, np.nan), np.where(inked, right, np.nan), inked)


def _height(sides: Mapping[int, _Sides], letters: str, usual: float) -> float:
    """Median height of those of `letters` that are there."""
    tops = [_ROWS[sides[ord(c)].inked].max() for c in letters if ord(c) in sides]
    return float(np.median(tops)) if tops else usual


def _counter(outlines: Mapping[int, Outline], x_height: float) -> float:
    """Median inner white of n, h, u and m-like letters, halfway up the x-height."""
    gaps = []
    for letter in "nhuo":
        if ord(letter) not in outlines:
            continue
        crossings = []
        for contour in outlines[ord(letter)].contours:
            start = contour.flattened()
            end = np.roll(start, -1, axis=0)
            y = x_height * 0.45
            hit = (start[:, 1] <= y) != (end[:, 1] <= y)
            part = (y - start[hit, 1]) / (end[hit, 1] - start[hit, 1])
            crossings += (start[hit, 0] + part * (end[hit, 0] - start[hit, 0])).tolist()
        crossings.sort()
        if len(crossings) >= 4:
            gaps.append(crossings[-2] - crossings[1])
    return float(np.median(gaps)) if gaps else _USUAL_COUNTER


def _zone(codepoint: int, sides: _Sides, heights: Mapping[str, float]) -> NDArray[np.bool_]:
    """Scan lines over which the white of a glyph counts: its case's band, else its own ink."""
    top = heights.get(unicodedata.category(chr(codepoint)))
    if top is not None:
        band = (_ROWS >= 0) & (_ROWS <= top)
        if (band & sides.inked).any():
            return band
    inked = np.flatnonzero(sides.inked)
    band = np.zeros(len(_ROWS), bool)
    band[inked[0]:inked[-1] + 1] = True
    return band


def _bearings(sides: _Sides, zone: NDArray[np.bool_], bearing: float,
              most: float) -> tuple[int, int]:
    """(advance, shift) that give the white beside the zone the mean width `bearing`."""
    left_edge, right_edge = np.nanmin(sides.left[zone]), np.nanmax(sides.right[zone])
    least = 0.3 * bearing
    left = max(bearing - _white(sides.left[zone] - left_edge), least)
    right = max(bearing - _white(right_edge - sides.right[zone]), least)
    overhang = left_edge - np.nanmin(sides.left), np.nanmax(sides.right) - right_edge
    left, right = max(left, overhang[0] - most), max(right, overhang[1] - most)
    shift = round(left - left_edge)
    return max(round(right_edge + right) + shift, 1), shift


def _white(depths: Profile) -> float:
    """Mean depth of the white beside an edge, cut off at _DEPTH."""
    return float(np.minimum(np.nan_to_num(depths, nan=_DEPTH), _DEPTH).mean())


def _kern(placed: Mapping[int, _Sides], heights: Mapping[str, float], bearing: float,
          ) -> tuple[tuple[tuple[int, ...], ...], tuple[tuple[int, ...], ...],
                     dict[tuple[int, int], int]]:
    """Kerning classes and values of letters and the marks that touch them."""
    letters = sorted(_KERNED & placed.keys())
    relatives: dict[int, list[int]] = {}
    for codepoint in sorted(placed):
        base = ord(unicodedata.normalize("NFD", chr(codepoint))[0])
        if base != codepoint and base in placed:
            relatives.setdefault(base, []).append(codepoint)
    ends = _classes({c: placed[c].right for c in letters})
    starts = _classes({c: placed[c].left for c in letters})
    values = {}
    for i, first in enumerate(ends):
        for j, second in enumerate(starts):
            value = _pair(placed[first[0]], placed[second[0]], heights["Lu"], bearing)
            if abs(value) >= _KERN_LEAST:
                values[i, j] = value
    def widen(groups: list[list[int]]) -> tuple[tuple[int, ...], ...]:
        return tuple(tuple(sorted({c for base in group for c in (base, *relatives.get(base, []))}))
                     for group in groups)

    return widen(ends), widen(starts), values


def _classes(profiles: Mapping[int, Profile]) -> list[list[int]]:
    """Glyphs whose profiles differ little, the first of each group standing for it."""
    groups: list[list[int]] = []
    for codepoint, profile in profiles.items():
        cut = np.minimum(np.nan_to_num(profile, nan=_PAIR_DEPTH), _PAIR_DEPTH)
        for group in groups:
            other = np.minimum(np.nan_to_num(profiles[group[0]], nan=_PAIR_DEPTH), _PAIR_DEPTH)
            if np.abs(cut - other).mean() < _ALIKE:
                group.append(codepoint)
                break
        else:
            groups.append([codepoint])
    return groups


def _pair(first: _Sides, second: _Sides, cap_height: float, bearing: float) -> int:
    """Kerning of a pair with more mean white than two stems, or with ink that would touch."""
    either = first.inked | second.inked
    zone = either & (_ROWS >= 0) & (_ROWS <= cap_height)
    if not zone.any():
        return 0
    right = np.nan_to_num(first.right, nan=_PAIR_DEPTH)
    left = np.nan_to_num(second.left, nan=_PAIR_DEPTH)
    gap = np.minimum(right + left, _PAIR_DEPTH)
    value = min(0.0, _KERN_SHARE * (2 * bearing + _KERN_FREE - float(gap[zone].mean())))
    reach = 4               # scan lines up and down that count as touching
    near = min(float((right[max(0, d):len(right) + min(0, d)]
                      + left[max(0, -d):len(left) + min(0, -d)]).min())
               for d in range(-reach, reach + 1))
    value = max(value, min(0.0, 1.2 * bearing - near), 0.3 * bearing - near)
    return round(float(np.clip(value, -_KERN_MOST, _KERN_MOST)))
