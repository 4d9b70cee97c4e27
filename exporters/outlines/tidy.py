"""What a designer would not leave in an outline: near-upright lines, crumbs, overlaps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pathops
from fontTools.pens.basePen import BasePen
from numpy.typing import NDArray

from exporters.outlines.contour import edges
from exporters.outlines.kernel import compiled, norm
from exporters.outlines.outline import Contour, Outline
from fonts.drawing import Points

Ints = NDArray[np.int64]

SHORTEST_SEGMENT = 3.0  # units; no segment is shorter
ONE_LINE_TURN = 0.1     # radians between two lines that are one
SCAN_STEP = 7.3         # units between the scan lines that ink is measured on
UNION_KEEPS = 0.95      # of the ink that a union must keep


@compiled
def _starts(kinds: Ints) -> Ints:
    out = np.zeros(len(kinds), np.int64)
    for k in range(1, len(kinds)):
        out[k] = out[k - 1] + kinds[k - 1]
    return out


@compiled
def upright(points: Points, kinds: Ints, level: float, slack: float) -> None:
    """Lay lines within `level` radians or `slack` units of upright on it, with smooth handles."""
    n, count = len(points), len(kinds)
    starts = _starts(kinds)
    for k in range(count):
        if kinds[k] != 1:
            continue
        a, b = starts[k], starts[(k + 1) % count]
        d = np.abs(points[b] - points[a])
        axis = 0 if d[0] < d[1] else 1              # the coordinate that hardly changes
        if d[axis] == 0 or (d[axis] > slack and d[axis] > level * d[1 - axis]):
            continue
        if d[1 - axis] < 6 * d[axis]:
            continue
        middle = (points[a, axis] + points[b, axis]) / 2
        for node, handle, curved in ((a, (a - 1) % n, kinds[k - 1] == 3),
                                     (b, (b + 1) % n, kinds[(k + 1) % count] == 3)):
            shift = middle - points[node, axis]
            across = abs(points[handle, axis] - points[node, axis])
            along = abs(points[handle, 1 - axis] - points[node, 1 - axis])
            if curved:
                points[handle, axis] = middle if across < 0.12 * along else (
                    points[handle, axis] + shift)
            points[node, axis] = middle


@compiled
def without_crumbs(points: Points, kinds: Ints) -> tuple[Points, Ints]:
    """Without segments shorter than SHORTEST_SEGMENT, nor a node between two lines that are one."""
    points, kinds = points.copy(), kinds.copy()
    while len(kinds) > 2:
        n, count = len(points), len(kinds)
        starts = _starts(kinds)
        drop = -1
        for k in range(count):
            a, b = starts[k], starts[(k + 1) % count]
            before = points[starts[k - 1]]
            into, out = points[a] - before, points[b] - points[a]
            cross = abs(into[0] * out[1] - into[1] * out[0])
            if kinds[k] == 1 and kinds[k - 1] == 1 and np.sum(into * out) > 0:
                if cross < ONE_LINE_TURN * np.sum(into * out) and cross < 1.5 * norm(out + into):
                    drop = k
                    break
            if norm(out) < SHORTEST_SEGMENT:               # its end takes its start's place
                if kinds[k] == 1 or norm(points[a + 1] - points[a]) < 2 * SHORTEST_SEGMENT:
                    middle = (points[a] + points[b]) / 2
                    if kinds[k - 1] == 3:
                        points[(a - 1) % n] += middle - points[a]
                    if kinds[(k + 1) % count] == 3:
                        points[(b + 1) % n] += middle - points[b]
                    points[b] = middle
                    drop = k
                    break
        if drop < 0:
            break
        keep = np.ones(n, np.bool_)
        keep[starts[drop]:starts[drop] + kinds[drop]] = False
        points = points[keep]
        keep = np.ones(count, np.bool_)
        keep[drop] = False
        kinds = kinds[keep]
    return points, kinds


@compiled
def _crossings(edges: Points, chain: Ints, order: Ints, size: Ints) -> Ints:
    """Which chains cross, (C, C) counts; edges (N, 4) sorted by left end, neighbours left aside."""
    found = np.zeros((len(size), len(size)), np.int64)
    for i in range(len(edges)):
        ax, ay, bx, by = edges[i]
        right, low, high = max(ax, bx), min(ay, by), max(ay, by)
        for j in range(i + 1, len(edges)):
            cx, cy, dx, dy = edges[j]
            if min(cx, dx) > right:
                break
            if min(cy, dy) > high or max(cy, dy) < low:
                continue
            if chain[i] == chain[j]:
                apart = abs(order[i] - order[j])
                if apart <= 1 or apart == size[chain[i]] - 1:
                    continue
            p = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
            q = (bx - ax) * (dy - ay) - (by - ay) * (dx - ax)
            r = (dx - cx) * (ay - cy) - (dy - cy) * (ax - cx)
            s = (dx - cx) * (by - cy) - (dy - cy) * (bx - cx)
            if p * q < 0 and r * s < 0:
                found[chain[i], chain[j]] += 1
    return found


def overlaps(contours: Sequence[Contour]) -> list[list[int]]:
    """Groups of the contours that cross themselves or one another, by index."""
    parts = [c.flattened(6) for c in contours]
    if not parts:
        return []
    sides = edges(parts)
    chain = np.repeat(np.arange(len(parts)), [len(p) for p in parts])
    order = np.concatenate([np.arange(len(p)) for p in parts])
    ranks = np.argsort(np.minimum(sides[:, 0], sides[:, 2]), kind="stable")
    found = _crossings(sides[ranks], chain[ranks], order[ranks],
                       np.array([len(p) for p in parts]))
    groups: list[list[int]] = []
    for a, b in np.argwhere(found).tolist():
        touched = [g for g in groups if a in g or b in g]
        groups = [g for g in groups if g not in touched]
        groups.append(sorted({a, b}.union(*touched)))
    return groups


class _ContourPen(BasePen):  # type: ignore[misc]
    """Collects contours; quadratics become cubics."""

    def __init__(self) -> None:
        super().__init__(None)
        self.contours: list[tuple[list[tuple[float, float]], list[int]]] = []

    def _moveTo(self, pt: tuple[float, float]) -> None:
        self.contours.append(([pt], []))

    def _add(self, *points: tuple[float, float]) -> None:
        if points[-1] != self._getCurrentPoint():
            self.contours[-1][0].extend(points)
            self.contours[-1][1].append(len(points))

    _lineTo = _curveToOne = _add

    def _closePath(self) -> None:
        points, kinds = self.contours[-1]
        if points[-1] != points[0]:
            self._add(points[0])
        points.pop()


def without_overlaps(outline: Outline) -> Outline:
    """With the contours that cross replaced by their union; as they are where that fails."""
    contours: dict[int, tuple[Contour, ...]] = {
        k: (c,) for k, c in enumerate(outline.contours)}
    for group in overlaps(outline.contours):
        members = [outline.contours[k] for k in group]
        hollow = max(members, key=lambda c: abs(c.area)).area < 0
        merged = _union([c.reversed() if hollow else c for c in members])
        if merged:
            contours.update({k: () for k in group})
            contours[group[0]] = tuple(c.reversed() if hollow else c for c in merged)
    return Outline(tuple(c for k in sorted(contours) for c in contours[k]))


def covered(contours: Sequence[Contour]) -> float:
    """Area inside contours by non-zero winding, square units, from scan lines SCAN_STEP apart."""
    chains = [contour.flattened() for contour in contours]
    if not chains:
        return 0.0
    sides = edges(chains)
    below, above = sides[:, [1, 3]].min(), sides[:, [1, 3]].max()
    total = 0.0
    for y in np.arange(below + SCAN_STEP / 2, above, SCAN_STEP):
        up = (sides[:, 1] <= y) & (sides[:, 3] > y)
        crossing = up | ((sides[:, 3] <= y) & (sides[:, 1] > y))
        x0, y0, x1, y1 = sides[crossing].T
        x = x0 + (y - y0) / (y1 - y0) * (x1 - x0)
        order = np.argsort(x)
        winding = np.cumsum(np.where(up[crossing], 1, -1)[order])
        total += float(np.diff(x[order])[winding[:-1] != 0].sum())
    return total * SCAN_STEP


def _union(contours: list[Contour]) -> list[Contour]:
    """Union by non-zero winding, integer coordinates; empty where skia-pathops gives up.

    Of nearly equal contours it may lose almost all without an error (0.9.2): that is giving up too.
    """
    path = pathops.Path()
    Outline(tuple(contours)).draw(path.getPen(glyphSet=None))
    try:
        path.simplify(fix_winding=True, keep_starting_points=True, clockwise=True)
    except pathops.PathOpsError:
        return []
    pen = _ContourPen()
    draw: Any = path.draw
    draw(pen)
    out = []
    for points, kinds in pen.contours:
        if len(kinds) < 2:
            continue
        rounded = np.floor(np.array(points, dtype=np.float64) + 0.5)
        cleaned, left = without_crumbs(rounded, np.array(kinds))
        contour = Contour(np.floor(cleaned + 0.5), tuple(left.tolist()))
        if abs(contour.area) > SHORTEST_SEGMENT * SHORTEST_SEGMENT:
            out.append(contour)
    return out if covered(out) >= UNION_KEEPS * covered(contours) else []
