"""The strokes of the content's characters in writing order, on the content's centre lines.

`python -m training.strokes.data library` makes the file; `LICENSES.md` beside it says what it comes
from. Hanzi have strokes on the Kai content alone, in each form it has of them; all else on both
contents. What is not here can't be drawn by strokes: filled shapes, and drawings that strokes don't
give back.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from zipfile import ZipFile

import numpy as np
from numpy.typing import NDArray

from fonts.content import Content

Floats = NDArray[np.float32]
Points = NDArray[np.int16]
Strokes = Mapping[int, Floats]

HEI, KAI = 0, 1         # the contents, as `Content.pair` has them
FILE = Path(__file__).with_name("strokes.npz")
_GRID = 32              # steps a canvas pixel that points are kept to
_ARRAYS = ("codepoints", "first", "low", "high")        # that a library is kept as


class Library:
    """Codepoint to strokes: float32 (S, 16, 2), canvas pixels, in writing order."""

    def __init__(self, points: Mapping[int, Points], split: Iterable[int] = ()) -> None:
        self._points = points           # of each (S, 16, 2), in steps of the grid
        self.split = frozenset(split)   # hanzi whose strokes are not from stroke-order data

    @classmethod
    def load(cls, content: int = KAI, region: str = "cn") -> Library:
        """The library that ships with glyphgen, of a region's Kai or of the Hei content."""
        return _regional(region) if content == KAI else _shipped()[HEI]

    def __contains__(self, codepoint: int) -> bool:
        return codepoint in self._points

    def __getitem__(self, codepoint: int) -> Floats:
        """The strokes (S, 16, 2) of a character; KeyError where there are none."""
        return self._points[codepoint].astype(np.float32) / np.float32(_GRID)

    @property
    def codepoints(self) -> frozenset[int]:
        """The characters whose strokes are here."""
        return frozenset(self._points)

    def with_forms(self, own: Library, drawn: Iterable[int]) -> Library:
        """The same with another library's strokes of those characters that are drawn as there."""
        drawn = frozenset(drawn)
        points = {c: one for c, one in self._points.items() if c not in drawn}
        points |= {c: one for c, one in own._points.items() if c in drawn}
        return Library(points, (self.split - drawn) | (own.split & drawn))


@lru_cache(maxsize=1)
def _shipped() -> tuple[Library, Library, Library]:
    return load(FILE)


@lru_cache(maxsize=8)
def _regional(region: str) -> Library:
    """On a region's Kai."""
    _, kai, japanese = _shipped()
    return kai.with_forms(japanese, Content(region).own_kai)


def edition(path: Path = FILE) -> str:
    """Names what a file of strokes holds; its table of contents alone is read."""
    with ZipFile(path) as file:
        parts = [(part.filename, part.CRC) for part in file.infolist()]
    return f"{zlib.crc32(repr(parts).encode()):08x}"


def load(path: Path) -> tuple[Library, Library, Library]:
    """The libraries of a file: on the Hei and on the Kai content, and on Kai's Japanese forms."""
    with np.load(path, allow_pickle=False) as arrays:
        kai, own, japanese = (_read(*(arrays[f"{name}_{part}"] for name in _ARRAYS))
                              for part in ("kai", "hei", "jp"))
        both = {int(c): kai[int(c)] for c in arrays["both"]}
        split, split_jp = (arrays[name].tolist() for name in ("split", "split_jp"))
    return Library(both | own), Library(kai, split), Library(japanese, split_jp)


def save(hei: Strokes, kai: Strokes, japanese: Strokes, path: Path = FILE,
         split: Iterable[int] = (), split_jp: Iterable[int] = ()) -> None:
    """Write the strokes (S, 16, 2) on both contents, to 1/32 pixel, once where they are alike; and
    on what Kai draws otherwise in Japan.

    split, split_jp: hanzi whose strokes are split off the drawing, Kai's common and Japan's.
    """
    both = [c for c in sorted(hei) if c in kai and np.array_equal(hei[c], kai[c])]
    arrays: dict[str, NDArray[np.generic]] = {
        name: np.array(sorted(listed), np.int32)
        for name, listed in (("both", both), ("split", split), ("split_jp", split_jp))}
    own = {c: hei[c] for c in set(hei).difference(both)}
    for part, strokes in (("kai", kai), ("hei", own), ("jp", japanese)):
        arrays |= {f"{name}_{part}": array for name, array in zip(_ARRAYS, _written(strokes))}
    with path.open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, **arrays)


def _written(strokes: Mapping[int, Floats]) -> tuple[NDArray[np.generic], ...]:
    """Characters (C,), where their strokes begin (C + 1,), low and high bytes (16, 2, N) of these.

    A stroke is where it begins, its first step, and from there on how its steps change, which is
    little. The sign is the last bit.
    """
    order = sorted(strokes)
    first = np.cumsum([0] + [len(strokes[c]) for c in order], dtype=np.int32)
    points = np.concatenate([np.zeros((0, 16, 2)), *(strokes[c] for c in order)])
    planes = np.moveaxis(np.rint(points * _GRID).astype(np.int32), 0, -1)
    steps = np.diff(planes, axis=0)
    bends = np.concatenate([planes[:1], steps[:1], np.diff(steps, axis=0)])
    folded = (bends << 1) ^ (bends >> 31)
    return (np.array(order, np.int32), first, (folded & 255).astype(np.uint8),
            (folded >> 8).astype(np.uint8))


def _read(codepoints: NDArray[np.int32], first: NDArray[np.int32], low: NDArray[np.uint8],
          high: NDArray[np.uint8]) -> dict[int, Points]:
    """What `_written` wrote, in steps of the grid."""
    folded = low.astype(np.int16) | high.astype(np.int16) << 8
    planes = (folded >> 1) ^ -(folded & 1)
    np.cumsum(planes[1:], axis=0, out=planes[1:])
    np.cumsum(planes, axis=0, out=planes)
    points = np.ascontiguousarray(np.moveaxis(planes, -1, 0))
    return {int(c): points[a:b] for c, a, b in zip(codepoints, first, first[1:])}
