"""Dashes and ー that meet their like edge to edge, and the even dots of a two-em ellipsis."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np

from exporters.outlines.contour import edges
from exporters.outlines.outline import LINE, Contour, Outline
from fonts.drawing import UNITS_PER_EM, Points

LONG = ord("ー")
FORMS = ("first", "middle", "last")     # of a row of ー, by what they are called

_DASHES = frozenset(map(ord, "—―＿￣"))
_DOTS = {ord("…"): 3, ord("‥"): 2}
_OVERLAP = 2            # units over an edge, so that no hair is left between
_STEP = 5               # units between the places where a stroke's thickness is measured
_FULL = 0.9             # of the usual thickness: where the rounded end of a stroke is over
_LONGEST_END = 0.2      # of the stroke's length


class _Cut(NamedTuple):
    """Where a stroke's ends begin: x, middle y and thickness, left then right."""

    x: tuple[float, float]
    y: tuple[float, float]
    thick: tuple[float, float]


def joined(codepoint: int, outline: Outline, tracking: int = 0) -> Outline:
    """The outline of a full-width sign as it stands in a row of its like, else unchanged.

    A dash loses its ends and is laid level over the em and `tracking`; the dots of an ellipsis,
    where there are as many as there should be, get even places.
    """
    if codepoint in _DASHES and not outline.is_empty:
        return _stretched(outline, tracking, True, True)
    if codepoint in _DOTS:
        return _even(outline, _DOTS[codepoint], tracking)
    return outline


def row_forms(outline: Outline, tracking: int = 0) -> Mapping[str, Outline]:
    """ー as the first, a middle and the last of a row: it keeps the end that meets none."""
    sides = ((False, True), (True, True), (True, False))
    return {name: _stretched(outline, tracking, *side) for name, side in zip(FORMS, sides)}


def row_feature(name: str) -> str:
    """`ccmp`, which lines and columns both obey, with the forms of a row of glyph `name`."""
    subs = [f"lookup row_{form} {{ sub {name} by {name}.{form}; }} row_{form};" for form in FORMS]
    return "\n".join([
        *subs, "lookup row {",
        f"    sub [{name}.first {name}.middle] {name}' lookup row_middle {name};",
        f"    sub [{name}.first {name}.middle] {name}' lookup row_last;",
        f"    sub {name}' lookup row_first {name};",
        "} row;", "feature ccmp { lookup row; } ccmp;"])


def _stretched(outline: Outline, tracking: int, left: bool, right: bool) -> Outline:
    """A level stroke that runs over the edges named, there at one height and thickness."""
    cut = _ends(outline)
    if cut is None:
        return outline
    box = outline.bounds or (0.0, 0.0, 0.0, 0.0)
    first, last = cut.x[0] if left else box[0], cut.x[1] if right else box[2]
    start = -tracking / 2 - _OVERLAP if left else first
    stop = UNITS_PER_EM + tracking / 2 + _OVERLAP if right else last
    height, thick = sum(cut.y) / 2, sum(cut.thick) / 2

    def placed(points: Points) -> Points:
        x, y = points.T
        part = np.clip((x - cut.x[0]) / (cut.x[1] - cut.x[0]), 0, 1)
        middle = cut.y[0] + part * (cut.y[1] - cut.y[0])
        scale = thick / (cut.thick[0] + part * (cut.thick[1] - cut.thick[0]))
        return np.column_stack([start + (x - first) * (stop - start) / (last - first),
                                height + (y - middle) * scale])

    kept = [*outline.contours]
    for wanted, at, side in ((left, first, 1), (right, last, -1)):
        kept = [part for c in kept for part in _beyond(c, at, side)] if wanted else kept
    return Outline(tuple(Contour(placed(c.points), c.kinds) for c in kept)).rounded()


def _ends(outline: Outline) -> _Cut | None:
    """Where the stroke is over its ends; None for what is no stroke."""
    x, low, high = _profile(outline)
    if len(x) < 3:
        return None
    middle, thick = (low + high) / 2, high - low
    full = np.flatnonzero(thick >= _FULL * np.median(thick))
    longest = int(_LONGEST_END * len(x))
    ends = [min(full[0], longest), max(full[-1], len(x) - 1 - longest)]
    return _Cut(*((float(values[ends[0]]), float(values[ends[1]]))
                  for values in (x, middle, thick)))


def _beyond(contour: Contour, at: float, side: int) -> list[Contour]:
    """What lies to the right (`side` 1) or left (-1) of x = `at`, closed along that line."""
    pieces = [piece for segment in contour.segments() for piece in _split(segment, at)]
    kept = [piece for piece in pieces if side * (_halves(piece, 0.5)[1][0, 0] - at) > 0]
    if len(kept) == len(pieces):
        return [contour]
    points: list[Points] = []
    kinds: list[int] = []
    for piece, following in zip(kept, kept[1:] + kept[:1]):
        points.append(piece[:-1])
        kinds.append(len(piece) - 1)
        if not np.array_equal(piece[-1], following[0]):
            points.append(piece[-1:])
            kinds.append(LINE)
    return [Contour(np.concatenate(points), tuple(kinds))] if points else []


def _split(segment: Points, at: float) -> Iterator[Points]:
    """The pieces of a Bezier segment on either side of x = `at`, in order."""
    degree = len(segment) - 1
    basis = {1: [[-1, 1], [1, 0]], 2: [[1, -2, 1], [-2, 2, 0], [1, 0, 0]],
             3: [[-1, 3, -3, 1], [3, -6, 3, 0], [-3, 3, 0, 0], [1, 0, 0, 0]]}[degree]
    roots = np.roots(np.array(basis) @ (segment[:, 0] - at))
    places = sorted(float(r.real) for r in roots if abs(r.imag) < 1e-9 and 1e-6 < r.real < 1 - 1e-6)
    done = 0.0
    for place in places:
        before, segment = _halves(segment, (place - done) / (1 - done))
        before[-1, 0] = segment[0, 0] = at
        yield before
        done = place
    yield segment


def _halves(segment: Points, t: float) -> tuple[Points, Points]:
    """A Bezier segment cut at `t`, by de Casteljau."""
    levels = [segment]
    while len(levels[-1]) > 1:
        levels.append((1 - t) * levels[-1][:-1] + t * levels[-1][1:])
    return (np.array([level[0] for level in levels]),
            np.array([level[-1] for level in reversed(levels)]))


def _profile(outline: Outline) -> tuple[Points, Points, Points]:
    """Places along a stroke, and its lowest and highest ink there."""
    sides = edges(contour.flattened() for contour in outline.contours)
    left, right = sides[:, 0].min(), sides[:, 0].max()
    places, lows, highs = [], [], []
    for x in np.arange(left + _STEP / 2, right, _STEP):
        crossing = (sides[:, 0] <= x) != (sides[:, 2] <= x)
        x0, y0, x1, y1 = sides[crossing].T
        if len(x0):
            y = y0 + (x - x0) / (x1 - x0) * (y1 - y0)
            places.append(x)
            lows.append(y.min())
            highs.append(y.max())
    return np.array(places), np.array(lows), np.array(highs)


def _even(outline: Outline, count: int, tracking: int) -> Outline:
    groups: list[list[Contour]] = []
    reach = -np.inf
    for contour in sorted(outline.contours, key=lambda c: float(c.points[:, 0].min())):
        if contour.points[:, 0].min() > reach:
            groups.append([])
        groups[-1].append(contour)
        reach = max(reach, float(contour.points[:, 0].max()))
    if len(groups) != count:
        return outline
    placed: list[Contour] = []
    for index, group in enumerate(groups):
        x = np.concatenate([c.points[:, 0] for c in group])
        wanted = (2 * index + 1) / (2 * count) * (UNITS_PER_EM + tracking) - tracking / 2
        shift = wanted - (x.min() + x.max()) / 2
        placed += [c.transformed((1, 0, 0, 1, shift, 0)) for c in group]
    return Outline(tuple(placed)).rounded()
