"""The network: a style encoder over paired references and a latent U-Net that draws.

N glyphs of G fonts, M = N / G each; R references a font; C latent channels; latents are
channels-last (N, 16, 16, C). z_t = t x + (1 - t) noise, and the network predicts x (flow matching
with x-prediction, Lipman et al. 2023); at t = 0 with z = 0 it is a one-call regressor.
"""

from __future__ import annotations

import copy
import math
from typing import Self, TypeVar

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from glyphgen.config import ModelConfig
from glyphgen.network.winograd import quicken

Layer = TypeVar("Layer", bound=nn.Module)

_QUERIES = 512          # whose scores, 4 heads on 480 keys, fit a core's cache


class Conv(nn.Conv2d):
    """A 3 x 3 convolution on channels-last tensors (N, H, W, C)."""

    def __init__(self, inputs: int, outputs: int, stride: int = 1) -> None:
        super().__init__(inputs, outputs, 3, stride, 1)

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x.permute(0, 3, 1, 2)).permute(0, 2, 3, 1)


def zeroed(layer: Layer) -> Layer:
    """The layer with all its parameters at zero, so that it begins by adding nothing."""
    for parameter in layer.parameters():
        nn.init.zeros_(parameter)
    return layer


class ResBlock(nn.Module):
    """Two convolutions; the first norm is modulated by the condition (AdaLN)."""

    def __init__(self, width: int, condition: int) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(width, elementwise_affine=False)
        self.modulate = nn.Linear(condition, 2 * width)
        self.conv1 = Conv(width, width)
        self.norm2 = nn.LayerNorm(width)
        self.conv2 = zeroed(Conv(width, width))

    def forward(self, x: Tensor, condition: Tensor) -> Tensor:  # (N, H, W, D), (N, E) or (1, E)
        scale, shift = self.modulate(condition).chunk(2, -1)
        if len(condition) == 1:                 # one condition for all is an affine of the norm
            h = F.layer_norm(x, x.shape[-1:], (1 + scale[0]).to(x.dtype), shift[0].to(x.dtype))
        else:
            h = self.norm1(x) * (1 + scale[:, None, None]) + shift[:, None, None]
        h = self.conv1(F.silu(h))                                         # (N, H, W, D)
        return x + self.conv2(F.silu(self.norm2(h)))                      # (N, H, W, D)


def attention(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    """Attention of queries (G, h, Q, d) to keys and values (G, h, K, d).

    On a CPU plain products are faster than torch's fused ones (training by a tenth); without
    gradients, a part of the queries at a time: what they score stays in cache.
    """
    if q.device.type != "cpu":
        return F.scaled_dot_product_attention(q, k, v)
    q, k = q * q.shape[-1] ** -0.5, k.transpose(-1, -2)
    if torch.is_grad_enabled():
        return (q @ k).softmax(-1) @ v
    return torch.cat([(part @ k).softmax(-1) @ v for part in q.split(_QUERIES, -2)], -2)


class AttentionBlock(nn.Module):
    """Self-attention over the glyph, cross-attention to the references, and an MLP."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.norm_self = nn.LayerNorm(width)
        self.qkv = nn.Linear(width, 3 * width)
        self.out_self = zeroed(nn.Linear(width, width))
        self.norm_cross = nn.LayerNorm(width)
        self.q = nn.Linear(width, width)
        self.kv = nn.Linear(width, 2 * width)
        self.out_cross = zeroed(nn.Linear(width, width))
        self.norm_mlp = nn.LayerNorm(width)
        self.mlp = nn.Sequential(nn.Linear(width, 2 * width), nn.SiLU(),
                                 zeroed(nn.Linear(2 * width, width)))

    def forward(self, x: Tensor, tokens: Tensor) -> Tensor:               # (N, L, D), (G, K, D)
        q, k, v = (self._split(h) for h in self.qkv(self.norm_self(x)).chunk(3, -1))
        x = x + self.out_self(self._merge(attention(q, k, v)))
        n, length, width = x.shape
        fonts = tokens.shape[0]
        q = self._split(self.q(self.norm_cross(x)).reshape(fonts, -1, width))  # (G, h, M L, d)
        k, v = (self._split(h) for h in self.kv(tokens).chunk(2, -1))          # (G, h, K, d)
        h = self._merge(attention(q, k, v))                                    # (G, M L, D)
        x = x + self.out_cross(h.reshape(n, length, width))
        return x + self.mlp(self.norm_mlp(x))                             # (N, L, D)

    def _split(self, x: Tensor) -> Tensor:
        return x.reshape(x.shape[0], x.shape[1], self.heads, -1).transpose(1, 2)

    def _merge(self, x: Tensor) -> Tensor:
        return x.transpose(1, 2).flatten(2)


class StyleEncoder(nn.Module):
    """References, each as a pair (sample, content in the same frame), to tokens and a style."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        width, inner = config.width, config.inner
        self.enter = Conv((1 + config.sources) * config.latent, width)
        self.down1 = Conv(width, inner, stride=2)
        self.norm = nn.LayerNorm(inner)
        self.conv = Conv(inner, inner)
        self.down2 = Conv(inner, inner, stride=2)
        self.place = nn.Parameter(torch.zeros(config.grid // 4, config.grid // 4, inner))
        self.norm_out = nn.LayerNorm(inner)
        self.pool = nn.Sequential(nn.Linear(2 * inner, inner), nn.SiLU(), nn.Linear(inner, inner))

    def forward(self, pairs: Tensor) -> tuple[Tensor, Tensor]:            # (G, R, 16, 16, 3C)
        fonts, count = pairs.shape[:2]
        h = self.down1(F.silu(self.enter(pairs.flatten(0, 1))))           # (G R, 8, 8, D)
        h = h + self.conv(F.silu(self.norm(h)))
        h = self.norm_out(self.down2(F.silu(h)) + self.place)             # (G R, 4, 4, D)
        tokens = h.reshape(fonts, count * h.shape[1] * h.shape[2], -1)    # (G, 16 R, D)
        pooled = torch.cat([tokens.mean(1), tokens.std(1)], -1)           # (G, 2 D)
        return tokens, self.pool(pooled)                                  # (G, D)


class Trunk(nn.Module):
    """The U-Net: residual blocks at 16 x 16 and, with attention to the references, at 8 x 8."""

    exact: tuple[str, ...] = ()         # last layers, whose rounding would show

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        width, inner = config.width, config.inner
        self.config = config
        self.place = nn.Parameter(torch.zeros(config.grid, config.grid, width))
        self.before = nn.ModuleList(ResBlock(width, inner) for _ in range(config.outer_blocks))
        self.down = Conv(width, inner, stride=2)
        self.middle = nn.ModuleList(ResBlock(inner, inner) for _ in range(config.inner_blocks))
        self.attend = nn.ModuleList(
            AttentionBlock(inner, config.heads) for _ in range(config.inner_blocks))
        self.up = nn.Linear(inner, 4 * width)
        self.after = nn.ModuleList(ResBlock(width, inner) for _ in range(config.outer_blocks))
        self.norm = nn.LayerNorm(width)

    def trunk(self, entered: Tensor, condition: Tensor, tokens: Tensor) -> Tensor:
        """Features (N, 16, 16, W), float32, of what entered, under a condition (N or 1, D), beside
        tokens (G, K, D)."""
        x = entered + self.place                                          # (N, 16, 16, W)
        for block in self.before:
            x = block(x, condition)
        h = self.down(x)                                                  # (N, 8, 8, D)
        n, rows, columns, inner = h.shape
        for block, attend in zip(self.middle, self.attend):
            h = block(h, condition)
            h = attend(h.reshape(n, rows * columns, inner), tokens).reshape(h.shape)
        h = self.up(h).reshape(n, rows, columns, 2, 2, -1)                # (N, 8, 8, 2, 2, W)
        x = x + h.transpose(2, 3).reshape(x.shape)                        # (N, 16, 16, W)
        for block in self.after:
            x = block(x, condition)
        return F.silu(self.norm(x)).float()

    def drawing(self, kind: torch.dtype) -> Self:
        """A copy to draw with, in `kind` but for its exact layers.

        In float32 on a CPU its convolutions take fewer products.
        """
        apart = copy.deepcopy(self).to(kind)
        if kind == torch.float32 and self.place.device.type == "cpu":
            quicken(apart)
        for name in self.exact:
            setattr(apart, name, copy.deepcopy(getattr(self, name)))
        return apart


class Denoiser(Trunk):
    """z_t, time, content and style to the predicted latent x."""

    exact = ("leave", "flow", "skip")

    def __init__(self, config: ModelConfig) -> None:
        super().__init__(config)
        width, inner, latent = config.width, config.inner, config.latent
        channels = (1 + config.sources) * latent
        self.time = nn.Sequential(nn.Linear(64, inner), nn.SiLU(), nn.Linear(inner, inner))
        self.enter = Conv(channels, width)
        self.leave = zeroed(Conv(width, latent))
        self.flow = zeroed(Conv(width, config.sources * 2 * cells(config)))
        self.skip = nn.Linear(channels, latent)
        with torch.no_grad():                       # begin as "draw the Kai content"
            nn.init.zeros_(self.skip.weight)
            nn.init.zeros_(self.skip.bias)
            self.skip.weight[:, -latent:].diagonal().fill_(1)

    def forward(self, noisy: Tensor, time: Tensor, content: Tensor, tokens: Tensor,
                style: Tensor) -> tuple[Tensor, Tensor]:
        """noisy (N,16,16,C), time (N,) or (1,), content (N,16,16,2C), tokens (G,K,D), style (G,D).

        Returns the latent x (N,16,16,C) and displacements of the content (N,2,2,32,32).
        """
        kind = self.place.dtype
        if len(time) > 1 or len(style) > 1:
            style = style.repeat_interleave(len(noisy) // len(style), 0)
        condition = F.silu(self.time(time_features(time).to(kind)) + style)    # (N or 1, D)
        entry = torch.cat([noisy, content], -1)                           # (N, 16, 16, 3C)
        x = self.trunk(self.enter(entry.to(kind)), condition, tokens)
        latent = self.leave(x) + self.skip(entry)
        return latent, displacements(self.flow(x), self.config)


def cells(config: ModelConfig) -> int:
    """Cells of the displacement field for a latent position."""
    return (config.flow // config.grid) ** 2


def displacements(flow: Tensor, config: ModelConfig) -> Tensor:
    """What a head gives, (N, 16, 16, 2 S cells), as displacements (N, S, 2, 32, 32)."""
    planes = F.pixel_shuffle(flow.permute(0, 3, 1, 2), config.flow // config.grid)
    planes = planes.reshape(len(flow), -1, 2, config.flow, config.flow)
    return config.reach * torch.tanh(planes.float())


class Generator(nn.Module):
    """Style encoder and denoiser."""

    def __init__(self, config: ModelConfig, digest: str = "") -> None:
        super().__init__()
        self.config = config
        self.digest = digest            # of the checkpoint that the weights are from
        self.style = StyleEncoder(config)
        self.denoise = Denoiser(config)

    def forward(self, noisy: Tensor, time: Tensor, content: Tensor, pairs: Tensor,
                keep: Tensor) -> tuple[Tensor, Tensor]:
        """A training call: pairs (G, R, 16, 16, 3C); keep (G,) is 0 where the style is dropped."""
        tokens, style = self.style(pairs)
        keep = keep.to(style.dtype)
        return self.denoise(noisy, time, content, tokens * keep[:, None, None],
                            style * keep[:, None])


def time_features(time: Tensor) -> Tensor:
    """Sinusoidal features (N, 64) of times (N,) in 0..1."""
    steps = torch.arange(32, device=time.device)
    angles = time[:, None] * torch.exp(steps * (math.log(200.0) / 31))    # (N, 32)
    return torch.cat([angles.sin(), angles.cos()], -1)
