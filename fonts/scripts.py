"""The script of a character, as far as drawing differs by it."""

from __future__ import annotations

_RANGES = ((0x21, 0x24F, "latin"), (0x3041, 0x30FF, "kana"), (0x3400, 0x9FFF, "han"),
           (0xAC00, 0xD7A3, "hangul"), (0xF900, 0xFAFF, "han"), (0x20000, 0x3FFFF, "han"))


def script_of(codepoint: int) -> str:
    """"han", "hangul", "kana", "latin", or "sign" for all else."""
    return next((script for low, high, script in _RANGES if low <= codepoint <= high), "sign")
