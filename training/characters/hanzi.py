"""Choose hanzi to write: for the components and strokes that they show, for the least of ink."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

import numpy as np

from glyphgen.coverage import Coverage, path, strokes, table

Components = Callable[[str], Collection[str]]


@dataclass(frozen=True)
class HanziConfig:
    """How hanzi are chosen."""

    candidates: int = 1500      # the most frequent characters: people know how to write them
    common: float = 0.2         # share of the weights that goes by frequency
    whole: float = 0.6          # what components of the first level are worth, wherever they are
    ease: float = 0.8           # power of the pen's path that a character costs


def choose(often: Mapping[int, float], charset: Collection[int], count: int,
           components: Components, config: HanziConfig = HanziConfig()) -> list[int]:
    """Hanzi of `often`, codepoint to frequency, greedily: each adds most for its length.

    Added are components in their places and strokes (`glyphgen.coverage`), and `components` of the
    charset that no chosen character holds.
    """
    total = sum(often.values())
    weights = {c: config.common * often.get(c, 0.0) / total
               + (1 - config.common) / len(charset) for c in charset}
    candidates = sorted(often, key=lambda c: -often[c])[: config.candidates]
    candidates = [c for c in candidates if c in weights and len(strokes(c))]
    coverage = Coverage(weights, candidates)
    names, holds = table([{chr(c), *components(chr(c))} for c in candidates])
    counts = Counter(name for c in charset for name in components(chr(c)))
    left = np.array([counts[str(name)] for name in names]) * config.whole / counts.total()
    cost = np.array([path(c) for c in candidates]) ** config.ease
    free, chosen = np.ones(len(candidates), np.bool_), []
    for _ in range(count):
        gain = (coverage.components() + coverage.strokes() + holds @ left) / cost
        row = int(np.where(free, gain, 0.0).argmax())
        free[row] = False
        coverage.see(candidates[row])
        left[holds.indices[holds.indptr[row]:holds.indptr[row + 1]]] = 0.0
        chosen.append(candidates[row])
    return chosen


def share_shown(chosen: Collection[str], charset: Collection[int],
                components: Components) -> float:
    """Of all components of the charset's characters, the share that the chosen ones hold."""
    counts = Counter(name for c in charset for name in components(chr(c)))
    held = {name for char in chosen for name in (char, *components(char))}
    return sum(counts[name] for name in held) / counts.total()
