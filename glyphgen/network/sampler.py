"""Few-step sampling: free functions over a denoiser; the noise is an argument.

The first call, at t = 0 without noise, regresses the drawing and says how the content is displaced.
The second starts from these at a middle time: structure comes from the content, edges and texture
from the flow.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from glyphgen.config import Recipe
from glyphgen.network.codec import PatchCodec
from glyphgen.network.frame import displace

Denoise = Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]     # (z_t, t) -> latent, flow


def regress(denoise: Denoise, like: Tensor) -> tuple[Tensor, Tensor]:
    """The first call: latents (N, 16, 16, C) and displacements (N, S, 2, F, F)."""
    return denoise(torch.zeros_like(like), like.new_zeros(1))


def start(codec: PatchCodec, content: Tensor, first: tuple[Tensor, Tensor],
          recipe: Recipe) -> Tensor:
    """Where the second call starts: latents from what `regress` gave for contents (N, S, ...)."""
    latent, flow = first
    if recipe.mix == 0:
        return latent
    moved = displace(content, flow)[:, recipe.source]
    return recipe.mix * codec.encode(moved) + (1 - recipe.mix) * latent


def refine(denoise: Denoise, begun: Tensor, noise: Tensor, recipe: Recipe) -> Tensor:
    """The second call: latents (N, 16, 16, C) from those that `start` gave."""
    z = recipe.time * begun + (1 - recipe.time) * recipe.grain * noise
    return denoise(z, z.new_full((1,), recipe.time))[0]
