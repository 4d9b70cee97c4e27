"""Choose kana, letters and Hangul to write: for the blocks of strokes that they show.

Every character is cut into overlapping blocks of stroke directions, the blocks are sorted into
visual words, and characters are taken one by one that add most of the words not yet written,
weighted by how often they are read, per length of pen stroke.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from fonts.content import Content
from fonts.drawing import CANVAS
from fonts.regions import HANGUL
from glyphgen.draw.gate import line_directions

Numbers = NDArray[np.float64]

_BLOCK = 4                # cells of 8 pixels a side of a block
# Hangul are quick to write, and the frequent ones have few strokes: the frame wants crowded ones
_CROWDED: dict[str, Any] = {"kr": {"ease": 0.0, "common": 0.1}}
_FINALS = 28                # of Hangul, none among them: all are shown where so many are chosen
_JAMO = 0.5                 # of all words' weight, what a letter that one syllable holds weighs


@dataclass(frozen=True)
class WordConfig:
    """How the set is chosen."""

    count: int = 30
    words: int = 1200           # visual words
    place: float = 0.35         # weight of a block's place against its strokes
    candidates: int = 2400      # the most frequent characters: people know how to write them
    ease: float = 0.4           # power of the pen's path that a character costs
    common: float = 0.5         # share of the weights that goes by frequency
    seed: int = 0


def blocks(grid: NDArray[np.float32], place: float) -> NDArray[np.float32]:
    """Descriptors (B, 66) of the inked blocks of `line_directions`, and where each lies."""
    out = []
    for y in range(0, CANVAS // 8 - _BLOCK + 1, 2):
        for x in range(0, CANVAS // 8 - _BLOCK + 1, 2):
            part = grid[y:y + _BLOCK, x:x + _BLOCK].ravel()
            size = float(np.linalg.norm(part))
            if size > 0.15:
                out.append(np.append(part / size, [place * x / 6, place * y / 6]))
    return np.array(out, np.float32).reshape(-1, _BLOCK * _BLOCK * 4 + 2)


def visual_words(often: Mapping[int, float], region: str,
                 config: WordConfig) -> tuple[list[int], NDArray[np.bool_], Numbers]:
    """Codepoints (N,), which words each holds (N, W), and the length of its strokes (N,)."""
    content = Content(region)
    points = [c for c in often if content.has(c)]
    grids = [line_directions(content.pair(c)[-1]) for c in points]        # (16, 16, 4) each
    each = [blocks(grid, config.place) for grid in grids]
    cv2.setRNGSeed(config.seed)
    stacked = np.concatenate(each)
    some = np.random.default_rng(config.seed).permutation(len(stacked))[:40_000]
    stop = (cv2.TERM_CRITERIA_MAX_ITER, 12, 0.0)
    _, _, centres = cv2.kmeans(stacked[some], config.words, None, stop, 1, cv2.KMEANS_PP_CENTERS)
    holds = np.zeros((len(points), config.words), np.bool_)
    for row, part in zip(holds, each):
        row[(-2 * part @ centres.T + (centres**2).sum(1)).argmin(1)] = True
    length = np.array([grid.sum() for grid in grids])
    return points, holds, length


def jamo(codepoints: Sequence[int]) -> NDArray[np.bool_]:
    """Which initials, medials and finals of Hangul (N, 68) codepoints hold."""
    held = np.zeros((len(codepoints), 19 + 21 + _FINALS), np.bool_)
    for row, number in zip(held, (c - HANGUL.start for c in codepoints)):
        if 0 <= number < 11172:                             # Unicode 3.12
            row[[number // 588, 19 + number // 28 % 21, 40 + number % 28]] = True
    return held


def choose(often: Mapping[int, float], region: str, config: WordConfig) -> list[int]:
    """Some of the codepoints: greedy, each step the most new weight of words for its ease."""
    config = replace(config, **_CROWDED.get(region, {}))
    points, holds, length = visual_words(often, region, config)
    shares = np.array([often[c] for c in points])
    shares = config.common * shares / shares.sum() + (1 - config.common) / len(points)
    weight = shares @ holds                                               # (W,)
    again = np.full(len(weight), 0.35)          # a word seen again still says something
    if config.count >= _FINALS:                 # room for every letter of Hangul, once
        letters = jamo(points)
        rare = letters.sum(0).clip(1) ** -0.5
        holds = np.concatenate([holds, letters], 1)
        again = np.append(again, np.zeros(len(rare)))
        weight = np.append(weight, _JAMO * weight.sum() * rare)
    order = sorted(range(len(points)), key=lambda i: -often[points[i]])[: config.candidates]
    left, chosen = weight.copy(), []
    for _ in range(config.count):
        gain = (holds[order] @ left) / length[order] ** config.ease
        best = order[int(gain.argmax())]
        chosen.append(best)
        left[holds[best]] *= again[holds[best]]
        order.remove(best)
    return [points[i] for i in chosen]
