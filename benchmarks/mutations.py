"""Bytes changed at random, as files are that were cut short, damaged, or made to do harm."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random

MOST = 1 << 20          # bytes that an input may grow to
_EDGES = (0, 1, 2, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
_TIMES = (1, 1, 2, 3, 5, 9)

Change = Callable[[bytes, Random, Sequence[bytes]], bytes]


def mutate(chance: Random, seeds: Sequence[bytes]) -> bytes:
    """One of `seeds` with one to nine changes."""
    data = chance.choice(seeds)
    for _ in range(chance.choice(_TIMES)):
        data = chance.choice(_CHANGES)(data, chance, seeds)[:MOST]
    return data


def _span(data: bytes, chance: Random) -> tuple[int, int]:
    start = _place(data, chance)
    return start, start + chance.randint(1, chance.choice((4, 64, 1024)))


def _place(data: bytes, chance: Random) -> int:
    """An offset, every other time in the head, where a format says what it is."""
    most = len(data) if chance.getrandbits(1) else min(len(data), 256)
    return chance.randint(0, max(0, most - 1))


def _flip(data: bytes, chance: Random, seeds: Sequence[bytes]) -> bytes:
    at, bit = _place(data, chance), 1 << chance.randint(0, 7)
    return data[:at] + bytes(byte ^ bit for byte in data[at : at + 1]) + data[at + 1:]


def _number(data: bytes, chance: Random, seeds: Sequence[bytes]) -> bytes:
    at, size = _place(data, chance), chance.choice((1, 2, 4))
    value = chance.choice(_EDGES) % (1 << 8 * size)
    return data[:at] + value.to_bytes(size, chance.choice(("big", "little"))) + data[at + size:]


def _truncate(data: bytes, chance: Random, seeds: Sequence[bytes]) -> bytes:
    return data[: _place(data, chance)]


def _drop(data: bytes, chance: Random, seeds: Sequence[bytes]) -> bytes:
    start, end = _span(data, chance)
    return data[:start] + data[end:]


def _repeat(data: bytes, chance: Random, seeds: Sequence[bytes]) -> bytes:
    start, end = _span(data, chance)
    return data[:end] + data[start:end] * chance.randint(1, 20) + data[end:]


def _noise(data: bytes, chance: Random, seeds: Sequence[bytes]) -> bytes:
    start, end = _span(data, chance)
    return data[:start] + chance.randbytes(end - start) + data[end:]


def _insert(data: bytes, chance: Random, seeds: Sequence[bytes]) -> bytes:
    at = _place(data, chance)
    return data[:at] + chance.randbytes(chance.randint(1, 16)) + data[at:]


def _zero(data: bytes, chance: Random, seeds: Sequence[bytes]) -> bytes:
    start, end = _span(data, chance)
    return data[:start] + bytes(end - start) + data[end:]


def _splice(data: bytes, chance: Random, seeds: Sequence[bytes]) -> bytes:
    other = chance.choice(seeds)
    return data[: _place(data, chance)] + other[_place(other, chance):]


def _swap(data: bytes, chance: Random, seeds: Sequence[bytes]) -> bytes:
    start, end = _span(data, chance)
    return data[:start] + data[end : 2 * end - start] + data[start:end] + data[2 * end - start:]


_CHANGES: tuple[Change, ...] = (_flip, _flip, _number, _number, _truncate, _drop, _repeat, _noise,
                                _insert, _zero, _splice, _swap)
