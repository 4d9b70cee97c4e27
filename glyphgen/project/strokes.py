"""Strokes as they were written on glass, kept beside the sample that was made of them.

A stroke is int32 (N, 6), a row a point: x and y in 256ths of a pixel of the canvas (whose em square
has a margin, as that of every field), pressure in thousandths, milliseconds since the first point
of the character, and how far the pen leant to the right and towards the writer, degrees. A device
that does not say how hard it was pressed says one half.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from fonts.drawing import CANVAS

Stroke = NDArray[np.int32]

UNITS = 256                                 # of a pixel
MOST_STROKES, MOST_POINTS = 128, 20_000     # of one character
COLUMNS = ("x", "y", "pressure", "time", "tilt x", "tilt y")
LOWEST = np.array([0, 0, 0, 0, -90, -90])
HIGHEST = np.array([CANVAS * UNITS, CANVAS * UNITS, 1000, 3_600_000, 90, 90])
_LEVEL = 6


class StrokesError(ValueError):
    """What no hand wrote on glass."""


def check_strokes(strokes: Sequence[NDArray[np.integer]]) -> None:
    """Raises StrokesError for too many, none, a value out of range, or time that runs back."""
    if not 0 < len(strokes) <= MOST_STROKES or sum(map(len, strokes)) > MOST_POINTS:
        raise StrokesError(f"1 to {MOST_STROKES} strokes of {MOST_POINTS} points together")
    for stroke in strokes:
        if stroke.ndim != 2 or stroke.shape[1] != len(COLUMNS) or not len(stroke):
            raise StrokesError(f"a stroke of {stroke.shape}")
        if (stroke < LOWEST).any() or (stroke > HIGHEST).any() or (np.diff(stroke[:, 3]) < 0).any():
            raise StrokesError("a point out of range, or before the one before it")


def pack_strokes(strokes: Sequence[Stroke]) -> bytes:
    """Strokes as few bytes, the same every time. Raises StrokesError."""
    check_strokes(strokes)
    steps = np.diff(np.concatenate(strokes), axis=0, prepend=0).astype("<i4")
    head = struct.pack(f"<{1 + len(strokes)}H", len(strokes), *map(len, strokes))
    return zlib.compress(head + steps.T.tobytes(), _LEVEL)


def unpack_strokes(data: bytes) -> list[Stroke]:
    """The inverse of `pack_strokes`. Raises StrokesError for anything that it did not make."""
    inflate = zlib.decompressobj()
    row = 4 * len(COLUMNS)
    try:
        raw = inflate.decompress(data, 2 * (1 + MOST_STROKES) + row * MOST_POINTS + 1)
        (count,) = struct.unpack_from("<H", raw)
        lengths = struct.unpack_from(f"<{count}H", raw, 2)
    except (zlib.error, struct.error):
        raise StrokesError("stored strokes are damaged") from None
    body = raw[2 * (1 + count):]
    if not inflate.eof or inflate.unused_data or len(body) != row * sum(lengths):
        raise StrokesError("stored strokes are damaged")
    steps = np.frombuffer(body, "<i4").reshape(len(COLUMNS), -1).T.astype(np.int64)
    points = np.cumsum(steps, axis=0)
    strokes = np.split(points, np.cumsum(lengths)[:-1])
    check_strokes(strokes)
    return [stroke.astype(np.int32) for stroke in strokes]
