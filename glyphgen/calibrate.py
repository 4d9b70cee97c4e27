"""Held-out checks on the person's own samples: the recipe, the stroke weight, the score."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.ndimage import distance_transform_edt
from skimage.morphology import skeletonize

from fonts.drawing import CANVAS, Field
from glyphgen.config import RECIPES, Recipe
from glyphgen.generate import Fields, Painter, glyph_seed

FOLDS = 3
_LEVELS = np.linspace(-0.8, 0.8, 33)
_MISSING = 0.1 * CANVAS          # distance that counts where there is no stroke at all
_CHAMFER = 0.12                  # of a recipe's cost, a pixel


@dataclass(frozen=True)
class HeldOut:
    """Samples drawn from the other samples alone, by one recipe: fields (N, 128, 128)."""

    recipe: Recipe
    truth: Fields
    drawn: Fields

    def level(self) -> float:
        """The level shift at which the drawings hold as much ink as the samples."""
        wanted = ink(self.truth).sum()
        amounts = np.array([ink(self.drawn - level).sum() for level in _LEVELS])
        return float(_LEVELS[np.abs(amounts - wanted).argmin()])

    def scores(self, level: float) -> dict[str, float]:
        """Means over the samples: ink-normalised L1, IoU, skeleton chamfer in canvas pixels."""
        drawn = self.drawn - level
        a, b = ink(drawn), ink(self.truth)
        inside_a, inside_b = drawn > 0, self.truth > 0
        union = np.maximum((inside_a | inside_b).sum((1, 2)), 1)
        return {
            "nl1": float(np.mean(np.abs(a - b).sum((1, 2)) / np.maximum(b.sum((1, 2)), 1))),
            "iou": float(np.mean((inside_a & inside_b).sum((1, 2)) / union)),
            "chamfer": float(np.mean([chamfer(x, y) for x, y in zip(inside_a, inside_b)])),
        }

    def cost(self) -> float:
        """What recipes are compared by: overlap alone would favour a blur."""
        scores = self.scores(self.level())
        return scores["nl1"] - scores["iou"] + _CHAMFER * scores["chamfer"]


def ink(fields: Fields) -> Fields:
    """Antialiased coverage of fields (N, 128, 128)."""
    return np.clip(fields + np.float32(0.5), 0, 1)


def chamfer(a: np.ndarray, b: np.ndarray) -> float:
    """Mean distance between the skeletons of two masks, both ways, in pixels."""
    one, other = skeletonize(a), skeletonize(b)
    if not one.any() or not other.any():
        return _MISSING
    to_one, to_other = distance_transform_edt(~one), distance_transform_edt(~other)
    return float(to_other[one].mean() + to_one[other].mean()) / 2


def hold_out(painter: Painter, samples: Mapping[int, Field], seed: int = 0,
             tick: Callable[[int], None] = lambda count: None,
             held: Sequence[int] = ()) -> HeldOut | None:
    """Draw samples from the other samples by every recipe; the best, None with fewer than two.

    All samples, in FOLDS folds, or only those of `held`: what an adapted network has not seen.
    """
    codepoints = list(samples)[: painter.config.max_references]
    if len(codepoints) < 2:
        return None
    folds = min(FOLDS, len(codepoints))
    truth: list[Field] = []
    drawn: list[list[Fields]] = [[] for _ in RECIPES]
    for part in [list(held)] if held else [codepoints[i::folds] for i in range(folds)]:
        apart = set(part)
        hand = painter.learn({c: samples[c] for c in codepoints if c not in apart})
        for start in range(0, len(part), painter.config.batch):
            batch = part[start : start + painter.config.batch]
            seeds = [glyph_seed(seed, c) for c in batch]
            for kept, fields in zip(drawn, painter.draw(hand, batch, seeds, *RECIPES.values())):
                kept.append(fields)
            truth += [samples[c] for c in batch]
            tick(len(batch))
    outcomes = [HeldOut(recipe, np.stack(truth), np.concatenate(fields))
                for recipe, fields in zip(RECIPES.values(), drawn)]
    return min(outcomes, key=HeldOut.cost)
