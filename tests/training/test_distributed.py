"""The trainer on two processes that torchrun starts: the losses and weights of one process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from tests.training.test_training import DATA, SMALL
from training.learn.distributed import Processes
from training.learn.flow import TrainConfig
from training.loop import train

ROOT = Path(__file__).parent.parent.parent
CONFIG = TrainConfig(steps=4, warmup=2, half=False, log_every=1, save_every=2)
FONTS = replace(DATA, groups=3)         # which two processes share unevenly


def run(folder: Path, cache: Path) -> None:
    torch.set_num_threads(1)
    train(folder, [cache], None, CONFIG, SMALL, FONTS, "cpu", compiled=False)


def losses(folder: Path) -> dict[int, float]:
    """Losses by step."""
    lines = map(json.loads, (folder / "log.jsonl").read_text("utf-8").splitlines())
    return {line["step"]: line["loss"] for line in lines}


def test_two_processes_train_as_one_does(tmp_path: Path, shard: Path) -> None:
    alone, together = tmp_path / "alone", tmp_path / "together"
    run(alone, shard)
    done = subprocess.run(
        [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2",
         __file__, str(together), str(shard)],
        env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-3000:]
    assert losses(together) == pytest.approx(losses(alone), rel=0, abs=1e-5)
    one, other = (torch.load(folder / "state.pt") for folder in (alone, together))
    for part in ("model", "average"):
        for key, weights in one[part].items():
            torch.testing.assert_close(other[part][key], weights, rtol=0, atol=1e-5)


def test_every_group_is_taken_once() -> None:
    shares = [Processes("cpu", number, 3).share(8) for number in range(3)]
    assert [group for start, stop, _ in shares for group in range(start, stop)] == [*range(8)]
    with pytest.raises(ValueError, match="2 groups a batch are too few for 3 processes"):
        Processes("cpu", 0, 3).share(2)


if __name__ == "__main__":
    run(Path(sys.argv[1]), Path(sys.argv[2]))
