"""Choose the characters that people are asked to write: `python -m training.recommend choose`.

Every character of the region's charset is cut into overlapping blocks of stroke directions, the
blocks are sorted into visual words, and characters are taken one by one that add most of the words
not yet written, weighted by how often they are read, per length of pen stroke. `measure` holds the
chosen set against others of its size on fonts.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import click
import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from fonts.charset import recommended, resolve
from fonts.content import Content
from fonts.drawing import CANVAS
from fonts.regions import HANGUL
from fonts.render import Face
from glyphgen.draw.gate import line_directions
from glyphgen.hand.painter import Painter
from glyphgen.network.checkpoint import WEIGHTS, load_model
from training.corpus import read_manifest
from training.learn.validate import ink_figures
from training.measure.metrics import interval

Numbers = NDArray[np.float64]

_BLOCK = 4                # cells of 8 pixels a side of a block
# region: charset whose characters are to be drawn, language of the frequencies
_REGIONS = {"cn": ("gb2312", "zh"), "tw": ("tw4808", "zh"), "jp": ("jis1,kana", "ja"),
            "kr": ("ksx1001", "ko")}
# Hangul are quick to write, and the frequent ones have few strokes: the frame wants crowded ones
_CROWDED: dict[str, Any] = {"kr": {"ease": 0.0, "common": 0.1}}
_FINALS = 28                # of Hangul, none among them: all are shown where so many are chosen
_JAMO = 0.5                 # of all words' weight, what a letter that one syllable holds weighs
_SHARED = ("cn", "tw", "jp")        # regions whose common hanzi are in the mixed set
# the mixed set: region of the content, charset, language, how many
_OTHERS = (("jp", "kana", "ja", 5), ("kr", "ksx1001", "ko", 6), ("cn", "latin", "en", 5))


@dataclass(frozen=True)
class ChooseConfig:
    """How the set is chosen."""

    count: int = 30
    words: int = 1200           # visual words
    place: float = 0.35         # weight of a block's place against its strokes
    candidates: int = 2400      # the most frequent characters: people know how to write them
    ease: float = 0.4           # power of the pen's path that a character costs
    common: float = 0.5         # share of the weights that goes by frequency
    seed: int = 0


@cache
def frequencies(region: str) -> dict[int, float]:
    """How often each codepoint of the region's charset is read, summing to 1."""
    charset, language = _REGIONS[region]
    counts = _counts(language)
    if region == "tw":
        counts = _traditional(counts, charset)
    return _shares(counts, [c for c in resolve(charset).codepoints if c > 0x3040])


def _counts(language: str) -> Counter[str]:
    from wordfreq import get_frequency_dict

    counts: Counter[str] = Counter()
    for word, share in get_frequency_dict(language, "best").items():
        counts.update({char: share * word.count(char) for char in set(word)})
    return counts


def _shares(counts: Mapping[str, float], codepoints: Sequence[int]) -> dict[int, float]:
    total = sum(counts.get(chr(c), 0.0) for c in codepoints)
    return {c: counts.get(chr(c), 0.0) / total for c in codepoints}


def _traditional(counts: Mapping[str, float], charset: str) -> Counter[str]:
    """Frequencies of traditional characters out of those of their simplified forms."""
    from opencc import OpenCC

    simpler = OpenCC("t2s")
    return Counter({chr(c): counts.get(simpler.convert(chr(c)), 0.0)
                    for c in resolve(charset).codepoints})


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
                 config: ChooseConfig) -> tuple[list[int], NDArray[np.bool_], Numbers]:
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


def choose(often: Mapping[int, float], region: str, config: ChooseConfig) -> str:
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
    # hanzi first: who writes only some should write those
    return _text(sorted((points[i] for i in chosen), key=lambda c: c < 0x3400))


@cache
def _painter(weights: Path, region: str) -> Painter:
    return Painter(*load_model(weights), region, device="cpu")


def figures(face: Face, region: str, references: Iterable[str], targets: Sequence[int],
            weights: Path) -> dict[str, float]:
    """nl1 and IoU of `targets` drawn with the network from `references`, weight not calibrated."""
    painter = _painter(weights, region)
    known = [ord(c) for c in references if painter.content.has(ord(c)) and ord(c) in face.cmap]
    fields = {c: field for c in [*known, *targets]
              if (field := face.field(c, oversample=2)) is not None}
    hand = painter.learn({c: fields[c] for c in known if c in fields})
    drawn, truth = [], []
    for own, batch in hand.batches([c for c in targets if c in fields], painter.config.batch):
        drawn += [*painter.draw(own, painter.framed(own, batch), batch)[0]]
        truth += [fields[c] for c in batch]
    return ink_figures(*(torch.from_numpy(np.stack(part)) for part in (drawn, truth)))


def mixed(config: ChooseConfig) -> str:
    """A set for fonts of several scripts: hanzi that all regions share first.

    Each script has few samples, so that crowded characters, which say more, are not held back.
    """
    each = [frequencies(region) for region in _SHARED]
    shared = {c: sum(often[c] for often in each) for c in each[0]
              if c >= 0x3400 and all(c in often for often in each)}
    hanzi = config.count - sum(count for *_, count in _OTHERS)
    parts = [choose(shared, _SHARED[0], replace(config, count=hanzi, ease=0.0))]
    for region, charset, language, count in _OTHERS:
        points = [c for c in resolve(charset).codepoints if re.match(r"[^\W\u0080-\u00ff]", chr(c))]
        often = _shares(_counts(language), points)
        words = min(config.words, 8 * len(points))
        parts.append(choose(often, region, replace(config, count=count, words=words)))
    return "".join(parts)


def rivals(region: str, count: int, draws: int, seed: int) -> dict[str, list[str]]:
    """Other sets of `count` characters: random ones, and the most frequent."""
    often = frequencies(region)
    points = np.array(sorted(often))
    rng = np.random.default_rng(seed)
    return {"recommended": [recommended(region)[:count]],
            "random": [_text(rng.choice(points, count, replace=False)) for _ in range(draws)],
            "most frequent": [_text(sorted(often, key=lambda c: -often[c])[:count])]}


def _text(codepoints: Iterable[int]) -> str:
    return "".join(map(chr, codepoints))


@click.group()
def main() -> None:
    """The recommended characters."""


@main.command("choose")
def choose_command() -> None:
    """Print the set of every region."""
    for region in _REGIONS:
        click.echo(f"{region} {choose(frequencies(region), region, ChooseConfig())}")
    click.echo(f"mixed {mixed(ChooseConfig())}")


@main.command("measure")
@click.argument("fonts", type=click.Path(path_type=Path, exists=True))
@click.argument("out", type=click.Path(path_type=Path))
@click.option("--split", default="valid", type=click.Choice(["valid", "test"]), show_default=True)
@click.option("--weights", default=WEIGHTS, type=click.Path(path_type=Path, exists=True))
@click.option("--set", "sets", multiple=True, help="Another set to measure, as REGION:TEXT.")
@click.option("--sizes", default="30", show_default=True, help="Numbers of references, by comma.")
@click.option("--targets", default=80, show_default=True)
@click.option("--draws", default=4, show_default=True, help="Random sets.")
def measure_command(fonts: Path, out: Path, split: str, weights: Path, sets: tuple[str, ...],
                    sizes: str, targets: int, draws: int) -> None:
    """Measure sets of references on every Han face of a split; writes the rows to OUT."""
    torch.set_num_threads(1)
    rows = []
    for row in read_manifest((split,)):
        face = Face(fonts / row.file_name, row.face_index)
        if row.region not in _REGIONS or row.weight not in (400, 500):
            continue
        for size in map(int, sizes.split(",")):
            named = rivals(row.region, size, draws, seed=size)
            for given in sets:
                region, _, text = given.partition(":")
                if region == row.region:
                    named.setdefault("given", []).append(text[:size])
            taken = {c for texts in named.values() for text in texts for c in text}
            pool = [c for c in frequencies(row.region) if c in face.cmap and chr(c) not in taken]
            wanted = np.random.default_rng(7).choice(pool, min(targets, len(pool)), replace=False)
            for name, texts in named.items():
                for text in texts:
                    got = figures(face, row.region, text, wanted.tolist(), weights)
                    rows.append({"face": row.design, "category": row.category, "size": size,
                                 "set": name, **got})
                    click.echo(json.dumps(rows[-1]))
    out.write_text(json.dumps(rows, indent=1), encoding="utf-8")
    _summary(rows)


def _summary(rows: list[dict]) -> None:
    """Print each set's mean over faces, with its interval over faces."""
    for size in sorted({row["size"] for row in rows}):
        for name in dict.fromkeys(row["set"] for row in rows):
            means = []
            for face in dict.fromkeys(row["face"] for row in rows):
                own = [r["nl1"] for r in rows
                       if (r["face"], r["size"], r["set"]) == (face, size, name)]
                means += [float(np.mean(own))] if own else []
            if means:
                low, high = interval(np.array(means))
                click.echo(f"{size:4d} {name:15s} nl1 {np.mean(means):.4f} [{low:.3f}, {high:.3f}]")


if __name__ == "__main__":
    main()
