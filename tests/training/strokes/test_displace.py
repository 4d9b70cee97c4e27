"""Distillation on a shard written here: it learns, and goes on where it stopped."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from glyphgen.network.checkpoint import WEIGHTS, load_model
from glyphgen.network.displacer import load_displacer
from training.learn.batches import DataConfig, Groups
from training.learn.flow import TrainConfig
from training.strokes import displace
from training.strokes.displace import Distiller, Teacher, error, train

DATA = DataConfig(groups=2, targets=3, references=(4,), pools=(("hand", 1.0),))
CONFIG = TrainConfig(steps=4, lr=2e-3, warmup=2, half=False, save_every=2)


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    torch.set_num_threads(1)
    monkeypatch.setattr(displace, "_CHECKS", 1)
    monkeypatch.setattr(displace, "_PLAIN", DATA)


def test_the_error_counts_pixels_where_there_is_ink() -> None:
    content = torch.full((1, 2, 128, 128), -4.0)
    content[:, 1, :64] = 4.0
    wanted = torch.zeros(1, 2, 32, 32)
    above, below = wanted.clone(), wanted.clone()
    above[:, :, :16], below[:, :, 16:] = 3 / 64, 3 / 64
    assert error(wanted, wanted, content) == 0
    assert error(above, wanted, content) > 10 * error(below, wanted, content)
    assert error(above + below, wanted, content) == pytest.approx(18)


def stop(said: str) -> None:
    if json.loads(said)["step"] == 2:
        raise KeyboardInterrupt


def test_a_run_ends_alike_if_it_was_stopped(tmp_path: Path, shard: Path,
                                            monkeypatch: pytest.MonkeyPatch) -> None:
    whole, again = tmp_path / "whole", tmp_path / "again"
    train(whole, [shard], shard, WEIGHTS, CONFIG, DATA)
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(displace.click, "echo", stop)
        train(again, [shard], shard, WEIGHTS, CONFIG, DATA)
    train(again, [shard], shard, WEIGHTS, CONFIG, DATA)
    one, other = (load_file(run / "last.safetensors") for run in (whole, again))
    assert one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)
    lines = [json.loads(line) for line in (again / "log.jsonl").read_text().splitlines()]
    assert [line["step"] for line in lines] == [2, 4]
    assert load_displacer(whole / "last.safetensors").shape.teacher == load_model()[0].digest


def test_steps_bring_it_nearer(shard: Path) -> None:
    distiller = Distiller(replace(CONFIG, steps=40), Teacher(WEIGHTS, False))
    batch = Groups([*displace.open_shards([shard])], DATA, 0).batch(0)
    losses = [distiller.update(batch) for _ in range(25)]
    assert losses[-1] < 0.7 * losses[0]
