"""The weights of the network of strokes, as safetensors with configuration and digest inside."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import torch

from glyphgen.network.checkpoint import built, packed, read_tensors, unpack, write_tensors
from glyphgen.strokes.network import StrokeConfig, StrokeNetwork

WEIGHTS = Path(__file__).parents[1] / "weights" / "strokes.safetensors"


def save_strokes(path: Path, network: StrokeNetwork,
                 dtype: torch.dtype = torch.float32) -> None:
    """Write the network to `path`, atomically."""
    write_tensors(path, packed(network, "", dtype), {"config": json.dumps(asdict(network.config))})


def load_strokes(path: Path = WEIGHTS) -> StrokeNetwork:
    """The network of a checkpoint, float32 on the CPU; CheckpointError where unusable."""
    tensors, metadata = read_tensors(path)
    network = built(path, metadata, StrokeConfig, StrokeNetwork)
    unpack(network, "", tensors, path)
    return network.eval()
