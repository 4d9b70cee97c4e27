"""Train the generator: `python -m training.loop RUN --shard CACHE ... --valid CACHE`.

The same command on a CPU, a GPU, and many under `torchrun`. Goes on from the checkpoint in RUN, to
the very weights of a run without a stop: every random number is a function of seed and step.
"""

from __future__ import annotations

import json
import math
import os
import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import click
import torch
from torch import Tensor

from glyphgen.config import ModelConfig
from glyphgen.network.checkpoint import load_model, read_checkpoint, save_model, unpack
from glyphgen.network.codec import PatchCodec
from training.cache import open_shards
from training.corpus import commit
from training.learn.batches import DataConfig, Groups, stream
from training.learn.distributed import Processes, processes
from training.learn.flow import TrainConfig
from training.learn.optim import follow, make_optimisers, step_all
from training.learn.presets import PRESETS
from training.learn.validate import validate


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


class Trainer:
    """A network in training: its weights, their average, the codec and the optimisers."""

    def __init__(self, config: TrainConfig, model_config: ModelConfig, team: Processes) -> None:
        torch.manual_seed(config.seed)
        self.config, self.team, self.step = config, team, 0
        self.preset = PRESETS[config.preset]
        self.model = self.preset.network(model_config).to(team.device)
        self.average = self.preset.network(model_config).to(team.device)
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
        torch.save({"step": self.step, "preset": self.config.preset,
                    "model": self.model.state_dict(), "average": self.average.state_dict(),
                    "optimisers": [o.state_dict() for o in self.optimisers]}, temporary)
        os.replace(temporary, run / "state.pt")

    def update(self, call: Callable[..., tuple[Tensor, Tensor]], groups: Groups) -> float:
        """One step on its batch; the loss."""
        share = self.team.share(groups.config.groups)
        batch = groups.batch(self.step, share).to(self.team.device)
        rng = torch.Generator(self.team.device).manual_seed(stream(self.config.seed, self.step))
        loss = self.preset.step(call, self.codec, batch, self.config, rng, share)
        loss.backward()
        total = self.team.add_up([*self.model.parameters()], loss)
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        step_all(self.optimisers, self.config.lr * schedule(self.step, self.config))
        follow(self.average, self.model, self.step, self.config.ema)
        self.step += 1
        return total


def begin(run: Path, groups: Groups, trainer: Trainer, start: Path | None,
          settings: dict[str, Any]) -> tuple[dict[str, Any] | None, dict[str, Tensor]]:
    """The state that the folder holds, or that a new run begins with, and the codec.

    A new run has the weights of `start` where they fit, and its codec, or a codec that is fitted.
    """
    run.mkdir(parents=True, exist_ok=True)
    preset = trainer.config.preset
    if (run / "state.pt").exists():
        state = torch.load(run / "state.pt", map_location="cpu", weights_only=True)
        if (kind := state.get("preset", TrainConfig.preset)) != preset:
            raise click.ClickException(f"{run} holds a run of the preset {kind}, not {preset}: "
                                       "give that preset, or another folder")
        codec = PatchCodec(trainer.model.config)
        tensors = read_checkpoint(run / "last.safetensors")[1]
        unpack(codec, "codec.", tensors, run / "last.safetensors")
        return state, codec.state_dict()
    (run / "config.json").write_text(json.dumps(settings, indent=1))
    if start:
        first, codec = load_model(start)
        if first.config != replace(trainer.model.config, preset=first.config.preset):
            raise click.ClickException(f"{start}: a network of another shape")
        trainer.model.load_state_dict(first.state_dict(), strict=False)
    else:
        codec = fit_codec(groups, trainer.model.config)
    trainer.preset.ready(trainer.model, codec.to(trainer.team.device), groups)
    weights = trainer.model.state_dict()
    return {"step": 0, "model": weights, "average": weights}, codec.state_dict()


def train(run: Path, shards: list[Path], valid: Path | None, config: TrainConfig,
          model_config: ModelConfig, data: DataConfig, device: str, compiled: bool,
          start: Path | None = None) -> None:
    """The loop: batches, steps, averaged weights, log lines, checkpoints."""
    torch.set_flush_denormal(True)
    model_config = replace(model_config, preset=config.preset)
    settings = {"train": asdict(config), "model": asdict(model_config), "data": asdict(data),
                "shards": [str(s.name) for s in shards], "commit": commit()}
    with processes(device) as team:
        first = team.number == 0
        groups = Groups(list(open_shards(shards)), data, config.seed)
        trainer = Trainer(config, model_config, team)
        found = begin(run, groups, trainer, start, settings) if first else None
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
                        figures = validate(trainer.average, trainer.codec, valid,
                                           trainer.preset.draw)
                        _log(run, {"step": step + 1, "valid": figures})


def _log(run: Path, line: dict) -> None:
    with (run / "log.jsonl").open("a", encoding="utf-8") as stream:
        stream.write(json.dumps(line) + "\n")
    click.echo(json.dumps(line))


def _data(changes: tuple[str, ...]) -> DataConfig:
    """The data's settings with changes such as augment.warp=0."""
    config = DataConfig()
    for change in changes:
        name, _, number = change.partition("=")
        try:
            config = config.but(name, float(number))
        except ValueError as error:
            raise click.BadParameter(f"{change!r}: {error}") from error
    return config


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--shard", "shards", multiple=True, required=True,
              type=click.Path(path_type=Path, exists=True))
@click.option("--valid", type=click.Path(path_type=Path, exists=True))
@click.option("--preset", default=TrainConfig.preset, show_default=True,
              type=click.Choice([*PRESETS]))
@click.option("--start", type=click.Path(path_type=Path, exists=True),
              help="Weights that a new run begins with.")
@click.option("--steps", default=TrainConfig.steps, show_default=True)
@click.option("--lr", default=TrainConfig.lr, show_default=True)
@click.option("--warmup", default=TrainConfig.warmup, show_default=True,
              help="Steps in which the rate rises.")
@click.option("--seed", default=0, show_default=True)
@click.option("--save-every", default=TrainConfig.save_every, show_default=True)
@click.option("--groups", default=DataConfig.groups, show_default=True,
              help="Fonts a batch, over all processes.")
@click.option("--data", "changes", multiple=True, callback=lambda ctx, option, given: _data(given),
              metavar="NAME=NUMBER", help="Change a setting of the data, such as augment.warp=0, "
              "pools.synthetic=0: what ablations leave out.")
@click.option("--latent", default=ModelConfig.latent, show_default=True,
              help="Channels of a latent.")
@click.option("--half/--no-half", default=TrainConfig.half, show_default=True,
              help="bfloat16 in the network.")
@click.option("--device", default="cuda" if torch.cuda.is_available() else "cpu",
              show_default=True)
@click.option("--threads", default=1, show_default=True, help="CPU threads.")
@click.option("--compile/--no-compile", "compiled", default=True, show_default=True)
def main(run: Path, shards: tuple[Path, ...], valid: Path | None, preset: str,
         start: Path | None, groups: int, changes: DataConfig, latent: int, device: str,
         threads: int, compiled: bool, **settings: Any) -> None:
    """Train into the folder RUN, or go on with what it holds."""
    torch.set_num_threads(threads)
    train(run, list(shards), valid, PRESETS[preset].config(preset, **settings),
          ModelConfig(latent=latent), replace(changes, groups=groups), device, compiled, start)


if __name__ == "__main__":
    main()
