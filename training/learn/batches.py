"""Batches of font groups: targets, references and their content, balanced over kinds of hand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from fonts.drawing import SPREAD
from fonts.regions import HANGUL
from glyphgen.network.frame import frame_of
from training.cache import Shard
from training.corpus import WRITTEN
from training.learn.augment import AugmentConfig, augment


def pool_of(category: str, has_han: bool) -> str:
    """The pool of a face: Han hands teach most, so they are weighed apart from Hangul hands."""
    if category == "synthetic":
        return "synthetic"
    if category not in WRITTEN:
        return "print"
    return "hand" if has_han else "Hangul hand"


@dataclass(frozen=True)
class DataConfig:
    """What a batch holds and how styles are weighed."""

    groups: int = 6                    # fonts a batch
    targets: int = 10                  # glyphs a font
    references: tuple[int, ...] = (8, 16)
    pools: tuple[tuple[str, float], ...] = (
        ("hand", 0.40), ("Hangul hand", 0.12), ("synthetic", 0.22), ("print", 0.26))
    main_script: float = 0.85          # share of targets in the font's main script
    augment: AugmentConfig = field(default_factory=AugmentConfig)

    def but(self, name: str, value: float) -> DataConfig:
        """The same with one number changed: `augment.warp`, `pools.synthetic`, `main_script`.

        ValueError where nothing has that name.
        """
        part, _, rest = name.rpartition(".")
        if part == "pools" and rest in dict(self.pools):
            return replace(self, pools=tuple({**dict(self.pools), rest: value}.items()))
        if part == "augment" and rest in asdict(self.augment):
            return replace(self, augment=replace(self.augment, **{rest: value}))
        if name == "main_script":
            return replace(self, main_script=value)
        raise ValueError(f"{name!r} is no number of the data's settings")


@dataclass(frozen=True)
class Batch:
    """Fields in canvas pixels: G groups, M targets and R references each."""

    target: Tensor       # (G M, 128, 128)
    content: Tensor      # (G M, 2, 128, 128) in the hand's frame
    reference: Tensor    # (G, R, 3, 128, 128): sample, Hei, Kai, in the hand's frame

    def to(self, device: str) -> Batch:
        """The same batch on a device."""
        return Batch(*(getattr(self, part.name).to(device) for part in fields(self)))


class Share(NamedTuple):
    """Groups `start` to `stop` of a batch of `groups`: what one of several processes takes."""

    start: int
    stop: int
    groups: int


def stream(*key: int) -> int:
    """A seed for the random numbers named by `key`, far from those of other keys."""
    return int(np.random.SeedSequence(key).generate_state(1)[0])


@dataclass(frozen=True)
class _Face:
    shard: int
    main: tuple[NDArray[np.int64], ...]     # rows by script: Han, Hangul
    small: NDArray[np.int64]                # rows of kana, Latin, punctuation
    has_han: bool


class Groups:
    """Batches out of shards; each is a function of the seed and its number alone."""

    def __init__(self, shards: Sequence[Shard], config: DataConfig, seed: int) -> None:
        self.shards = list(shards)
        self.config, self.seed = config, seed
        pools: dict[str, dict[str, list[_Face]]] = defaultdict(lambda: defaultdict(list))
        for number, shard in enumerate(self.shards):
            for face, record in zip(_faces(number, shard), shard.faces):
                if face.main:
                    pool = pool_of(record["category"], face.has_han)
                    pools[pool][record["design"]].append(face)
        self.pools = {name: list(designs.values()) for name, designs in pools.items()}
        weights = {name: share for name, share in config.pools if name in self.pools}
        self.names = list(weights)
        self.shares = np.array([weights[name] for name in self.names])
        self.shares = self.shares / self.shares.sum()

    def batch(self, number: int, share: Share | None = None) -> Batch:
        """Batch `number`, augmented, or a share of it."""
        c = self.config
        count = int(np.random.default_rng((self.seed, number)).choice(c.references))
        share = share or Share(0, c.groups, c.groups)
        drawn, contents = zip(*(self._group((self.seed, number, group), count)
                                for group in range(share.start, share.stop)))
        return assemble(torch.cat(drawn), torch.cat(contents), count)

    def _group(self, key: tuple[int, ...], references: int) -> tuple[Tensor, Tensor]:
        """Fields (1, R + M, 128, 128), augmented, and contents (1, R + M, 2, 128, 128)."""
        rng, c = np.random.default_rng(key), self.config
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
        fields = torch.from_numpy(shard.glyphs[rows][None]).float() * (SPREAD / 127)
        content = torch.from_numpy(shard.content[shard.index["content"][rows]][None]).float()
        own = torch.Generator().manual_seed(stream(*key))
        return augment(fields, c.augment, own), content * (SPREAD / 127)


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
    hangul = (codepoint >= HANGUL.start) & (codepoint < HANGUL.stop)
    han = (codepoint >= 0x3400) & ~hangul & (codepoint < 0xF900) | (codepoint >= 0x20000)
    order = np.argsort(index["face"], kind="stable")
    bounds = np.searchsorted(index["face"][order], np.arange(len(shard.faces) + 1))
    faces = []
    for start, stop in zip(bounds[:-1], bounds[1:]):
        rows = order[start:stop]
        scripts = rows[han[rows]], rows[hangul[rows]]
        main = tuple(part for part in scripts if len(part) >= 60)
        small = rows[~han[rows] & ~hangul[rows]]
        faces.append(_Face(number, main, small, len(scripts[0]) >= 60))
    return faces
