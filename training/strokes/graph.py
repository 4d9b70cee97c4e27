"""The centre lines of a drawing as a graph: ends, junctions and the lines between them.

Thinning leaves what no pen drew: forks at flat ends and serifs, and crossings pulled apart into two
junctions. Both are mended here, by the half-width of the ink.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from fonts.drawing import Field
from glyphgen.strokes.laid.skeleton import FINE, thinned

Floats = NDArray[np.float32]
Leg = tuple[int, int]       # an edge of the graph, and which of its ends: 0 or 1

_DISC = 0.9                 # half-widths round a junction in which thinning bends lines
_SPUR = 1.0                 # half-widths that a side line must reach out of the junction's disc
_ONE_CROSSING = 1.1         # half-widths between two junctions that are one crossing
_DRAWN_APART = 2.4          # half-widths between two that are, if lines run straight through both
_STRAIGHT = 0.3             # radians that they may be off
_TIP = 2.5                  # half-widths that an acute corner's point is long at most
_ACUTE = 1.2                # radians between the sides of such a corner
_STEEP = 0.3                # how fast ink widens from a corner: pixels a pixel
_CUT = 14.0                 # pixels that a slanting cut is long at most
_ASIDE = 1.0                # pixels that an end leans to a corner of the ink
_FAR = 6.0                  # pixels that directions are measured on
_LITTLE_LOOP = 4.0          # half-widths round a hole that is none
_SIDES = ((-1, 0), (0, -1), (0, 1), (1, 0))
_DIAGONALS = ((-1, -1), (-1, 1), (1, -1), (1, 1))


def lengths(line: Floats) -> NDArray[np.float64]:
    """Length (N,) along a line (N, 2) up to each of its points."""
    out = np.zeros(len(line))
    step = line[1:] - line[:-1]
    np.cumsum(np.hypot(step[:, 0], step[:, 1]), out=out[1:])
    return out


@dataclass(frozen=True)
class Edge:
    """A line between two nodes, which may be one and the same."""

    ends: tuple[int, int]
    line: Floats            # (N, 2) canvas pixels, from node to node
    wide: Floats            # (N,) half-width of the ink

    @cached_property
    def length(self) -> float:
        """Canvas pixels along the line."""
        return float(lengths(self.line)[-1])


@dataclass(frozen=True)
class Graph:
    """Nodes by number, each with its place and the half-width of the ink there, and edges."""

    place: dict[int, Floats]
    radius: dict[int, float]
    bent: dict[int, float]      # how far around, pixels, thinning bends the lines
    edges: dict[int, Edge]

    def legs(self) -> dict[int, list[Leg]]:
        """The ends of edges at every node."""
        found: dict[int, list[Leg]] = {node: [] for node in self.place}
        for number, edge in self.edges.items():
            for side in (0, 1):
                found[edge.ends[side]].append((number, side))
        return found


def graph_of(field: Field) -> Graph:
    """The graph of a field's (128, 128) centre lines, without what thinning made up."""
    graph = _traced(*thinned(field))
    while _mended(graph):
        pass
    _straighten(graph)
    return graph


def ray(graph: Graph, leg: Leg) -> tuple[Floats, Floats]:
    """Two points on a leg outside its junction's disc: near the disc, and further."""
    edge = graph.edges[leg[0]]
    line = edge.line if leg[1] == 0 else edge.line[::-1]
    along = lengths(line)
    node = edge.ends[leg[1]]
    first = min(graph.bent[node], along[-1] * 0.4)
    last = min(first + _FAR, max(first + 1.5, along[-1] - 0.7 * graph.radius[node]), along[-1])
    near, far = np.stack([np.interp((first, last), along, line[:, k]) for k in (0, 1)], 1)
    return near, far


def heading(graph: Graph, leg: Leg) -> float:
    """The angle that an edge leaves its node at."""
    near, far = ray(graph, leg)
    return float(np.arctan2(*(far - near)[::-1]))


def angle_between(a: float, b: float) -> float:
    """The angle from one direction to another, -pi to pi."""
    return (b - a + np.pi) % (2 * np.pi) - np.pi


def _neighbours(line: NDArray[np.bool_]) -> list[list[int]]:
    """For each pixel of a line, in reading order, those next to it; corners are not cut."""
    number = np.full((line.shape[0] + 2, line.shape[1] + 2), -1)
    rows, columns = np.nonzero(line)
    rows, columns = rows + 1, columns + 1
    number[rows, columns] = np.arange(len(rows))
    near = [number[rows + y, columns + x] for y, x in _SIDES]
    for y, x in _DIAGONALS:
        open_ = (number[rows + y, columns] < 0) & (number[rows, columns + x] < 0)
        near.append(np.where(open_, number[rows + y, columns + x], -1))
    return [[other for other in row if other >= 0] for row in np.stack(near, 1).tolist()]


def _traced(line: NDArray[np.bool_], wide: Floats) -> Graph:
    """The graph of thinned lines as they are."""
    near = _neighbours(line)
    rows, columns = np.nonzero(line)
    points = (np.stack([columns + 0.5, rows + 0.5], 1) / FINE).astype(np.float32)
    radius = wide[rows, columns]
    nodes = [i for i, around in enumerate(near) if len(around) != 2]
    paths = _paths(near, nodes)
    walked = {i for path in paths for i in path}
    for start in range(len(near)):                      # rings have no node of their own
        if start not in walked and len(near[start]) == 2:
            nodes.append(start)
            ring = _walk(near, start, near[start][0], {start})
            walked.update(ring)
            paths.append(ring)
    edges = {k: Edge((path[0], path[-1]), points[path], radius[path])
             for k, path in enumerate(paths)}
    wide_at = {i: float(radius[i]) for i in nodes}
    return Graph({i: points[i] for i in nodes}, wide_at,
                 {i: _DISC * at for i, at in wide_at.items()}, edges)


def _paths(near: list[list[int]], nodes: list[int]) -> list[list[int]]:
    """Pixels from node to node, each way once."""
    stops, paths = set(nodes), []
    seen: set[tuple[int, int]] = set()
    for node in nodes:
        for first in near[node]:
            if (node, first) not in seen:
                path = _walk(near, node, first, stops)
                seen.update(((node, first), (path[-1], path[-2])))
                paths.append(path)
    return paths


def _walk(near: list[list[int]], start: int, step: int, stops: set[int]) -> list[int]:
    path = [start, step]
    while path[-1] not in stops:
        one, two = near[path[-1]]
        path.append(two if one == path[-2] else one)
    return path


def _mended(graph: Graph) -> bool:
    """Take away one kind of what no pen drew; whether there was any."""
    return (_dropped_spurs(graph) or _dropped_loops(graph) or _passed(graph)
            or _sharpened(graph) or _contracted(graph))


def _dropped_spurs(graph: Graph) -> bool:
    """Take away side lines that hardly leave the disc of the junction they start from."""
    legs, gone = graph.legs(), []
    for node, here in legs.items():
        if len(here) < 3:
            continue
        out = {leg: _reach(graph, leg) for leg in here
               if _is_tip(graph, legs, leg)}
        little = sorted((leg for leg in out if out[leg] < _SPUR * graph.radius[node]),
                        key=lambda leg: (out[leg], leg))
        gone += little if len(little) < len(here) else little[:1]
    for number, side in gone:
        edge = graph.edges.pop(number)
        del graph.place[edge.ends[1 - side]], graph.radius[edge.ends[1 - side]]
    return bool(gone)


def _is_tip(graph: Graph, legs: dict[int, list[Leg]], leg: Leg) -> bool:
    """Whether a leg leads to a free end, no wider than where it starts."""
    ends = graph.edges[leg[0]].ends
    near, far = ends[leg[1]], ends[1 - leg[1]]
    return len(legs[far]) == 1 and graph.radius[far] <= graph.radius[near]


def _reach(graph: Graph, leg: Leg) -> float:
    """Pixels that the ink round a leg's far end stands out of the disc round its near end."""
    ends = graph.edges[leg[0]].ends
    near, far = ends[leg[1]], ends[1 - leg[1]]
    return (float(np.hypot(*(graph.place[far] - graph.place[near])))
            + graph.radius[far] - graph.radius[near])


def _dropped_loops(graph: Graph) -> bool:
    legs = graph.legs()
    gone = [k for k, edge in graph.edges.items() if edge.ends[0] == edge.ends[1]
            and len(legs[edge.ends[0]]) > 2
            and edge.length < _LITTLE_LOOP * graph.radius[edge.ends[0]]]
    for number in gone:
        del graph.edges[number]
    return bool(gone)


def _passed(graph: Graph) -> bool:
    """Join the two edges of a node that has no others."""
    for node, here in graph.legs().items():
        if len(here) != 2 or here[0][0] == here[1][0]:
            continue
        (first, side), (second, other) = here
        one, two = graph.edges.pop(first), graph.edges.pop(second)
        forth = slice(None) if side == 1 else slice(None, None, -1)
        back = slice(None) if other == 0 else slice(None, None, -1)
        graph.edges[first] = Edge(
            (one.ends[1 - side], two.ends[1 - other]),
            np.concatenate([one.line[forth], two.line[back][1:]]),
            np.concatenate([one.wide[forth], two.wide[back][1:]]))
        del graph.place[node], graph.radius[node]
        return True
    return False


def _sharpened(graph: Graph) -> bool:
    """Lead the two sides of an acute corner to its point, where thinning gave it a stem."""
    legs = graph.legs()
    for node, here in legs.items():
        if len(here) != 3:
            continue
        tip, one, two = sorted(here, key=lambda leg: (graph.edges[leg[0]].length, leg))
        end = graph.edges[tip[0]].ends[1 - tip[1]]
        if len(legs[end]) > 1 or graph.edges[tip[0]].length > _TIP * graph.radius[node]:
            continue
        a, b, c = (heading(graph, leg) for leg in (tip, one, two))
        if (abs(angle_between(b, c)) < _ACUTE and one[0] != two[0]
                and min(abs(angle_between(a, b)), abs(angle_between(a, c))) > np.pi - _ACUTE):
            del graph.edges[tip[0]]
            graph.place[node] = graph.place.pop(end)
            del graph.radius[end]
            for number, side in (one, two):
                graph.edges[number] = _moved(graph.edges[number], side, node, graph.place[node])
            return True
    return False


def _contracted(graph: Graph) -> bool:
    """Make one junction of the two nearest that are one crossing."""
    legs, best = graph.legs(), (1.0, -1)
    for number, edge in graph.edges.items():
        a, b = edge.ends
        if a != b and min(len(legs[a]), len(legs[b])) > 2:
            limit = max(graph.radius[a], graph.radius[b])
            if edge.length < _DRAWN_APART * limit:
                limit *= (_DRAWN_APART if _runs_through(graph, number, legs[a], legs[b])
                          else _ONE_CROSSING)
            best = min(best, (edge.length / limit, number))
    if best[1] < 0:
        return False
    a, b = graph.edges.pop(best[1]).ends
    apart = float(np.hypot(*(graph.place[a] - graph.place[b])))
    graph.bent[a] = max(graph.bent[a], graph.bent[b]) + apart / 2
    graph.place[a] = (graph.place[a] + graph.place.pop(b)) * np.float32(0.5)
    graph.radius[a] = max(graph.radius[a], graph.radius.pop(b))
    for number, side in legs[a] + legs[b]:
        if number in graph.edges:
            graph.edges[number] = _moved(graph.edges[number], side, a, graph.place[a])
    return True


def _runs_through(graph: Graph, number: int, here: list[Leg], there: list[Leg]) -> bool:
    """Whether two lines run straight from one end of an edge to the other, and part there."""
    rays, others = ([(leg, *ray(graph, leg)) for leg in legs if leg[0] != number]
                    for legs in (here, there))
    straight = [(a, b) for a, near, far in rays for b, ahead, beyond in others
                if max(_off(far, near, beyond - far), _off(ahead, beyond, beyond - far))
                < _STRAIGHT]
    return any(a != c and b != d for a, b in straight for c, d in straight)


def _off(start: Floats, stop: Floats, along: Floats) -> float:
    """The angle between the way from one point to another and a direction."""
    x, y = stop - start
    return abs(angle_between(float(np.arctan2(y, x)), float(np.arctan2(along[1], along[0]))))


def _straighten(graph: Graph) -> None:
    """Let free ends that lean to a corner of the ink go on as they came."""
    legs = graph.legs()
    for node, here in legs.items():
        if len(here) == 1:
            number, side = here[0]
            edge = graph.edges[number]
            turn = slice(None) if side == 0 else slice(None, None, -1)
            line = _unbent(edge.line[turn], edge.wide[turn])
            graph.place[node] = line[0]
            graph.edges[number] = Edge(edge.ends, line[turn], edge.wide)


def _unbent(line: Floats, wide: Floats) -> Floats:
    """A line whose first points go on in the direction of those after them."""
    along = lengths(line)
    steps = np.arange(0, min(_CUT, along[-1] - _FAR), 1.0)
    rise = np.interp(steps + 2, along, wide) - np.interp(steps, along, wide)
    steep = int(np.argmin(np.r_[rise > 2 * _STEEP, False]))
    if not steep:
        return line
    reach = steep + 1.0
    base, after = (np.array([np.interp(at, along, line[:, k]) for k in (0, 1)])
                   for at in (reach, min(reach + _FAR, along[-1])))
    ahead = (base - after) / max(float(np.hypot(*(base - after))), 1e-6)
    aside = abs(float(ahead[0] * (line[0] - base)[1] - ahead[1] * (line[0] - base)[0]))
    if aside < _ASIDE or (line[0] - base) @ ahead < aside / 2:
        return line
    bent = along < reach
    out = line.copy()
    out[bent] = base + ahead * ((line[bent] - base) @ ahead)[:, None]
    return out


def _moved(edge: Edge, side: int, node: int, place: Floats) -> Edge:
    """The edge with one of its ends led on to a node."""
    ends = (node, edge.ends[1]) if side == 0 else (edge.ends[0], node)
    at = 0 if side == 0 else len(edge.line)
    return Edge(ends, np.insert(edge.line, at, place, axis=0),
                np.insert(edge.wide, at, edge.wide[0 if side == 0 else -1]))
