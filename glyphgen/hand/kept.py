"""Samples laid on their strokes as bytes, so that a kept hand need not look for them again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load, save

from exporters.strokes.curve import ANGLES
from fonts.strokes import PLACES
from glyphgen.hand.strokes import can_lay
from glyphgen.strokes.corners.corner import CUTS
from glyphgen.strokes.laid.lay import Laid
from glyphgen.strokes.laid.register import POINTS
from glyphgen.strokes.library import KAI, Library

Floats = NDArray[np.float32]

# of each stroke: shape, least and most of a number
_EACH = {"places": ((POINTS,), 0, POINTS - 1), "strokes": ((POINTS, 2), -512, 512),
         "half_width": ((POINTS,), 0, 64), "ends": ((2, len(ANGLES)), 0, 64),
         "sides": ((2, PLACES), 0, 64)}


def packed(laid: Mapping[int, Laid]) -> bytes:
    """Laid samples by codepoint, without the content's strokes, as safetensors."""
    parts = {name: _joined(getattr(one, name) for one in laid.values())
             for name in (*_EACH, "turnings")}
    corners = [len(one.turnings) for one in laid.values()]
    return save(parts | {"codepoints": np.array([*laid], np.int64),
                         "corners": np.array(corners, np.int64)})


def unpacked(data: bytes, samples: Iterable[int], region: str) -> dict[int, Laid]:
    """What `packed` made of some of these samples. ValueError, or another error of what reads it,
    where it is anything else: the file may come from anyone."""
    parts, library = load(data), Library.load(KAI, region)
    codepoints, corners = (_numbers(parts[name]) for name in ("codepoints", "corners"))
    if len(set(codepoints)) != len(codepoints) or len(corners) != len(codepoints) \
            or not all(can_lay(c, region) for c in codepoints) \
            or not set(codepoints) <= set(samples):
        raise ValueError
    wholes = [library[c] for c in codepoints]
    cuts = np.cumsum([0, *map(len, wholes)])
    rows = {name: _checked(parts[name], (int(cuts[-1]), *shape), low, high, name == "ends")
            for name, (shape, low, high) in _EACH.items()}
    turns = np.cumsum([0, *corners])
    turnings = _checked(parts["turnings"], (int(turns[-1]), 1 + len(CUTS)), -1, np.inf)
    return {c: Laid(whole, **{name: all_[cuts[i]:cuts[i + 1]] for name, all_ in rows.items()},
                    turnings=turnings[turns[i]:turns[i + 1]])
            for i, (c, whole) in enumerate(zip(codepoints, wholes))}


def _joined(parts: Iterable[Floats]) -> Floats:
    return np.ascontiguousarray(np.concatenate([*parts]), np.float32)


def _numbers(part: NDArray) -> list[int]:
    """Whole numbers from 0 on."""
    if part.dtype != np.int64 or part.ndim != 1 or (part < 0).any():
        raise ValueError
    return [int(number) for number in part]


def _checked(part: NDArray, shape: tuple[int, ...], low: float, high: float,
             gaps: bool = False) -> Floats:
    """The numbers of this shape from `low` to `high`; with `gaps`, nan too."""
    if part.dtype != np.float32 or part.shape != shape:
        raise ValueError
    if not ((part >= low) & (part <= high) | gaps & np.isnan(part)).all():
        raise ValueError
    return part
