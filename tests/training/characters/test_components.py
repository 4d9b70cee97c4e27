"""Lines of the decomposition data as ideographic descriptions."""

from __future__ import annotations

from pathlib import Path

import pytest

from fonts.components import UNNAMED
from training.characters.components import described, read, table

DATA = {"清": ("a", ("氵", "青")), "林": ("ra", ("木",)), "森": ("r3tr", ("木",)),
        "国": ("s", ("囗", "玉")), "哀": ("w", ("衣", "口")), "花": ("d/t", ("卄", "化")),
        "說": ("me", ("説",)), "説": ("a", ("言", "兑")), "二": ("d", ("一", "一")),
        "旦": ("d", ("日", "一")), "千": ("d", ("丿", "十")), "12345": ("a", ("木", "口")),
        "呆": ("d", ("12345", "心"))}


@pytest.mark.parametrize("char, words", [
    ("清", "⿰氵青"), ("林", "⿰木木"), ("森", "⿱木⿰木木"), ("国", "⿴囗玉"), ("哀", "⿴衣口"),
    ("花", "⿱艹化"), ("說", "⿰言兑"), ("二", ""), ("旦", f"⿱日{UNNAMED}"), ("千", ""),
    ("呆", "⿱⿰木口心"), ("木", "")])
def test_characters_are_taken_apart(char: str, words: str) -> None:
    assert described(char, DATA) == words


def test_the_table_has_the_parts_of_parts() -> None:
    data = {"清": ("a", ("氵", "青")), "青": ("d", ("龶", "月"))}
    assert table(data, [ord("清")]) == "清⿰氵青\n青⿱龶月\n"


def test_lines_are_read_and_others_passed_over(tmp_path: Path) -> None:
    (tmp_path / "d.txt").write_text("清:a(氵,青)\n木:c()\nnothing\n12345:ra(木)\n", "utf-8")
    assert read(tmp_path / "d.txt") == {"清": ("a", ("氵", "青")), "木": ("c", ()),
                                        "12345": ("ra", ("木",))}
