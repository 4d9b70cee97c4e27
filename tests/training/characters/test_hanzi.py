"""Hanzi that are chosen show components that the others don't."""

from __future__ import annotations

from training.characters.hanzi import choose, share_shown

PARTS = {"清": "氵青", "河": "氵可", "请": "讠青", "林": "木", "休": "亻木"}


def components(char: str) -> str:
    return PARTS.get(char, "")


def test_the_share_of_components_that_is_shown() -> None:
    charset = [*map(ord, PARTS)]                # 9 components in all, 氵 青 木 twice each
    assert share_shown(["清"], charset, components) == 4 / 9
    assert share_shown(["清", "休"], charset, components) == 7 / 9
    assert share_shown(PARTS, charset, components) == 1


def test_two_choices_do_not_show_the_same() -> None:
    charset = [*map(ord, PARTS)]
    chosen = choose(dict.fromkeys(charset, 1.0), charset, 3, components)
    assert len(set(chosen)) == 3
    assert share_shown([*map(chr, chosen)], charset, components) >= 7 / 9
