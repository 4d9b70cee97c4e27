"""Batches of hands: groups of characters of one face, of two faces crossed, or between two."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray

from glyphgen.strokes.network import Written
from training.strokes.augment import AugmentConfig, augment
from training.strokes.faces import StrokeFace

_LEAST = 60             # characters that two faces must share to be crossed
_FEW = 80               # characters below which a face is left out


@dataclass(frozen=True)
class BatchConfig:
    """What a batch holds and how styles are weighed."""

    groups: int = 6                     # hands a batch
    targets: int = 24                   # characters a hand
    samples: tuple[int, ...] = (16, 24, 30, 30, 40)
    crossed: float = 0.5                # share of hands made of two faces
    weights: tuple[tuple[str, float], ...] = (
        ("handwriting", 1.6), ("brush", 1.2), ("kai", 0.6), ("display", 0.7))
    print_weight: float = 0.25          # of a face of any other category
    augment: AugmentConfig = field(default_factory=AugmentConfig)


class StrokeGroups:
    """Batches out of faces; each is a function of the seed and its number alone."""

    def __init__(self, faces: Sequence[StrokeFace], config: BatchConfig, seed: int) -> None:
        self.faces = [face for face in faces if len(face.codepoints) >= _FEW]
        self.config, self.seed = config, seed
        weights = np.array([dict(config.weights).get(face.category, config.print_weight)
                            for face in self.faces])
        self.shares = weights / weights.sum()
        self.rows = [{int(c): i for i, c in enumerate(face.codepoints)} for face in self.faces]

    def batch(self, number: int) -> tuple[Written, int]:
        """Characters of each hand, samples first, and how many are samples."""
        rng, c = np.random.default_rng((self.seed, number)), self.config
        samples = int(rng.choice(c.samples))
        hands = [self._hand(rng, samples + c.targets) for _ in range(c.groups)]
        most = max(int(there.sum(1).max()) for *_, there in hands)
        return Written(*(torch.from_numpy(np.stack([part[:, :most] for part in parts]))
                         for parts in zip(*hands))), samples

    def _hand(self, rng: np.random.Generator, count: int) -> tuple[NDArray, ...]:
        """Content, strokes, width terms and which are there, of `count` characters."""
        one = int(rng.choice(len(self.faces), p=self.shares))
        if rng.random() < self.config.crossed:
            other = int(rng.choice(len(self.faces), p=self.shares))
            shared = [c for c in self.rows[one] if c in self.rows[other]]
            if other != one and len(shared) >= _LEAST:
                return self._crossed(rng, one, other, _draw(rng, np.array(shared), count))
        face = self.faces[one]
        at = _draw(rng, np.arange(len(face.codepoints)), count)
        content = face.content[rng.integers(len(face.content))][at]
        return (*augment(rng, self.config.augment, content, face.strokes[at], face.width[at]),
                face.there[at])

    def _crossed(self, rng: np.random.Generator, one: int, other: int,
                 codepoints: NDArray[np.int64]) -> tuple[NDArray, ...]:
        """A hand between two faces, or with the layout of one and the strokes of the other."""
        a, b = self.faces[one], self.faces[other]
        at = [self.rows[one][int(c)] for c in codepoints]
        to = [self.rows[other][int(c)] for c in codepoints]
        first, second = (np.stack([face.content[rng.integers(len(face.content))][rows],
                                   face.strokes[rows]]) for face, rows in ((a, at), (b, to)))
        if rng.random() < 0.5:
            share = rng.uniform(-0.3, 1.3)
            mixed = share * first + (1 - share) * second
        else:
            mixed = second - second.mean(3, keepdims=True) + first.mean(3, keepdims=True)
        width = a.width[at] if rng.random() < 0.5 else b.width[to]
        return (*augment(rng, self.config.augment, mixed[0], mixed[1], width), a.there[at])


def _draw(rng: np.random.Generator, pool: NDArray, count: int) -> NDArray:
    return rng.choice(pool, count, replace=len(pool) < count)
