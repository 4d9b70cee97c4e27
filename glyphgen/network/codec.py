"""Latents by principal components: 8 x 8 patches of a field, whitened; closed form, linear."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from fonts.drawing import SPREAD
from glyphgen.config import ModelConfig


class PatchCodec(nn.Module):
    """PCA over patches. Buffers: `mean` (P,), `basis` (C, P) rows orthonormal, `scale` (C,)."""

    mean: Tensor
    basis: Tensor
    scale: Tensor

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.patch = config.patch
        size = config.patch**2
        self.register_buffer("mean", torch.zeros(size))
        self.register_buffer("basis", torch.eye(config.latent, size))
        self.register_buffer("scale", torch.ones(config.latent))

    def fit(self, fields: Tensor) -> None:
        """Set the components from fields (N, 128, 128)."""
        patches = self._patches(fields).reshape(-1, self.patch**2).double()
        mean = patches.mean(0)
        values, vectors = torch.linalg.eigh(torch.cov((patches - mean).T))
        count = len(self.scale)
        self.mean.copy_(mean)
        self.basis.copy_(vectors.flip(1)[:, :count].T)
        self.scale.copy_(values.flip(0)[:count].sqrt())

    def encode(self, fields: Tensor) -> Tensor:
        """Fields (N, 128, 128) to latents (N, 16, 16, C), about unit variance."""
        return (self._patches(fields) - self.mean) @ self.basis.T / self.scale

    def stack(self, fields: Tensor) -> Tensor:
        """Fields (..., S, 128, 128) to the S latents side by side (..., 16, 16, S C)."""
        encoded = self.encode(fields.flatten(0, -3))
        encoded = encoded.reshape(*fields.shape[:-2], *encoded.shape[1:])
        return encoded.movedim(-4, -2).flatten(-2)

    def decode(self, latents: Tensor) -> Tensor:
        """Latents (N, 16, 16, C) to fields (N, 128, 128), not clamped."""
        n, grid, _, _ = latents.shape
        p = self.patch
        patches = (latents * self.scale) @ self.basis + self.mean
        patches = patches.reshape(n, grid, grid, p, p).permute(0, 1, 3, 2, 4)
        return patches.reshape(n, grid * p, grid * p) * SPREAD

    def _patches(self, fields: Tensor) -> Tensor:
        n, height, _ = fields.shape
        p = self.patch
        grid = height // p
        patches = fields.reshape(n, grid, p, grid, p).permute(0, 1, 3, 2, 4)
        return patches.reshape(n, grid, grid, p * p) / SPREAD
