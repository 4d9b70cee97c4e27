"""The components of characters and where they are: 清 has 氵 on its left, 강 has ㅇ at its bottom.

`charsets/components.txt` takes hanzi apart, one a line as an ideographic description (`清⿰氵青`);
Hangul and letters with marks are taken apart as Unicode says.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

TABLE = Path(__file__).parent / "charsets" / "components.txt"
UNNAMED = "？"          # a component that has no codepoint

_DEEPEST = 8
# where the parts of each description are; of one that surrounds, the first is around
_PLACES = {"⿰": ("left", "right"), "⿱": ("top", "bottom"), "⿲": ("left", "middle", "right"),
           "⿳": ("top", "middle", "bottom"),
           **{sign: ("around", "inside") for sign in "⿴⿵⿶⿷⿸⿹⿺"}}
_INITIALS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
_MEDIALS = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
_FINALS = " ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ"
_UPRIGHT = "ㅏㅐㅑㅒㅓㅔㅕㅖㅣ"       # stand beside the initial, not beneath it
_BENT = "ㅘㅙㅚㅝㅞㅟㅢ"             # go around it
_FRAMES = "回囟囱囪▣☑☒⊡"        # of which the table says no 囗
_MARKS = {"\u3099": "゛", "\u309a": "゜"}        # of kana, as characters that stand alone


class Part(NamedTuple):
    """A component, by its character, and where in the whole it is: "left", "bottom right"."""

    name: str
    place: str


@lru_cache(maxsize=1)
def _table() -> dict[str, str]:
    return {line[0]: line[1:] for line in TABLE.read_text("utf-8").splitlines()}


def parts(codepoint: int) -> frozenset[Part]:
    """Every component of a character, those of its components among them; empty of a whole."""
    char = chr(codepoint)
    if 0xAC00 <= codepoint <= 0xD7A3:
        return frozenset(_syllable(codepoint - 0xAC00))
    if char in _table():
        return frozenset(_walk(_table()[char], ()))
    plain = unicodedata.normalize("NFD", char)
    return frozenset(Part(_MARKS.get(one, one), "") for one in plain if len(plain) > 1)


def is_frame(codepoint: int) -> bool:
    """Whether a character is four sides around others that may stand apart from them, as 国 is."""
    return chr(codepoint) in _FRAMES or Part("囗", "around") in parts(codepoint)


def _walk(description: str, place: tuple[str, ...]) -> Iterator[Part]:
    """The parts of a whole that lies at `place`; it says "top left" at most."""
    for sub, where in _split(description):
        inner = (*place, *(w for w in (where,) if w not in place))[:2]
        if len(sub) > 1:
            yield from _walk(sub, inner)
        elif sub != UNNAMED:
            yield Part(sub, " ".join(inner))
            if sub in _table() and len(place) < _DEEPEST:
                yield from _walk(_table()[sub], inner)


def _split(description: str) -> list[tuple[str, str]]:
    """The parts of a description, each a character or a description, and where they are."""
    places, rest, found = _PLACES[description[0]], description[1:], []
    for place in places:
        end = _end(rest)
        found.append((rest[:end], place))
        rest = rest[end:]
    return found


def _end(text: str) -> int:
    """Where the first component of a text ends."""
    if text[0] not in _PLACES:
        return 1
    end = 1
    for _ in _PLACES[text[0]]:
        end += _end(text[end:])
    return end


def _syllable(number: int) -> Iterator[Part]:
    """The letters of a Hangul syllable (Unicode 3.12)."""
    medial, final = _MEDIALS[number // 28 % 21], _FINALS[number % 28]
    tall = "" if final == " " else "top "
    sides = (("left", "right") if medial in _UPRIGHT else
             ("inside", "around") if medial in _BENT else ("top", "middle" if tall else "bottom"))
    yield Part(_INITIALS[number // 588], (tall if sides[0] != "top" else "") + sides[0])
    yield Part(medial, (tall if sides[1] != "middle" else "") + sides[1])
    if tall:
        yield Part(final, "bottom")
