"""Train the network of strokes.

`python -m training.strokes.loop RUN --faces FOLDER --valid FOLDER`: the folders hold what
`python -m training.strokes.data faces` made. Goes on from the checkpoint in RUN: every random
number is a function of seed and step.
"""

from __future__ import annotations

import copy
import json
import math
import os
import time
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path

import click
import torch

from glyphgen.strokes.checkpoint import load_strokes, save_strokes
from glyphgen.strokes.network import StrokeConfig, StrokeNetwork, Written, frame, framed
from training.corpus import commit
from training.learn.optim import follow
from training.strokes.batches import BatchConfig, StrokeGroups
from training.strokes.faces import StrokeFace
from training.strokes.loss import loss, point_error, width_error

_SAMPLES, _MOST = 30, 160           # of a face of `valid`


@dataclass(frozen=True)
class StrokeTrainConfig:
    """How the network of strokes is trained."""

    steps: int = 20000
    lr: float = 1e-3
    warmup: int = 100
    decay: float = 0.02         # of weights
    ema: float = 0.998
    seed: int = 1
    save_every: int = 500
    half: bool = True           # bfloat16 in the network's layers


def schedule(step: int, config: StrokeTrainConfig) -> float:
    """Factor of the learning rate: linear warm-up, then half a cosine to 3 %."""
    share = min(1.0, step / config.steps)
    return min(1.0, (step + 1) / config.warmup) * (0.03 + 0.97 * 0.5
                                                   * (1 + math.cos(math.pi * share)))


class StrokeTrainer:
    """A network in training, its average and its optimiser."""

    def __init__(self, config: StrokeTrainConfig, shape: StrokeConfig, start: Path | None) -> None:
        torch.manual_seed(config.seed)
        self.config, self.step = config, 0
        self.network = load_strokes(start) if start else StrokeNetwork(shape)
        self.network.train()
        self.average = copy.deepcopy(self.network).eval()
        self.optimiser = torch.optim.AdamW(self.network.parameters(), lr=config.lr,
                                           weight_decay=config.decay, betas=(0.9, 0.98))

    def restore(self, path: Path) -> None:
        """Go on from what `save` wrote."""
        state = torch.load(path, weights_only=True)
        self.step = int(state["step"])
        self.network.load_state_dict(state["network"])
        self.average.load_state_dict(state["average"])
        self.optimiser.load_state_dict(state["optimiser"])

    def save(self, run: Path) -> None:
        """Write last.safetensors (averaged weights) and state.pt (to go on from)."""
        save_strokes(run / "last.safetensors", self.average)
        torch.save({"step": self.step, "network": self.network.state_dict(),
                    "average": self.average.state_dict(),
                    "optimiser": self.optimiser.state_dict()}, run / "state.new")
        os.replace(run / "state.new", run / "state.pt")

    def update(self, batch: Written, samples: int) -> dict[str, float]:
        """One step; the parts of the loss."""
        for group in self.optimiser.param_groups:
            group["lr"] = self.config.lr * schedule(self.step, self.config)
        known, wanted = batch.part(slice(0, samples)), batch.part(slice(samples, None))
        half = torch.autocast("cpu", torch.bfloat16) if self.config.half else nullcontext()
        with half:
            points, width = self.network(known, wanted.content, wanted.there)
        total, parts = loss(points, width, wanted)
        self.optimiser.zero_grad()
        total.backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.optimiser.step()
        follow(self.average, self.network, self.step, self.config.ema)
        self.step += 1
        return parts


@torch.no_grad()
def check(network: StrokeNetwork, faces: Sequence[StrokeFace]) -> dict[str, dict[str, float]]:
    """By face: point error of the hand's affine alone and of the network, pixels; width error."""
    out = {}
    for face in faces:
        whole = Written(*(torch.from_numpy(part[None, :_MOST]) for part in
                          (face.content[0], face.strokes, face.width, face.there)))
        known, wanted = whole.part(slice(0, _SAMPLES)), whole.part(slice(_SAMPLES, None))
        points, width = network(known, wanted.content, wanted.there)
        affine = framed(frame(known.content, known.strokes, known.there), wanted.content)
        out[face.design] = {"affine": round(point_error(affine, wanted), 3),
                            "points": round(point_error(points, wanted), 3),
                            "width": round(float(width_error(width, wanted)), 4)}
    return out


def load_faces(folder: Path) -> list[StrokeFace]:
    """Every face of a folder, by name."""
    return [StrokeFace.load(path) for path in sorted(folder.glob("*.npz"))]


def train(run: Path, folder: Path, valid: Path, config: StrokeTrainConfig, shape: StrokeConfig,
          data: BatchConfig, start: Path | None) -> None:
    """The loop: batches, steps, averaged weights, log lines, checkpoints."""
    torch.set_flush_denormal(True)
    run.mkdir(parents=True, exist_ok=True)
    groups, held = StrokeGroups(load_faces(folder), data, config.seed), load_faces(valid)
    trainer = StrokeTrainer(config, shape, start)
    if (run / "state.pt").exists():
        trainer.restore(run / "state.pt")
    settings = {"train": asdict(config), "shape": asdict(shape), "data": asdict(data),
                "faces": {f.design: len(f.codepoints) for f in groups.faces}, "commit": commit()}
    (run / "config.json").write_text(json.dumps(settings, indent=1, ensure_ascii=False))
    began, sums = time.monotonic(), dict.fromkeys(("points", "joints", "width"), 0.0)
    while trainer.step < config.steps:
        for name, value in trainer.update(*groups.batch(trainer.step)).items():
            sums[name] += value / config.save_every
        if trainer.step % config.save_every == 0 or trainer.step == config.steps:
            trainer.save(run)
            line = {"step": trainer.step, "seconds": round(time.monotonic() - began),
                    **{name: round(value, 4) for name, value in sums.items()},
                    "valid": check(trainer.average, held)}
            sums = dict.fromkeys(sums, 0.0)
            with (run / "log.jsonl").open("a", encoding="utf-8") as stream:
                stream.write(json.dumps(line, ensure_ascii=False) + "\n")
            click.echo(json.dumps(line, ensure_ascii=False))


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--faces", required=True, type=click.Path(path_type=Path, exists=True))
@click.option("--valid", required=True, type=click.Path(path_type=Path, exists=True))
@click.option("--start", type=click.Path(path_type=Path, exists=True),
              help="Weights that a new run begins with.")
@click.option("--steps", default=StrokeTrainConfig.steps, show_default=True)
@click.option("--lr", default=StrokeTrainConfig.lr, show_default=True)
@click.option("--seed", default=StrokeTrainConfig.seed, show_default=True)
@click.option("--save-every", default=StrokeTrainConfig.save_every, show_default=True)
@click.option("--width", default=StrokeConfig.width, show_default=True, help="Channels of a token.")
@click.option("--crossed", default=BatchConfig.crossed, show_default=True,
              help="Share of hands that are made of two faces.")
@click.option("--half/--no-half", default=StrokeTrainConfig.half, show_default=True,
              help="bfloat16 in the network's layers.")
@click.option("--threads", default=1, show_default=True, help="CPU threads.")
def main(run: Path, faces: Path, valid: Path, start: Path | None, steps: int, lr: float, seed: int,
         save_every: int, width: int, crossed: float, half: bool, threads: int) -> None:
    """Train into the folder RUN, or go on with what it holds."""
    torch.set_num_threads(threads)
    train(run, faces, valid, StrokeTrainConfig(steps, lr, seed=seed, save_every=save_every,
                                               half=half),
          StrokeConfig(width=width), BatchConfig(crossed=crossed), start)


if __name__ == "__main__":
    main()
