"""A cache shard of synthetic hands: `python -m training.synthesise STROKES OUT`.

STROKES is an unpacked npm package `hanzi-writer-data` (Arphic Public License) or its saved .npz.
"""

from __future__ import annotations

import json
import os
from concurrent.futures import ProcessPoolExecutor
from functools import lru_cache
from multiprocessing import get_context
from pathlib import Path

import click
import numpy as np

from fonts.content import Content
from fonts.drawing import pack
from training.cache import Packed, Shard, write_content
from training.corpus import is_held_out
from training.hands.style import random_style
from training.hands.write import StrokeData, load_strokes, write

_strokes = lru_cache(maxsize=1)(load_strokes)


def _write_hand(job: tuple[Path, int, int]) -> tuple[list[int], Packed]:
    """Codepoints and packed fields of one hand: `count` random characters."""
    source, seed, count = job
    data: StrokeData = _strokes(source)
    rng = np.random.default_rng(seed)
    style = random_style(rng)
    content = Content("cn")
    pool = [c for c in data if not is_held_out(c) and c in content.codepoints]
    chosen = rng.choice(np.array(pool), count, replace=False).tolist()
    return chosen, np.stack([pack(write(style, data[c], rng)) for c in chosen])


def build(source: Path, out: Path, hands: int, characters: int, seed: int, workers: int) -> None:
    """Write `hands` hands of `characters` characters each into the cache folder `out`."""
    out.mkdir(parents=True, exist_ok=True)
    jobs = [(source, seed + i, characters) for i in range(hands)]
    codepoints: list[int] = []
    with ProcessPoolExecutor(workers, get_context("spawn")) as pool:
        with (out / "glyphs.i8").open("wb") as stream:
            with click.progressbar(pool.map(_write_hand, jobs), len(jobs), label="hands") as bar:
                for chosen, fields in bar:
                    codepoints += chosen
                    stream.write(fields.tobytes())
        content = write_content(out, [("cn", c) for c in codepoints], pool)
    np.savez(out / "index.npz", face=np.repeat(np.arange(hands, dtype=np.int16), characters),
             codepoint=np.array(codepoints, np.int32), content=content)
    faces = [{"design": f"hand {seed + i}", "category": "synthetic", "region": "cn",
              "split": "train"} for i in range(hands)]
    (out / "faces.json").write_text(json.dumps(faces), encoding="utf-8")


@click.command()
@click.argument("strokes", type=click.Path(path_type=Path, exists=True))
@click.argument("out", type=click.Path(path_type=Path))
@click.option("--hands", default=500, show_default=True)
@click.option("--characters", default=80, show_default=True)
@click.option("--seed", default=0, show_default=True)
@click.option("--workers", default=os.cpu_count() or 1, show_default=True)
def main(strokes: Path, out: Path, hands: int, characters: int, seed: int, workers: int) -> None:
    """Write synthetic hands with the stroke data STROKES into the cache OUT."""
    build(strokes, out, hands, characters, seed, workers)
    click.echo(f"{len(Shard(out).glyphs)} glyphs of {hands} hands in {out}")


if __name__ == "__main__":
    main()
