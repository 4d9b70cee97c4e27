"""What the settings of a project may be: its file may come from anyone."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from glyphgen.config import KINDS, is_text, is_whole

MOST_LEARNT = 50        # hands whose scores are kept
BEARING = 300           # units of white that a person may add or take beside a glyph


def _are_codepoints(value: Any) -> bool:
    return isinstance(value, list) and all(
        type(c) is int and 0 <= c <= 0x10FFFF and not 0xD800 <= c <= 0xDFFF for c in value)


def _are_numbers(value: Any) -> bool:
    return isinstance(value, dict) and all(
        type(number) in (int, float) and math.isfinite(number) for number in value.values())


def _are_bearings(value: Any) -> bool:
    return isinstance(value, dict) and all(
        key.isdecimal() and len(key) < 8 and isinstance(pair, list) and len(pair) == 2 and all(
            type(units) is int and abs(units) <= BEARING for units in pair)
        for key, pair in value.items())


def _are_cells(value: Any) -> bool:
    return isinstance(value, dict) and all(
        isinstance(cell, dict) and is_text(cell.get("source", "")) and _are_texts(
            cell.get("verdicts", [])) for cell in value.values())


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and all(map(is_text, value))


def _is_export(value: Any) -> bool:
    return isinstance(value, dict) and is_text(value.get("contents")) and is_whole(
        value.get("revision")) and value["revision"] >= 0


def _are_learnt(value: Any) -> bool:
    return isinstance(value, list) and len(value) <= MOST_LEARNT and all(
        _are_numbers(one) and is_whole(one.get("samples")) and {"iou", "nl1"} <= one.keys()
        for one in value)


def _are_options(value: Any) -> bool:
    return isinstance(value, dict)


_KINDS: dict[str, Callable[[Any], bool]] = KINDS | {
    "family": is_text, "redone": is_whole,
    "codepoints": _are_codepoints, "studio_redone": _are_codepoints,
    "held_out": _are_numbers, "learnt": _are_learnt, "tuning": _are_numbers,
    "bearings": _are_bearings,
    "studio_cells": _are_cells, "studio_job": _are_options, "studio_export": _are_options,
    "exported": _is_export,
}


def is_allowed(key: str, value: Any) -> bool:
    """Whether a setting is of its kind; those that are not known here may be anything."""
    return key not in _KINDS or _KINDS[key](value)
