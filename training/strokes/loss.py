"""How far drawn strokes are from written ones."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from glyphgen.strokes.network import POINTS, WIDTHS, Written

_NEAR = 7.0             # pixels in the content at which an end belongs to another stroke
_FAR = 1e3
_ALONG = 0.3            # weight of errors along a stroke, but at its ends
_JOINTS, _WIDTH = 0.5, 1.0          # weights beside the points'


def loss(points: Tensor, width: Tensor, truth: Written) -> tuple[Tensor, dict[str, float]]:
    """The loss of strokes (G, M, S, 16, 2) and width terms (G, M, S, 4), and its parts."""
    there = truth.there.to(points.dtype)
    each = course(points, truth.strokes)
    place = (each * there).sum() / there.sum()
    joined = joints(points.flatten(0, 1), truth.content.flatten(0, 1),
                    truth.strokes.flatten(0, 1), truth.there.flatten(0, 1))
    wide = width_error(width, truth)
    total = place + _JOINTS * joined + _WIDTH * wide
    return total, {"points": place.item(), "joints": joined.item(), "width": wide.item()}


def course(points: Tensor, strokes: Tensor) -> Tensor:
    """Error (..., S) of points (..., S, 16, 2): beside the written stroke, and less so along it.

    Where along a stroke a point lies shows at its ends alone.
    """
    along = torch.cat([strokes[..., 1:2, :] - strokes[..., :1, :],
                       strokes[..., 2:, :] - strokes[..., :-2, :],
                       strokes[..., -1:, :] - strokes[..., -2:-1, :]], -2)
    along = F.normalize(along, dim=-1)
    apart = points - strokes
    beside = apart[..., 0] * along[..., 1] - apart[..., 1] * along[..., 0]
    ahead = (apart * along).sum(-1)
    weight = torch.full((POINTS,), _ALONG)
    weight[0] = weight[-1] = 1
    zero = torch.zeros_like(beside)
    return (F.smooth_l1_loss(beside, zero, reduction="none")
            + weight * F.smooth_l1_loss(ahead, zero, reduction="none")).mean(-1)


def joints(points: Tensor, content: Tensor, strokes: Tensor, there: Tensor) -> Tensor:
    """Error of where ends lie against the nearest point of another stroke of the content.

    points, content, strokes (N, S, 16, 2), there (N, S).
    """
    count, most = there.shape
    ends = content[:, :, [0, -1]].reshape(count, 2 * most, 2)
    apart = torch.cdist(ends, content.reshape(count, most * POINTS, 2))
    own = torch.arange(2 * most)[:, None] // 2 == torch.arange(most * POINTS) // POINTS
    missing = ~there.repeat_interleave(POINTS, 1)
    near, at = apart.masked_fill(own | missing[:, None], _FAR).min(-1)
    joined = (near < _NEAR) & there.repeat_interleave(2, 1)

    def offsets(lines: Tensor) -> Tensor:
        other = lines.reshape(count, most * POINTS, 2).gather(1, at[..., None].expand(-1, -1, 2))
        return lines[:, :, [0, -1]].reshape(count, 2 * most, 2) - other

    each = F.smooth_l1_loss(offsets(points), offsets(strokes), reduction="none").sum(-1)
    return (each * joined).sum() / joined.sum().clamp_min(1)


def width_error(width: Tensor, truth: Written) -> Tensor:
    """Mean error of log half-widths."""
    each = ((width - truth.width) @ WIDTHS.T).abs().mean(-1)
    return (each * truth.there).sum() / truth.there.sum()


def point_error(points: Tensor, truth: Written) -> float:
    """Mean distance, pixels, of points (G, M, S, 16, 2) from the written strokes'."""
    each = (points - truth.strokes).norm(dim=-1).mean(-1)
    return float((each * truth.there).sum() / truth.there.sum())
