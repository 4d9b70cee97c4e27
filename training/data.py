"""Batches of font groups: targets, references and their content, balanced over kinds of hand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from fonts.drawing import SPREAD
from glyphgen.align import frame_of
from training.augment import AugmentConfig, augment
from training.cache import Shard

_POOL = {"handwriting": "hand", "brush": "hand", "synthetic": "synthetic"}


@dataclass(frozen=True)
class DataConfig:
    """What a batch holds and how styles are weighed."""

    groups: int = 6                    # fonts a batch
    targets: int = 10                  # glyphs a font
    references: tuple[int, ...] = (8, 16)
    pools: tuple[tuple[str, float], ...] = (("hand", 0.4), ("synthetic", 0.25), ("other", 0.35))
    main_script: float = 0.85          # share of targets in the font's main script
    augment: AugmentConfig = field(default_factory=AugmentConfig)


@dataclass(frozen=True)
class Batch:
    """Fields in canvas pixels: G groups, M targets and R references each."""

    target: Tensor       # (G M, 128, 128)
    content: Tensor      # (G M, 2, 128, 128) in the hand's frame
    reference: Tensor    # (G, R, 3, 128, 128): sample, Hei, Kai, in the hand's frame


@dataclass(frozen=True)
class _Face:
    shard: int
    main: tuple[NDArray[np.int64], ...]     # rows by script: Han, Hangul
    small: NDArray[np.int64]                # rows of kana, Latin, punctuation


class Groups:
    """Draws batches out of shards; deterministic by seed."""

    def __init__(self, shards: Sequence[Shard], config: DataConfig, seed: int) -> None:
        self.shards = list(shards)
        self.config = config
        self.rng = np.random.default_rng(seed)
        self.torch_rng = torch.Generator().manual_seed(seed)
        pools: dict[str, dict[str, list[_Face]]] = defaultdict(lambda: defaultdict(list))
        for number, shard in enumerate(self.shards):
            for face, record in zip(_faces(number, shard), shard.faces):
                if face.main:
                    pool = _POOL.get(record["category"], "other")
                    pools[pool][record["design"]].append(face)
        self.pools = {name: list(designs.values()) for name, designs in pools.items()}
        weights = {name: share for name, share in config.pools if name in self.pools}
        self.names = list(weights)
        self.shares = np.array([weights[name] for name in self.names])
        self.shares = self.shares / self.shares.sum()

    def batch(self) -> Batch:
        """One batch, augmented."""
        c = self.config
        count = int(self.rng.choice(c.references))
        drawn, contents = zip(*(self._group(count) for _ in range(c.groups)))
        fields = torch.from_numpy(np.stack(drawn)).float() * (SPREAD / 127)
        content = torch.from_numpy(np.stack(contents)).float() * (SPREAD / 127)
        return assemble(augment(fields, c.augment, self.torch_rng), content, count)

    def _group(self, references: int) -> tuple[NDArray[np.int8], NDArray[np.int8]]:
        """Fields (R + M, 128, 128) and contents (R + M, 2, 128, 128) of one font."""
        rng, c = self.rng, self.config
        designs = self.pools[str(rng.choice(self.names, p=self.shares))]
        design = designs[rng.integers(len(designs))]
        face = design[rng.integers(len(design))]
        main = face.main[rng.integers(len(face.main))]
        small = int((rng.random(c.targets) >= c.main_script).sum()) if len(face.small) else 0
        small = min(small, len(face.small))
        wanted = references + c.targets - small
        rows = np.concatenate([
            rng.choice(main, wanted, replace=len(main) < wanted),
            rng.choice(face.small, small, replace=False) if small else face.small[:0]])
        shard = self.shards[face.shard]
        return shard.glyphs[rows], shard.content[shard.index["content"][rows]]


def assemble(fields: Tensor, content: Tensor, references: int) -> Batch:
    """Fields (G, R + M, 128, 128) and contents (G, R + M, 2, 128, 128), the first R references.

    The content of each group is brought into its hand's frame and weight.
    """
    content = torch.stack([frame_of(f[:references], c[:references]).apply(c)
                           for f, c in zip(fields, content)])             # (G, R + M, 2, ...)
    reference = torch.cat([fields[:, :references, None], content[:, :references]], 2)
    return Batch(fields[:, references:].flatten(0, 1), content[:, references:].flatten(0, 1),
                 reference)


def _faces(number: int, shard: Shard) -> list[_Face]:
    """The faces of a shard with their rows by script; a script needs 60 glyphs to count."""
    index = shard.index
    codepoint = index["codepoint"]
    hangul = (codepoint >= 0xAC00) & (codepoint < 0xD7A4)
    han = (codepoint >= 0x3400) & ~hangul & (codepoint < 0xF900) | (codepoint >= 0x20000)
    order = np.argsort(index["face"], kind="stable")
    bounds = np.searchsorted(index["face"][order], np.arange(len(shard.faces) + 1))
    faces = []
    for start, stop in zip(bounds[:-1], bounds[1:]):
        rows = order[start:stop]
        main = tuple(part for part in (rows[han[rows]], rows[hangul[rows]]) if len(part) >= 60)
        faces.append(_Face(number, main, rows[~han[rows] & ~hangul[rows]]))
    return faces
