"""What characters show of others: components and where they are, and kinds of stroke.

A component is worth what share of the characters has it. A stroke of the charset is worth how like
it is to the likest stroke that is shown, since strokes are drawn from those (`glyphgen.strokes`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from fonts.components import Part, parts
from fonts.drawing import EM_PIXELS
from fonts.regions import script_of
from glyphgen.strokes.alike import FAR, Shapes
from glyphgen.strokes.library import Library

Floats = NDArray[np.float32]
Gains = NDArray[np.float64]
Shown = str | Part          # a component anywhere, or one in its place

COMPONENTS, STROKES = 0.5, 0.5      # what all components are worth, and all strokes
AGAIN = 0.35                # of a component's worth that is left each time it is seen

_DEEPER = 0.3               # worth of a component's component against a component's
_STAND_INS = 800            # strokes that stand for all of the charset
_PATH = {"han": 6.0, "hangul": 4.0, "kana": 2.0}    # ems of pen, where the library does not tell
_SHORT = 1.5                # of other scripts


class Coverage:
    """What each of the candidates adds to those that were seen.

    targets: how much each character to be drawn weighs; candidates: those that may be written.
    """

    def __init__(self, targets: Mapping[int, float], candidates: Sequence[int]) -> None:
        total = sum(targets.values())
        targets = {c: weight / total for c, weight in targets.items()}
        self._row = {c: i for i, c in enumerate(candidates)}
        self._names, self._holds = table([shown(c) for c in candidates])
        self._left = _worth(targets, {name: i for i, name in enumerate(self._names)})
        spread = Shapes.of(_spread(targets))
        self._alike = np.stack([alike(Shapes.of(strokes(c)), spread) for c in candidates])
        self._best = np.zeros(self._alike.shape[1], np.float32)

    def see(self, codepoint: int) -> None:
        """Count a candidate as written."""
        row = self._row[codepoint]
        self._left[self._columns(row)] *= AGAIN
        self._best = np.maximum(self._best, self._alike[row])

    def components(self) -> Gains:
        """What each candidate adds by its components (N,)."""
        return self._holds @ self._left

    def strokes(self) -> Gains:
        """What each candidate adds by its strokes (N,)."""
        if not self._alike.size:
            return np.zeros(len(self._alike))
        return STROKES * np.maximum(self._alike - self._best, 0).mean(1).astype(np.float64)

    @property
    def likeness(self) -> float:
        """How like the charset's strokes are to the likest ones seen, 0 to 1."""
        return float(self._best.mean()) if self._best.size else 0.0

    def part(self, codepoint: int) -> Part | None:
        """The component of a candidate that adds most, rather a large one than a component's
        component; None where it has none."""
        worth = {self._names[i]: float(self._left[i]) for i in self._columns(self._row[codepoint])}
        placed = {one: value + worth[one.name] for one, value in worth.items()
                  if isinstance(one, Part)}
        plain = {one: value for one, value in placed.items() if " " not in one.place}
        return max(plain or placed, key=lambda one: placed[one], default=None)

    def _columns(self, row: int) -> NDArray[np.int32]:
        return self._holds.indices[self._holds.indptr[row]:self._holds.indptr[row + 1]]


def shown(codepoint: int) -> frozenset[Shown]:
    """All that a character shows, itself as a component among it."""
    return frozenset({chr(codepoint)} | {one for part in parts(codepoint)
                                         for one in (part, part.name)})


def table(held: Sequence[Collection[Shown]]) -> tuple[list[Shown], csr_array]:
    """All that is shown, and which row shows which (rows, columns), 1 or 0."""
    columns: dict[Shown, int] = {}
    at = [[columns.setdefault(one, len(columns)) for one in sorted(each, key=str)]
          for each in held]
    column = np.array([i for each in at for i in each], np.int32)
    ends = np.cumsum([0, *map(len, at)], dtype=np.int32)
    return [*columns], csr_array((np.ones(len(column)), column, ends), (len(at), len(columns)))


def _worth(targets: Mapping[int, float], columns: Mapping[Shown, int]) -> Gains:
    """How much each of the columns is worth while nothing was seen: in all COMPONENTS at most."""
    worth = np.zeros(len(columns))
    for codepoint, weight in targets.items():
        held = {part: _DEEPER if " " in part.place else 1.0 for part in parts(codepoint)}
        for part, share in held.items():
            for one in (part, part.name):
                if one in columns:
                    worth[columns[one]] += weight * share / sum(held.values()) / 2 * COMPONENTS
    return worth


def strokes(codepoint: int) -> Floats:
    """The content's strokes (S, 16, 2) of a hanzi; none where the library has none, or of others:
    only strokes of hanzi are drawn from those of other characters."""
    library = Library.load()
    if script_of(codepoint) != "han" or codepoint not in library:
        return np.empty((0, 16, 2), np.float32)
    return library[codepoint]


def path(codepoint: int) -> float:
    """Ems that the pen goes for a character."""
    lines = strokes(codepoint)
    if not len(lines):
        return _PATH.get(script_of(codepoint), _SHORT)
    return float(np.hypot(*np.moveaxis(np.diff(lines, axis=1), -1, 0)).sum()) / EM_PIXELS


def alike(shown: Shapes, others: Shapes) -> Floats:
    """How like each of the M others is to the likest of those shown, 0 to 1 (M,)."""
    if not len(shown.sizes):
        return np.zeros(len(others.sizes), np.float32)
    return np.exp(-(shown.unlike(others).min(0) / FAR)**2).astype(np.float32)


def _spread(targets: Mapping[int, float]) -> Floats:
    """Strokes (M, 16, 2) that stand for those of all targets, by their weight."""
    having = [(strokes(c), weight) for c, weight in targets.items() if len(strokes(c))]
    if not having:
        return np.empty((0, 16, 2), np.float32)
    lines = np.concatenate([one for one, _ in having])
    ends = np.cumsum(np.repeat([weight for _, weight in having], [len(one) for one, _ in having]))
    at = (np.arange(_STAND_INS) + 0.5) / _STAND_INS * ends[-1]
    return lines[np.searchsorted(ends, at).clip(max=len(lines) - 1)]
