"""Choose the characters that people are asked to write: `python -m training.recommend choose`.

Every character of the region's charset is cut into overlapping blocks of stroke directions, the
blocks are sorted into visual words, and characters are taken one by one that add most of the words
not yet written, weighted by how often they are read, per length of pen stroke. `measure` holds the
chosen set against others of its size on fonts.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import click
import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from fonts.charset import recommended, resolve
from fonts.content import Content
from fonts.drawing import CANVAS
from fonts.render import Face
from glyphgen.checkpoint import WEIGHTS, load_model
from glyphgen.codec import PatchCodec
from glyphgen.gate import line_directions
from glyphgen.model import Generator
from training.corpus import read_manifest
from training.data import assemble
from training.metrics import interval
from training.validate import draw, ink_figures

Numbers = NDArray[np.float64]

_BLOCK = 4                # cells of 8 pixels a side of a block
# region: charset whose characters are to be drawn, language of the frequencies, content region
_REGIONS = {"cn": ("gb2312", "zh"), "tw": ("tw4808", "zh"), "jp": ("jis1,kana", "ja")}


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
    from wordfreq import get_frequency_dict

    charset, language = _REGIONS[region]
    counts: Counter[str] = Counter()
    for word, share in get_frequency_dict(language, "best").items():
        counts.update({char: share * word.count(char) for char in set(word)})
    if region == "tw":
        counts = _traditional(counts, charset)
    points = [c for c in resolve(charset).codepoints if c > 0x3040]
    total = sum(counts[chr(c)] for c in points)
    return {c: counts[chr(c)] / total for c in points}


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


def visual_words(region: str, config: ChooseConfig) -> tuple[list[int], NDArray[np.bool_], Numbers]:
    """Codepoints (N,), which words each holds (N, W), and the length of its strokes (N,)."""
    content = Content(region)
    points = [c for c in frequencies(region) if content.has(c)]
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


def choose(region: str, config: ChooseConfig) -> str:
    """The set of a region: greedy, each step the most new weight of words for its ease."""
    points, holds, length = visual_words(region, config)
    often = frequencies(region)
    shares = np.array([often[c] for c in points])
    shares = config.common * shares / shares.sum() + (1 - config.common) / len(points)
    weight = shares @ holds                                               # (W,)
    order = sorted(range(len(points)), key=lambda i: -often[points[i]])[: config.candidates]
    left, chosen = weight.copy(), []
    for _ in range(config.count):
        gain = (holds[order] @ left) / length[order] ** config.ease
        best = order[int(gain.argmax())]
        chosen.append(best)
        left[holds[best]] *= 0.35            # a word seen again still says something
        order.remove(best)
    # hanzi first: who writes only some should write those
    return _text(sorted((points[i] for i in chosen), key=lambda c: c < 0x3400))


@cache
def _network(weights: Path) -> tuple[Generator, PatchCodec]:
    model, codec = load_model(weights)
    return model.eval(), codec


def figures(face: Face, region: str, references: Iterable[str], targets: Sequence[int],
            weights: Path) -> dict[str, float]:
    """nl1 and IoU of `targets` drawn with the network from `references`, weight not calibrated."""
    content = Content(region)
    known = [ord(c) for c in references if content.has(ord(c)) and ord(c) in face.cmap]
    drawn = [(c, face.field(c, oversample=2)) for c in [*known, *targets]]
    kept = [(c, field) for c, field in drawn if field is not None]
    count = sum(c in known for c, _ in kept[: len(known)])
    fields = torch.from_numpy(np.stack([field for _, field in kept]))[None]
    contents = torch.from_numpy(np.stack([np.stack(content.pair(c)) for c, _ in kept]))[None]
    batch = assemble(fields, contents, count)
    model, codec = _network(weights)
    return ink_figures(draw(model, codec, batch)["kai mixed"], batch.target)


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
        click.echo(f"{region} {choose(region, ChooseConfig())}")


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
