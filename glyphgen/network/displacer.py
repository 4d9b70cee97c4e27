"""A small network that says how the Kai content is displaced in a hand, and nothing else.

Taught by `Generator`, whose tokens and style it takes: all that hanzi drawn by their strokes need
of it, for a fifth of the time.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from glyphgen.config import ModelConfig
from glyphgen.network.checkpoint import (
    built,
    packed,
    read_tensors,
    rounded,
    unpack,
    write_tensors,
)
from glyphgen.network.model import Conv, Generator, Trunk, cells, displacements, zeroed

WEIGHTS = Path(__file__).parents[1] / "weights" / "displacer.safetensors"
_POOL = 2               # places of a reference, a side, that become one
_PLACES = 4             # places of a reference, a side


@dataclass(frozen=True)
class DisplacerConfig:
    """Shape of the network; its checkpoint carries it."""

    width: int = 64
    inner: int = 128
    outer_blocks: int = 1
    inner_blocks: int = 3
    read: int = ModelConfig.inner       # numbers of a token and of a style
    teacher: str = ""       # digest of the network whose tokens it reads

    @property
    def model(self) -> ModelConfig:
        """The same as the trunk takes it."""
        return ModelConfig(width=self.width, inner=self.inner, outer_blocks=self.outer_blocks,
                           inner_blocks=self.inner_blocks)


class Displacer(Trunk):
    """Content, tokens and style to the displacement of the Kai content."""

    exact = ("flow",)

    def __init__(self, shape: DisplacerConfig) -> None:
        config = shape.model
        super().__init__(config)
        self.shape = shape
        self.enter = Conv(config.sources * config.latent, config.width)
        self.tokens = nn.Linear(_POOL**2 * shape.read, config.inner)
        self.style = nn.Linear(shape.read, config.inner)
        self.flow = zeroed(Conv(config.width, 2 * cells(config)))

    def forward(self, content: Tensor, tokens: Tensor, style: Tensor) -> Tensor:
        """content (N, 16, 16, 2C), tokens (G, 16 R, D) and style (G, D) of N / G glyphs each.

        Returns displacements (N, 2, 32, 32), as `Denoiser` has those of the Kai content.
        """
        kind = self.place.dtype
        if len(style) > 1:
            style = style.repeat_interleave(len(content) // len(style), 0)
        x = self.trunk(self.enter(content.to(kind)), F.silu(self.style(style.to(kind))),
                       self.tokens(_pooled(tokens.to(kind))))
        return displacements(self.flow(x), self.config)[:, 0]


def _pooled(tokens: Tensor) -> Tensor:
    """Tokens (G, 16 R, D), 4 x 4 a reference, as (G, 4 R, 4 D): four neighbours are one."""
    fonts, count, width = tokens.shape
    side = _PLACES // _POOL
    parts = tokens.reshape(fonts, count // _PLACES**2, side, _POOL, side, _POOL, width)
    return parts.transpose(3, 4).reshape(fonts, -1, _POOL**2 * width)


def save_displacer(path: Path, network: Displacer) -> None:
    """Write the network to `path`, its large matrices as int8, atomically."""
    write_tensors(path, rounded(packed(network, "", torch.bfloat16)),
                  {"config": json.dumps(asdict(network.shape))})


def load_displacer(path: Path = WEIGHTS) -> Displacer:
    """The network of a checkpoint, float32 on the CPU; CheckpointError where unusable."""
    tensors, metadata = read_tensors(path)
    network = built(path, metadata, DisplacerConfig, Displacer)
    unpack(network, "", tensors, path)
    return network.eval()


def displacer_of(model: Generator) -> Displacer | None:
    """The shipped network if it was taught by this one."""
    network = load_displacer()
    return network if network.shape.teacher == model.digest else None
