"""The legibility gate: what passes in a hand, what is caught, and how it is calibrated."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
import pytest

from fonts.content import Content
from fonts.drawing import CANVAS, SPREAD, Field
from glyphgen.draw.gate import (
    CALIBRATION,
    KINDS,
    NAMES,
    Gate,
    GateError,
    GateScores,
    HandStats,
    features,
    kind_of,
    score,
)
from training.calibrate_gate import CHARACTER, GENUINE, Family, calibrate, most_similar, write
from training.measure.damage import DAMAGES

SAMPLES = "永东国我的书风雨是有大人时来学家明好安道"
TARGETS = "鸡湖语树船秋猫镜森花"
BLANK = np.full((CANVAS, CANVAS), -SPREAD, np.float32)


@lru_cache
def contents(char: str) -> tuple[Field, Field]:
    return Content("cn").pair(ord(char))


@lru_cache
def written(char: str, seed: int = 0, wobble: float = 1.5) -> Field:
    """A hand between Hei and Kai: every glyph bent smoothly, moved a little, and bolder."""
    rng = np.random.default_rng(seed * 1000003 + ord(char))
    y, x = np.mgrid[:CANVAS, :CANVAS].astype(np.float32)
    bend = [cv2.GaussianBlur(rng.standard_normal(y.shape).astype(np.float32), (0, 0), 14)
            for _ in range(2)]
    dx, dy = (wobble * b / b.std() + rng.normal(0, 1) for b in bend)
    bent = cv2.remap(contents(char)[1], x + dx, y + dy, cv2.INTER_LINEAR,
                     borderMode=cv2.BORDER_REPLICATE)
    return np.clip(bent + 0.6, -SPREAD, SPREAD)


@lru_cache
def gate() -> Gate:
    return Gate.load()


@lru_cache
def hand() -> HandStats:
    return gate().hand([score(written(c), contents(c)) for c in SAMPLES])


def doubt(field: Field, char: str) -> float:
    return gate().doubt(score(field, contents(char)), hand())


def test_a_drawing_equal_to_its_content_scores_nothing() -> None:
    scores = asdict(score(contents("永")[0], contents("永")))
    assert scores == pytest.approx(dict.fromkeys(scores, 0.0), abs=0.02)


def test_the_better_of_the_two_contents_counts() -> None:
    hei, kai = contents("骨")
    assert score(kai, (hei, kai)).direction < 0.01 < score(kai, (hei,)).direction
    assert score(kai, (hei, kai)) == score(kai, (kai, hei))


def test_genuine_drawings_pass() -> None:
    assert max(doubt(written(c), c) for c in TARGETS) < 1


@pytest.mark.parametrize("change", [
    lambda f: np.roll(f, (3, -3), (0, 1)), lambda f: f + np.float32(0.4),
    lambda f: cv2.warpAffine(f, np.array([[0.94, 0.06, 0], [0, 0.94, 4]]), f.shape,
                             borderMode=cv2.BORDER_REPLICATE),
], ids=["moved", "bolder", "slanted and smaller"])
def test_what_a_hand_may_do_passes(change) -> None:
    assert np.median([doubt(change(written(c)), c) for c in TARGETS]) < 1


@pytest.mark.parametrize("sort, share", [
    ("missing part", 0.9), ("missing stroke", 0.4), ("missing box", 1.0), ("other half", 0.9),
    ("blank", 1.0), ("blob", 0.9), ("broken", 0.9), ("faded", 0.8)])
def test_spoilt_drawings_are_caught(sort: str, share: float) -> None:
    rng = np.random.default_rng(3)
    caught = []
    for char, other in zip(TARGETS, SAMPLES):
        spoilt = DAMAGES[sort](written(char), written(other), rng)
        if spoilt is not None:
            assert spoilt.shape == (CANVAS, CANVAS) and spoilt.dtype == np.float32
            assert not np.array_equal(spoilt, written(char))
            caught.append(doubt(spoilt, char) > 1)
    assert len(caught) >= 5 and np.mean(caught) >= share


def test_wrong_and_similar_characters_are_caught() -> None:
    assert min(doubt(written(b), a) for a, b in zip(TARGETS, SAMPLES)) > 1
    assert min(doubt(written(b), a) for a, b in ("请清", "他地", "鸟鸣", "大太")) > 1


def test_a_blank_is_the_worst_and_finite() -> None:
    blank = doubt(BLANK, "鸡")
    assert np.isfinite(blank) and blank > max(doubt(written(c), "鸡") for c in SAMPLES)
    speck = BLANK.copy()
    speck[60, 60] = 0.01
    assert doubt(speck, "鸡") > 1


def test_a_loose_hand_is_judged_by_its_own_samples() -> None:
    loose = [score(written(c, 1, 3.0), contents(c)) for c in SAMPLES]
    own = gate().hand(loose)
    fresh = [score(written(c, 2, 3.0), contents(c)) for c in TARGETS]
    assert np.mean([gate().doubt(s, own) for s in fresh]) < np.mean(
        [gate().doubt(s, hand()) for s in fresh])


def test_without_samples_every_hand_is_expected() -> None:
    nobody = gate().hand()
    usual = gate().kinds[CHARACTER]
    np.testing.assert_allclose(nobody.spread, np.hypot(usual.within, usual.between))
    assert (hand().spread < nobody.spread).sum() >= 5
    assert gate().doubt(score(written("鸡"), contents("鸡"))) < 1
    assert gate().doubt(score(BLANK, contents("鸡"))) > 1


def test_more_of_a_failure_is_more_doubt() -> None:
    scores = score(written("鸡"), contents("鸡"))
    for name in NAMES:
        worse = replace(scores, **{name: getattr(scores, name) * 4 + 3})
        assert gate().doubt(worse, hand()) > gate().doubt(scores, hand()), name
    assert gate().doubt(replace(scores, length=-2.0), hand()) > 1


@pytest.mark.parametrize("field, content, message", [
    (np.zeros((64, 64), np.float32), [BLANK + 8], "drawing of shape"),
    (BLANK, [np.zeros((3, 3), np.float32)], "content of shape"),
    (BLANK, [BLANK], "without ink"), (BLANK, [], "without ink")])
def test_what_cannot_be_scored_is_refused(field, content, message: str) -> None:
    with pytest.raises(GateError, match=message):
        score(field, content)


@pytest.mark.parametrize("text", ["", "[]", '{"kinds": {}}', "{"])
def test_a_bad_calibration_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "gate.json").write_text(text, "utf-8")
    with pytest.raises(GateError, match="gate.json: not a gate calibration"):
        Gate.load(tmp_path / "gate.json")
    with pytest.raises(GateError, match="none.json"):
        Gate.load(tmp_path / "none.json")


def test_kinds_and_the_list_of_the_worst() -> None:
    assert [kind_of(ord(c)) for c in "永한あA。🅰"] == ["character"] * 2 + list(KINDS[1:]) + ["sign"]


def test_the_most_similar_field_is_found() -> None:
    chars = "请清一国园龙"
    found = most_similar([contents(c)[1] for c in chars])
    assert [chars[i] for i in found[[0, 1, 3, 4]]] == list("清请园国")


def family(name: str, offset: float, seed: int) -> Family:
    """Made-up scores around a mean of this family's own."""
    rng = np.random.default_rng(seed)

    def some(count: int, worse: float = 0) -> list[GateScores]:
        rows = rng.normal(offset + worse, 0.3, (count, len(NAMES)))
        return [GateScores(*(np.exp(row[:6])), *row[6:]) for row in rows]

    drawn = {(kind, GENUINE): some(200) for kind in KINDS}
    drawn |= {(CHARACTER, "blank"): some(50, 3)}
    return Family(name, "handwriting", some(30), drawn)


def test_calibration_lets_95_percent_pass_and_is_written_whole(tmp_path: Path) -> None:
    families = [family(str(i), offset, i) for i, offset in enumerate((-0.5, 0.0, 0.5))]
    made = calibrate(families)
    passed = [made.doubt(s, made.hand(f.samples)) <= 1 for f in families
              for s in f.drawn[CHARACTER, GENUINE]]
    assert np.mean(passed) == pytest.approx(0.95, abs=0.004)
    write(made, families[:1], tmp_path / "gate.json")
    again = Gate.load(tmp_path / "gate.json")
    for kind, usual in made.kinds.items():
        np.testing.assert_allclose(again.kinds[kind].centre, usual.centre, atol=1e-4)
        assert again.kinds[kind].limit == pytest.approx(usual.limit, abs=1e-4)
    assert [p.name for p in tmp_path.iterdir()] == ["gate.json"]
    written = json.loads((tmp_path / "gate.json").read_text("utf-8"))["kinds"]
    assert written[CHARACTER]["caught"]["blank"] > 0.95


def test_the_shipped_calibration_is_complete() -> None:
    data = json.loads(CALIBRATION.read_text("utf-8"))["kinds"]
    assert data[CHARACTER]["caught"]["wrong character"] > 0.9
    assert set(data) == set(gate().kinds) == set(KINDS)
    scores = score(contents("永")[0], contents("永"))
    for kind, usual in gate().kinds.items():
        assert set(data[kind]["criteria"]) == set(NAMES) == set(asdict(scores))
        assert (usual.tail > 0).all() and (usual.within > 0).all() and usual.limit > 0
        assert features(scores).shape == usual.centre.shape


@pytest.mark.parametrize("char, other", ["さち", "アマ", "Rg", "4Q", "？々"])
def test_other_kinds_are_judged_by_their_own_limits(char: str, other: str) -> None:
    kind = kind_of(ord(char))
    assert kind != CHARACTER
    good, bad = (score(written(c), contents(char)) for c in (char, other))
    assert gate().doubt(good, hand(), kind) < 1 < gate().doubt(bad, hand(), kind)
