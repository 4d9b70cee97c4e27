"""Bring the content into the hand's average frame before the network sees it.

The mean position, size and slant of the person's ink against the content's, over all references
together: a hand's constant habits cost the network nothing. Never per glyph.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor
from torch.nn import functional as F

from fonts.drawing import SPREAD

_LOG_SCALE_LIMIT = 0.45
_SHEAR_LIMIT = 0.4
_SHIFT_LIMIT = 0.4
_LEVELS = (-0.8, 2.5)       # canvas pixels: thickening much would fill crowded content

_KNOTS, _REACH = 4, 0.04    # of the bending: knots a side, deviation in -1..1 coordinates


def moments(fields: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Mean (N, 2), spread (N, 2) and shear (N,) of the ink in -1..1 coordinates, x first."""
    ink = (fields + 0.5).clamp(0, 1)
    n, size, _ = ink.shape
    axis = (torch.arange(size, device=ink.device) + 0.5) * (2 / size) - 1
    total = ink.sum((1, 2)).clamp_min(1e-3)
    columns, rows = ink.sum(1) / total[:, None], ink.sum(2) / total[:, None]
    mean = torch.stack([columns @ axis, rows @ axis], 1)
    variance = torch.stack([columns @ axis**2, rows @ axis**2], 1) - mean**2
    cross = torch.einsum("nyx,y,x->n", ink, axis, axis) / total - mean[:, 0] * mean[:, 1]
    variance = variance.clamp_min(1e-4)
    return mean, variance.sqrt(), cross / variance[:, 1]


def estimate(samples: Tensor, contents: Tensor) -> Tensor:
    """The affine (2, 3) for `warp` that takes contents (R, 128, 128) to samples (R, 128, 128).

    Maps output to input coordinates in -1..1, as torch's grid_sample wants it.
    """
    mean_s, spread_s, shear_s = moments(samples)
    mean_c, spread_c, shear_c = moments(contents)
    scale = (spread_s / spread_c).log().mean(0).clamp(-_LOG_SCALE_LIMIT, _LOG_SCALE_LIMIT).exp()
    shear = (shear_s - shear_c).mean().clamp(-_SHEAR_LIMIT, _SHEAR_LIMIT)
    centre_c, centre_s = mean_c.mean(0), mean_s.mean(0)
    centre_s = centre_c + (centre_s - centre_c).clamp(-_SHIFT_LIMIT, _SHIFT_LIMIT)
    # x_c = (x_s - shear * (y_s - my_s) - mx_s) / sx + mx_c ;  y_c = (y_s - my_s) / sy + my_c
    theta = torch.zeros(2, 3, device=samples.device)
    theta[0, 0] = 1 / scale[0]
    theta[0, 1] = -shear / scale[0]
    theta[0, 2] = centre_c[0] - (centre_s[0] - shear * centre_s[1]) / scale[0]
    theta[1, 1] = 1 / scale[1]
    theta[1, 2] = centre_c[1] - centre_s[1] / scale[1]
    return theta


def half_width(fields: Tensor) -> Tensor:
    """Mean stroke half-width (...,) of fields (..., 128, 128), pixels: a ridge's mean is half."""
    inside = (fields > 0).to(fields.dtype).sum((-1, -2)).sum(-1).clamp_min(1)
    return 2 * fields.clamp_min(0).sum((-1, -2)).sum(-1) / inside


@dataclass(frozen=True)
class Frame:
    """What all content of a hand goes through: an affine (2, 3) and a level a source (S,)."""

    theta: Tensor
    levels: Tensor

    def apply(self, contents: Tensor) -> Tensor:
        """Contents (N, S, 128, 128) in the hand's frame and weight."""
        moved = warp(contents, self.theta.expand(len(contents), 2, 3))
        return (moved - self.levels[:, None, None]).clamp(-SPREAD, SPREAD)


def frame_of(samples: Tensor, contents: Tensor) -> Frame:
    """The frame of a hand from samples (R, 128, 128) and their contents (R, S, 128, 128)."""
    theta = estimate(samples, contents[:, -1])
    moved = warp(contents, theta.expand(len(contents), 2, 3))
    levels = half_width(moved.transpose(0, 1)) - half_width(samples[None])
    return Frame(theta, levels.clamp(*_LEVELS))


@lru_cache(maxsize=4)
@torch.inference_mode(False)      # kept for later calls, which may be differentiated
def spline(size: int, cells: int) -> Tensor:
    """Uniform cubic B-spline basis (size, cells): smooth fields out of `cells` knots a side."""
    at = (torch.arange(size) + 0.5) * (cells / size) - 0.5
    near = torch.arange(-2, cells + 2)
    u = (at[:, None] - near).abs()
    weight = torch.where(u < 1, 2 / 3 - u**2 + u**3 / 2, (2 - u).clamp_min(0) ** 3 / 6)
    basis = torch.zeros(size, cells)
    return basis.index_add_(1, near.clamp(0, cells - 1), weight)


def affine_grid(theta: Tensor, size: int) -> Tensor:
    """Sampling grid (N, size, size, 2) of affines (N, 2, 3): one sum, no product of 3 x 3."""
    axis = (torch.arange(size, device=theta.device) + 0.5) * (2 / size) - 1
    along = axis[:, None] * theta[:, None, :, 0] + theta[:, None, :, 2]   # (N, size, 2)
    down = axis[:, None] * theta[:, None, :, 1]                           # (N, size, 2)
    return along[:, None] + down[:, :, None]


def displace(contents: Tensor, flow: Tensor) -> Tensor:
    """Contents (N, S, 128, 128), each source moved by its displacements (N, S, 2, F, F)."""
    n, sources, size, _ = contents.shape
    basis = spline(size, flow.shape[-1]).to(flow.device)
    fine = (basis @ flow.flatten(0, 1) @ basis.T).permute(0, 2, 3, 1)     # (N S, 128, 128, 2)
    grid = affine_grid(torch.eye(2, 3, device=flow.device)[None], size) + fine
    moved = F.grid_sample(contents.reshape(n * sources, 1, size, size), grid,
                          padding_mode="border", align_corners=False)
    return moved.reshape(contents.shape)


def warp(fields: Tensor, theta: Tensor) -> Tensor:
    """Fields (N, C, 128, 128) under affines (N, 2, 3); distances scale with the drawing."""
    grid = affine_grid(theta, fields.shape[-1])
    out = F.grid_sample(fields, grid, mode="bilinear", padding_mode="border", align_corners=False)
    stretch = torch.linalg.det(theta[:, :, :2]).abs().rsqrt()
    return out * stretch[:, None, None, None]


def bends_of(seeds: Sequence[int]) -> Tensor:
    """Smooth displacements (N, 2, K, K), one a seed, as no hand writes twice alike.

    A seed of the noise alone changes edges; a person chooses among strokes.
    """
    return torch.stack([torch.randn(2, _KNOTS, _KNOTS,
                                    generator=torch.Generator().manual_seed(seed))
                        for seed in seeds]) * _REACH


def bend_content(framed: Tensor, bends: Tensor) -> Tensor:
    """Contents (N, S, 128, 128), each bent by its displacements (N, 2, K, K)."""
    flow = bends.to(framed.device)[:, None]
    return displace(framed, flow.expand(-1, framed.shape[1], -1, -1, -1))
