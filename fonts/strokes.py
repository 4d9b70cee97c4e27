"""The strokes of a drawing as small byte strings, for storing: 16-bit steps, deflated."""

from __future__ import annotations

import zlib

import numpy as np
from numpy.typing import NDArray

from fonts.drawing import Strokes
from fonts.packed import PackedError

POINTS = 16             # of a stroke
REACHES = 13            # of an end
PLACES = 3 * (POINTS - 1) + 1   # of a side
FINE = 64               # parts of a pixel that are told apart, 0.14 units of the em
MOST = 256              # strokes of a drawing
FAR = 1 << 14           # parts of a pixel that anything is from the canvas's corner, at most
_LEVEL = 6
_LINE, _ENDS, _SIDES = 3 * POINTS, 2 * REACHES, 2 * PLACES
_HAS_ENDS, _HAS_SIDES = 1, 2    # in the first byte


def pack_inked(strokes: Strokes) -> bytes | None:
    """Steps of 1/64 pixel from point to point, ends and sides, deflated; deterministic.

    None for what cannot be stored: none, too many, not finite, or far from the canvas.
    """
    both = np.concatenate([strokes.lines, strokes.half_width[..., None]], -1)
    ends = np.zeros((0, 2, REACHES)) if strokes.ends is None else strokes.ends
    sides = np.zeros((0, 2, PLACES)) if strokes.sides is None else strokes.sides
    fine, reach, aside = (np.rint(part * FINE) for part in (both, ends, sides))
    if not 0 < len(fine) <= MOST or not all(
            (np.abs(part) < FAR).all() for part in (fine, reach, aside)):
        return None
    fine[..., 2] = np.maximum(fine[..., 2], 1)
    parts = (_steps(fine.transpose(2, 0, 1)), np.maximum(reach, 0), _steps(np.maximum(aside, 0)))
    has = _HAS_ENDS * (len(reach) > 0) + _HAS_SIDES * (len(aside) > 0)
    raw = bytes([has]) + b"".join(part.astype("<i2").tobytes() for part in parts)
    return zlib.compress(raw, _LEVEL)


def unpack_inked(data: bytes) -> Strokes:
    """The inverse of `pack_inked`. Raises PackedError for anything it did not make."""
    inflate = zlib.decompressobj()
    try:
        raw = inflate.decompress(data, 2 * MOST * (_LINE + _ENDS + _SIDES) + 2)
    except zlib.error as error:
        raise PackedError(f"stored strokes are damaged: {error}") from None
    has = raw[0] if raw else 0
    each = _LINE, _ENDS * bool(has & _HAS_ENDS), _SIDES * bool(has & _HAS_SIDES)
    count, left = divmod(len(raw) - 1, 2 * sum(each))
    if left or not 0 < count <= MOST or not inflate.eof or inflate.unused_data \
            or has > _HAS_ENDS + _HAS_SIDES:
        raise PackedError(f"stored strokes are damaged: they are {len(raw)} bytes")
    values = np.frombuffer(raw, "<i2", offset=1)
    lines, reach, aside = np.split(values, np.cumsum([size * count for size in each[:-1]]))
    fine = np.cumsum(lines.reshape(3, count, POINTS), axis=-1, dtype=np.int64)
    ends = reach.reshape(-1, 2, REACHES)
    sides = np.cumsum(aside.reshape(-1, 2, PLACES), axis=-1, dtype=np.int64)
    if (fine[2] < 1).any() or (np.abs(fine) >= FAR).any() or any(
            (part < 0).any() or (part >= FAR).any() for part in (ends, sides)):
        raise PackedError("stored strokes are damaged: a value is out of range")
    x, y, half_width = (fine / FINE).astype(np.float32)
    return Strokes(np.stack([x, y], -1), half_width, _unless_none(ends), _unless_none(sides))


def _steps(numbers: NDArray[np.float64]) -> NDArray[np.int16]:
    """From one number (..., N) to the next, and to the first from 0."""
    steps = np.diff(numbers.astype(np.int16), axis=-1, prepend=np.int16(0))
    return np.asarray(steps, np.int16)


def _unless_none(parts: NDArray[np.int64] | NDArray[np.int16]) -> NDArray[np.float32] | None:
    return (parts / FINE).astype(np.float32) if len(parts) else None
