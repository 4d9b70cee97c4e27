"""Strokes split off a drawing's own centre lines, for characters without stroke-order data.

Lines run on through junctions where they go straightest, turn at corners that a pen turns at, and
are parted at corners that it is lifted at. Directions and order are those of people who write from
the left to the right and from the top to the bottom.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fonts.drawing import Field
from glyphgen.strokes.laid.register import POINTS
from training.strokes.corners import (
    STEP,
    Line,
    bends_of,
    corners_of,
    even,
    opened,
    parted,
    smoothed,
)
from training.strokes.graph import Floats, Graph, Leg, angle_between, graph_of, heading
from training.strokes.order import in_order

_STRAIGHT = 1.0         # radians that a line may turn in a junction and run on
_MANY = 8               # legs at a junction, too many to try every pairing
_STUB = 3.0             # half-widths that a leg is long whose direction is well known
_HEAD = 6.0             # pixels that a leg's direction is measured on
_TURNED = 1.9           # radians: a pen turns round instead of being lifted
_RISE = 0.6             # radians above rightward that a pen still writes to the right
_TAPER = 1.25           # how much thicker the start of a stroke is than its end
_HOOK = 0.4             # of the piece before: a hook
_HOOK_BACK = 0.85       # the same for one that is pointed, or rises to the left as no bar does
_POINTED = 0.7          # of the half-width before
_FLAG = 0.7             # of the piece after: a flag that a stroke may start with, rising
_CURVE = 10.0           # pixels of a straight line that get as many points as a radian of turn
_WINDING = 8.0          # radians of bends in one stroke at most
_DOT = 0.7              # half-widths: length of a round dot's stroke at least


def split(field: Field) -> Floats:
    """The strokes (S, 16, 2), canvas pixels, of a field (128, 128), in the order of writing.

    No strokes where there is no ink.
    """
    graph = graph_of(field)
    strokes = [_dot(graph.place[node], graph.radius[node])
               for node, here in graph.legs().items() if not here]
    for chain in _chains(graph):
        nodes, line = _nodes(graph, chain), _line(graph, chain)
        closed = nodes[0] in nodes[1:] or nodes[-1] in nodes[:-1]
        if line.length < _DOT * line.wide.max():
            strokes.append(_dot(line.points.mean(0), float(line.wide.max())))
        else:
            strokes += _written(line, nodes[0] == nodes[-1], closed)
    if not strokes:
        return np.zeros((0, POINTS, 2), np.float32)
    return in_order(np.stack(strokes))


def _dot(middle: Floats, radius: float) -> Floats:
    """A stroke for ink so round that its centre line is hardly more than a point."""
    reach = _DOT * radius / 2
    return (middle + np.linspace(-reach, reach, POINTS)[:, None]).astype(np.float32)


# --- through the junctions ------------------------------------------------------------------------

def _chains(graph: Graph) -> list[list[Leg]]:
    """Edges in the order that a line runs along them, each by the end it is entered at."""
    on: dict[Leg, Leg] = {}
    for legs in graph.legs().values():
        heads = [heading(graph, leg) for leg in legs]
        sure = [_sureness(graph, leg) for leg in legs]
        turns = [[(np.pi - abs(angle_between(heads[a], heads[b]))) * min(sure[a], sure[b])
                  for a in range(len(legs))] for b in range(len(legs))]
        for a, b in _pairs(turns, list(range(len(legs))))[1]:
            on[legs[a]], on[legs[b]] = legs[b], legs[a]
    starts = [leg for number in graph.edges for leg in ((number, 0), (number, 1))]
    done: set[int] = set()
    chains: list[list[Leg]] = []
    for leg in [leg for leg in starts if leg not in on] + starts:     # rings after open lines
        if leg[0] in done:
            continue
        chain = [leg]
        while (onward := on.get((chain[-1][0], 1 - chain[-1][1]))) and onward != leg:
            chain.append(onward)
        done.update(number for number, _ in chain)
        chains.append(chain)
    return chains


def _sureness(graph: Graph, leg: Leg) -> float:
    """How well the direction of a leg is known: short stubs lean to corners of the ink."""
    edge = graph.edges[leg[0]]
    return min(1.0, edge.length / (_STUB * graph.radius[edge.ends[leg[1]]]))


def _pairs(turns: list[list[float]], left: list[int]) -> tuple[float, list[tuple[int, int]]]:
    """The pairing of legs that turns least, and its cost: few sharp turns before many slight."""
    if len(left) < 2:
        return len(left) / 2, []
    first, others = left[0], left[1:]
    if len(left) > _MANY:                       # a star: the straightest first
        turn, first, other = min((turns[a][b], a, b) for a in left for b in left if a < b)
        cost, pairs = _pairs(turns, [k for k in left if k not in (first, other)])
        return cost, [(first, other), *pairs] if turn < _STRAIGHT else []
    cost, pairs = _pairs(turns, others)
    best = cost + 0.5, pairs
    for other in others:
        if turns[first][other] < _STRAIGHT:
            cost, pairs = _pairs(turns, [k for k in others if k != other])
            best = min(best, (cost + (turns[first][other] / _STRAIGHT)**0.5,
                              [(first, other), *pairs]))
    return best


def _line(graph: Graph, chain: list[Leg]) -> Line:
    """A chain's line, led straight through its junctions."""
    legs, nodes = graph.legs(), _nodes(graph, chain)
    points, wide = [graph.place[nodes[0]][None]], [graph.radius[nodes[0]]]
    for number, side in chain:
        edge = graph.edges[number]
        keep = np.ones(len(edge.line), np.bool_)
        for node in edge.ends:
            off = np.hypot(*(edge.line - graph.place[node]).T)
            if len(legs[node]) > 2 and off.max() > 2 * graph.bent[node]:
                keep &= off > graph.bent[node]
        forth = slice(None) if side == 0 else slice(None, None, -1)
        points.append(edge.line[keep][forth])
        wide += edge.wide[keep][forth].tolist()
    points.append(graph.place[nodes[-1]][None])
    return even(np.concatenate(points), np.array([*wide, graph.radius[nodes[-1]]], np.float32))


def _nodes(graph: Graph, chain: list[Leg]) -> list[int]:
    """The nodes that a chain passes, with its first and last."""
    number, side = chain[-1]
    return [*(graph.edges[k].ends[at] for k, at in chain), graph.edges[number].ends[1 - side]]


# --- at the corners -------------------------------------------------------------------------------

@dataclass(frozen=True)
class Piece:
    """A line between corners as its chain runs, and whether people write it the other way."""

    line: Line
    against: bool
    anew: bool = False      # whether the pen is lifted before it, the line being so winding

    @property
    def written(self) -> Line:
        """The line in the direction of writing."""
        return self.line.turned() if self.against else self.line


def _written(line: Line, ring: bool, closed: bool) -> list[Floats]:
    """The strokes (16, 2) that a pen makes of a line, each in its direction.

    A ring ends where it starts; what is closed comes back to itself, perhaps with a tail.
    """
    line = Line(smoothed(line.points, ring), line.wide)
    if ring:
        line = opened(line)
    parts = parted(line, corners_of(line))
    pieces = [Piece(half, _is_against(part, len(parts) == 1), k > 0)
              for part in parts for k, half in enumerate(_unwound(part))]
    groups = [[pieces[0]]]
    for before, piece in zip(pieces, pieces[1:]):
        winding = sum(bends_of(part.line.points)[-1] for part in (*groups[-1], piece))
        if not piece.anew and winding < _WINDING and _keeps_on(before, piece, closed):
            groups[-1].append(piece)
        else:
            groups.append([piece])
    return [_sampled(group) for group in groups]


def _unwound(line: Line) -> list[Line]:
    """A line, or two parts of one that winds more than 16 points can show."""
    bends = bends_of(line.points)
    if bends[-1] < _WINDING:
        return [line]
    about = round(_HEAD / STEP / 2)
    middle = np.flatnonzero((bends > 0.35 * bends[-1]) & (bends < 0.65 * bends[-1]))
    middle = middle[(middle >= about) & (middle < len(bends) - about)]
    if not len(middle):
        return [line]
    at = int(middle[(bends[middle + about] - bends[middle - about]).argmin()])
    return [Line(line.points[part], line.wide[part])
            for part in (slice(0, at + 1), slice(at, len(bends)))]


def _is_against(line: Line, whole: bool) -> bool:
    """Whether people write a line from its last point to its first.

    A whole stroke that rises to the right may be written either way, and starts thick.
    """
    x, y = (float(part) for part in line.points[-1] - line.points[0])
    if x == y == 0:
        return False
    angle = float(np.arctan2(y, x))
    against = not -_RISE < angle <= np.pi - _RISE
    rising = abs(((angle if not against else angle + np.pi) + np.pi) % (2 * np.pi) - np.pi + 0.55)
    third = max(1, len(line.wide) // 3)
    ratio = float(line.wide[:third].mean() / line.wide[-third:].mean())
    if whole and rising < 0.35 and max(ratio, 1 / ratio) > _TAPER:
        return ratio < 1
    return against


def _keeps_on(before: Piece, piece: Piece, closed: bool) -> bool:
    """Whether a pen goes on at the corner between two pieces of a line."""
    u, v = _entering(before.line.points), -_entering(piece.line.points[::-1])
    turn = abs(angle_between(float(np.arctan2(u[1], u[0])), float(np.arctan2(v[1], v[0]))))
    if before.against == piece.against:
        into, out = (-v, -u) if before.against else (u, v)
        return not (closed and into[1] > abs(into[0]) and out[0] > abs(out[1]))
    one, two = before.line.length, piece.line.length
    if piece.against:                                   # both end here
        ways = (-u, two, before.line.turned()), (v, one, piece.line)
        hooks = [side for side, other, hook in ways
                 if hook.length < _HOOK_BACK * other
                 and (side[0] < 0 and side[1] < 0.15 * side[0] or _tapers(hook))]
        return turn > _TURNED or bool(hooks) or min(one, two) < _HOOK * max(one, two)
    flags = [side for side, length, other in ((-u, one, two), (v, two, one))
             if length < _FLAG * other and side[0] < 0 and side[1] < -1.5 * side[0]]
    return bool(flags) and turn > 1.2                   # both start here


def _tapers(line: Line) -> bool:
    """Whether a line ends in a point."""
    third = max(1, len(line.wide) // 3)
    return float(line.wide[-third:].mean()) < _POINTED * float(line.wide[:third].mean())


def _entering(points: Floats) -> Floats:
    """The direction in which a line comes to the corner that is its last point."""
    near = points[:-1] if len(points) > 4 else points
    step = near[-1] - near[max(0, len(near) - 1 - round(_HEAD / STEP))]
    return step / max(float(np.hypot(*step)), 1e-6)


def _sampled(group: list[Piece]) -> Floats:
    """One stroke (16, 2) of pieces that a pen writes without being lifted; corners get knots."""
    balance = sum(piece.line.length * (-1 if piece.against else 1) for piece in group)
    total = sum(piece.line.length for piece in group)
    back = balance < 0
    if abs(balance) < 0.35 * total:
        back = group[0].line.points[0][0] > group[-1].line.points[-1][0]
    lines = [piece.line.points for piece in group]
    if back:
        lines = [line[::-1] for line in lines[::-1]]
    ends = np.cumsum([0.0, *(_effort(line)[-1] for line in lines)])
    points = np.concatenate([lines[0], *(line[1:] for line in lines[1:])])
    along = np.concatenate([[0.0], *(_effort(line)[1:] + end for line, end in zip(lines, ends))])
    at = np.interp(np.arange(POINTS), _knots(ends), ends)
    return np.stack([np.interp(at, along, points[:, k]) for k in (0, 1)], 1).astype(np.float32)


def _effort(line: Floats) -> NDArray[np.float64]:
    """Length (N,) along a line, longer where it turns: curves need more points."""
    step = np.diff(line, axis=0).astype(np.float64)
    size = np.hypot(*step.T)
    turn = np.zeros(len(size))
    angle = np.arctan2(step[:, 1], step[:, 0])
    turn[1:-1] = np.abs((angle[2:] - angle[:-2] + np.pi) % (2 * np.pi) - np.pi) / 2
    return np.r_[0, np.cumsum(size + _CURVE * turn)]


def _knots(ends: Floats) -> list[int]:
    """Which of the 16 points come to lie on the first, the last and each corner between."""
    last, count = POINTS - 1, len(ends) - 1
    knots = [round(float(end / max(ends[-1], 1e-6)) * last) for end in ends]
    for k in range(1, count):
        knots[k] = min(max(knots[k], knots[k - 1] + 1), last - (count - k))
    return [*knots[:-1], last]
