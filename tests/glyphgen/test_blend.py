"""Blends and invented hands: between their parts, repeatable, legible, refused in one line."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch
from conftest import FEW, SAMPLES, Made, Run

from glyphgen.hand.blend import Styles, blended
from glyphgen.hand.painter import Fields, Painter, glyph_seed
from glyphgen.hand.prepare import Prepared
from glyphgen.network.checkpoint import load_model
from glyphgen.network.recogniser import Recogniser
from glyphgen.project.document import Project

TEXT = "永和九年岁在癸丑"


@cache
def painter() -> Painter:
    return Painter(*load_model(), "cn", device="cpu")


@cache
def styles() -> Styles:
    return Styles.load()


def drawn(made: Prepared) -> Fields:
    points = [ord(char) for char in TEXT]
    fields = painter().draw(made.hand, painter().framed(made.hand, points),
                            [glyph_seed(0, point) for point in points])[0]
    return np.stack([made.finish(field) for field in fields])


def overlap(one: Fields, other: Fields) -> float:
    return float(((one > 0) & (other > 0)).sum() / ((one > 0) | (other > 0)).sum())


def test_a_blend_lies_between() -> None:
    one, other = styles().hand(0, painter()), styles().hand(len(styles().names) - 1, painter())
    ends = drawn(one), drawn(other)
    walk = [overlap(drawn(blended(one, other, share)), ends[0]) for share in (0.1, 0.5, 0.9)]
    assert walk == sorted(walk, reverse=True) and walk[0] > 1.3 * walk[2]
    half = blended(one, other, 0.5).hand.frame
    assert torch.allclose(half.theta, (one.hand.frame.theta + other.hand.frame.theta) / 2)


@pytest.mark.parametrize("share, end", [(0.0, 0), (1.0, 1)])
def test_the_ends_of_a_blend_are_the_hands(share: float, end: int) -> None:
    hands = styles().hand(0, painter()), styles().hand(1, painter())
    made = replace(blended(*hands, share), finish=hands[end].finish)
    assert overlap(drawn(made), drawn(hands[end])) > 0.995


def test_invented_hands_are_read_and_differ() -> None:
    made = [drawn(styles().invent(seed, painter())) for seed in range(4)]
    reader = Recogniser.load()
    for fields in made:
        assert np.mean(reader.confusion_margin(fields, [*map(ord, TEXT)]) < 0) >= 0.75
    assert all(overlap(made[0], other) < 0.8 for other in made[1:])
    assert (drawn(styles().invent(0, painter())) == made[0]).all()


def test_a_font_of_an_invented_hand(run: Run, tmp_path: Path) -> None:
    run("make", "--invent", 3, "--out", tmp_path / "New.ttf", "--charset", TEXT)
    with Project.open(tmp_path / "New.glyphgen", read_only=True) as project:
        assert project.get("invent") == 3 and len(project.states()) == len(TEXT)
    assert "0 glyphs drawn" in run("generate", tmp_path / "New.glyphgen").output
    run("review", tmp_path / "New.glyphgen", "--redo", "永")


def test_a_font_of_two_hands(run: Run, made: Made, tmp_path: Path) -> None:
    run("make", *FEW, "--out", tmp_path / "Both.ttf", "--charset", TEXT, "--no-adapt",
        "--blend", f"{made.project}:0.4")
    with Project.open(tmp_path / "Both.glyphgen", read_only=True) as project:
        assert project.get("blend") == [str(made.project), 0.4]
        models = {drawing.recipe_tag for drawing in project.drawings()}
    assert all(model.endswith(":0.4") for model in models)


@pytest.mark.parametrize("options, status, line", [
    (("--invent", 1, "--blend", "a.glyphgen:0.5"), 1, "give one of them"),
    ((SAMPLES, "--blend", "a.glyphgen:1.5"), 1, "the weight is between 0 and 1"),
    ((SAMPLES, "--blend", "a.glyphgen"), 2, "a colon and a weight"),
    ((SAMPLES, "--invent", 1), 2, "either a SOURCE of samples or --invent SEED"),
    ((), 2, "either a SOURCE of samples or --invent SEED"),
    ((FEW[0], "--blend", "nobody.glyphgen:0.5"), 1, "nobody.glyphgen"),
])
def test_what_cannot_be_blended_is_refused(run: Run, tmp_path: Path, options: tuple[object, ...],
                                           status: int, line: str) -> None:
    result = run("make", *options, "--out", tmp_path / "a.ttf", "--charset", "永", status=status)
    assert line in result.output
    assert not (tmp_path / "a.ttf").exists()
