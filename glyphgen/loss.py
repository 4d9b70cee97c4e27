"""What training and adaptation minimise."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from glyphgen.codec import PatchCodec

NEAR = 3.0          # pixels from the outline within which the field counts in full
_FAR = 0.2
_INK = 1.0          # weight of the ink term
_SHARP = 3.0        # slope of the soft ink, per pixel


def draw_loss(codec: PatchCodec, latent: Tensor, target: Tensor) -> Tensor:
    """Loss of predicted latents (N, 16, 16, C) against target fields (N, 128, 128).

    Smooth L1 of the field, full within NEAR pixels of the outline and a fifth beyond, and one
    less the soft Dice coefficient of the ink (Milletari et al. 2016, eq. 5): where a thin stroke
    could lie here or there, L1 alone is lowest for no stroke at all.
    """
    field = codec.decode(latent.float())
    weight = torch.where(target.abs() < NEAR, 1.0, _FAR)
    distance = (F.smooth_l1_loss(field, target, reduction="none", beta=0.5) * weight).mean()
    drawn, wanted = torch.sigmoid(_SHARP * field), torch.sigmoid(_SHARP * target)
    shared = (drawn * wanted).sum((1, 2))
    squares = (drawn.square() + wanted.square()).sum((1, 2))
    return distance + _INK * (1 - 2 * shared / squares.clamp_min(1e-3)).mean()


def noised(latent: Tensor, regress: Tensor, floor: float,
           rng: torch.Generator) -> tuple[Tensor, Tensor]:
    """Network input and time (N,) for latents (N, 16, 16, C).

    Rows in `regress` (N,) get t = 0 and z = 0; the others t uniform in floor..1 and
    z_t = t x + (1 - t) noise.
    """
    noise = torch.randn(latent.shape, generator=rng, device=latent.device)
    span = torch.rand(len(latent), generator=rng, device=latent.device)
    time = torch.where(regress, 0.0, floor + (1 - floor) * span)
    t = time[:, None, None, None]
    return torch.where(t > 0, t * latent + (1 - t) * noise, 0.0), time
