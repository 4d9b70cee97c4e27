"""Side bearings and kerning of letters whose right spacing is known by their shape."""

import numpy as np

from exporters.fontfile.spacing import space
from exporters.outlines.outline import LINE, Contour, Outline
from tests.exporters.test_ttf import box, ring


def wedge(*points: tuple[float, float]) -> Outline:
    return Outline((Contour(np.array(points, float), (LINE,) * len(points)),))


STEMS = Outline((box(200, 0, 280, 500), box(480, 0, 560, 500), box(280, 430, 480, 500)))
LETTERS = {
    "n": STEMS,
    "o": Outline((ring(400, 250, 250), ring(400, 250, 170).reversed())),
    "H": Outline((box(200, 0, 290, 700), box(600, 0, 690, 700), box(290, 310, 600, 390))),
    "T": Outline((box(200, 620, 700, 700), box(410, 0, 490, 620))),
    "A": wedge((200, 0), (410, 700), (490, 700), (700, 0), (600, 0), (450, 560), (300, 0)),
    "V": wedge((200, 700), (300, 700), (450, 140), (600, 700), (700, 700), (490, 0), (410, 0)),
    "Á": wedge((200, 0), (410, 700), (490, 700), (700, 0), (600, 0), (450, 560), (300, 0)),
    ".": Outline((box(400, 0, 480, 80),)),
    "+": Outline((box(300, 200, 700, 260), box(470, 30, 530, 430))),
    "=": Outline((box(350, 180, 650, 240), box(350, 320, 650, 380))),
}
OUTLINES = {ord(letter): outline for letter, outline in LETTERS.items()}
SPACED = space(OUTLINES)


def bearings(letter: str) -> tuple[float, float]:
    advance, shift = SPACED.widths[ord(letter)]
    left, _, right, _ = OUTLINES[ord(letter)].bounds or (0, 0, 0, 0)
    return left + shift, advance - right - shift


def kerning(pair: str) -> int:
    first, second = (next(i for i, group in enumerate(groups) if ord(letter) in group)
                     for groups, letter in zip((SPACED.first, SPACED.second), pair))
    return SPACED.kerning.get((first, second), 0)


def test_round_letters_stand_closer_than_straight_ones() -> None:
    assert bearings("n")[0] == bearings("n")[1]
    assert abs(bearings("o")[0] - bearings("o")[1]) <= 1
    assert bearings("A")[0] < bearings("o")[0] < bearings("n")[0]


def test_bearings_follow_the_counters() -> None:
    wide = {ord("n"): Outline((box(200, 0, 280, 500), box(580, 0, 660, 500),
                               box(280, 430, 580, 500)))}
    _, shift = space(wide).widths[ord("n")]
    assert 200 + shift > bearings("n")[0]


def test_origin_of_the_drawing_does_not_matter() -> None:
    moved = {c: o.transformed((1, 0, 0, 1, -137, 0)) for c, o in OUTLINES.items()}
    again = space(moved)
    assert {c: width for c, (width, _) in again.widths.items()} == {
        c: width for c, (width, _) in SPACED.widths.items()}
    assert again.kerning == SPACED.kerning


def test_diagonals_kern_and_stems_do_not() -> None:
    assert kerning("AV") < -30 and kerning("VA") < -30 and kerning("To") < -30
    assert kerning("Tn") < -30 and kerning("T.") < -30
    assert kerning("HH") == kerning("nn") == kerning("no") == kerning("on") == 0


def test_accented_letters_share_the_class_of_their_base() -> None:
    assert kerning("ÁV") == kerning("AV")
    assert any({ord("A"), ord("Á")} <= set(group) for group in SPACED.first)


def test_mathematical_signs_share_one_width() -> None:
    assert SPACED.widths[ord("+")][0] == SPACED.widths[ord("=")][0]
    left, right = bearings("=")
    assert abs(left - right) <= 1


def test_word_space_follows_the_letters_and_nothing_gives_a_usual_one() -> None:
    assert 210 <= SPACED.word_space <= 330
    assert space({}).word_space == 250 and not space({}).widths


def test_ink_thinner_than_a_scan_line() -> None:
    sliver = {ord("-"): Outline((box(300, 251, 600, 254),))}
    advance, shift = space(sliver).widths[ord("-")]
    assert 300 + shift > 0 and advance > 300
