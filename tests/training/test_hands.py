"""Synthetic hands: the stroke data, the pen and the variety of hands."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fonts.drawing import SPREAD, coverage
from training.hands.style import KINDS, HandStyle, random_style
from training.hands.write import StrokeData, StrokeDataError, load_strokes, write

CROSS = [np.array([[150, 400], [870, 400]]), np.array([[510, 800], [510, 0]])]      # like 十
MOUTH = [np.array([[250, 650], [250, 150]]), np.array([[250, 650], [770, 650], [770, 150]]),
         np.array([[250, 170], [770, 170]])]                                        # like 口
STILL = replace(HandStyle(), **{name: 0.0 for name in HandStyle.__dataclass_fields__
                                if name.startswith(("stroke_", "glyph_"))},
                tremor=0.0, press=0.0, scale=1.0, thin_dense=0.0)


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def package(folder: Path) -> Path:
    for character, strokes in (("十", CROSS), ("口", MOUTH)):
        data = {"strokes": [], "medians": [stroke.tolist() for stroke in strokes]}
        (folder / f"{character}.json").write_text(json.dumps(data), "utf-8")
    (folder / "package.json").write_text("{}", "utf-8")
    return folder


def test_stroke_data_survives_a_round_trip(tmp_path: Path) -> None:
    data = load_strokes(package(tmp_path))
    data.save(tmp_path / "strokes.npz")
    again = load_strokes(tmp_path / "strokes.npz")
    assert list(again) == sorted(map(ord, "十口"))
    for ours, theirs in zip(again[ord("口")], MOUTH, strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert ord("木") not in again
    assert isinstance(again, StrokeData)


@pytest.mark.parametrize("content", ["not json", '{"strokes": []}', '{"medians": [["a"]]}'])
def test_bad_stroke_data_is_named(tmp_path: Path, content: str) -> None:
    (tmp_path / "木.json").write_text(content, "utf-8")
    with pytest.raises(StrokeDataError, match="木.json"):
        load_strokes(tmp_path)


def test_a_folder_or_file_without_stroke_data_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StrokeDataError, match="hanzi-writer-data"):
        load_strokes(tmp_path)
    (tmp_path / "x.npz").write_bytes(b"junk")
    with pytest.raises(StrokeDataError, match="x.npz"):
        load_strokes(tmp_path / "x.npz")
    with pytest.raises(ValueError, match="stroke"):
        write(HandStyle(), [], rng())


def test_strokes_land_where_the_data_says() -> None:
    field = write(STILL, CROSS, rng())
    assert field.shape == (128, 128) and field.dtype == np.float32
    ink = coverage(field) > 0.5
    row = 8 + (900 - 400) / 1024 * 112          # y of the horizontal on the canvas
    column = 8 + 510 / 1024 * 112
    assert abs(float(np.flatnonzero(ink[:, 40]).mean()) + 0.5 - row) < 0.6
    assert abs(float(np.flatnonzero(ink[30]).mean()) + 0.5 - column) < 0.6
    assert 0.035 * 112 < ink[:, 40].sum() < 0.045 * 112 + 1


def test_width_slant_and_tilt_do_what_they_say() -> None:
    plain, bold = (coverage(write(replace(STILL, width=w), CROSS, rng())) for w in (0.03, 0.09))
    assert 2.3 < bold.sum() / plain.sum() < 3.2
    leaning = coverage(write(replace(STILL, slant=0.2), CROSS, rng())) > 0.5
    top, foot = (float(np.flatnonzero(leaning[row]).mean()) for row in (30, 100))
    assert 0.15 < (top - foot) / 70 < 0.25
    climbing = coverage(write(replace(STILL, tilt=0.1), CROSS, rng())) > 0.5
    left, right = (float(np.flatnonzero(climbing[:, x]).mean()) for x in (40, 100))
    assert 0.07 < (left - right) / 60 < 0.13


def test_a_flat_nib_writes_thin_along_itself() -> None:
    ink = coverage(write(replace(STILL, width=0.08, nib=0.3), CROSS, rng())) > 0.5
    assert ink[:, 40].sum() < 0.4 * ink[30].sum()


def test_joins_leave_fewer_pieces() -> None:
    apart = [np.array([[200, 700], [300, 600]]), np.array([[500, 700], [600, 600]])]
    joined = replace(STILL, join_dots=1.0, join_reach=1.0, join_width=1.0)
    column = int(8 + 400 / 1024 * 112)          # between the two dots
    assert coverage(write(STILL, apart, rng()))[:, column].max() == 0
    assert coverage(write(joined, apart, rng()))[:, column].max() > 0.5


def test_crowded_characters_get_a_thinner_pen() -> None:
    comb = [np.array([[100, y], [900, y]]) for y in range(-80, 880, 75)]
    open_ = replace(STILL, width=0.09)
    ratio = [float((coverage(write(replace(open_, thin_dense=t), comb, rng())) > 0.5).mean())
             for t in (0.0, 1.0)]
    assert ratio[1] < 0.75 * ratio[0]


@pytest.mark.parametrize("kind", list(KINDS))
def test_every_kind_writes_finite_fields_in_the_frame(kind: str) -> None:
    for seed in range(4):
        style = random_style(rng(seed), kind)
        field = write(style, MOUTH, rng(seed))
        assert np.isfinite(field).all() and np.abs(field).max() <= SPREAD
        ink = coverage(field)
        assert 0.01 < ink.mean() < 0.45
        assert ink[:1].max() == ink[-1:].max() == 0


def test_a_generator_decides_everything() -> None:
    style = random_style(rng(5))
    assert style == random_style(rng(5))
    np.testing.assert_allclose(
        write(style, MOUTH, rng(1)), write(style, MOUTH, rng(1)), rtol=0, atol=1e-5)
    assert np.abs(write(style, MOUTH, rng(1)) - write(style, MOUTH, rng(2))).max() > 0.1


def test_one_hand_varies_less_than_two() -> None:
    hands = [random_style(rng(seed)) for seed in range(12)]
    first, second = (np.stack([write(hand, MOUTH, rng(100 * i + turn))
                               for i, hand in enumerate(hands)]) for turn in (0, 1))
    within = float(np.abs(first - second).mean())
    between = float(np.abs(first - np.roll(second, 1, axis=0)).mean())
    assert within < 0.7 * between
