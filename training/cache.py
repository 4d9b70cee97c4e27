"""Packed signed distance fields of the corpus, memory-mapped: what the trainer reads.

`python -m training.cache build FONTS CONTENT OUT` renders each face once. A cache folder holds
`glyphs.i8` (N, 128, 128), `content.i8` (M, 2, 128, 128) with the Hei and the Kai drawing of each
(region, codepoint), `index.npz` and `faces.json`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from functools import cached_property
from multiprocessing import get_context
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray

from fonts.charset import resolve
from fonts.content import Content
from fonts.drawing import CANVAS, pack
from fonts.regions import REGIONS
from fonts.render import Face
from training.corpus import SPLITS, WRITTEN, FaceRow, is_held_out, read_manifest

Packed = NDArray[np.int8]

# glyphs rendered per face: (first face of a design, each further face)
_HAN_QUOTA = {True: (2600, 800), False: (1100, 350)}      # keyed by "is a hand"
_HANGUL_QUOTA = {True: (800, 300), False: (400, 120)}
_FACES_PER_DESIGN = 3


@dataclass(frozen=True)
class Shard:
    """A cache opened for reading."""

    folder: Path

    @cached_property
    def faces(self) -> list[dict]:
        """Face records: design, category, region, script counts."""
        return json.loads((self.folder / "faces.json").read_text(encoding="utf-8"))

    @cached_property
    def index(self) -> dict[str, NDArray]:
        """`face` (N,), `codepoint` (N,), `content` (N,) row of content.i8."""
        with np.load(self.folder / "index.npz") as data:
            return {key: data[key] for key in data.files}

    @cached_property
    def glyphs(self) -> Packed:
        """Target fields, int8 (N, 128, 128)."""
        return np.memmap(self.folder / "glyphs.i8", np.int8, "r").reshape(-1, CANVAS, CANVAS)

    @cached_property
    def content(self) -> Packed:
        """Content fields, int8 (M, 2, 128, 128)."""
        return np.memmap(self.folder / "content.i8", np.int8, "r").reshape(-1, 2, CANVAS, CANVAS)


def choose_codepoints(cmap: set[int], row: FaceRow, first: bool, seed: int) -> list[int]:
    """The codepoints of one face that enter the cache, a fixed random draw.

    Held-out hanzi are left out of training faces, and only them.
    """
    rng = np.random.default_rng(seed)
    hand = row.category in WRITTEN
    rank = 0 if first else 1
    hanzi = cmap & _hanzi()
    if row.split == "train":
        hanzi = {c for c in hanzi if not is_held_out(c)}
    hangul = cmap & set(resolve("hangul").codepoints)
    chosen = _draw(rng, hanzi, _HAN_QUOTA[hand][rank]) + _draw(
        rng, hangul, _HANGUL_QUOTA[hand][rank])
    small = cmap & _small()
    return chosen + _draw(rng, small, len(small) if first else 40)


def _draw(rng: np.random.Generator, pool: set[int], count: int) -> list[int]:
    ordered = np.array(sorted(pool), np.int64)
    return rng.permutation(ordered)[:count].tolist()


def _hanzi() -> set[int]:
    return {c for name in ("gb2312", "jis0208", "big5") for c in resolve(name).codepoints
            if c >= 0x3400}


def _small() -> set[int]:
    return {c for name in ("kana", "latin", "punctuation") for c in resolve(name).codepoints}


def _plan(fonts: Path, split: str, limit: int | None) -> list[tuple[FaceRow, bool]]:
    seen: dict[str, int] = {}
    plan = []
    for row in read_manifest((split,)):
        count = seen.get(row.design, 0)
        if count >= _FACES_PER_DESIGN or not (fonts / row.file_name).exists():
            continue
        seen[row.design] = count + 1
        plan.append((row, count == 0))
    return plan[:limit]


def _render_face(job: tuple[Path, FaceRow, bool, int, int | None]) -> tuple[list[int], Packed]:
    """Codepoints and packed fields of one face; blank and missing glyphs are left out."""
    fonts, row, first, seed, most = job
    face = Face(fonts / row.file_name, row.face_index)
    chosen = choose_codepoints(set(face.cmap), row, first, seed)
    if most is not None:
        chosen = _draw(np.random.default_rng(seed), set(chosen), most)
    fields = [(c, face.field(c, oversample=2)) for c in chosen]
    content = Content(row.region)
    drawn = [(c, pack(f)) for c, f in fields if f is not None and content.has(c)]
    if not drawn:
        return [], np.empty((0, CANVAS, CANVAS), np.int8)
    return [c for c, _ in drawn], np.stack([f for _, f in drawn])


def _render_content(job: tuple[str, list[int]]) -> Packed:
    region, codepoints = job
    content = Content(region)
    return np.stack([np.stack([pack(f) for f in content.pair(c)]) for c in codepoints])


def build(fonts: Path, out: Path, split: str, workers: int, limit: int | None = None,
          most: int | None = None, content: bool = True) -> None:
    """Render the faces of `split` and their content drawings into the cache folder `out`.

    Only the first `limit` faces, and a random draw of at most `most` glyphs of each. Without
    `content` there are no content drawings, and the index says -1.
    """
    out.mkdir(parents=True, exist_ok=True)
    plan = _plan(fonts, split, limit)
    jobs = [(fonts, row, first, 1000 + i, most) for i, (row, first) in enumerate(plan)]
    faces: list[int] = []
    codepoints: list[int] = []
    with ProcessPoolExecutor(workers, get_context("spawn")) as pool:
        with (out / "glyphs.i8").open("wb") as stream:
            with click.progressbar(pool.map(_render_face, jobs), len(jobs), label=split) as bar:
                for i, (chosen, fields) in enumerate(bar):
                    faces += [i] * len(chosen)
                    codepoints += chosen
                    stream.write(fields.tobytes())
        wanted = [(plan[f][0].region, c) for f, c in zip(faces, codepoints)]
        rows = (write_content(out, wanted, pool) if content
                else np.full(len(wanted), -1, np.int32))
    np.savez(out / "index.npz", face=np.array(faces, np.int16),
             codepoint=np.array(codepoints, np.int32), content=rows)
    (out / "faces.json").write_text(json.dumps([asdict(row) for row, _ in plan], indent=1),
                                    encoding="utf-8")


def write_content(out: Path, wanted: Sequence[tuple[str, int]],
                  pool: ProcessPoolExecutor) -> NDArray[np.int32]:
    """Write content.i8 for the (region, codepoint) pairs; returns each pair's row."""
    rows: dict[tuple[str, int], int] = {}
    for key in sorted(set(wanted)):
        rows[key] = len(rows)
    keys = list(rows)
    chunks = [(region, [c for r, c in keys if r == region][i:i + 500])
              for region in REGIONS
              for i in range(0, sum(r == region for r, _ in keys), 500)]
    order = [(region, c) for region, codepoints in chunks for c in codepoints]
    with (out / "content.i8").open("wb") as stream:
        with click.progressbar(pool.map(_render_content, chunks), len(chunks),
                               label="content") as bar:
            for fields in bar:
                stream.write(fields.tobytes())
    place = {key: i for i, key in enumerate(order)}
    return np.array([place[key] for key in wanted], np.int32)


@click.group()
def main() -> None:
    """The packed corpus."""


@main.command("build")
@click.argument("fonts", type=click.Path(path_type=Path, exists=True))
@click.argument("out", type=click.Path(path_type=Path))
@click.option("--split", default="train", type=click.Choice(SPLITS), show_default=True)
@click.option("--workers", default=os.cpu_count() or 1, show_default=True)
@click.option("--limit", type=int, help="Only the first so many faces.")
@click.option("--most", type=click.IntRange(1), help="A random draw of so many glyphs a face.")
@click.option("--content/--no-content", default=True, show_default=True,
              help="Render content drawings as well, which the generator learns from.")
def build_command(fonts: Path, out: Path, split: str, workers: int, limit: int | None,
                  most: int | None, content: bool) -> None:
    """Render the fonts fetched into FONTS to the cache OUT."""
    build(fonts, out, split, workers, limit, most, content)
    shard = Shard(out)
    drawings = f"{len(shard.content)} content drawings" if content else "no content drawings"
    click.echo(f"{len(shard.glyphs)} glyphs of {len(shard.faces)} faces, {drawings} in {out}")


def open_shards(folders: Sequence[Path], splits: Sequence[str] = ("train", "valid")
                ) -> Iterator[Shard]:
    """Open cache folders, refusing any that holds a face of another split than `splits`."""
    for folder in folders:
        shard = Shard(folder)
        other = sorted({face["split"] for face in shard.faces} - set(splits))
        if "test" in other:
            raise ValueError(f"{folder} holds faces of the test split: never train on them")
        if other:
            raise ValueError(f"{folder} holds faces of the {other[0]} split, wanted are faces of "
                             f"{' and '.join(splits)} only")
        yield shard


if __name__ == "__main__":
    main()
