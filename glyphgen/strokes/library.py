"""The strokes of the content's characters in writing order, on the Kai content's centre lines.

`python -m training.build_strokes` makes the file; `LICENSES.md` beside it says what it comes from.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

FILE = Path(__file__).with_name("strokes.npz")
_GRID = 32              # steps a canvas pixel that points are kept to


class Library:
    """Codepoint to strokes: float32 (S, 16, 2), canvas pixels, in writing order."""

    def __init__(self, codepoints: NDArray[np.int32], first: NDArray[np.int32],
                 points: NDArray[np.int16]) -> None:
        self._row = {int(c): i for i, c in enumerate(codepoints)}
        self._first, self._points = first, points

    @classmethod
    @lru_cache(maxsize=1)
    def load(cls) -> Library:
        """The library that ships with glyphgen."""
        with np.load(FILE, allow_pickle=False) as arrays:
            steps = arrays["steps"]
            return cls(arrays["codepoints"], arrays["first"],
                       np.cumsum(steps, axis=1, dtype=np.int16))

    def __contains__(self, codepoint: int) -> bool:
        return codepoint in self._row

    def __getitem__(self, codepoint: int) -> Floats:
        """The strokes (S, 16, 2) of a character; KeyError where there are none."""
        row = self._row[codepoint]
        points = self._points[self._first[row]:self._first[row + 1]]
        return points.astype(np.float32) / np.float32(_GRID)

    @property
    def codepoints(self) -> frozenset[int]:
        """The characters whose strokes are here."""
        return frozenset(self._row)


def save(strokes: Mapping[int, Floats], path: Path = FILE) -> None:
    """Write a library: points to 1/32 pixel, each kept as the step from the one before."""
    order = sorted(strokes)
    grid = [np.rint(strokes[c] * _GRID).astype(np.int16) for c in order]
    first = np.cumsum([0] + [len(one) for one in grid], dtype=np.int32)
    points = np.concatenate(grid)
    steps = np.diff(points, axis=1, prepend=np.zeros((len(points), 1, 2), np.int16))
    with path.open("wb") as file:
        np.savez_compressed(file, codepoints=np.array(order, np.int32), first=first, steps=steps)
