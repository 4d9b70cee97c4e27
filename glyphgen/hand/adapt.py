"""Per-user adaptation: a short fine-tune on the person's own samples, kept only when it helps.

A fifth of the samples is held out; the weights with the best held-out loss win, and the untouched
network wins where no step improves on it. Where the loss no longer falls, the fine-tune ends.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from fonts.drawing import Field
from glyphgen.hand.painter import Painter
from glyphgen.network.frame import warp
from glyphgen.network.loss import objective
from glyphgen.network.model import Generator


@dataclass(frozen=True)
class AdaptConfig:
    """Settings of the fine-tune, chosen on the validation families."""

    steps: int = 48
    batch: int = 12
    lr: float = 1e-4
    average: float = 0.9        # of the averaged weights, which are what is kept
    check_every: int = 8
    patience: int = 16          # steps without a better check after which it ends
    fewest: int = 10            # samples below which nothing is learnt
    regress: float = 0.5
    time_floor: float = 0.4
    gain: float = 0.005         # relative fall of the held-out loss below which nothing changes
    jitter: float = 0.012       # of position, in -1..1 coordinates


@dataclass(frozen=True)
class Adapted:
    """The outcome: held-out loss before and after, steps kept, and who was held out."""

    before: float
    after: float
    steps: int
    held: tuple[int, ...]


class _Samples:
    """The person's samples as tensors, and batches of them."""

    def __init__(self, painter: Painter, samples: Mapping[int, Field]) -> None:
        self.codepoints = codepoints = list(samples)[: painter.config.max_references]
        self.fields = painter.stacked(samples, codepoints)                # (S, 128, 128)
        self.content = painter.shown(codepoints, painter.frames(samples))  # (S, 2, 128, 128)

    def references(self, chosen: Tensor) -> Tensor:
        """Samples with their contents (1, R, 3, 128, 128)."""
        return torch.cat([self.fields[chosen, None], self.content[chosen]], 1)[None]

    def jittered(self, chosen: Tensor, shift: Tensor) -> tuple[Tensor, Tensor]:
        """Targets (N, 128, 128) and contents, moved together by shifts (N, 2)."""
        theta = torch.zeros(len(chosen), 2, 3, device=self.fields.device)
        theta[:, 0, 0] = theta[:, 1, 1] = 1
        theta[:, :, 2] = shift
        moved = warp(torch.cat([self.fields[chosen, None], self.content[chosen]], 1), theta)
        return moved[:, 0], moved[:, 1:]


def adapt(painter: Painter, samples: Mapping[int, Field], seed: int = 0,
          config: AdaptConfig | None = None,
          tick: Callable[[int], None] = lambda count: None) -> Adapted | None:
    """Fine-tune the painter's network in place; None with too few samples.

    What it ends with is rounded to bfloat16, so that it can be kept so.
    """
    config = config or AdaptConfig()
    if len(samples) < config.fewest:
        return None
    data = _Samples(painter, samples)
    rng = torch.Generator().manual_seed(seed)
    order = torch.randperm(len(data.fields), generator=rng)
    held, own = order[: len(order) // 5], order[len(order) // 5 :]
    model, average = painter.model, copy.deepcopy(painter.model)
    before = _held_out(painter, data, held, own)
    best, lowest, kept = copy.deepcopy(model.state_dict()), before, 0
    optimiser = torch.optim.AdamW(model.parameters(), config.lr, weight_decay=0.0)
    for step in range(1, config.steps + 1):
        for group in optimiser.param_groups:
            group["lr"] = config.lr * min(1.0, step / 5)
        _step(painter, data, own, config, rng).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
        _follow(average, model, min(config.average, step / (step + 4)))
        tick(1)
        if step % config.check_every == 0:
            painter.model = average
            loss = _held_out(painter, data, held, own)
            painter.model = model
            if loss < min(lowest, before * (1 - config.gain)):
                lowest, kept, best = loss, step, copy.deepcopy(average.state_dict())
            elif step - kept >= config.patience:
                tick(config.steps - step)
                break
    model.load_state_dict({name: tensor.bfloat16() for name, tensor in best.items()})
    return Adapted(before, lowest, kept, tuple(data.codepoints[i] for i in held.tolist()))


@torch.no_grad()
def _follow(average: Generator, model: Generator, keep: float) -> None:
    """Move averaged weights towards the current ones."""
    for mean, current in zip(average.parameters(), model.parameters()):
        mean.lerp_(current, 1 - keep)


def _objective(painter: Painter, data: _Samples, targets: tuple[Tensor, Tensor], chosen: Tensor,
               regress: Tensor, floor: float, rng: torch.Generator) -> Tensor:
    """Loss of targets and contents with the samples `chosen` as references."""

    def call(*inputs: Tensor) -> tuple[Tensor, Tensor]:
        model: Generator = painter.model
        with painter.autocast():
            return model(*inputs)

    return objective(call, painter.codec, *targets, data.references(chosen), regress, floor,
                     torch.ones(1, device=painter.device), rng)


def _step(painter: Painter, data: _Samples, own: Tensor, config: AdaptConfig,
          rng: torch.Generator) -> Tensor:
    """Loss of one batch: references and targets are drawn apart."""
    shuffled = own[torch.randperm(len(own), generator=rng)]
    size = min(config.batch, len(own) // 2)             # of few samples, half are references
    chosen, references = shuffled[:size], shuffled[size:]
    shift = (torch.randn(len(chosen), 2, generator=rng) * config.jitter).to(painter.device)
    regress = torch.rand(len(chosen), generator=rng) < config.regress
    device_rng = torch.Generator(painter.device).manual_seed(
        int(torch.randint(2**31 - 1, (1,), generator=rng)))
    return _objective(painter, data, data.jittered(chosen, shift), references,
                      regress.to(painter.device), config.time_floor, device_rng)


@torch.no_grad()
def _held_out(painter: Painter, data: _Samples, held: Tensor, own: Tensor) -> float:
    """Mean loss of the first call on the held-out samples, with the others as references."""
    everything = torch.ones(len(held), dtype=torch.bool, device=painter.device)
    rng = torch.Generator(painter.device).manual_seed(0)
    return float(_objective(painter, data, (data.fields[held], data.content[held]), own,
                            everything, 0.0, rng))
