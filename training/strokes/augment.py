"""Changes of a whole hand: what makes one face stand for many."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fonts.drawing import CANVAS
from glyphgen.strokes.laid.register import POINTS

Floats = NDArray[np.floating]


@dataclass(frozen=True)
class AugmentConfig:
    """Deviations of the changes; each is drawn once a hand."""

    gain: float = 0.3           # of how far the hand leaves the content
    turn: float = 0.08          # radians a direction of stroke is turned by
    stretch: float = 0.07       # of its length
    bow: float = 1.0            # pixels that a stroke is bowed by, by direction
    warp: float = 3.0           # pixels of a smooth warp of the em square
    content: float = 0.3        # pixels that the content's strokes lie elsewhere, each
    follows: float = 0.3        # least share of a change that the content goes along with
    weight: float = 0.25        # of log widths
    contrast: float = 0.06      # of the other terms of log widths


def augment(rng: np.random.Generator, config: AugmentConfig, content: Floats, strokes: Floats,
            width: Floats) -> tuple[Floats, Floats, Floats]:
    """Content and strokes (N, S, 16, 2) and width terms (N, S, 4) of a hand, changed alike.

    The content is what the pixel network made of it: it knows a part of what a hand does.
    """
    before = strokes
    if rng.random() < 0.5:
        gain = float(np.clip(1 + config.gain * rng.standard_normal(), 0.4, 1.6))
        strokes = content + (strokes - content) * gain
    chord = content[:, :, -1] - content[:, :, 0]
    angle = np.arctan2(chord[..., 1], chord[..., 0])
    waves = np.stack([np.ones_like(angle), np.cos(angle), np.sin(angle), np.cos(2 * angle),
                      np.sin(2 * angle)], -1)
    turn, stretch, bow = (
        waves @ rng.standard_normal(5) * size * rng.random()
        for size in (config.turn, config.stretch, config.bow))
    strokes = _turned(strokes, turn, 1 + stretch) + _bow(chord, bow)
    strokes = strokes + _warp(rng, strokes) * config.warp * rng.random()
    content = content + (strokes - before) * rng.uniform(config.follows, 1)
    content = content + config.content * rng.standard_normal((*content.shape[:2], 1, 2))
    change = np.array([rng.normal(0, config.weight), *rng.normal(0, config.contrast, 3)])
    return (content.astype(np.float32), strokes.astype(np.float32),
            (width + change).astype(np.float32))


def _turned(strokes: Floats, turn: NDArray, stretch: NDArray) -> Floats:
    middle = strokes.mean(2, keepdims=True)
    x, y = np.moveaxis(strokes - middle, -1, 0)
    cos, sin = (np.cos(turn) * stretch)[..., None], (np.sin(turn) * stretch)[..., None]
    return middle + np.stack([x * cos - y * sin, x * sin + y * cos], -1)


def _bow(chord: Floats, bow: NDArray) -> Floats:
    normal = np.stack([-chord[..., 1], chord[..., 0]], -1)
    normal = normal / np.maximum(np.hypot(chord[..., 0], chord[..., 1]), 1)[..., None]
    arch = 1 - np.linspace(-1, 1, POINTS)**2
    return (bow[..., None] * arch)[..., None] * normal[:, :, None]


def _warp(rng: np.random.Generator, strokes: Floats) -> Floats:
    """A random cubic of the place, about one pixel at the em square's edge."""
    x, y = np.moveaxis((strokes - CANVAS / 2) / 56, -1, 0)
    terms = np.stack([x * x, x * y, y * y, x**3, y**3, x, y, x * x * y, y * y * x], -1)
    return terms @ rng.standard_normal((9, 2))
