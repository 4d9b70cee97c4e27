"""Draw a part of a drawing anew, or the whole of it in other ways a hand might have written it.

Repainting puts what is kept back along the flow (Lugmayr et al. 2022): the second call starts from
the kept pixels outside the mask and from the network's own idea of the character inside it. That
idea is first bent to lie on what is kept: a drawing may have been moved, scaled or written by hand.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import torch
from scipy.ndimage import distance_transform_edt
from torch import Tensor
from torch.nn import functional as F

from fonts.drawing import CANVAS, Field, Mask
from fonts.errors import UserError
from glyphgen.hand.painter import Fields
from glyphgen.hand.prepared import Contents, PreparedHand
from glyphgen.network.frame import bend_content, bends_of, displace
from glyphgen.network.sampler import refine, regress, start

FEATHER = 3.0           # canvas pixels beyond the mask in which new goes over into old

_CELLS, _STEPS, _RATE = 8, 40, 0.01         # of the bending: knots a side, Adam's steps and rate
_STIFF = 0.25
_COARSE = 4


class RepaintError(UserError):
    """A mask that does not fit; one line says why."""


@torch.no_grad()
def repaint(hand: PreparedHand, content: Contents, drawing: Field, mask: Mask,
            seeds: Sequence[int]) -> list[Field]:
    """The drawing (S, S) with the masked part (128, 128) drawn anew, once for each seed.

    `content` is that of one character, bent by every seed but the first. Pixels further than
    FEATHER from the mask stay as they are. Two network calls.
    """
    if mask.shape != (CANVAS, CANVAS) or not mask.any():
        raise RepaintError("nothing is marked: paint over the part that is wrong")
    painter, recipe = hand.painter, hand.hand.recipe
    contents = content.times(len(seeds)).pictures.clone()
    if len(seeds) > 1:
        contents[1:] = bend_content(contents[1:], bends_of(seeds[1:]))
    side = cv2.resize(drawing, (CANVAS, CANVAS), interpolation=cv2.INTER_AREA)
    kept = torch.from_numpy(side + np.float32(hand.finish.level)).to(painter.device)[None]
    free = torch.from_numpy(mask.astype(np.float32)).to(painter.device)[None]
    denoise, noise = painter.denoiser(hand.hand, contents), painter.noise(seeds)
    first = regress(denoise, noise)
    idea = painter.codec.decode(start(painter.codec, contents, first, recipe))
    idea = _bent(idea, kept, 1 - free)
    known = painter.codec.encode(free * idea + (1 - free) * kept)
    drawn = painter.fields(refine(denoise, known, noise, recipe))
    return [blend(drawing, hand.finish(field), mask) for field in drawn]


@torch.enable_grad()
def _bent(idea: Tensor, kept: Tensor, weight: Tensor) -> Tensor:
    """Ideas (N, 128, 128) under the smooth flow that lays them on `kept` where `weight` is 1."""
    idea = idea[:, None].detach()
    flow = torch.zeros(len(idea), 1, 2, _CELLS, _CELLS, device=idea.device, requires_grad=True)
    optimiser = torch.optim.Adam([flow], _RATE)
    wanted = torch.sigmoid(kept) * weight
    coarse = F.avg_pool2d(kept * weight, _COARSE)
    for _ in range(_STEPS):
        moved = displace(idea, flow)[:, 0]
        fine = (torch.sigmoid(moved) * weight - wanted).square().mean((1, 2))
        wide = (F.avg_pool2d(moved * weight, _COARSE) - coarse).square().mean((1, 2))
        bend = flow.diff(dim=-1).square().mean() + flow.diff(dim=-2).square().mean()
        loss = (fine + wide / 16).sum() + _STIFF * bend * len(idea)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
    return displace(idea, flow)[:, 0].detach()


def blend(old: Field, new: Fields, mask: Mask) -> Field:
    """`old` (S, S) outside the mask (128, 128), `new` (128, 128) inside, feathered between."""
    size = old.shape[0]
    if size != CANVAS:
        new = cv2.resize(new, (size, size), interpolation=cv2.INTER_CUBIC)
    inside = cv2.resize(mask.astype(np.uint8), (size, size), interpolation=cv2.INTER_NEAREST)
    away = distance_transform_edt(1 - inside)
    share = np.clip(1 - away / (FEATHER * size / CANVAS), 0, 1).astype(np.float32)
    return np.where(share > 0, share * new + (1 - share) * old, old)
