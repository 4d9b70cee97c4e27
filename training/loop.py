"""Train the generator: `python -m training.loop RUN --shard CACHE ... --valid CACHE`.

The same command on a CPU and a GPU; resumes from RUN when it holds a checkpoint.
"""

from __future__ import annotations

import json
import math
import os
import subprocess
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import click
import torch
from torch import Tensor

from glyphgen.checkpoint import load_model, save_model
from glyphgen.codec import PatchCodec
from glyphgen.config import ModelConfig
from glyphgen.loss import objective
from glyphgen.model import Generator
from training.cache import open_shards
from training.data import Batch, DataConfig, Groups
from training.optim import make_optimisers
from training.validate import validate


@dataclass(frozen=True)
class TrainConfig:
    """Settings of one run; stored beside its checkpoint."""

    steps: int = 6000
    lr: float = 1e-3
    warmup: int = 200
    ema: float = 0.998
    regress: float = 0.6           # share of fonts trained at t = 0, z = 0
    time_floor: float = 0.25       # noisy times are uniform above it
    style_dropout: float = 0.05
    seed: int = 0
    log_every: int = 20
    save_every: int = 500


def training_step(model: Callable[..., tuple[Tensor, Tensor]], codec: PatchCodec, batch: Batch,
                  config: TrainConfig, rng: torch.Generator) -> Tensor:
    """Loss of one batch: some fonts at t = 0 without noise, the others at a random time."""
    device = batch.target.device
    fonts = len(batch.reference)
    regress = torch.rand(fonts, generator=rng, device=device) < config.regress
    keep = torch.rand(fonts, generator=rng, device=device) >= config.style_dropout

    def call(*inputs: Tensor) -> tuple[Tensor, Tensor]:
        with torch.autocast(device.type, torch.bfloat16):
            return model(*inputs)

    return objective(call, codec, batch.target, batch.content, batch.reference,
                     regress.repeat_interleave(len(batch.target) // fonts), config.time_floor,
                     keep, rng)


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
    for _ in range(12):
        batch = groups.batch()
        fields += [batch.target, batch.content.flatten(0, 1)]
    codec.fit(torch.cat(fields))
    return codec


def commit() -> str:
    """The commit the run was made from."""
    done = subprocess.run(["git", "describe", "--always", "--dirty"], capture_output=True,
                          text=True, cwd=Path(__file__).parent)
    return done.stdout.strip() or "unknown"


def train(run: Path, shards: list[Path], valid: Path | None, config: TrainConfig,
          model_config: ModelConfig, data: DataConfig, device: str, compiled: bool) -> None:
    """The loop: batches, steps, averaged weights, log lines, checkpoints."""
    run.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(config.seed)
    if hasattr(torch, "set_flush_denormal"):
        torch.set_flush_denormal(True)
    state_path = run / "state.pt"
    state = torch.load(state_path, weights_only=True) if state_path.exists() else None
    start = int(state["step"]) if state else 0
    groups = Groups(list(open_shards(shards)), data, config.seed + 7919 * start)
    model = Generator(model_config).to(device)
    average = Generator(model_config).to(device)
    if state:
        _, codec = load_model(run / "last.safetensors")
        model.load_state_dict(state["model"])
        average.load_state_dict(state["average"])
    else:
        codec = fit_codec(groups, model_config)
        average.load_state_dict(model.state_dict())
        (run / "config.json").write_text(json.dumps({
            "train": asdict(config), "model": asdict(model_config), "data": asdict(data),
            "shards": [str(s.name) for s in shards], "commit": commit()}, indent=1))
    codec = codec.to(device)
    optimisers = make_optimisers(model, config.lr)
    if state:
        for optimiser, saved in zip(optimisers, state.get("optimisers", ())):
            optimiser.load_state_dict(saved)
    call = torch.compile(model) if compiled else model
    rng = torch.Generator(device).manual_seed(config.seed + start)
    began, losses = time.monotonic(), []
    with click.progressbar(range(start, config.steps), label="training",
                           item_show_func=lambda s: f"step {s}") as bar:
        for step in bar:
            for optimiser in optimisers:
                for group in optimiser.param_groups:
                    group["lr"] = config.lr * schedule(step, config)
            batch = groups.batch()
            batch = Batch(*(getattr(batch, n).to(device)
                            for n in ("target", "content", "reference")))
            loss = training_step(call, codec, batch, config, rng)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            for optimiser in optimisers:
                optimiser.step()
                optimiser.zero_grad(set_to_none=True)
            decay = min(config.ema, (step + 1) / (step + 10))
            with torch.no_grad():
                for mean, current in zip(average.parameters(), model.parameters()):
                    mean.lerp_(current, 1 - decay)
            losses.append(loss.item())
            if (step + 1) % config.log_every == 0:
                rate = (step + 1 - start) * len(batch.target) / (time.monotonic() - began)
                _log(run, {"step": step + 1, "loss": sum(losses) / len(losses),
                           "glyphs_per_second": round(rate, 1),
                           "seconds": round(time.monotonic() - began)})
                losses = []
            if (step + 1) % config.save_every == 0 or step + 1 == config.steps:
                save_model(run / "last.safetensors", average, codec)
                _save_state(state_path, step + 1, model, average, optimisers)
                if valid:
                    _log(run, {"step": step + 1, "valid": validate(average, codec, valid)})


def _save_state(path: Path, step: int, model: Generator, average: Generator,
                optimisers: list[torch.optim.Optimizer]) -> None:
    temporary = path.with_suffix(".new")
    torch.save({"step": step, "model": model.state_dict(), "average": average.state_dict(),
                "optimisers": [o.state_dict() for o in optimisers]}, temporary)
    os.replace(temporary, path)


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
@click.option("--device", default="cuda" if torch.cuda.is_available() else "cpu",
              show_default=True)
@click.option("--threads", default=1, show_default=True, help="CPU threads.")
@click.option("--compile/--no-compile", "compiled", default=True, show_default=True)
def main(run: Path, shards: tuple[Path, ...], valid: Path | None, steps: int, lr: float,
         seed: int, save_every: int, device: str, threads: int, compiled: bool) -> None:
    """Train into the folder RUN, or go on with what it holds."""
    torch.set_num_threads(threads)
    config = TrainConfig(steps=steps, lr=lr, seed=seed, save_every=save_every)
    train(run, list(shards), valid, config, ModelConfig(), DataConfig(), device, compiled)


if __name__ == "__main__":
    main()
