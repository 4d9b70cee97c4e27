"""Style augmentation of fields: one set of habits a font, a little jitter a glyph.

Everything is drawn per font group, so that references and targets of a group stay one hand:
stroke weight (a shift of the level), slant, aspect, scale, position, and a smooth warp.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from fonts.drawing import CANVAS, SPREAD
from glyphgen.network.frame import affine_grid, half_width, spline

_CELLS = 4          # knots a side of the smooth warps


@dataclass(frozen=True)
class AugmentConfig:
    """Standard deviations; lengths in -1..1 canvas coordinates unless said otherwise."""

    share: float = 0.6            # of the groups that are augmented at all
    weight: float = 0.35           # of the log stroke half-width
    shear: float = 0.10
    rotation: float = 0.02         # radians
    log_scale: float = 0.08
    shift: float = 0.035
    warp: float = 0.018            # smooth warp common to the font
    glyph_shift: float = 0.006
    glyph_scale: float = 0.010
    glyph_rotation: float = 0.008
    glyph_warp: float = 0.004


def _affine(log_scale: Tensor, rotation: Tensor, shear: Tensor, shift: Tensor) -> Tensor:
    """Affine matrices (N, 3, 3) out of parts (N, 2), (N,), (N,), (N, 2)."""
    cos, sin = rotation.cos(), rotation.sin()
    sx, sy = log_scale.exp().unbind(1)
    out = torch.zeros(len(rotation), 3, 3)
    out[:, 0, 0], out[:, 0, 1] = sx * cos, shear - sin
    out[:, 1, 0], out[:, 1, 1] = sin, sy * cos
    out[:, :2, 2] = shift
    out[:, 2, 2] = 1
    return out


def _knots(*shape: int, size: float, rng: torch.Generator) -> Tensor:
    """Knots (..., 2, 4, 4) of a smooth random displacement."""
    return torch.randn(*shape, 2, _CELLS, _CELLS, generator=rng) * size


def augment(fields: Tensor, config: AugmentConfig, rng: torch.Generator) -> Tensor:
    """Fields (G, K, 128, 128) of G fonts with every font's habits changed."""
    fonts, glyphs = fields.shape[:2]
    on = (torch.rand(fonts, generator=rng) < config.share).float()

    def normal(count: int, *rest: int, size: float) -> Tensor:
        return torch.randn(count, *rest, generator=rng) * size

    style = _affine(normal(fonts, 2, size=config.log_scale) * on[:, None],
                    normal(fonts, size=config.rotation) * on,
                    normal(fonts, size=config.shear) * on,
                    normal(fonts, 2, size=config.shift) * on[:, None])
    n = fonts * glyphs
    each = on.repeat_interleave(glyphs)
    jitter = _affine(normal(n, 2, size=config.glyph_scale) * each[:, None],
                     normal(n, size=config.glyph_rotation) * each,
                     torch.zeros(n), normal(n, 2, size=config.glyph_shift) * each[:, None])
    theta = style.repeat_interleave(glyphs, 0) @ jitter
    knots = (_knots(fonts, 1, size=config.warp, rng=rng)
             + _knots(fonts, glyphs, size=config.glyph_warp, rng=rng))    # (G, K, 2, 4, 4)
    knots = knots * on.reshape(-1, 1, 1, 1, 1)
    basis = spline(CANVAS, _CELLS)
    smooth = (basis @ knots.flatten(0, 1) @ basis.T).permute(0, 2, 3, 1)
    grid = affine_grid(theta[:, :2], CANVAS) + smooth
    out = F.grid_sample(fields.reshape(n, 1, CANVAS, CANVAS), grid, padding_mode="border",
                        align_corners=False)
    stretch = torch.linalg.det(theta[:, :2, :2]).abs().rsqrt()
    out = (out * stretch[:, None, None, None]).reshape(fields.shape)
    return (out - _level(out, on, config, rng)).clamp(-SPREAD, SPREAD)


def _level(fields: Tensor, on: Tensor, config: AugmentConfig, rng: torch.Generator) -> Tensor:
    """Level (G, 1, 1, 1) that changes each font's weight without losing thin strokes."""
    width = half_width(fields)
    change = torch.randn(len(width), generator=rng) * config.weight
    wanted = (width * change.exp()).clamp(0.9, 7.0)
    level = (width - wanted).clamp(-1.3, 1.3).minimum((width - 0.8).clamp_min(0))
    return (level * on)[:, None, None, None]
