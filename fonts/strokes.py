"""The strokes of a drawing as small byte strings, for storing: 16-bit steps, deflated."""

from __future__ import annotations

import zlib

import numpy as np

from fonts.drawing import Strokes
from fonts.packed import PackedError

POINTS = 16             # of a stroke
REACHES = 13            # of an end
FINE = 64               # parts of a pixel that are told apart, 0.14 units of the em
MOST = 256              # strokes of a drawing
FAR = 1 << 14           # parts of a pixel that anything is from the canvas's corner, at most
_LEVEL = 6
_LINE, _ENDS = 3 * POINTS, 2 * REACHES


def pack_inked(strokes: Strokes) -> bytes | None:
    """Steps of 1/64 pixel from point to point, and ends, deflated; deterministic.

    None for what cannot be stored: none, too many, not finite, or far from the canvas.
    """
    both = np.concatenate([strokes.lines, strokes.half_width[..., None]], -1)
    ends = np.zeros((0, 2, REACHES)) if strokes.ends is None else strokes.ends
    fine, reach = np.rint(both * FINE), np.rint(ends * FINE)
    if not 0 < len(fine) <= MOST or not (np.abs(fine) < FAR).all() or not (reach < FAR).all():
        return None
    fine[..., 2] = np.maximum(fine[..., 2], 1)
    steps = np.diff(fine.astype(np.int16), axis=1, prepend=np.int16(0))
    parts = steps.transpose(2, 0, 1), np.maximum(reach, 0)
    raw = bytes([len(reach) > 0]) + b"".join(part.astype("<i2").tobytes() for part in parts)
    return zlib.compress(raw, _LEVEL)


def unpack_inked(data: bytes) -> Strokes:
    """The inverse of `pack_inked`. Raises PackedError for anything it did not make."""
    inflate = zlib.decompressobj()
    try:
        raw = inflate.decompress(data, 2 * MOST * (_LINE + _ENDS) + 2)
    except zlib.error as error:
        raise PackedError(f"stored strokes are damaged: {error}") from None
    shaped = raw[:1] == b"\1"
    count, left = divmod(len(raw) - 1, 2 * (_LINE + _ENDS * shaped))
    if left or not 0 < count <= MOST or not inflate.eof or inflate.unused_data or raw[0] > 1:
        raise PackedError(f"stored strokes are damaged: they are {len(raw)} bytes")
    values = np.frombuffer(raw, "<i2", offset=1)
    fine = np.cumsum(values[:count * _LINE].reshape(3, count, POINTS), axis=2, dtype=np.int64)
    ends = values[count * _LINE:].reshape(-1, 2, REACHES)
    if (np.abs(fine) >= FAR).any() or (fine[2] < 1).any() or (ends < 0).any() or (
            ends >= FAR).any():
        raise PackedError("stored strokes are damaged: a value is out of range")
    both = (fine / FINE).astype(np.float32)
    return Strokes(np.stack([both[0], both[1]], -1), both[2],
                   (ends / FINE).astype(np.float32) if shaped else None)
