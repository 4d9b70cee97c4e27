"""Held-out checks on the person's own samples: stroke weight and the leave-out score."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from fonts.drawing import Field, coverage
from glyphgen.generate import Fields, Painter

FOLDS = 3
_LEVELS = np.linspace(-0.8, 0.8, 33)


@dataclass(frozen=True)
class HeldOut:
    """Samples drawn from the other samples alone: truth and drawings (N, 128, 128)."""

    truth: Fields
    drawn: Fields

    def level(self) -> float:
        """The level shift at which the drawings hold as much ink as the samples."""
        wanted = _ink(self.truth)
        amounts = np.array([_ink(self.drawn - level) for level in _LEVELS])
        return float(_LEVELS[np.abs(amounts - wanted).argmin()])

    def scores(self, level: float = 0.0) -> dict[str, float]:
        """Mean ink-normalised L1 and IoU over the samples."""
        a, b = (coverage_all(f) for f in (self.drawn - level, self.truth))
        ink_a, ink_b = a >= 0.5, b >= 0.5
        union = np.maximum((ink_a | ink_b).sum((1, 2)), 1)
        return {"nl1": float(np.mean(np.abs(a - b).sum((1, 2)) / np.maximum(b.sum((1, 2)), 1))),
                "iou": float(np.mean((ink_a & ink_b).sum((1, 2)) / union))}


def coverage_all(fields: Fields) -> Fields:
    """Antialiased ink of fields (N, 128, 128)."""
    return np.stack([coverage(field) for field in fields])


def _ink(fields: Fields) -> float:
    return float(np.clip(fields + 0.5, 0, 1).sum())


def hold_out(painter: Painter, samples: Mapping[int, Field], seed: int = 0,
             tick: Callable[[int], None] = lambda count: None,
             held: Sequence[int] = ()) -> HeldOut | None:
    """Draw samples from the other samples; None with fewer than two.

    All of them, in FOLDS folds, or only those of `held`: what an adapted network has not seen.
    """
    codepoints = list(samples)[: painter.config.max_references]
    if len(codepoints) < 2:
        return None
    folds = min(FOLDS, len(codepoints))
    truth, drawn = [], []
    for part in [held] if held else [codepoints[i::folds] for i in range(folds)]:
        apart = set(part)
        hand = painter.learn({c: samples[c] for c in codepoints if c not in apart})
        for batch in painter.draw_all(hand, part, seed):
            drawn += [d.field for d in batch]
            truth += [samples[d.codepoint] for d in batch]
            tick(len(batch))
    return HeldOut(np.stack(truth), np.stack(drawn))
