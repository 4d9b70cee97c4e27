"""What is typed beside hanzi."""

from __future__ import annotations

import unicodedata

import pytest

from fonts import signs


@pytest.mark.parametrize("name, count", [("GREEK", 48), ("CYRILLIC", 66), ("HANZI_SIGNS", 11)])
def test_alphabets_are_whole(name: str, count: int) -> None:
    text = getattr(signs, name)
    assert len(text) == len(set(text)) == count


def test_no_sign_stands_twice_or_is_decomposed() -> None:
    for name in ("LATIN_MORE", "SIGNS", "PINYIN", "BOPOMOFO", "GBK_LATER"):
        text = getattr(signs, name)
        assert unicodedata.normalize("NFC", text) == text, name
        assert len(set(text)) == len(text), name
