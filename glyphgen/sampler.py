"""Few-step sampling: free functions over a denoiser; the noise is an argument.

`regress` is the network at t = 0. `refine` starts from its drawing at a middle time, so that
structure comes from the regressor and edges from the flow.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

Denoise = Callable[[Tensor, Tensor], Tensor]      # (z_t, t) -> x


def regress(denoise: Denoise, like: Tensor) -> Tensor:
    """One call: latents (N, 16, 16, C) at t = 0."""
    return denoise(torch.zeros_like(like), like.new_zeros(len(like)))


def refine(denoise: Denoise, x: Tensor, noise: Tensor, start: float, calls: int) -> Tensor:
    """`calls` Euler steps of the flow from time `start`, begun at the drawing `x`."""
    z = start * x + (1 - start) * noise
    times = torch.linspace(start, 1, calls + 1).tolist()
    for t, following in zip(times[:-1], times[1:]):
        x = denoise(z, z.new_full((len(z),), t))
        velocity = (x - z) / (1 - t)
        z = z + (following - t) * velocity
    return x
