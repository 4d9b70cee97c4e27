"""The trainer on a shard written here: it learns, resumes, and refuses the test split."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
import torch
from click.testing import CliRunner

from fonts.drawing import CANVAS
from glyphgen.config import ModelConfig
from glyphgen.network.model import Generator
from training import loop
from training.cache import Shard, open_shards
from training.corpus import is_held_out, read_manifest
from training.learn.augment import AugmentConfig, augment
from training.learn.batches import DataConfig, Groups
from training.learn.flow import TrainConfig, training_step
from training.learn.optim import make_optimisers, orthogonalise
from training.loop import fit_codec, schedule, train

SMALL = ModelConfig(latent=12, width=16, inner=32, outer_blocks=1, inner_blocks=1, heads=2)
DATA = DataConfig(groups=2, targets=3, references=(4,), pools=(("hand", 1.0),))


@pytest.mark.parametrize("name, value", [
    ("augment.warp", 0.0), ("pools.synthetic", 0.5), ("main_script", 1.0)])
def test_one_number_of_the_data_is_changed(name: str, value: float) -> None:
    before, after = asdict(DataConfig()), asdict(DataConfig().but(name, value))
    part, _, last = name.rpartition(".")
    for settings in (before, after):
        settings["pools"] = dict(settings["pools"])
    inside = before[part] if part else before
    assert inside[last] != value
    inside[last] = value
    assert before == after


@pytest.mark.parametrize("change", ["augment.nothing=0", "pools.nothing=0", "groups=2", "augment=0",
                                    "augment.warp=much", "augment.warp"])
def test_no_setting_of_the_data_is_one_line(shard: Path, tmp_path: Path, change: str) -> None:
    result = CliRunner().invoke(loop.main, [str(tmp_path / "run"), "--shard", str(shard),
                                            "--data", change])
    assert result.exit_code == 2 and change in result.output
    assert not (tmp_path / "run").exists()


def run(folder: Path, shard: Path, steps: int) -> list[dict]:
    train(folder, [shard], None, TrainConfig(steps=steps, warmup=2, log_every=1, save_every=2),
          SMALL, DATA, "cpu", compiled=False)
    return [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]


def test_a_run_learns_and_goes_on_where_it_stopped(tmp_path: Path, shard: Path) -> None:
    torch.set_num_threads(1)
    first = run(tmp_path, shard, 4)
    assert [line["step"] for line in first] == [1, 2, 3, 4]
    again = run(tmp_path, shard, 6)
    assert [line["step"] for line in again] == [1, 2, 3, 4, 5, 6]
    config = json.loads((tmp_path / "config.json").read_text())
    assert config["train"]["steps"] == 4 and config["commit"]


def interrupt(line: dict) -> None:
    if line["step"] == 3:
        raise KeyboardInterrupt


def test_an_interrupted_run_ends_with_the_same_weights(tmp_path: Path, shard: Path,
                                                       monkeypatch: pytest.MonkeyPatch) -> None:
    torch.set_num_threads(1)
    straight = run(tmp_path / "straight", shard, 4)
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(loop, "_log", lambda folder, line: interrupt(line))
        run(tmp_path / "resumed", shard, 4)
    assert torch.load(tmp_path / "resumed/state.pt")["step"] == 2
    resumed = run(tmp_path / "resumed", shard, 4)
    assert [line["loss"] for line in resumed] == [line["loss"] for line in straight[2:]]
    one, other = (torch.load(tmp_path / name / "state.pt") for name in ("straight", "resumed"))
    for part in ("model", "average"):
        assert all(torch.equal(one[part][key], other[part][key]) for key in one[part])


def test_training_lowers_the_loss(shard: Path) -> None:
    torch.set_num_threads(1)
    torch.manual_seed(0)
    groups = Groups([Shard(shard)], DATA, seed=1)
    codec, batch, model = fit_codec(groups, SMALL), groups.batch(0), Generator(SMALL)
    optimisers = make_optimisers(model, 2e-3)
    losses = []
    for _ in range(30):                # one batch, the same noise: it can only be learnt
        rng = torch.Generator().manual_seed(0)
        loss = training_step(model, codec, batch, TrainConfig(), rng)
        loss.backward()
        losses.append(loss.item())
        for optimiser in optimisers:
            optimiser.step()
            optimiser.zero_grad()
    assert losses[-1] < 0.8 * losses[0]


def test_faces_of_the_test_split_are_refused(tmp_path: Path, shard: Path) -> None:
    faces = json.loads((shard / "faces.json").read_text())
    faces[1]["split"] = "test"
    (tmp_path / "faces.json").write_text(json.dumps(faces))
    with pytest.raises(ValueError, match="test split"):
        list(open_shards([tmp_path]))


def test_the_splits_share_no_family() -> None:
    families = {split: {row.design for row in read_manifest((split,))}
                for split in ("train", "valid", "test")}
    assert not families["train"] & (families["test"] | families["valid"])
    assert not families["valid"] & families["test"]
    assert len(families["test"]) >= 12


def test_a_tenth_of_the_hanzi_is_held_out() -> None:
    share = np.mean([is_held_out(c) for c in range(0x4E00, 0xA000)])
    assert share == pytest.approx(0.1, abs=0.005)


def test_batches_repeat_with_their_seed(shard: Path) -> None:
    one, other = (Groups([Shard(shard)], DATA, seed=3).batch(7) for _ in range(2))
    assert torch.equal(one.target, other.target)
    assert one.target.shape == (6, CANVAS, CANVAS)
    assert one.reference.shape == (2, 4, 3, CANVAS, CANVAS)


def test_augmentation_keeps_strokes_and_changes_the_hand(shard: Path) -> None:
    fields = torch.from_numpy(Shard(shard).glyphs[:8].astype(np.float32)).reshape(
        2, 4, CANVAS, CANVAS) * (4 / 127)
    rng = torch.Generator().manual_seed(1)
    changed = augment(fields, AugmentConfig(share=1.0), rng)
    ratio = (changed > 0).sum((2, 3)) / (fields > 0).sum((2, 3))
    assert (ratio > 0.3).all() and (ratio < 3).all()
    assert (changed - fields).abs().mean() > 0.1
    assert torch.equal(augment(fields, AugmentConfig(share=0.0), rng), fields.clamp(-4, 4)) or (
        augment(fields, AugmentConfig(share=0.0), rng) - fields).abs().max() < 1e-3


def test_orthogonalised_updates_have_even_singular_values() -> None:
    values = torch.linalg.svdvals(orthogonalise(torch.randn(24, 60)))
    assert values.min() > 0.5 and values.max() < 1.5


def test_the_schedule_warms_up_and_ends_low() -> None:
    config = TrainConfig(steps=100, warmup=10)
    assert schedule(0, config) == pytest.approx(0.1)
    assert schedule(10, config) == pytest.approx(1.0)
    assert schedule(99, config) < 0.03
