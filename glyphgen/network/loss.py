"""What training and adaptation minimise."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional as F

from glyphgen.network.codec import PatchCodec
from glyphgen.network.frame import displace

NEAR = 3.0          # pixels from the outline within which the field counts in full
_FAR = 0.2
_INK = 1.0          # weight of the ink term
_SHARP = 3.0        # slope of the soft ink, per pixel
_COARSE = 0.5
_BEND = 60.0


def draw_loss(field: Tensor, target: Tensor) -> Tensor:
    """Loss of drawn fields (N, 128, 128) against target fields (N, 128, 128).

    Smooth L1 of the field, full within NEAR pixels of the outline and a fifth beyond, and one
    less the soft Dice coefficient of the ink (Milletari et al. 2016, eq. 5): where a thin stroke
    could lie here or there, L1 alone is lowest for no stroke at all.
    """
    weight = torch.where(target.abs() < NEAR, 1.0, _FAR)
    distance = (F.smooth_l1_loss(field, target, reduction="none", beta=0.5) * weight).mean()
    drawn, wanted = torch.sigmoid(_SHARP * field), torch.sigmoid(_SHARP * target)
    shared = (drawn * wanted).sum((1, 2))
    squares = (drawn.square() + wanted.square()).sum((1, 2))
    return distance + _INK * (1 - 2 * shared / squares.clamp_min(1e-3)).mean()


def flow_loss(contents: Tensor, flow: Tensor, target: Tensor) -> Tensor:
    """Loss of contents (N, S, 128, 128) displaced by flow (N, S, 2, F, F) against the targets.

    Averages of 8 pixels see strokes that the field's clamp hides; the last term keeps the
    displacement smooth.
    """
    moved = displace(contents, flow)
    wanted = target[:, None].expand_as(moved)
    fine = draw_loss(moved.flatten(0, 1), wanted.flatten(0, 1))
    coarse = (F.avg_pool2d(moved, 8) - F.avg_pool2d(wanted, 8)).abs().mean()
    bend = flow.diff(dim=-1).square().mean() + flow.diff(dim=-2).square().mean()
    return fine + _COARSE * coarse + _BEND * bend


def noised(latent: Tensor, regress: Tensor, floor: float, rng: torch.Generator,
           rows: slice = slice(None)) -> tuple[Tensor, Tensor]:
    """Network input and time (N,) for latents (N, 16, 16, C), the `rows` of a batch.

    Rows in `regress` (whole batch) get t = 0 and z = 0; the others t uniform in floor..1 and
    z_t = t x + (1 - t) noise.
    """
    noise = torch.randn((len(regress), *latent.shape[1:]), generator=rng,
                        device=latent.device)[rows]
    span = torch.rand(len(regress), generator=rng, device=latent.device)[rows]
    time = torch.where(regress[rows], 0.0, floor + (1 - floor) * span)
    t = time[:, None, None, None]
    return torch.where(t > 0, t * latent + (1 - t) * noise, 0.0), time


def objective(call: Callable[..., tuple[Tensor, ...]], codec: PatchCodec, target: Tensor,
              content: Tensor, reference: Tensor, regress: Tensor, floor: float, keep: Tensor,
              rng: torch.Generator, rows: slice = slice(None)) -> Tensor:
    """Loss of G fonts: target (N, 128, 128), content (N, 2, 128, 128), reference (G, R, 3, ...).

    Rows in `regress` (N,) are drawn from nothing, and their content is displaced; the others are
    denoised. `keep` (G,) is 0 where the style is dropped. `call` is `Generator.forward`.
    Of a larger batch, which `regress` tells whole, these may be the `rows`: their part of its loss.
    """
    noisy, time = noised(codec.encode(target), regress, floor, rng, rows)
    latent, flow = call(noisy, time, codec.stack(content), codec.stack(reference), keep)
    loss = draw_loss(codec.decode(latent.float()), target) * (len(target) / len(regress))
    own = regress[rows]
    if own.any():
        bent = flow_loss(content[own], flow[own], target[own])
        loss = loss + bent * (own.sum() / regress.sum())
    return loss
