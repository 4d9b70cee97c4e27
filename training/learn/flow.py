"""The settings of a run, and the shipped objective: what one step of training minimises."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from glyphgen.network.codec import PatchCodec
from glyphgen.network.loss import objective
from training.learn.batches import Batch, Share

Call = Callable[..., tuple[Tensor, ...]]


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
    preset: str = "flow"
    kl: float = 0.0                # weight of the Kullback-Leibler divergence, `vae` and `kl-style`
    adversarial: float = 0.0       # weight of the hinge term, `vae-gan`
    token_dropout: float = 0.0     # share of fonts that keep the style alone, `kl-style`


def kl_to_normal(mean: Tensor, log_variance: Tensor) -> Tensor:
    """KL(N(mean, variance) || N(0, 1)) of every number (Kingma and Welling 2014, appendix B)."""
    return 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance)


def share_of(batch: Batch, share: Share | None) -> tuple[Share, slice, int]:
    """The share that a batch is, its rows in the whole batch of targets, and that one's size."""
    share = share or Share(0, len(batch.reference), len(batch.reference))
    each = len(batch.target) // len(batch.reference)
    return share, slice(share.start * each, share.stop * each), share.groups * each


def halved(call: Call, device: str, config: TrainConfig) -> Call:
    """`call` in bfloat16 where the configuration says so."""
    def inside(*inputs: Tensor) -> tuple[Tensor, ...]:
        with torch.autocast(device, torch.bfloat16, enabled=config.half):
            return call(*inputs)
    return inside


def training_step(model: Call, codec: PatchCodec, batch: Batch, config: TrainConfig,
                  rng: torch.Generator, share: Share | None = None) -> Tensor:
    """Loss of one batch: some fonts at t = 0 without noise, the others at a random time.

    Of a `share` it is the part that it has in the loss of the whole batch, from the same `rng`.
    """
    device = batch.target.device
    part, rows, _ = share_of(batch, share)
    regress = torch.rand(part.groups, generator=rng, device=device) < config.regress
    keep = torch.rand(part.groups, generator=rng, device=device) >= config.style_dropout
    each = len(batch.target) // len(batch.reference)
    return objective(halved(model, device.type, config), codec, batch.target, batch.content,
                     batch.reference, regress.repeat_interleave(each), config.time_floor,
                     keep[part.start:part.stop], rng, rows)
