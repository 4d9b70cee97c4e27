"""The network of style, what it may learn from, and the line-up of hands."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from safetensors import safe_open

from fonts.drawing import Field, pack
from training.cache import Shard
from training.corpus import read_manifest
from training.measure.baselines import Library, content_font
from training.measure.hand import add_hand_left
from training.measure.lineup import HANDS, KNOWN, Hands, LineUp, taken_for
from training.measure.style import FEATURES, STYLE, WIDTH, StyleNet, StyleReader
from training.measure.style_reader import discriminants, known_faces, main

SHOWN, ASKED = "永和九年歳在癸丑暮春", "会稽山陰蘭亭修事群賢"


def vector(*values: float) -> np.ndarray:
    """A unit vector that begins with `values`."""
    out = np.zeros(WIDTH, np.float32)
    out[: len(values)] = values
    return out / np.linalg.norm(out)


def cache(folder: Path, splits: list[str], glyphs: int = 20) -> Path:
    """A cache of one made-up face for each split, `glyphs` hanzi each, without content."""
    folder.mkdir()
    field: Field = np.full((128, 128), -4, np.float32)
    field[40:90, 60:66] = 2
    count = len(splits) * glyphs
    (folder / "glyphs.i8").write_bytes(np.stack([pack(field)] * count).tobytes())
    np.savez(folder / "index.npz", face=np.repeat(np.arange(len(splits)), glyphs),
             codepoint=np.tile(0x4E00 + np.arange(glyphs), len(splits)),
             content=np.full(count, -1))
    faces = [{"design": f"face {i}", "category": "brush", "region": "cn", "split": split}
             for i, split in enumerate(splits)]
    (folder / "faces.json").write_text(json.dumps(faces), encoding="utf-8")
    return folder


def test_drawings_become_unit_vectors_each_by_itself() -> None:
    torch.manual_seed(0)
    fields = [*np.random.default_rng(0).normal(0, 2, (20, 128, 128)).astype(np.float32)]
    reader = StyleReader(StyleNet())
    assert reader.network.features(torch.from_numpy(np.stack(fields[:2]))).shape == (2, FEATURES)
    vectors = reader.vectors(fields)
    assert vectors.shape == (20, WIDTH)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)
    assert reader.vectors(fields[17:18])[0] == pytest.approx(vectors[17], abs=1e-5)
    assert reader.vectors([]).shape == (0, WIDTH)


def test_a_saved_network_sees_the_same(tmp_path: Path) -> None:
    fields = [*np.random.default_rng(1).normal(0, 2, (2, 128, 128)).astype(np.float32)]
    reader = StyleReader.load()
    reader.save(tmp_path / "style.safetensors", {"commit": "none"})
    again = StyleReader.load(tmp_path / "style.safetensors")
    assert np.array_equal(reader.vectors(fields), again.vectors(fields))


def test_the_shipped_network_is_small_and_says_what_it_was_trained_on() -> None:
    assert STYLE.stat().st_size < 1_500_000
    with safe_open(STYLE, "pt") as file:
        card = file.metadata()
    assert int(card["faces"]) > 70 and json.loads(card["config"])["seed"] == 0
    assert card["commit"] and not card["commit"].endswith("-dirty")


def test_hands_are_told_apart_by_other_characters_than_they_are_known_by(tmp_path: Path) -> None:
    hands = Hands(Library(tmp_path, ("valid", "train")), StyleReader.load())
    kai, hei = content_font("kai", "jp"), content_font("hei", "jp")
    line_up = LineUp.of(hands.vectors(kai, SHOWN), [hands.vectors(hei, SHOWN)])
    own, other = hands.vectors(kai, ASKED), hands.vectors(hei, ASKED)
    assert line_up.hits(own).all() and not line_up.hits(other).any()
    assert line_up.near(own) > line_up.near(other) + 0.2
    assert len(hands.vectors(kai, "永\ue000")) == 1


def test_a_line_up_finds_the_nearest_hand() -> None:
    own, rival = vector(1), vector(0, 1)
    line_up = LineUp.of(np.stack([own, own]), [np.stack([rival])])
    glyphs = np.stack([vector(3, 4), vector(1), vector(1), vector(4, 3)])
    assert line_up.hits(glyphs).tolist() == [False, True, True, True]
    assert line_up.hits(glyphs, 2).tolist() == [True] * 4       # the last with the first: a tie
    assert line_up.near(glyphs) == pytest.approx((0.6 + 1 + 1 + 0.8) / 4)


def test_drawn_glyphs_are_held_beside_genuine_ones() -> None:
    line_up = LineUp.of(vector(1)[None], [vector(0, 1)[None], vector(0, 0, 1)[None]])
    drawn = np.stack([vector(2, 1)] * 4 + [vector(0, 1)] * 4)
    genuine = np.stack([vector(1)] * 7 + [vector(0, 0, 1)])
    assert taken_for(line_up, drawn, genuine) == {
        "hands": 3, "hand1": 0.5, "hand1_true": 0.875, "hand1_share": 0.5714,
        "hand8": 0.0, "hand8_true": 1.0, "hand8_share": 0.0,
        "hand_near": 0.4472, "hand_near_true": 0.875}
    assert taken_for(line_up, drawn[:0], genuine) == {}


def test_what_is_left_of_the_way_to_a_hand_is_between_the_content_and_the_hand() -> None:
    near = {"fitted": 0.3, "glyphgen": 0.6, "kai": 0.2}
    figures = {way: {"all": {"hand_near": value, "hand_near_true": 0.7}}
               for way, value in near.items()} | {"blank": {"all": {"nl1": 1.0}}}
    add_hand_left(figures)
    assert {way: cells["all"].get("hand_left") for way, cells in figures.items()} == {
        "fitted": 1, "glyphgen": 0.25, "kai": 1.25, "blank": None}
    alike = {"fitted": {"all": {"hand_near": 0.7, "hand_near_true": 0.7}}}
    add_hand_left(alike)
    assert "hand_left" not in alike["fitted"]["all"]


def test_rivals_are_training_faces_most_alike_first(tmp_path: Path) -> None:
    library = Library(tmp_path, ("test", "train"))
    for row in {row.design: row for row in read_manifest(["test", "valid"])}.values():
        script = "hangul" if row.region == "kr" else "han"
        rivals = library.rivals(row, script)
        assert len(rivals) >= HANDS - 1 and {other.split for other in rivals} == {"train"}
        alike = [other.category == row.category for other in rivals]
        assert alike == sorted(alike, reverse=True)
    seto = next(row for row in read_manifest(["train"]) if row.design == "SetoFont")
    rivals = library.rivals(seto, "han")
    assert len(rivals) == 43 and "SetoFont" not in {row.design for row in rivals}
    assert [row.category for row in rivals[:16]].count("handwriting") == 4


@pytest.mark.parametrize("split, said", [("test", "never train on them"), ("valid", "train only")])
def test_faces_of_another_split_are_refused(tmp_path: Path, split: str, said: str) -> None:
    folder, target = cache(tmp_path / "cache", ["train", split]), tmp_path / "style.safetensors"
    done = CliRunner().invoke(main, [str(target), "--shard", str(folder)])
    assert done.exit_code == 1 and said in done.output and not target.exists()


def test_too_few_faces_are_refused(tmp_path: Path) -> None:
    folder = cache(tmp_path / "cache", ["train", "train"])
    done = CliRunner().invoke(main, [str(tmp_path / "a.safetensors"), "--shard", str(folder)])
    assert done.exit_code == 1 and "4 faces, changed ones included, are too few" in done.output


def test_a_face_needs_enough_glyphs_of_a_script(tmp_path: Path) -> None:
    enough = known_faces([Shard(cache(tmp_path / "one", ["train"]))])
    assert [len(face.rows) for face in enough["han"]] == [20] and not enough["hangul"]
    assert not known_faces([Shard(cache(tmp_path / "two", ["train"], 15))])["han"]
    rng = np.random.default_rng(0)
    assert enough["han"][0].fields(rng, 8).shape == (8, 128, 128)
    assert len(enough["han"][0].fields(rng, KNOWN)) == 20


def test_discriminants_make_the_variation_within_a_face_even() -> None:
    rng = np.random.default_rng(0)
    faces = np.repeat(np.arange(140), 4)
    means = rng.normal(0, 1, (140, 150)) * np.linspace(3, 1, 150)
    features = means[faces] + rng.normal(0, 1, (560, 150)) * np.linspace(1, 5, 150)
    directions, mean = discriminants(features, faces, 0.0)
    assert directions.shape == (150, WIDTH) and mean == pytest.approx(features.mean(0))
    seen = (features - mean) @ directions
    centres = np.stack([seen[faces == face].mean(0) for face in range(140)])
    assert np.cov((seen - centres[faces]).T) == pytest.approx(np.eye(WIDTH), abs=1e-8)
    apart = centres.var(0)
    assert (np.diff(apart) <= 1e-9).all()       # where faces differ most comes first
