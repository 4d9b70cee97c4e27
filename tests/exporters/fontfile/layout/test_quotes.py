"""Widths of quotes by language."""

from __future__ import annotations

from exporters.fontfile.layout.quotes import features, languages, other_width

NAMES = {ord("’"): "quoteright", ord("a"): "a", ord("国"): "guo"}


def test_korean_quotes_are_narrow_and_others_wide() -> None:
    assert (other_width("kr"), languages("kr")) == ("fwid", ("JAN", "ZHS", "ZHT", "ZHH"))
    assert (other_width("cn"), languages("cn")) == ("pwid", ("KOR",))


def test_an_apostrophe_is_narrow_between_letters() -> None:
    said = features(NAMES, [ord("’")], "cn", ["a.1"])
    assert "    sub quoteright by quoteright.pwid;" in said and "@letters = [a a.1];" in said
    assert "    sub @letters quoteright' lookup quotes @letters;" in said
    assert "calt" not in features(NAMES, [ord("’")], "kr") and features(NAMES, [], "cn") == ""
