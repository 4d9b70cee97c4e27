"""Strokes: laid on drawings, inked, moved, and learnt."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from exporters.strokes.curve import even_unless
from fonts.content import Content
from fonts.drawing import CANVAS, SPREAD
from glyphgen.hand.strokes import has_strokes
from glyphgen.strokes.hand import LEAST, StrokeHand
from glyphgen.strokes.ink import ink
from glyphgen.strokes.laid.even import by_pen, evened, pen_of
from glyphgen.strokes.laid.hooks import whole
from glyphgen.strokes.laid.lay import Laid, lay, weighed
from glyphgen.strokes.laid.refine import refined, widths_along
from glyphgen.strokes.laid.register import POINTS, quality, register
from glyphgen.strokes.laid.skeleton import skeleton_of
from glyphgen.strokes.library import HEI, KAI, Library, edition, load, save
from glyphgen.strokes.moved import moved, smoothed
from glyphgen.strokes.network import StrokeConfig, StrokeNetwork, Written, frame, framed
from glyphgen.strokes.room import WHITE, with_room

EYE = np.array([[1, 0, 0], [0, 1, 0]], np.float32)


def line(*corners: tuple[float, float]) -> np.ndarray:
    """A stroke (16, 2) along straight lines from corner to corner, a point on each."""
    at = np.linspace(0, len(corners) - 1, POINTS)
    at[np.abs(at[:, None] - np.arange(len(corners))).argmin(0)] = np.arange(len(corners))
    return np.stack([np.interp(at, range(len(corners)), [c[k] for c in corners])
                     for k in (0, 1)], 1).astype(np.float32)


CROSS = np.stack([line((24, 64), (104, 64)), line((64, 24), (64, 104))])
THIN = np.full((2, POINTS), 3, np.float32)


def test_ink_is_the_distance_to_the_stroke() -> None:
    field = ink(CROSS[:1], THIN[:1])
    assert field.shape == (CANVAS, CANVAS)
    assert field[64, 60] == pytest.approx(2.5, abs=1e-3)        # half a pixel below the line
    assert field[68, 60] == pytest.approx(-1.5, abs=1e-3)
    assert field[63, 21] == pytest.approx(3 - np.hypot(2.5, 0.5), abs=1e-3)     # a round end
    assert field.min() == -SPREAD


def test_ink_keeps_corners_sharp_and_takes_a_changing_width() -> None:
    corner = ink(line((30, 30), (98, 30), (98, 98))[None], THIN[:1])
    assert corner[29, 97] == pytest.approx(2.5, abs=0.05)
    wedge = ink(CROSS[:1], np.linspace(1, 5, POINTS, dtype=np.float32)[None])
    assert 2 * (wedge[:, 30] > 0).sum() < (wedge[:, 98] > 0).sum()


def test_the_middle_of_a_bar_is_its_skeleton() -> None:
    skeleton = skeleton_of(ink(CROSS[:1], THIN[:1]))
    assert skeleton is not None
    assert np.abs(skeleton.points[:, 1] - 64).max() < 0.8
    assert np.median(skeleton.half_width) == pytest.approx(3, abs=0.3)
    assert np.median(skeleton.direction[:, 0]) > 0.9            # along x
    assert skeleton_of(np.full((CANVAS, CANVAS), -SPREAD, np.float32)) is None


def test_strokes_are_found_where_they_were_moved_to() -> None:
    there = CROSS * np.float32(0.8) + np.array([20, 8], np.float32)
    skeleton = skeleton_of(ink(there, THIN))
    assert skeleton is not None
    found = register(CROSS, skeleton)
    laid = refined(found, skeleton)
    assert quality(found, skeleton)[:2] == (0, 0)
    assert np.linalg.norm(laid - there, axis=-1).mean() < 1.5
    assert np.linalg.norm(laid[:, [0, -1]] - there[:, [0, -1]], axis=-1).max() < 3
    assert widths_along(laid, skeleton) == pytest.approx(3, abs=0.5)


def test_another_character_does_not_fit() -> None:
    library, content = Library.load(), Content("cn")
    assert lay(library[ord("一")], content.pair(ord("龜"))[1]) is None
    assert lay(library[ord("永")], content.pair(ord("永"))[1]) is not None


def test_the_library_lies_on_the_content() -> None:
    library, content = Library.load(), Content("cn")
    assert len(library.codepoints) > 9000
    assert [len(library[ord(c)]) for c in "一十永国酬"] == [1, 2, 5, 8, 13]
    for char in "永国酬":
        skeleton = skeleton_of(content.pair(ord(char))[1])
        assert skeleton is not None
        assert quality(library[ord(char)], skeleton)[2] < 1.2       # pixels apart, on average


def test_a_region_s_forms_have_strokes_of_their_own() -> None:
    china, japan, content = Library.load(), Library.load(KAI, "jp"), Content("jp")
    for char in "直骨海空所":
        skeleton = skeleton_of(content.pair(ord(char))[KAI])
        assert skeleton is not None
        assert quality(japan[ord(char)], skeleton)[2] < 0.8 < quality(china[ord(char)], skeleton)[2]
    assert np.array_equal(china[ord("永")], japan[ord("永")])
    none = content.own_kai & china.codepoints - japan.codepoints
    assert none and not any(has_strokes(c, "jp") for c in none)     # rather none than another form


@pytest.mark.parametrize("text", ["あのぬむれアヲポ", "aegiBQR08&?", "가뷁힣", "。、"])
def test_other_scripts_have_strokes_on_both_contents(text: str) -> None:
    content = Content("jp")
    for char in text:
        for source in (HEI, KAI) if char not in "。、" else (KAI,):
            field = content.pair(ord(char))[source]
            strokes, lines = Library.load(source)[ord(char)], skeleton_of(field)
            assert lines is not None
            again = ink(strokes, weighed(strokes, widths_along(strokes, lines), field)) > 0
            assert (again & (field > 0)).sum() > 0.78 * (again | (field > 0)).sum(), char


def test_filled_shapes_have_no_strokes() -> None:
    for source in (HEI, KAI):
        assert not {ord(c) for c in ".●■◆█"} & Library.load(source).codepoints


def test_a_library_is_kept_to_a_part_of_a_pixel(tmp_path) -> None:
    alike, other = CROSS[:1] - 200.7, CROSS[1:] + 9
    save({0x41: alike, 0x42: other}, {0x5341: CROSS, 0x4E00: CROSS[:1] + 0.3, 0x41: alike},
         {0x4E00: CROSS[1:]}, tmp_path / "some.npz", {0x4E00})
    hei, kept, japanese = load(tmp_path / "some.npz")
    assert np.abs(japanese[0x4E00] - CROSS[1:]).max() <= 1 / 64 and not japanese.split
    other_form = kept.with_forms(japanese, {0x4E00, 0x5341})
    assert other_form.codepoints == {0x41, 0x4E00} and not other_form.split
    assert np.array_equal(other_form[0x4E00], japanese[0x4E00])
    assert hei.codepoints == {0x41, 0x42} and kept.codepoints == {0x41, 0x4E00, 0x5341}
    assert kept.split == {0x4E00} and not hei.split
    assert np.array_equal(hei[0x41], kept[0x41]) and np.abs(hei[0x41] - alike).max() <= 1 / 64
    assert np.abs(hei[0x42] - other).max() <= 1 / 64
    assert np.abs(kept[0x5341] - CROSS).max() <= 1 / 64
    assert np.abs(kept[0x4E00] - CROSS[:1] - 0.3).max() <= 1 / 64
    with pytest.raises(KeyError):
        kept[0x6C38]
    before = edition(tmp_path / "some.npz")
    save({}, {0x5341: CROSS}, {}, tmp_path / "other.npz")
    assert edition(tmp_path / "other.npz") != before == edition(tmp_path / "some.npz")


def test_strokes_go_where_pictures_go() -> None:
    theta = np.array([[1, 0, 0.25], [0, 2, 0]], np.float32)     # fetches from the right, from afar
    out = moved(CROSS, theta)
    assert out[..., 0] == pytest.approx(CROSS[..., 0] - 16, abs=1e-3)
    assert out[..., 1] - 64 == pytest.approx((CROSS[..., 1] - 64) / 2, abs=1e-3)
    flow = np.full((2, 32, 32), 0.125, np.float32)              # eight pixels up and to the left
    assert moved(CROSS, EYE, flow) == pytest.approx(CROSS - 8, abs=0.05)


def test_straight_strokes_stay_straight() -> None:
    rippled = CROSS.copy()
    rippled[0, :, 1] += np.tile([1, -1], 8) + np.linspace(0, 4, POINTS)
    out = smoothed(rippled, CROSS)
    assert np.abs(np.diff(out[0, :, 1], 2)).max() < 1e-4
    assert out[0, -1, 1] - out[0, 0, 1] == pytest.approx(4, abs=0.8)


def test_white_is_kept_between_strokes_side_by_side() -> None:
    pair = np.stack([line((20, 60), (100, 60)), line((20, 66), (100, 66))])
    wide = np.full((2, POINTS), 3, np.float32)
    narrow = with_room(pair, wide)
    assert narrow.sum(0) == pytest.approx(6 - WHITE, abs=1e-3)
    assert with_room(CROSS, wide) == pytest.approx(wide)        # crossing strokes keep theirs


def test_a_pen_of_one_width_is_nowhere_finer_than_elsewhere_and_a_brush_is() -> None:
    lines = np.stack([line((20, y), (right, y)) for y, right in ((60, 100), (66, 50), (90, 90))])
    pen = with_room(lines, np.full((3, POINTS), 3, np.float32))
    assert np.ptp(pen) == pytest.approx(0, abs=1e-6) and 2.4 < pen[0, 0] < 3
    wide = np.tile(np.linspace(1.5, 4.5, POINTS, dtype=np.float32), (3, 1))
    brush = with_room(lines, wide) / wide
    assert brush[2] == pytest.approx(brush[0, -1]) and brush[1].min() < 0.9 * brush[2, 0]


def laid_with(half_width: np.ndarray) -> Laid:
    """A sample of strokes with these half-widths (S, 16)."""
    lines = np.repeat(CROSS[:1], len(half_width), 0)
    return Laid(lines, whole(len(lines)), lines, half_width,
                np.ones((len(lines), 2, 13), np.float32), np.zeros((0, 8), np.float32),
                even_unless(None, len(lines)))


def test_a_width_that_was_measured_wrong_is_not_brought_over() -> None:
    samples = [laid_with(np.full((4, POINTS), 3, np.float32)) for _ in range(6)]
    samples[2].half_width[1, -2:] = 1.2         # of 384 points
    assert all(one.half_width == pytest.approx(3) for one in evened(samples))
    tapered = np.tile(np.linspace(3, 0.5, POINTS, dtype=np.float32), (4, 1))
    for one in evened([laid_with(tapered)] * 6):
        assert one.half_width == pytest.approx(tapered, rel=1e-5)


def test_no_character_is_finer_or_bolder_on_the_whole_than_the_samples() -> None:
    pen = pen_of([laid_with(np.full((4, POINTS), wide, np.float32)) for wide in (3.1, 2.9, 3)])
    thin = np.array([[2] * POINTS, [1] * POINTS, [2] * POINTS], np.float32)
    assert by_pen(thin, pen) == pytest.approx(thin * 2.9 / 2, rel=1e-5)
    assert by_pen(2 * thin, pen) == pytest.approx(thin * 3.1 / 2, rel=1e-5)
    assert by_pen(1.5 * thin, pen) == pytest.approx(1.5 * thin, rel=1e-5)


def written(shift: float, samples: int = 6) -> Written:
    """A hand that writes crosses `shift` pixels lower than the content."""
    rng = np.random.default_rng(1)
    content = np.stack([CROSS + rng.normal(0, 4, (2, 1, 2)) for _ in range(samples)])
    content = torch.from_numpy(content[None].astype(np.float32))
    width = torch.zeros(1, samples, 2, 4)
    return Written(content, content + torch.tensor([0.0, shift]), width,
                   torch.ones(1, samples, 2).bool())


def test_an_untrained_network_draws_in_the_hands_frame() -> None:
    torch.manual_seed(0)
    network = StrokeNetwork(StrokeConfig(width=32)).eval()
    hand = written(5)
    points, width = network(hand, hand.content, hand.there)
    affine = framed(frame(hand.content, hand.strokes, hand.there), hand.content)
    assert (affine - hand.strokes).abs().max() < 0.5
    assert (points - hand.strokes).abs().mean() < 1
    assert width.shape == (1, 6, 2, 4)


def test_a_character_does_not_depend_on_its_batch() -> None:
    torch.manual_seed(0)
    network = StrokeNetwork(StrokeConfig(width=32)).eval()
    laid = [lay(CROSS, ink(CROSS + shift, THIN)) for shift in range(LEAST)]
    hand = StrokeHand.learn(network, [one for one in laid if one], [CROSS] * LEAST)
    assert hand is not None
    alone, = hand.lines([CROSS], [CROSS])
    many = [CROSS + 3, CROSS, np.concatenate([CROSS] * 20)]
    among = hand.lines(many, many)
    assert np.array_equal(alone[0], among[1][0]) and np.array_equal(alone[1], among[1][1])
    assert among[2][0].shape == (40, POINTS, 2)


def test_too_few_samples_make_no_hand() -> None:
    laid = lay(CROSS, ink(CROSS, THIN))
    assert laid is not None
    network = StrokeNetwork(StrokeConfig(width=32)).eval()
    assert StrokeHand.learn(network, [laid] * (LEAST - 1), [CROSS] * (LEAST - 1)) is None


def test_a_blend_lies_between_its_hands() -> None:
    torch.manual_seed(0)
    network = StrokeNetwork(StrokeConfig(width=32)).eval()
    hands = []
    for shift, bolder in ((-6, 1), (6, 2)):
        laid = [lay(CROSS, ink(CROSS + shift, bolder * THIN)) for _ in range(LEAST)]
        hands.append(StrokeHand.learn(network, [one for one in laid if one], [CROSS] * LEAST))
    low, high = hands
    assert low is not None and high is not None
    drawn = [hand.lines([CROSS], [CROSS])[0] for hand in (low, low.blended(high, 0.25), high)]
    lines = [one[0] for one in drawn]
    assert lines[1] == pytest.approx(0.75 * lines[0] + 0.25 * lines[2], abs=0.05)
    thin, between, bold = (float(np.median(np.log(one[1]))) for one in drawn)
    assert bold - thin > 0.5                    # no hand's pen holds the other's back
    assert between == pytest.approx(0.75 * thin + 0.25 * bold, abs=0.05)


def test_a_round_end_is_no_taper() -> None:
    """A pen's line ends a half-width before its ink does, and is as wide there as elsewhere."""
    bar, thin = line((30, 44), (98, 64))[None], np.full((1, POINTS), 2.5, np.float32)
    laid = lay(bar, ink(bar, thin))
    assert laid is not None
    assert laid.half_width == pytest.approx(thin, abs=0.3)      # 1.5 where the ends are taken in
    assert laid.strokes[0, [0, -1], 0] == pytest.approx([30, 98], abs=0.5)


def test_a_taper_stays_one() -> None:
    bar = line((30, 64), (98, 64))[None]
    laid = lay(bar, ink(bar, np.linspace(4, 0.6, POINTS, dtype=np.float32)[None]))
    assert laid is not None and laid.half_width[0, -1] < 1.3
