"""How often characters are read, and which are hanzi."""

from __future__ import annotations

from training.recommend import _shares, is_hanzi


def test_shares_are_of_the_charset_alone() -> None:
    shares = _shares({"的": 6.0, "一": 2.0, "の": 9.0}, [*map(ord, "的一龘")])
    assert shares == {ord("的"): 0.75, ord("一"): 0.25, ord("龘"): 0}


def test_kana_and_letters_are_no_hanzi() -> None:
    assert [is_hanzi(ord(char)) for char in "国あA한𠮟"] == [True, False, False, False, True]
