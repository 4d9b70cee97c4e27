"""Writing on ruled paper is read as though the paper were plain."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

import fonts.content
from fonts.drawing import Field
from fonts.reading.erase import Ink, _is_frayed, _is_left
from fonts.reading.ink import ink_of
from fonts.reading.lines import Line
from fonts.reading.ruled import ALIKE, without_rules
from fonts.reading.samples import read_samples
from fonts.render import Face
from training.camera.ruled import KINDS, rule, take, write

KAI = Face(Path(fonts.content.__file__).parent / "kai.ttf")
HEI = Face(Path(fonts.content.__file__).parent / "hei-cn.otf")


def on_paper(kind: str, char: str, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Pictures (400, 400, 3) of a character on ruled paper and on the same paper without rules."""
    rng = np.random.default_rng(seed)
    pages = rule(kind, 1, 1, rng)
    ruled, plain = (write(page, KAI, char, "black", np.random.default_rng(seed)) for page in pages)
    x, y, w, h = ruled.cells[0]
    box = (x - 0.1 * w, y - 0.1 * h, 1.2 * w, 1.2 * h)
    taken = take((ruled, plain), box, 400 / (1.2 * w), rng.normal(0, 1), 0.02, rng)
    return taken.picture, taken.plain


def outlines(ink: Field) -> int:
    found, _ = cv2.findContours((ink >= 0.5).astype(np.uint8), cv2.RETR_LIST,
                                cv2.CHAIN_APPROX_NONE)
    return len(found)


def overlap(one: Field, other: Field) -> float:
    return float(((one >= 0.5) & (other >= 0.5)).sum() / ((one >= 0.5) | (other >= 0.5)).sum())


@pytest.mark.parametrize("number, kind", list(enumerate(KINDS)))
def test_rules_are_taken_out_and_strokes_stay_whole(number: int, kind: str) -> None:
    ruled, plain = on_paper(kind, "九国永"[number % 3], 30 + number)
    ink, doubts = ink_of(np.asarray(Image.fromarray(ruled).convert("L")), ruled)
    truth, none = ink_of(np.asarray(Image.fromarray(plain).convert("L")), plain)
    assert not doubts and not none
    assert abs(outlines(ink) - outlines(truth)) <= 1
    assert overlap(ink, truth) > 0.94


@pytest.mark.parametrize("face, char", [(KAI, "国"), (KAI, "王"), (HEI, "田"), (HEI, "口"),
                                        (HEI, "目"), (HEI, "十"), (HEI, "三"), (HEI, "囲")])
@pytest.mark.parametrize("is_tight", [False, True])
def test_straight_strokes_are_no_rules(face: Face, char: str, is_tight: bool) -> None:
    drawn = face.coverage(ord(char), 448)
    assert drawn is not None
    if is_tight:
        x, y, w, h = cv2.boundingRect((drawn > 0.5).astype(np.uint8))
        drawn = drawn[y:y + h, x:x + w]
    grey = np.rint(250 - 220 * drawn).astype(np.uint8)
    assert without_rules(grey, np.repeat(grey[..., None], 3, -1)).grey is grey


def test_rules_like_the_writing_are_told(tmp_path: Path) -> None:
    drawn = HEI.coverage(ord("永"), 256)
    assert drawn is not None
    grey = np.full((448, 448), 250, np.uint8)
    grey[96:352, 96:352] -= np.rint(220 * drawn).astype(np.uint8)
    for at in (60, 224, 380):
        grey[at:at + 18], grey[:, at:at + 18] = 30, 30
    Image.fromarray(grey).save(tmp_path / "永.png")
    read = read_samples([tmp_path])
    assert read.warnings == (f"{tmp_path / '永.png'}: {ALIKE}; look at it",)


def test_a_sample_on_ruled_paper_keeps_its_ink_box(tmp_path: Path) -> None:
    boxes = []
    for name, picture in zip(("ruled", "plain"), on_paper("field", "九", 3)):
        (tmp_path / name).mkdir()
        Image.fromarray(picture).save(tmp_path / name / "九.png")
        (sample,) = read_samples([tmp_path / name]).samples
        boxes.append(cv2.boundingRect((sample.field > 0).astype(np.uint8)))
    assert np.abs(np.subtract(*boxes)).max() <= 3


def crossed(ink: tuple[int, int, int], rules: tuple[int, int, int],
            width: int, has_cross: bool = True) -> tuple[np.ndarray, np.ndarray]:
    """Pictures (448, 448, 3) of 永 in a square with a cross through it, and without these."""
    drawn = KAI.coverage(ord("永"), 320)
    assert drawn is not None
    pictures = []
    for ruled in (True, False):
        light = np.full((448, 448, 3), 235, np.float32)
        if ruled:
            cv2.rectangle(light, (40, 40), (408, 408), rules, width)
            for ends in (((40, 224), (408, 224)), ((224, 40), (224, 408))) * has_cross:
                cv2.line(light, *ends, rules, max(width // 2, 1))
        part = light[64:384, 64:384]
        part *= 1 - drawn[..., None] * (1 - np.array(ink, np.float32) / 235)
        pictures.append(np.rint(cv2.GaussianBlur(light, (0, 0), 2)).astype(np.uint8))
    return pictures[0], pictures[1]


@pytest.mark.parametrize("rules", [(30, 110, 70), (40, 60, 150), (150, 60, 60)])
def test_a_frame_of_another_hue_is_taken_out(rules: tuple[int, int, int]) -> None:
    """Also where it is as dark and as thick as the writing."""
    read = []
    for picture in crossed((78, 78, 84), rules, 9):
        found, doubts = ink_of(np.asarray(Image.fromarray(picture).convert("L")), picture)
        assert not doubts
        read.append(found)
    assert abs(outlines(read[0]) - outlines(read[1])) <= 1 and overlap(*read) > 0.9


@pytest.mark.parametrize("seed", [103, 107, 121, 129, 132, 143])
def test_thick_frames_meet_at_their_corners(seed: int) -> None:
    """Each line ends before the corner, by about half the width of the other."""
    picture, plain = on_paper("rice", "永", seed)
    found, _ = ink_of(np.asarray(Image.fromarray(picture).convert("L")), picture)
    truth, _ = ink_of(np.asarray(Image.fromarray(plain).convert("L")), plain)
    assert abs(outlines(found) - outlines(truth)) <= 1 and overlap(found, truth) > 0.9


def test_a_crossed_frame_like_the_writing_is_told() -> None:
    picture, plain = crossed((40, 40, 42), (30, 30, 32), 16)
    _, doubts = ink_of(np.asarray(Image.fromarray(picture).convert("L")), picture)
    assert [str(doubt) for doubt in doubts] == [ALIKE]
    assert not ink_of(np.asarray(Image.fromarray(plain).convert("L")), plain)[1]


def test_a_frame_of_another_pen_is_told() -> None:
    """It is as thick as the writing and not lighter, but darker."""
    picture, plain = crossed((86, 86, 90), (60, 60, 62), 14, has_cross=False)
    _, doubts = ink_of(np.asarray(Image.fromarray(picture).convert("L")), picture)
    assert [str(doubt) for doubt in doubts] == [ALIKE]
    assert not ink_of(np.asarray(Image.fromarray(plain).convert("L")), plain)[1]


@pytest.mark.parametrize("char, expected", [("永", [ALIKE]), ("国", []), ("", [])])
def test_a_frame_just_like_the_writing_is_told(char: str, expected: list[str]) -> None:
    """Unless the character may be such a frame: 国, or one that is not known."""
    picture, plain = crossed((40, 40, 42), (40, 40, 42), 14, has_cross=False)
    for seen, doubts in ((picture, expected), (plain, [])):
        grey = np.asarray(Image.fromarray(seen).convert("L"))
        assert ink_of(grey, seen, ord(char) if char else None)[1] == doubts


def test_ink_is_what_it_is_off_the_rules() -> None:
    """Where a dark rule is under it, grey ink is darker than it is."""
    picture, plain = crossed((120, 120, 124), (40, 60, 150), 16)
    found, _ = ink_of(np.asarray(Image.fromarray(picture).convert("L")), picture)
    truth, _ = ink_of(np.asarray(Image.fromarray(plain).convert("L")), plain)
    assert float(np.median(found[truth > 0.9])) == pytest.approx(1, abs=0.02)


def test_rules_of_another_hue_that_are_left_are_told() -> None:
    """The frame's lower side is hidden by writing, so that nothing bounds the upright ones."""
    picture = np.full((448, 448, 3), 235, np.uint8)
    for ends in (((40, 40), (40, 408)), ((408, 40), (408, 408)), ((40, 40), (408, 40))):
        cv2.line(picture, *ends, (40, 60, 150), 8)
    cv2.polylines(picture, [np.array([(60, 402), (130, 408), (230, 396), (390, 404)])], False,
                  (20, 20, 20), 24)
    cv2.line(picture, (120, 120), (320, 340), (20, 20, 20), 24)
    _, doubts = ink_of(np.asarray(Image.fromarray(picture).convert("L")), picture)
    assert [str(doubt) for doubt in doubts] == [ALIKE]


@pytest.mark.parametrize("hairs, expected", [(0, False), (1, False), (2, True)])
def test_more_than_one_piece_on_a_hair_is_frayed(hairs: int, expected: bool) -> None:
    cover, ruled = np.zeros((200, 200), np.float32), np.zeros((200, 200), bool)
    cover[40:60, 20:180], ruled[60:130] = 1, True
    for x in (50, 120)[:hairs]:
        cover[90:93, x:x + 30] = 1
    assert _is_frayed(cover, ruled, Ink(width=20)) is expected


@pytest.mark.parametrize("printed, colour, length, expected", [
    (0.4, 0.4, 60, True), (0.4, 0.4, 40, False), (0.4, 0.9, 60, False), (0.06, 0.06, 60, False)])
def test_a_piece_of_a_rule_where_none_was_found_is_told(printed: float, colour: float, length: int,
                                                        expected: bool) -> None:
    """One that is longer than a tenth of the character, and of the rules' colour; paper is not."""
    dark = np.zeros((448, 448, 3), np.float32)
    dark[100:108], dark[200:208, 50:50 + length] = printed, colour
    rule = Line(np.array([0.0, 104]), np.array([447.0, 104]), 0, 8, colour=np.full(3, printed))
    ruled = np.zeros((448, 448), bool)
    ruled[98:110] = True
    ink = Ink(np.full(3, 0.9), 20)
    assert _is_left(dark, ruled, [rule], ink, 448) is expected


def test_a_frame_that_its_diagonals_alone_hold_is_seen() -> None:
    """In a small picture the sides of a frame seem to end before its corners."""
    picture, _ = on_paper("rice", "永", 208)
    small = np.asarray(Image.fromarray(picture).resize((210, 210), Image.Resampling.BOX))
    read = without_rules(np.asarray(Image.fromarray(small).convert("L")), small)
    assert len(read.rules) == 4


@pytest.mark.parametrize("char", "田国囲電圃曲画回由甲申")
def test_characters_that_are_frames_are_not_doubted(char: str) -> None:
    drawn = HEI.coverage(ord(char), 448)
    assert drawn is not None
    grey = np.rint(250 - 220 * drawn).astype(np.uint8)
    assert ink_of(grey, np.repeat(grey[..., None], 3, -1))[1] == []
