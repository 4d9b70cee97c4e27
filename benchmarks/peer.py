"""The shape of the nearest open peer: a pixel transformer of 192 million parameters, 40 calls.

256 x 256 pixels in patches of 16, 12 blocks of width 768 with AdaLN, 32 tokens of context from the
fifth block on (Li and He 2025, JiT-B/16; the published font model is the same with two guidance
calls in each of 20 steps). The weights are random: what is measured is arithmetic.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

SIDE, PATCH, WIDTH, BLOCKS, HEADS, CONTEXT = 256, 16, 768, 12, 12, 32
CALLS = 40
_STYLES = 82_000        # rows of the condition's table: with them the parameters are 192 million


class _Block(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.modulate = nn.Linear(WIDTH, 6 * WIDTH)
        self.norm1 = nn.LayerNorm(WIDTH, elementwise_affine=False)
        self.norm2 = nn.LayerNorm(WIDTH, elementwise_affine=False)
        self.qkv, self.out = nn.Linear(WIDTH, 3 * WIDTH), nn.Linear(WIDTH, WIDTH)
        self.mlp = nn.Sequential(nn.Linear(WIDTH, 4 * WIDTH), nn.GELU(approximate="tanh"),
                                 nn.Linear(4 * WIDTH, WIDTH))

    def forward(self, x: Tensor, condition: Tensor) -> Tensor:            # (N, L, D), (N, D)
        a, b, c, d, e, f = self.modulate(F.silu(condition))[:, None].chunk(6, -1)
        q, k, v = (h.unflatten(-1, (HEADS, -1)).transpose(1, 2)
                   for h in self.qkv(self.norm1(x) * (1 + a) + b).chunk(3, -1))
        x = x + c * self.out(F.scaled_dot_product_attention(q, k, v).transpose(1, 2).flatten(2))
        return x + f * self.mlp(self.norm2(x) * (1 + d) + e)


class Peer(nn.Module):
    """Images (N, 3, 256, 256) and style numbers (N,) to images."""

    def __init__(self) -> None:
        super().__init__()
        self.enter = nn.Conv2d(3, WIDTH, PATCH, PATCH)
        self.place = nn.Parameter(torch.zeros((SIDE // PATCH) ** 2, WIDTH))
        self.context = nn.Parameter(torch.zeros(CONTEXT, WIDTH))
        self.styles = nn.Embedding(_STYLES, WIDTH)
        self.blocks = nn.ModuleList(_Block() for _ in range(BLOCKS))
        self.leave = nn.Linear(WIDTH, 3 * PATCH**2)

    def forward(self, image: Tensor, style: Tensor) -> Tensor:
        condition = self.styles(style)                                    # (N, D)
        x = self.enter(image).flatten(2).transpose(1, 2) + self.place     # (N, 256, D)
        for number, block in enumerate(self.blocks):
            if number == BLOCKS // 3:
                x = torch.cat([self.context.expand(len(x), -1, -1), x], 1)
            x = block(x, condition)
        grid = SIDE // PATCH
        patches = self.leave(x[:, CONTEXT:]).reshape(-1, grid, grid, 3, PATCH, PATCH)
        return patches.permute(0, 3, 1, 4, 2, 5).reshape(image.shape)


@torch.inference_mode()
def draw(model: Peer, glyphs: int, calls: int = CALLS) -> Tensor:
    """So many glyphs of noise after `calls` Euler steps."""
    kind = model.place.dtype
    image, style = torch.randn(glyphs, 3, SIDE, SIDE, dtype=kind), torch.arange(glyphs)
    for _ in range(calls):
        image = image + (model(image, style) - image) / calls
    return image
