"""Fields as small byte strings, for storing: int8 of `fonts.drawing.pack`, deflated."""

from __future__ import annotations

import zlib

import numpy as np

from fonts.drawing import CANVAS, Field, pack, unpack

SIZES = (CANVAS, 2 * CANVAS, 4 * CANVAS)
_LEVEL = 6


class PackedError(ValueError):
    """Bytes that are no packed field."""


def to_bytes(field: Field) -> bytes:
    """A square field of one of `SIZES`, deflated; deterministic."""
    if field.shape not in [(size, size) for size in SIZES]:
        raise PackedError(f"a field of {field.shape} cannot be packed; sizes: {SIZES}")
    return zlib.compress(pack(field).tobytes(), _LEVEL)


def from_bytes(data: bytes) -> Field:
    """The inverse of `to_bytes`. Raises PackedError for anything it did not make."""
    most = SIZES[-1] ** 2
    inflate = zlib.decompressobj()
    try:
        raw = inflate.decompress(data, most + 1)
    except zlib.error as error:
        raise PackedError(f"a stored field is damaged: {error}") from None
    size = int(len(raw) ** 0.5)
    if size not in SIZES or size * size != len(raw) or not inflate.eof or inflate.unused_data:
        raise PackedError(f"a stored field is damaged: it holds {len(raw)} pixels")
    packed = np.frombuffer(raw, np.int8).reshape(size, size)
    if packed.min() == -128:
        raise PackedError("a stored field is damaged: a value is out of range")
    return unpack(packed)
