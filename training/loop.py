"""Train the generator: `python -m training.loop RUN --shard CACHE ... --valid CACHE`.

The same command on a CPU, a GPU, and many under `torchrun`. Goes on from the checkpoint in RUN, to
the very weights of a run without a stop: every random number is a function of seed and step.
"""

from __future__ import annotations

import json
import math
import os
import subprocess
import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import click
import torch
from torch import Tensor

from glyphgen.checkpoint import load_model, save_model
from glyphgen.codec import PatchCodec
from glyphgen.config import ModelConfig
from glyphgen.loss import objective
from glyphgen.model import Generator
from training.cache import open_shards
from training.data import Batch, DataConfig, Groups, Share, stream
from training.distributed import Processes, processes
from training.optim import make_optimisers
from training.validate import validate


@dataclass(frozen=True)
class TrainConfig:
    """Settings of one run; stored beside its checkpoint."""

    steps: int = 6000
    lr: float = 1e-3
    warmup: int = 200
    ema: float = 0.998
    regress: float = 0.7           # share of fonts trained at t = 0, z = 0
    time_floor: float = 0.25       # noisy times are uniform above it
    style_dropout: float = 0.05
    half: bool = True              # bfloat16 in the network and in Muon
    seed: int = 0
    log_every: int = 20
    save_every: int = 500


def training_step(model: Callable[..., tuple[Tensor, Tensor]], codec: PatchCodec, batch: Batch,
                  config: TrainConfig, rng: torch.Generator, share: Share | None = None) -> Tensor:
    """Loss of one batch: some fonts at t = 0 without noise, the others at a random time.

    Of a `share` it is the part that it has in the loss of the whole batch, from the same `rng`.
    """
    device = batch.target.device
    start, stop, fonts = share or Share(0, len(batch.reference), len(batch.reference))
    each = len(batch.target) // len(batch.reference)
    regress = torch.rand(fonts, generator=rng, device=device) < config.regress
    keep = torch.rand(fonts, generator=rng, device=device) >= config.style_dropout

    def call(*inputs: Tensor) -> tuple[Tensor, Tensor]:
        with torch.autocast(device.type, torch.bfloat16, enabled=config.half):
            return model(*inputs)

    return objective(call, codec, batch.target, batch.content, batch.reference,
                     regress.repeat_interleave(each), config.time_floor, keep[start:stop], rng,
                     slice(start * each, stop * each))


def schedule(step: int, config: TrainConfig) -> float:
    """Factor of the learning rate: linear warm-up, then half a cosine to a fiftieth."""
    if step < config.warmup:
        return (step + 1) / config.warmup
    share = min(1.0, (step - config.warmup) / max(1, config.steps - config.warmup))
    return 0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * share))


def fit_codec(groups: Groups, config: ModelConfig) -> PatchCodec:
    """The codec on a few hundred augmented glyphs and contents of training fonts."""
    codec = PatchCodec(config)
    fields = []
    for number in range(12):
        batch = groups.batch(number)
        fields += [batch.target, batch.content.flatten(0, 1)]
    codec.fit(torch.cat(fields))
    return codec


def commit() -> str:
    """The commit the run was made from."""
    done = subprocess.run(["git", "describe", "--always", "--dirty"], capture_output=True,
                          text=True, cwd=Path(__file__).parent)
    return done.stdout.strip() or "unknown"


class Trainer:
    """A network in training: its weights, their average, the codec and the optimisers."""

    def __init__(self, config: TrainConfig, model_config: ModelConfig, team: Processes) -> None:
        torch.manual_seed(config.seed)
        self.config, self.team, self.step = config, team, 0
        self.model = Generator(model_config).to(team.device)
        self.average = Generator(model_config).to(team.device)
        self.average.load_state_dict(self.model.state_dict())
        self.codec = PatchCodec(model_config).to(team.device)
        self.optimisers = make_optimisers(self.model, config.lr,
                                          torch.bfloat16 if config.half else torch.float32)

    def restore(self, state: dict[str, Any] | None, codec: dict[str, Tensor]) -> None:
        """Take over a codec and, where there is one, the state of a run."""
        self.codec.load_state_dict(codec)
        if state:
            self.step = int(state["step"])
            self.model.load_state_dict(state["model"])
            self.average.load_state_dict(state["average"])
            for optimiser, saved in zip(self.optimisers, state.get("optimisers", ())):
                optimiser.load_state_dict(saved)

    def save(self, run: Path) -> None:
        """Write last.safetensors (averaged weights, codec) and state.pt (to go on from)."""
        save_model(run / "last.safetensors", self.average, self.codec)
        temporary = run / "state.new"
        torch.save({"step": self.step, "model": self.model.state_dict(),
                    "average": self.average.state_dict(),
                    "optimisers": [o.state_dict() for o in self.optimisers]}, temporary)
        os.replace(temporary, run / "state.pt")

    def update(self, call: Callable[..., tuple[Tensor, Tensor]], groups: Groups) -> float:
        """One step on its batch; the loss."""
        share = self.team.share(groups.config.groups)
        batch = groups.batch(self.step, share).to(self.team.device)
        rng = torch.Generator(self.team.device).manual_seed(stream(self.config.seed, self.step))
        loss = training_step(call, self.codec, batch, self.config, rng, share)
        loss.backward()
        total = self.team.add_up([*self.model.parameters()], loss)
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        for optimiser in self.optimisers:
            for group in optimiser.param_groups:
                group["lr"] = self.config.lr * schedule(self.step, self.config)
            optimiser.step()
            optimiser.zero_grad(set_to_none=True)
        decay = min(self.config.ema, (self.step + 1) / (self.step + 10))
        with torch.no_grad():
            for mean, current in zip(self.average.parameters(), self.model.parameters()):
                mean.lerp_(current, 1 - decay)
        self.step += 1
        return total


def begin(run: Path, groups: Groups, model_config: ModelConfig,
          settings: dict[str, Any]) -> tuple[dict[str, Any] | None, dict[str, Tensor]]:
    """The state that the folder holds, if any, and the codec, fitted for a new run."""
    run.mkdir(parents=True, exist_ok=True)
    if (run / "state.pt").exists():
        state = torch.load(run / "state.pt", map_location="cpu", weights_only=True)
        return state, load_model(run / "last.safetensors")[1].state_dict()
    (run / "config.json").write_text(json.dumps(settings, indent=1))
    return None, fit_codec(groups, model_config).state_dict()


def train(run: Path, shards: list[Path], valid: Path | None, config: TrainConfig,
          model_config: ModelConfig, data: DataConfig, device: str, compiled: bool) -> None:
    """The loop: batches, steps, averaged weights, log lines, checkpoints."""
    torch.set_flush_denormal(True)
    settings = {"train": asdict(config), "model": asdict(model_config), "data": asdict(data),
                "shards": [str(s.name) for s in shards], "commit": commit()}
    with processes(device) as team:
        first = team.number == 0
        groups = Groups(list(open_shards(shards)), data, config.seed)
        trainer = Trainer(config, model_config, team)
        found = begin(run, groups, model_config, settings) if first else None
        trainer.restore(*team.agree(found))
        call = torch.compile(trainer.model) if compiled else trainer.model
        steps = range(trainer.step, config.steps)
        with (click.progressbar(steps, label="training", item_show_func=lambda s: f"step {s}")
              if first else nullcontext(steps)) as bar:
            began, losses = time.monotonic(), []
            for step in bar:
                losses.append(trainer.update(call, groups))
                if not first:
                    continue
                if (step + 1) % config.log_every == 0:
                    seconds = time.monotonic() - began
                    made = (step + 1 - steps.start) * data.groups * data.targets
                    _log(run, {"step": step + 1, "loss": sum(losses) / len(losses),
                               "glyphs_per_second": round(made / seconds, 1),
                               "seconds": round(seconds)})
                    losses = []
                if (step + 1) % config.save_every == 0 or step + 1 == config.steps:
                    trainer.save(run)
                    if valid:
                        figures = validate(trainer.average, trainer.codec, valid)
                        _log(run, {"step": step + 1, "valid": figures})


def _log(run: Path, line: dict) -> None:
    with (run / "log.jsonl").open("a", encoding="utf-8") as stream:
        stream.write(json.dumps(line) + "\n")
    click.echo(json.dumps(line))


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--shard", "shards", multiple=True, required=True,
              type=click.Path(path_type=Path, exists=True))
@click.option("--valid", type=click.Path(path_type=Path, exists=True))
@click.option("--steps", default=TrainConfig.steps, show_default=True)
@click.option("--lr", default=TrainConfig.lr, show_default=True)
@click.option("--seed", default=0, show_default=True)
@click.option("--save-every", default=TrainConfig.save_every, show_default=True)
@click.option("--groups", default=DataConfig.groups, show_default=True,
              help="Fonts a batch, over all processes.")
@click.option("--half/--no-half", default=TrainConfig.half, show_default=True,
              help="bfloat16 in the network.")
@click.option("--device", default="cuda" if torch.cuda.is_available() else "cpu",
              show_default=True)
@click.option("--threads", default=1, show_default=True, help="CPU threads.")
@click.option("--compile/--no-compile", "compiled", default=True, show_default=True)
def main(run: Path, shards: tuple[Path, ...], valid: Path | None, steps: int, lr: float,
         seed: int, save_every: int, groups: int, half: bool, device: str, threads: int,
         compiled: bool) -> None:
    """Train into the folder RUN, or go on with what it holds."""
    torch.set_num_threads(threads)
    config = TrainConfig(steps=steps, lr=lr, seed=seed, save_every=save_every, half=half)
    train(run, list(shards), valid, config, ModelConfig(), DataConfig(groups=groups), device,
          compiled)


if __name__ == "__main__":
    main()
