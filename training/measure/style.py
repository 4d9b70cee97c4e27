"""Whose hand a glyph is in, whatever character it shows: a small network of style.

A drawing becomes a unit vector; glyphs of one face lie near each other. The network was trained on
faces of `train` only (`training.measure.style_reader`); nothing that is drawn depends on it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from fonts.drawing import SPREAD, Field
from glyphgen.network.checkpoint import packed, read_tensors, unpack, write_tensors
from glyphgen.network.recogniser import Embedder

STYLE = Path(__file__).with_name("style.safetensors")
WIDTH = 128             # of a vector
FEATURES = 612          # numbers that are seen of a glyph

_LAYERS = 7             # of the recogniser's that look at strokes
_BATCH = 16

Vectors = NDArray[np.float32]       # (N, WIDTH), unit


class StyleNet(nn.Module):
    """Fields (N, 128, 128) to unit vectors (N, WIDTH).

    Means and deviations over the glyph of convolutions in three sizes, and how the finest of them
    go together: how strokes look, not where they stand. The convolutions are the first of the
    recogniser's, which `training.recogniser` trained; `head` makes of them what tells hands apart.
    """

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(*list(Embedder().body)[:_LAYERS])
        self.head = nn.Linear(FEATURES, WIDTH)

    def features(self, fields: Tensor) -> Tensor:
        """Features (N, FEATURES) of fields (N, 128, 128)."""
        x, pooled, edges = F.avg_pool2d(fields[:, None] / SPREAD, 2), [], None
        for layer in (*self.body, nn.SiLU()):
            x = layer(x)
            if isinstance(layer, nn.SiLU):
                flat = x.flatten(2)                                       # (N, C, H W)
                pooled += [flat.mean(2), (flat.var(2) + 1e-4).sqrt()]
                edges = flat if edges is None else edges
        assert edges is not None
        return torch.cat([*pooled, _together(edges)], 1)

    def forward(self, fields: Tensor) -> Tensor:
        return F.normalize(self.head(self.features(fields)), dim=1)


def _together(flat: Tensor) -> Tensor:
    """Covariances of each two channels over the glyph: (N, C, P) to (N, C (C - 1) / 2)."""
    centred = flat - flat.mean(2, keepdim=True)
    both = centred @ centred.transpose(1, 2) / flat.shape[2]
    return both[:, torch.ones(both.shape[1:], dtype=torch.bool).triu(1)]


class StyleReader:
    """The trained network."""

    def __init__(self, network: StyleNet) -> None:
        self.network = network.eval()

    @classmethod
    def load(cls, path: Path = STYLE) -> StyleReader:
        """What `save` wrote; CheckpointError where the file cannot be used."""
        tensors, _ = read_tensors(path)
        network = StyleNet()
        unpack(network, "style.", tensors, path)
        return cls(network)

    def save(self, path: Path, card: Mapping[str, str]) -> None:
        """Write the network, convolutions as bfloat16, with `card` as metadata; atomically."""
        tensors = packed(self.network.body, "style.body.", torch.bfloat16)
        tensors |= packed(self.network.head, "style.head.", torch.float32)
        write_tensors(path, tensors, dict(card))

    @torch.inference_mode()
    def vectors(self, fields: Sequence[Field]) -> Vectors:
        """Unit vectors (N, WIDTH) of fields (128, 128)."""
        if not len(fields):
            return np.zeros((0, WIDTH), np.float32)
        batches = torch.from_numpy(np.stack(fields)).split(_BATCH)
        return torch.cat([self.network(batch) for batch in batches]).numpy()
