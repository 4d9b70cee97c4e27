"""Where a hand puts its strokes: a small network that copies what the samples' strokes do.

A token is a stroke of a character in the content's geometry, in the hand's average frame. For each
stroke of a target the network looks up like strokes of the samples (by shape, by neighbours, by
place), copies how the hand moved, bent and weighted them, and lets the strokes of the character
agree with one another.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from fonts.drawing import CANVAS
from glyphgen.network.model import zeroed

POINTS = 16             # of a stroke
BEND = 6                # Legendre terms of a stroke's move, each in x and y
WIDTH = 4               # Legendre terms of a stroke's log half-width
UNIT = 8.0              # pixels that a move of 1 stands for
USUAL = 2.5             # pixels: the half-width whose log is 0
_GEOMETRY = 2 * POINTS + 2 + 2 + 4 + 12
_DROPPED = 0.15         # share of a layer's numbers left out in training: faces are few

_AT = np.linspace(-1, 1, POINTS)
LEGENDRE = torch.tensor(np.polynomial.legendre.legvander(_AT, BEND - 1), dtype=torch.float32)
PROJECT = torch.linalg.pinv(LEGENDRE)                   # (6, 16): points to terms
WIDTHS = LEGENDRE[:, :WIDTH]
PROJECT_WIDTH = torch.linalg.pinv(WIDTHS)


@dataclass(frozen=True)
class StrokeConfig:
    """Shape of the network; a checkpoint carries it."""

    width: int = 128        # channels of a token
    heads: int = 4
    before: int = 2         # blocks before the samples are looked up
    after: int = 3
    copies: int = 8         # ways of looking up


@dataclass(frozen=True)
class Written:
    """Characters of a hand: G hands of N characters of at most S strokes, canvas pixels."""

    content: Tensor         # (G, N, S, 16, 2) where the content has the strokes
    strokes: Tensor         # (G, N, S, 16, 2) where the hand has them
    width: Tensor           # (G, N, S, 4) Legendre terms of log(half-width / USUAL)
    there: Tensor           # (G, N, S) which strokes there are

    def part(self, chosen: slice | Tensor) -> Written:
        """Some of the characters of each hand."""
        return Written(*(getattr(self, name)[:, chosen]
                         for name in ("content", "strokes", "width", "there")))


def frame(content: Tensor, strokes: Tensor, there: Tensor) -> Tensor:
    """The affines (G, 3, 2) that bring content (G, N, S, 16, 2) nearest to the strokes."""
    x = ((content - CANVAS / 2) / 32).flatten(1, 3)
    base = torch.cat([torch.ones_like(x[..., :1]), x], -1)
    weight = there[..., None].expand(*there.shape, POINTS).flatten(1)[..., None].to(x.dtype)
    move = (strokes - content).flatten(1, 3)
    stiff = torch.diag(torch.tensor([1.0, 50.0, 50.0], dtype=x.dtype))
    weighted = (base * weight).transpose(1, 2)
    return torch.linalg.solve(weighted @ base + stiff, weighted @ move)


def framed(affine: Tensor, content: Tensor) -> Tensor:
    """Content (G, N, S, 16, 2) under affines (G, 3, 2)."""
    x = (content - CANVAS / 2) / 32
    return (content + affine[:, None, None, None, 0]
            + x[..., :1] * affine[:, None, None, None, 1]
            + x[..., 1:] * affine[:, None, None, None, 2])


def geometry(lines: Tensor, there: Tensor) -> Tensor:
    """What a token knows of its stroke: (N, S, 52) of framed content (N, S, 16, 2)."""
    x = (lines - CANVAS / 2) / 32
    count = there.sum(1, keepdim=True).clamp_min(1)
    centre = x.mean(2)
    shape = (x - centre[:, :, None]) * 2
    order = torch.arange(lines.shape[1])[None] / count
    length = (x[:, :, 1:] - x[:, :, :-1]).norm(dim=-1).sum(-1)
    inside = there[..., None, None].expand(x.shape)
    low = torch.where(inside, x, torch.inf).amin((1, 2)).nan_to_num(posinf=0.0)
    high = torch.where(inside, x, -torch.inf).amax((1, 2)).nan_to_num(neginf=0.0)
    place = (centre - low[:, None]) / (high - low).clamp_min(0.2)[:, None] - 0.5
    ends = torch.stack([x[:, :, 0], centre, x[:, :, -1]], 2)             # (N, S, 3, 2)
    near = [_neighbour(ends, centre, there, step) for step in (-1, 1)]
    one = torch.stack([order, (count / 12).expand_as(order), length, 0.3 / (0.3 + length)], -1)
    return torch.cat([shape.flatten(2), centre, place * 2, one, *near], -1)


def _neighbour(ends: Tensor, centre: Tensor, there: Tensor, step: int) -> Tensor:
    """Ends and middle (N, S, 6) of the stroke before or after, from the middle of this one."""
    other, known = ends.roll(-step, 1), there.roll(-step, 1).clone()
    known[:, 0 if step < 0 else -1] = False
    return torch.where(known[..., None, None], other - centre[:, :, None], 0.0).flatten(2)


class Rows:
    """The tokens of characters (N, S) as rows: those that are there, or all, so that shapes stay.

    Training leaves out what is padding; drawing keeps it, since a glyph must not depend on which
    others are in its batch.
    """

    def __init__(self, there: Tensor, packed: bool) -> None:
        self.shape = there.shape
        self.index = there.flatten().nonzero()[:, 0] if packed else None
        self.mask = there[:, None, None] | ~there.any(1)[:, None, None, None]

    def rows(self, padded: Tensor) -> Tensor:
        """(T, D) of (N, S, D)."""
        flat = padded.flatten(0, 1)
        return flat if self.index is None else flat[self.index]

    def padded(self, rows: Tensor) -> Tensor:
        """(N, S, D) of (T, D), zero where no stroke is."""
        if self.index is None:
            return rows.view(*self.shape, -1)
        empty = rows.new_zeros(self.shape[0] * self.shape[1], rows.shape[1])
        return empty.index_copy(0, self.index, rows).view(*self.shape, -1)


class Block(nn.Module):
    """Attention among the strokes of a character, and a step of each for itself."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.norm, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.step = nn.Sequential(nn.Linear(width, 3 * width), nn.GELU(),
                                  nn.Linear(3 * width, width))
        zeroed(self.out)
        zeroed(self.step[2])

    def forward(self, x: Tensor, rows: Rows) -> Tensor:
        """x (T, D), the tokens of `rows`."""
        q, k, v = (part.unflatten(-1, (self.heads, -1)).transpose(1, 2)
                   for part in rows.padded(self.qkv(self.norm(x))).chunk(3, -1))
        scores = (q.float() * q.shape[-1]**-0.5) @ k.float().transpose(-1, -2)
        seen = scores.masked_fill(~rows.mask, -1e4).softmax(-1) @ v.float()
        x = x + self._dropped(self.out(rows.rows(seen.transpose(1, 2).flatten(2))))
        return x + self._dropped(self.step(self.norm2(x)))

    def _dropped(self, x: Tensor) -> Tensor:
        return F.dropout(x, _DROPPED, self.training)


class StrokeNetwork(nn.Module):
    """Moves (terms) of target strokes from content geometry and the hand's written strokes."""

    def __init__(self, config: StrokeConfig | None = None) -> None:
        super().__init__()
        c = self.config = config or StrokeConfig()
        self.values = 4 * BEND + WIDTH          # copied: move, move within the character, width
        self.enter = nn.Sequential(nn.Linear(_GEOMETRY, c.width), nn.GELU(),
                                   nn.Linear(c.width, c.width))
        self.enter_written = nn.Sequential(nn.Linear(_GEOMETRY + self.values, c.width), nn.GELU(),
                                           nn.Linear(c.width, c.width))
        self.written = Block(c.width, c.heads)
        self.before = nn.ModuleList(Block(c.width, c.heads) for _ in range(c.before))
        self.after = nn.ModuleList(Block(c.width, c.heads) for _ in range(c.after))
        self.query, self.key = (nn.Linear(c.width, 16 * c.copies) for _ in range(2))
        self.alike = nn.Parameter(_mixtures(c.copies))
        self.copied = nn.Linear(c.copies * (self.values + 1) + c.width, c.width)
        self.token_value = nn.Linear(c.width, c.width)
        self.gain = nn.Parameter(torch.full((c.copies, self.values), 0.5 / c.copies))
        self.norm = nn.LayerNorm(c.width)
        self.out = nn.Linear(c.width, 2 * BEND + WIDTH)
        self.whole = nn.Sequential(nn.Linear(c.width, c.width), nn.GELU(), nn.Linear(c.width, 6))
        zeroed(self.out)
        zeroed(self.whole[2])

    def forward(self, hand: Written, content: Tensor, there: Tensor) -> tuple[Tensor, Tensor]:
        """Points (G, M, S, 16, 2) and width terms (G, M, S, 4) of content (G, M, S, 16, 2)."""
        memory = self.learn(hand)
        return self.draw(memory, content, there)

    def learn(self, hand: Written) -> Memory:
        """What is kept of a hand: its frame, and its strokes' tokens, likeness and values."""
        affine = frame(hand.content, hand.strokes, hand.there)
        lines = framed(affine, hand.content)
        there = hand.there.flatten(0, 1)
        middle = _mean(hand.width, hand.there)                            # (G, 4)
        move = torch.einsum("kp,gnspc->gnskc", PROJECT, hand.strokes - lines) / UNIT
        own = frame(*(part.flatten(0, 1)[:, None] for part in (lines, hand.strokes, hand.there)))
        inner = framed(own, lines.flatten(0, 1)[:, None])[:, 0].unflatten(0, lines.shape[:2])
        within = torch.einsum("kp,gnspc->gnskc", PROJECT, hand.strokes - inner) / UNIT
        values = torch.cat([move.flatten(3), within.flatten(3),
                            hand.width - middle[:, None, None]], -1)
        tokens = geometry(lines.flatten(0, 1), there)
        rows = Rows(there, self.training)
        x = self.enter_written(rows.rows(torch.cat([tokens, values.flatten(0, 1)], -1)))
        x = rows.padded(self.written(x, rows))
        groups, flat = len(hand.content), hand.there.flatten(1)           # (G, N S)
        order = packing(flat)
        tokens, x, values = (gathered(part.reshape(groups, flat.shape[1], -1), order)
                             for part in (tokens, x.float(), values))
        return Memory(affine, middle, tokens, x, values, flat.gather(1, order))

    def draw(self, memory: Memory, content: Tensor, there: Tensor) -> tuple[Tensor, Tensor]:
        """Points (G, M, S, 16, 2) and width terms (G, M, S, 4) of content in a learnt hand."""
        groups, count, most = there.shape
        lines = framed(memory.affine, content)
        flat = there.flatten(0, 1)
        rows = Rows(flat, self.training)
        tokens = geometry(lines.flatten(0, 1), flat)
        x = F.dropout(self.enter(rows.rows(tokens)), _DROPPED, self.training)
        for block in self.before:
            x = block(x, rows)
        copied, seen = self._look_up(memory, tokens.view(groups, count * most, -1),
                                     rows.padded(x).view(groups, count * most, -1),
                                     Rows(there.flatten(1), self.training))
        x = x + self.copied(rows.rows(seen.view(*flat.shape, -1)))
        for block in self.after:
            x = block(x, rows)
        x = rows.padded(self.norm(x)).float()
        terms = self.out(x).float().view(groups, count, most, -1)
        direct = copied.view(groups, count, most, -1)
        pooled = (x * flat[..., None]).sum(1) / flat.sum(1, keepdim=True).clamp_min(1)
        whole = self.whole(pooled).float().view(groups, count, 1, 1, 3, 2)
        at = (lines - CANVAS / 2) / 32
        shift = whole[..., 0, :] + at[..., :1] * whole[..., 1, :] + at[..., 1:] * whole[..., 2, :]
        bend = terms[..., :2 * BEND] + direct[..., :2 * BEND] + direct[..., 2 * BEND:4 * BEND]
        move = torch.einsum("pk,gmskc->gmspc", LEGENDRE, bend.unflatten(-1, (BEND, 2))) + shift
        width = terms[..., 2 * BEND:] + direct[..., 4 * BEND:] + memory.middle[:, None, None]
        return lines + UNIT * move, width

    def _look_up(self, memory: Memory, tokens: Tensor, x: Tensor,
                 rows: Rows) -> tuple[Tensor, Tensor]:
        """What like strokes of the samples did: their mean (G, T, V), and all there is to say.

        Likeness is the negative squared distance of geometries, weighted by kind, plus what the
        tokens have learnt to look for.
        """
        order = packing(rows.mask[:, 0, 0]) if self.training else None
        if order is not None:
            tokens, x = gathered(tokens, order), gathered(x, order)
        c, scale = self.config, self._scales()
        a, b = (_compared(part)[:, None] * scale[:, None]
                for part in (tokens, memory.tokens))       # (G, C, T, 48)
        q, k = (layer(part).unflatten(-1, (c.copies, 16)).transpose(1, 2).float()
                for layer, part in ((self.query, x), (self.key, memory.x)))
        far = (b**2).sum(-1).masked_fill(~memory.there[:, None], 1e4)
        scores = torch.cat([2 * a, q / 4], -1) @ torch.cat([b, k], -1).transpose(-1, -2)
        scores = scores - far[:, :, None]
        weights = scores.softmax(-1)                                             # (G, C, T, L)
        values = weights @ memory.values[:, None]                                # (G, C, T, V)
        words = weights.mean(1) @ self.token_value(memory.x).float()             # (G, T, D)
        near = (scores.amax(-1) - (a**2).sum(-1)).clamp_min(-30) / 5             # (G, C, T)
        direct = (values * self.gain[:, None]).sum(1)
        seen = torch.cat([values.transpose(1, 2).flatten(2), near.transpose(1, 2), words], -1)
        if order is not None:
            both = scattered(torch.cat([direct, seen], -1), order, rows.shape[1])
            return both[..., :self.values], both[..., self.values:]
        return direct, seen

    def _scales(self) -> Tensor:
        """Square roots (C, 48) of how much each way of looking up minds each number."""
        weight = F.softplus(self.alike)
        return torch.cat([weight[:, i:i + 1].expand(-1, n)
                          for i, n in enumerate((2 * POINTS, 12, 4))], 1).sqrt()


@dataclass(frozen=True)
class Memory:
    """A learnt hand (G of them): L written strokes, packed."""

    affine: Tensor          # (G, 3, 2)
    middle: Tensor          # (G, 4) mean width terms
    tokens: Tensor          # (G, L, 52)
    x: Tensor               # (G, L, D)
    values: Tensor          # (G, L, V)
    there: Tensor           # (G, L)


def _mean(width: Tensor, there: Tensor) -> Tensor:
    weight = there[..., None].to(width.dtype)
    return (width * weight).sum((1, 2)) / weight.sum((1, 2)).clamp_min(1)


def _compared(tokens: Tensor) -> Tensor:
    """What likeness compares of a token's geometry (..., 48): shape, neighbours, place."""
    shape, rest = tokens[..., :2 * POINTS], tokens[..., 2 * POINTS:]
    return torch.cat([shape / 4, rest[..., 8:], rest[..., :4]], -1)


def packing(there: Tensor) -> Tensor:
    """Positions (G, T) of what is there in rows (G, N), as many for each as the fullest has."""
    most = int(there.sum(1).max())
    return torch.argsort((~there).to(torch.int8), dim=1, stable=True)[:, :most]


def gathered(rows: Tensor, order: Tensor) -> Tensor:
    """Rows (G, T, D) of (G, N, D) at these positions."""
    return rows.gather(1, order[..., None].expand(-1, -1, rows.shape[-1]))


def scattered(rows: Tensor, order: Tensor, count: int) -> Tensor:
    """Rows (G, N, D) with these (G, T, D) at their positions, zero elsewhere."""
    empty = rows.new_zeros(len(rows), count, rows.shape[-1])
    return empty.scatter(1, order[..., None].expand(-1, -1, rows.shape[-1]), rows)


def _mixtures(copies: int) -> Tensor:
    """How much each way of looking up minds shape, neighbours and place at first (softplus of)."""
    sharp = torch.tensor([[3.0, 0.1, 0.1], [6.0, 1.0, 0.1], [3.0, 3.0, 0.1], [3.0, 1.0, 1.0],
                          [8.0, 6.0, 0.5], [2.0, 0.1, 2.0], [1.0, 4.0, 0.2], [6.0, 6.0, 4.0]])
    wanted = sharp[torch.arange(copies) % len(sharp)] * 2
    return torch.log(torch.expm1(wanted))
