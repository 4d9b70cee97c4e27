"""Characters taken apart: right components in right places."""

from __future__ import annotations

import zlib

import pytest

from fonts.charset import named, recommended
from fonts.components import TABLE, UNNAMED, is_frame, parts

SIGNS = {**dict.fromkeys("⿰⿱⿴⿵⿶⿷⿸⿹⿺", 2), **dict.fromkeys("⿲⿳", 3)}


def told(char: str) -> set[str]:
    return {f"{part.name} {part.place}".strip() for part in parts(ord(char))}


@pytest.mark.parametrize("char, expected", [
    ("清", {"氵 left", "青 right", "龶 right top", "月 right bottom"}),
    ("国", {"囗 around", "玉 inside"}),
    ("旦", {"日 top"}),                         # the stroke under it is no component
    ("花", {"艹 top", "化 bottom", "亻 bottom left", "匕 bottom right"}),
    ("品", {"口 top", "口 bottom left", "口 bottom right"}),
    ("永", set()), ("氵", set()), ("A", set()), ("一", set()),
    ("가", {"ㄱ left", "ㅏ right"}),
    ("강", {"ㄱ top left", "ㅏ top right", "ㅇ bottom"}),
    ("고", {"ㄱ top", "ㅗ bottom"}),
    ("곰", {"ㄱ top", "ㅗ middle", "ㅁ bottom"}),
    ("과", {"ㄱ inside", "ㅘ around"}),
    ("힣", {"ㅎ top left", "ㅣ top right", "ㅎ bottom"}),
    ("が", {"か", "゛"}), ("ポ", {"ホ", "゜"}), ("é", {"e", "\u0301"}),
])
def test_components_and_places(char: str, expected: set[str]) -> None:
    assert told(char) == expected


def length(description: str) -> int:
    """Characters of the first component of a description, which may be one in its turn."""
    end = 1
    for _ in range(SIGNS.get(description[0], 0)):
        end += length(description[end:])
    return end


def test_every_line_of_the_table_is_one_whole_description() -> None:
    lines = TABLE.read_text("utf-8").splitlines()
    assert [line[0] for line in lines] == sorted({line[0] for line in lines})
    assert [line for line in lines
            if line[1] not in SIGNS or length(line[1:]) != len(line) - 1] == []
    assert len(zlib.compress(TABLE.read_bytes(), 9)) < 200_000


def test_most_hanzi_have_components_and_none_has_itself() -> None:
    hanzi = named("gb2312").codepoints
    assert sum(bool(parts(c)) for c in hanzi) > 0.94 * len(hanzi)
    assert not [c for c in hanzi if any(part.name in (chr(c), UNNAMED) for part in parts(c))]


@pytest.mark.parametrize("region, charset, shown, in_place", [
    ("cn", "gb2312", 0.54, 0.23), ("tw", "big5", 0.57, 0.23), ("hk", "big5", 0.57, 0.23),
    ("jp", "jis0208", 0.48, 0.17)])
def test_what_a_person_is_asked_to_write_shows_much(region: str, charset: str, shown: float,
                                                    in_place: float) -> None:
    held = {part for char in recommended(region) for part in parts(ord(char))}
    names = {part.name for part in held} | set(recommended(region))
    every = [parts(c) for c in named(charset).codepoints]
    each = [{part.name for part in one} for one in every]
    assert sum(len(one & names) for one in each) > shown * sum(map(len, each))
    assert sum(len(one & held) for one in every) > in_place * sum(map(len, every))


@pytest.mark.parametrize("char, expected", [*((char, True) for char in "国回因圆圖四囧囱▣"),
                                            *((char, False) for char in "永同区門面涸田口A가")])
def test_frames_are_around_all_of_a_character(char: str, expected: bool) -> None:
    assert is_frame(ord(char)) is expected
