"""Quick figures on validation fonts while a run trains: ink-normalised L1 and IoU."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from fonts.drawing import SPREAD
from glyphgen.config import RECIPES
from glyphgen.network.codec import PatchCodec
from glyphgen.network.frame import displace
from glyphgen.network.sampler import refine, regress, start
from training.cache import Shard
from training.learn.batches import Batch, _faces, assemble

REFERENCES = 30
TARGETS = 60


@lru_cache(maxsize=4)
def fixed_batches(folder: Path) -> list[tuple[str, Batch]]:
    """One fixed batch a face: 30 references, 60 other glyphs of its main script."""
    shard = Shard(folder)
    rng = np.random.default_rng(5)
    out = []
    for face, record in zip(_faces(0, shard), shard.faces):
        if not face.main or len(face.main[0]) < REFERENCES + TARGETS:
            continue
        rows = rng.choice(face.main[0], REFERENCES + TARGETS, replace=False)
        fields = torch.from_numpy(shard.glyphs[rows]).float()[None] * (SPREAD / 127)
        content = torch.from_numpy(shard.content[shard.index["content"][rows]]).float()[None]
        out.append((record["design"], assemble(fields, content * (SPREAD / 127), REFERENCES)))
    return out


def ink_figures(field: Tensor, target: Tensor) -> dict[str, float]:
    """Mean nl1, IoU and ink ratio of fields (N, 128, 128) against targets."""
    a, b = (field + 0.5).clamp(0, 1), (target + 0.5).clamp(0, 1)
    nl1 = (a - b).abs().sum((1, 2)) / b.sum((1, 2))
    ia, ib = field > 0, target > 0
    iou = (ia & ib).sum((1, 2)) / (ia | ib).sum((1, 2)).clamp_min(1)
    return {"nl1": round(float(nl1.mean()), 4), "iou": round(float(iou.float().mean()), 4),
            "ink": round(float(a.sum() / b.sum()), 3)}


@torch.no_grad()
def draw(model: Any, codec: PatchCodec, batch: Batch, seed: int = 0) -> dict[str, Tensor]:
    """Fields by the first call, by displacement alone and by every recipe, for a font's batch."""
    device = next(model.parameters()).device
    pairs = codec.stack(batch.reference.to(device))
    with torch.autocast(device.type, torch.bfloat16):
        hand = model.style(pairs)
    return draw_in(hand, model, codec, batch.content.to(device), seed)


@torch.no_grad()
def draw_in(hand: tuple[Tensor, Tensor], model: Any, codec: PatchCodec, framed: Tensor,
            seed: int = 0) -> dict[str, Tensor]:
    """The same by a hand's tokens (1, K, D) and style (1, D), of contents (N, 2, 128, 128)."""
    device = framed.device
    content = codec.stack(framed)

    def denoise(z: Tensor, t: Tensor) -> tuple[Tensor, Tensor]:
        with torch.autocast(device.type, torch.bfloat16):
            latent, flow = model.denoise(z, t, content, *hand)
        return latent.float(), flow.float()

    like = content[..., : content.shape[-1] // 2]
    first = regress(denoise, like)
    rng = torch.Generator(device).manual_seed(seed)
    noise = torch.randn(like.shape, generator=rng, device=device)
    moved = displace(framed, first[1])
    drawn = {"first": codec.decode(first[0]), "moved hei": moved[:, 0], "moved kai": moved[:, 1]}
    drawn |= {name: codec.decode(refine(denoise, start(codec, framed, first, recipe), noise,
                                        recipe))
              for name, recipe in RECIPES.items()}
    return {name: field.cpu() for name, field in drawn.items()}


def validate(model: Any, codec: PatchCodec, folder: Path,
             draw: Callable[[Any, PatchCodec, Batch], dict[str, Tensor]] = draw) -> dict[str, dict]:
    """Figures per validation face, with the content in the hand's frame as the baseline."""
    model.eval()
    figures = {}
    for name, batch in fixed_batches(folder):
        drawn = draw(model, codec, batch)
        figures[name] = {key: ink_figures(field, batch.target) for key, field in drawn.items()}
        figures[name]["content"] = ink_figures(batch.content[:, 1], batch.target)
    model.train()
    return figures
