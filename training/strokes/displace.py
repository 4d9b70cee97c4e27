"""Teach a small network how the large one displaces content (Hinton et al. 2015, distillation).

`python -m training.strokes.displace RUN --shard CACHE ... --valid CACHE`. Goes on from the
checkpoint in RUN: every random number is a function of seed and step. `last.safetensors` ships.
"""

from __future__ import annotations

import json
import os
import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import NamedTuple

import click
import torch
from torch import Tensor
from torch.nn import functional as F

from fonts.drawing import CANVAS
from glyphgen.network.checkpoint import WEIGHTS, load_model
from glyphgen.network.displacer import Displacer, DisplacerConfig, save_displacer
from glyphgen.strokes.library import KAI
from training.cache import open_shards
from training.corpus import commit
from training.learn.augment import AugmentConfig
from training.learn.batches import Batch, DataConfig, Groups
from training.learn.flow import TrainConfig
from training.learn.optim import follow, make_optimisers, step_all
from training.loop import schedule

_DATA = DataConfig(groups=4, targets=24, references=(12, 23, 30), main_script=1.0, pools=(
    ("hand", 0.5), ("Hangul hand", 0.0), ("synthetic", 0.2), ("print", 0.3)))
_PLAIN = replace(_DATA, references=(30,), augment=AugmentConfig(share=0.0))
_FAR = 0.03             # weight of places without ink
_CHECKS = 6             # batches of `valid`


class Label(NamedTuple):
    """What the large network makes of a batch: what the small one is shown, and its answer."""

    content: Tensor         # (N, 16, 16, 2C)
    tokens: Tensor          # (G, K, D)
    style: Tensor           # (G, D)
    displaced: Tensor       # (N, 2, F, F)


class Teacher:
    """The shipped network, which says how content is displaced."""

    def __init__(self, weights: Path, half: bool) -> None:
        self.model, self.codec = load_model(weights)
        self.kind = torch.bfloat16 if half else torch.float32
        self.network = self.model.denoise.drawing(self.kind)

    @torch.no_grad()
    def label(self, batch: Batch) -> Label:
        """A batch of G fonts, labelled."""
        content = self.codec.stack(batch.content)
        with torch.autocast("cpu", torch.bfloat16, enabled=self.kind == torch.bfloat16):
            tokens, style = self.model.style(self.codec.stack(batch.reference))
        parts = []
        for one, token, mean in zip(content.chunk(len(tokens)), tokens.split(1), style.split(1)):
            blank = one.new_zeros(*one.shape[:3], self.model.config.latent)
            parts.append(self.network(blank, blank.new_zeros(1), one, token.to(self.kind),
                                      mean.to(self.kind))[1][:, KAI])
        return Label(content, tokens.float(), style.float(), torch.cat(parts))


def error(found: Tensor, wanted: Tensor, content: Tensor) -> Tensor:
    """Mean squared distances (N,), canvas pixels, of displacements (N, 2, F, F) from the wanted
    ones, where the Kai content (N, 2, 128, 128) has ink."""
    ink = F.avg_pool2d(torch.sigmoid(content[:, KAI]), CANVAS // found.shape[-1]) + _FAR
    apart = ((found - wanted) * (CANVAS / 2)).square().sum(1)               # (N, F, F)
    return (apart * ink).sum((1, 2)) / ink.sum((1, 2))


class Distiller:
    """The small network in training, its average and its optimisers."""

    def __init__(self, config: TrainConfig, teacher: Teacher) -> None:
        torch.manual_seed(config.seed)
        self.config, self.teacher, self.step = config, teacher, 0
        shape = DisplacerConfig(teacher=teacher.model.digest)
        self.network, self.average = Displacer(shape), Displacer(shape)
        self.average.load_state_dict(self.network.state_dict())
        self.optimisers = make_optimisers(self.network, config.lr, teacher.kind)

    def restore(self, path: Path) -> None:
        """Go on from what `save` wrote."""
        state = torch.load(path, weights_only=True)
        self.step = int(state["step"])
        self.network.load_state_dict(state["network"])
        self.average.load_state_dict(state["average"])
        for optimiser, saved in zip(self.optimisers, state["optimisers"]):
            optimiser.load_state_dict(saved)

    def save(self, run: Path) -> None:
        """Write last.safetensors (averaged weights, int8) and state.pt (to go on from)."""
        save_displacer(run / "last.safetensors", self.average)
        torch.save({"step": self.step, "network": self.network.state_dict(),
                    "average": self.average.state_dict(),
                    "optimisers": [one.state_dict() for one in self.optimisers]},
                   run / "state.new")
        os.replace(run / "state.new", run / "state.pt")

    def errors(self, network: Displacer, batch: Batch) -> Tensor:
        """How far the network is from the teacher, (N,)."""
        label = self.teacher.label(batch)
        with torch.autocast("cpu", torch.bfloat16, enabled=self.config.half):
            found = network(label.content, label.tokens, label.style)
        return error(found.float(), label.displaced, batch.content)

    def update(self, batch: Batch) -> float:
        """One step; its loss."""
        loss = self.errors(self.network, batch).mean()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 5.0)
        step_all(self.optimisers, self.config.lr * schedule(self.step, self.config))
        follow(self.average, self.network, self.step, self.config.ema)
        self.step += 1
        return float(loss.detach())


def train(run: Path, shards: list[Path], valid: Path, weights: Path, config: TrainConfig,
          data: DataConfig = _DATA) -> None:
    """The loop: batches, steps, averaged weights, log lines, checkpoints."""
    torch.set_flush_denormal(True)
    run.mkdir(parents=True, exist_ok=True)
    groups = Groups(list(open_shards(shards)), data, config.seed)
    held = Groups(list(open_shards([valid])), _PLAIN, config.seed + 1)
    distiller = Distiller(config, Teacher(weights, config.half))
    if (run / "state.pt").exists():
        distiller.restore(run / "state.pt")
    settings = {"train": asdict(config), "data": asdict(data), "commit": commit(),
                "shape": asdict(distiller.network.shape)}
    (run / "config.json").write_text(json.dumps(settings, indent=1))
    began, losses = time.monotonic(), []
    while distiller.step < config.steps:
        losses.append(distiller.update(groups.batch(distiller.step)))
        if distiller.step % config.save_every == 0 or distiller.step == config.steps:
            distiller.save(run)
            with torch.no_grad():
                apart = torch.cat([distiller.errors(distiller.average, held.batch(number))
                                   for number in range(_CHECKS)])
            line = {"step": distiller.step, "seconds": round(time.monotonic() - began),
                    "loss": round(sum(losses) / len(losses), 3),
                    "valid": round(float(apart.mean()), 3)}
            losses = []
            with (run / "log.jsonl").open("a", encoding="utf-8") as stream:
                stream.write(json.dumps(line) + "\n")
            click.echo(json.dumps(line))


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--shard", "shards", multiple=True, required=True,
              type=click.Path(path_type=Path, exists=True))
@click.option("--valid", required=True, type=click.Path(path_type=Path, exists=True))
@click.option("--weights", default=WEIGHTS, type=click.Path(path_type=Path, exists=True),
              help="The network that teaches.")
@click.option("--steps", default=6000, show_default=True)
@click.option("--lr", default=2e-3, show_default=True)
@click.option("--half/--no-half", "in_half", default=True, show_default=True,
              help="bfloat16 in the networks.")
@click.option("--threads", default=1, show_default=True, help="CPU threads.")
def main(run: Path, shards: tuple[Path, ...], valid: Path, weights: Path, steps: int, lr: float,
         in_half: bool, threads: int) -> None:
    """Train into the folder RUN, or go on with what it holds."""
    torch.set_num_threads(threads)
    train(run, list(shards), valid, weights,
          TrainConfig(steps=steps, lr=lr, warmup=50, half=in_half, save_every=250))


if __name__ == "__main__":
    main()
