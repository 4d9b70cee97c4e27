"""Train the recogniser: `python -m training.recogniser train OUT --shard CACHE ... --valid CACHE`.

Glyphs of training faces are drawn to the content drawing of their character and away from those
of the characters most like it (InfoNCE, van den Oord et al. 2018, eq. 4).
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import click
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from fonts.charset import all_charsets
from fonts.content import Content
from fonts.drawing import SPREAD
from glyphgen.network.recogniser import FORMS, RECOGNISER, Embedder, Recogniser, upright
from training.cache import Shard, open_shards
from training.learn.batches import pool_of
from training.learn.optim import follow

Rows = NDArray[np.int64]


@dataclass(frozen=True)
class RecogniserConfig:
    """Settings of one run; lengths in -1..1 coordinates."""

    steps: int = 3000
    seeds: int = 28               # characters drawn a batch, each with as many of its likes
    likes: int = 3
    lr: float = 2e-3
    warmup: int = 100
    temperature: float = 0.07
    shift: float = 0.04
    stretch: float = 0.06
    shear: float = 0.08
    level: float = 0.6            # pixels: change of weight
    ema: float = 0.995
    hands: float = 0.6            # share of glyphs of hands
    seed: int = 0
    save_every: int = 250


@dataclass(frozen=True)
class Pairs:
    """Glyphs (N, 128, 128), one of their contents (N, 128, 128) and codepoints (N,)."""

    glyph: Tensor
    content: Tensor
    codepoint: Tensor


def fields_of(packed: NDArray[np.int8]) -> Tensor:
    """Fields in pixels out of packed ones."""
    return torch.from_numpy(np.array(packed, np.float32)) * (SPREAD / 127)


class Likes:
    """Batches of characters that are easily taken for each other."""

    def __init__(self, shards: Sequence[Shard], config: RecogniserConfig) -> None:
        self.shards, self.config = shards, config
        self.rng = np.random.default_rng(config.seed)
        where = [np.stack([np.full(len(s.index["face"]), i), np.arange(len(s.index["face"]))], 1)
                 for i, s in enumerate(shards)]
        self.rows = np.concatenate(where)                                 # (N, 2) shard, row
        self.codepoints = np.concatenate([s.index["codepoint"] for s in shards])
        hand = np.concatenate([np.array([
            pool_of(f["category"], True) != "print" for f in s.faces])[s.index["face"]]
            for s in shards])
        self.pools = (np.flatnonzero(hand), np.flatnonzero(~hand))
        order = np.argsort(self.codepoints, kind="stable")
        self.known, starts = np.unique(self.codepoints[order], return_index=True)
        self.groups = np.split(order, starts[1:])
        self.near = self._nearest()

    def _nearest(self) -> Rows:
        """The 16 most similar known characters of each (K, 16), by their content's density."""
        density = []
        for group in self.groups:
            shard, row = self.rows[group[0]]
            packed = self.shards[shard].content[self.shards[shard].index["content"][row], :1]
            density.append(F.adaptive_avg_pool2d(upright(fields_of(packed)), 16).flatten())
        grid = F.normalize(torch.stack(density) - torch.stack(density).mean(0), dim=1)
        return torch.cat([(part @ grid.T).topk(17).indices[:, 1:]
                          for part in grid.split(1024)]).numpy()

    def batch(self) -> Pairs:
        """`seeds` random glyphs, and a glyph of each of `likes` characters like them."""
        c, rng = self.config, self.rng
        chosen: list[int] = []
        for _ in range(c.seeds):
            pool = self.pools[int(rng.random() >= c.hands)]
            row = int(pool[rng.integers(len(pool))])
            near = self.near[np.searchsorted(self.known, self.codepoints[row])]
            chosen.append(row)
            chosen += [int(rng.choice(self.groups[n]))
                       for n in rng.choice(near, c.likes, replace=False)]
        return self.pairs(chosen)

    def pairs(self, rows: Sequence[int]) -> Pairs:
        """The glyphs in `rows`, each with its Hei or its Kai content."""
        glyphs, contents = [], []
        for number, row in self.rows[list(rows)]:
            shard = self.shards[number]
            glyphs.append(shard.glyphs[row])
            contents.append(shard.content[shard.index["content"][row], self.rng.integers(2)])
        return Pairs(fields_of(np.stack(glyphs)), fields_of(np.stack(contents)),
                     torch.from_numpy(self.codepoints[list(rows)]))


def contrast(glyph: Tensor, content: Tensor, codepoint: Tensor, temperature: float) -> Tensor:
    """InfoNCE both ways of embeddings (N, D); the same character twice is no negative."""
    logits = glyph @ content.T / temperature                              # (N, N)
    same = codepoint[:, None] == codepoint[None]
    same.fill_diagonal_(False)
    logits = logits.masked_fill(same, -torch.inf)
    target = torch.arange(len(logits))
    return (F.cross_entropy(logits, target) + F.cross_entropy(logits.T, target)) / 2


def _shaken(count: int, config: RecogniserConfig, rng: torch.Generator) -> Tensor:
    """Random affines (N, 2, 3) to add."""
    size = torch.tensor([[config.stretch, config.shear, config.shift]] * 2)
    size[1, 0], size[1, 1] = config.shear / 2, config.stretch
    return torch.randn(count, 2, 3, generator=rng) * size


@torch.no_grad()
def read_share(model: Embedder, folder: Path, count: int = 200) -> dict[str, float]:
    """Per face: the share of glyphs nearest their own content among all the face's contents."""
    shard, rng = Shard(folder), np.random.default_rng(1)
    contents, shares = shard.content, {}
    for number, face in enumerate(shard.faces):
        rows = np.flatnonzero((shard.index["face"] == number) & (shard.index["codepoint"] > 0x3400))
        unique = np.unique(shard.index["content"][rows])
        gallery = [model(fields_of(np.concatenate([contents[u] for u in part])))
                   for part in np.array_split(unique, max(1, len(unique) // 128))]
        rows = rng.choice(rows, min(count, len(rows)), replace=False)
        near = (model(fields_of(shard.glyphs[rows])) @ torch.cat(gallery).T).argmax(1) // 2
        right = unique[near.numpy()] == shard.index["content"][rows]
        shares[face["design"]] = round(float(right.mean()), 3)
    return shares


def train(out: Path, shards: list[Path], valid: Path | None, config: RecogniserConfig) -> Embedder:
    """The loop; the averaged network is written to OUT/recogniser.pt with a log beside it."""
    out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(config.seed)
    torch.set_flush_denormal(True)
    batches = Likes(list(open_shards(shards)), config)
    model, mean = Embedder(), Embedder()
    mean.load_state_dict(model.state_dict())
    optimiser = torch.optim.AdamW(model.parameters(), config.lr, weight_decay=0.02)
    rng = torch.Generator().manual_seed(config.seed)
    call = torch.compile(model)
    began = time.monotonic()
    for step in range(config.steps):
        share = max(0.0, (step - config.warmup) / (config.steps - config.warmup))
        rate = min(1.0, (step + 1) / config.warmup) * 0.5 * (1.02 + math.cos(math.pi * share))
        optimiser.param_groups[0]["lr"] = config.lr * rate
        pairs = batches.batch()
        level = torch.randn(len(pairs.glyph), 1, 1, generator=rng) * config.level
        with torch.autocast("cpu", torch.bfloat16):
            glyph = call((pairs.glyph + level).clamp(-SPREAD, SPREAD),
                         _shaken(len(pairs.glyph), config, rng))
            content = call(pairs.content, _shaken(len(pairs.glyph), config, rng))
        loss = contrast(glyph, content, pairs.codepoint, config.temperature)
        loss.backward()
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
        follow(mean, model, step, config.ema)
        if (step + 1) % config.save_every == 0 or step + 1 == config.steps:
            torch.save(mean.state_dict(), out / "recogniser.pt")
            line = {"step": step + 1, "loss": round(loss.item(), 4),
                    "seconds": round(time.monotonic() - began),
                    "valid": read_share(mean, valid) if valid else {}}
            with (out / "log.jsonl").open("a", encoding="utf-8") as stream:
                stream.write(json.dumps(line) + "\n")
            click.echo(json.dumps(line))
    (out / "config.json").write_text(json.dumps(asdict(config), indent=1))
    return mean


def with_gallery(model: Embedder) -> Recogniser:
    """The recogniser of every character of the named charsets."""
    content = Content("cn")
    known = {c for charset in all_charsets() for c in charset.codepoints}
    return reading(model, content, np.array(sorted(c for c in known if content.has(c)), np.int64))


@torch.no_grad()
def reading(model: Embedder, content: Content, codepoints: NDArray[np.int64]) -> Recogniser:
    """The recogniser of these characters (K,), ascending: the mean over Hei and Kai."""
    model.eval()
    gallery = []
    with click.progressbar(np.array_split(codepoints, len(codepoints) // 64),
                           label="gallery") as bar:
        for part in bar:
            pairs = torch.from_numpy(np.stack([np.stack(content.pair(c)) for c in part.tolist()]))
            gallery.append((model(pairs[:, 0]) + model(pairs[:, 1])) / 2)
    return Recogniser(model, codepoints, F.normalize(torch.cat(gallery), dim=1).numpy())


@click.group()
def main() -> None:
    """The recogniser of characters."""


@main.command("pack")
@click.argument("out", type=click.Path(path_type=Path, exists=True))
@click.option("--to", "target", default=RECOGNISER, type=click.Path(path_type=Path))
def pack_command(out: Path, target: Path) -> None:
    """Add the gallery to the network in OUT and write what the product ships."""
    torch.set_num_threads(1)
    model = Embedder()
    model.load_state_dict(torch.load(out / "recogniser.pt", weights_only=True))
    with_gallery(model).save(target)


@main.command("forms")
def forms_command() -> None:
    """Write the embeddings of Japan's own forms, by the network that ships."""
    torch.set_num_threads(1)
    shipped, content = Recogniser.load(), Content("jp")
    own = np.array(sorted(content.own_kai.intersection(shipped.codepoints.tolist())), np.int64)
    reading(shipped.embedder, content, own).save_forms(FORMS, own)


@main.command("train")
@click.argument("out", type=click.Path(path_type=Path))
@click.option("--shard", "shards", multiple=True, required=True,
              type=click.Path(path_type=Path, exists=True))
@click.option("--valid", type=click.Path(path_type=Path, exists=True))
@click.option("--steps", default=RecogniserConfig.steps, show_default=True)
def train_command(out: Path, shards: tuple[Path, ...], valid: Path | None, steps: int) -> None:
    """Train into the folder OUT."""
    torch.set_num_threads(1)
    train(out, list(shards), valid, RecogniserConfig(steps=steps))


if __name__ == "__main__":
    main()
