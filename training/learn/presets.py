"""What the trainer can train: the shipped flow, and what it is compared with, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from glyphgen.config import ModelConfig
from glyphgen.network.checkpoint import CheckpointError, read_checkpoint, unpack
from glyphgen.network.codec import PatchCodec
from glyphgen.network.model import Generator
from training.learn import ddpm, kl_style, vae
from training.learn.batches import Batch, Groups
from training.learn.flow import TrainConfig, training_step
from training.learn.steps import Sampler, Sampling
from training.learn.validate import draw

Draw = Callable[[Any, PatchCodec, Batch], dict[str, Tensor]]


@dataclass(frozen=True)
class Preset:
    """A network, what a step minimises, how a font is drawn for validation, settings of its own."""

    network: Callable[[ModelConfig], Any] = Generator
    step: Callable[..., Tensor] = training_step
    draw: Draw = draw
    ready: Callable[[Any, PatchCodec, Groups], None] = lambda network, codec, groups: None
    settings: Mapping[str, float] = field(default_factory=dict)

    def config(self, name: str, **given: Any) -> TrainConfig:
        """The settings of a run."""
        return TrainConfig(preset=name, **{**self.settings, **given})


def _new_head(network: Generator, codec: PatchCodec, groups: Groups) -> None:
    """The output layer of an untrained network, which draws the Kai content."""
    fresh = Generator(network.config).denoise
    network.denoise.leave.load_state_dict(fresh.leave.state_dict())
    network.denoise.skip.load_state_dict(fresh.skip.state_dict())


@torch.no_grad()
def _draw_flow(network: Generator, codec: PatchCodec, batch: Batch) -> dict[str, Tensor]:
    """Fields by as many calls as `ddpm.draw_ddpm` makes, from the same noise."""
    sampler = Sampler(network, codec, batch)
    drawn = {f"{calls} from noise": sampler.follow(sampler.noise, Sampling("", 0.0, calls))
             for calls in ddpm.CALLS}
    middle = ddpm.MIDDLE
    z = middle * codec.encode(batch.content[:, 1]) + (1 - middle) * sampler.noise
    drawn["1 from content"] = sampler.follow(z, Sampling("", middle, 1))
    return {name: codec.decode(latents) for name, latents in drawn.items()}


def _ddpm(kind: str) -> Preset:
    noise = ddpm.Noise(kind)
    return Preset(step=partial(ddpm.ddpm_step, noise=noise),
                  draw=partial(ddpm.draw_ddpm, noise=noise),
                  ready=lambda network, codec, groups: ddpm.ready(network))


_VAE = Preset(vae.VAE, vae.vae_step, vae.draw_vae,
              lambda network, codec, groups: network.adopt(codec), {"kl": 1e-4})

PRESETS = {
    "flow": Preset(),
    "flow-noise": Preset(draw=_draw_flow, ready=_new_head,
                         settings={"regress": 0.0, "time_floor": 0.0}),
    "ddpm": _ddpm("linear"),
    "ddpm-cosine": _ddpm("cosine"),
    "vae": _VAE,
    "vae-gan": replace(_VAE, settings={"kl": 1e-4, "adversarial": 0.05}),
    "kl-style": Preset(kl_style.HandGenerator, kl_style.kl_step, kl_style.draw_hand,
                       kl_style.ready, {"kl": 1e-3, "token_dropout": 0.3}),
}


def load_trained(path: Path) -> tuple[str, nn.Module, PatchCodec]:
    """Preset, network and codec of a checkpoint that the trainer wrote."""
    config, tensors = read_checkpoint(path)
    if config.preset not in PRESETS:
        raise CheckpointError(f"{path}: no preset is named {config.preset[:20]!r}")
    network, codec = PRESETS[config.preset].network(config), PatchCodec(config)
    unpack(network, "model.", tensors, path)
    unpack(codec, "codec.", tensors, path)
    return config.preset, network.eval(), codec
