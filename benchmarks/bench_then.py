"""What a font costs now and at an earlier commit, in one run on one machine.

    python -m benchmarks.bench_then                                # a pen: the shipped samples
    python -m benchmarks.bench_then --hand BRUSH.ttf --plain       # a brush, with AVX2 alone

Lays the commit (`--commit`, c5db1f0 unless given) in a folder of its own, and both trees make the
same fonts with the same interpreter, each font in a fresh process, turn about: with nothing
compiled yet, again, and with more glyphs. Prints CPU seconds and the clock's of learning the hand
and of a further glyph (drawn, judged, traced, packed), the first `make` over the second, the peak
memory of the largest process, and what GB 2312 with kana, Latin and punctuation comes to by that:
minutes and the bytes of its files. `--plain` hides what a processor has beyond AVX2. The clock's
seconds mean something on a free machine only.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from benchmarks.bench_make import SAMPLES, Stages, cpu

COMMIT = "c5db1f0"
ROOT = Path(__file__).parent.parent
WHOLE = 7366                    # glyphs of GB 2312 with kana, Latin and punctuation
# what torch, oneDNN, MKL and OpenBLAS are told, to be as on a processor without AVX-512
PLAIN = {"ATEN_CPU_CAPABILITY": "avx2", "ONEDNN_MAX_CPU_ISA": "AVX2",
         "MKL_ENABLE_INSTRUCTIONS": "AVX2", "OPENBLAS_CORETYPE": "Haswell"}
Made = dict[str, Any]


class UntilDrawn(Stages):
    """Stages, and when the first glyph was begun: CPU seconds, and the clock's."""

    learnt = wall = 0.0

    @contextmanager
    def stage(self, name: str, total: int) -> Iterator[Callable[[int], None]]:
        """As ever."""
        if name == "glyphs":
            self.learnt, self.wall = self.clock(), time.perf_counter()
        with super().stage(name, total) as tick:
            yield tick


def make_font(samples: Path, count: int) -> Made:
    """Seconds, memory and bytes of one `make`; runs in a process and a tree of its own."""
    import resource

    from fonts.charset import resolve
    from glyphgen import pipeline

    info: Any = import_module("exporters.fontfile.info" if find_spec("exporters.fontfile")
                              else "exporters.info")
    road: Any = pipeline
    every = resolve("gb2312").codepoints
    text = "".join(chr(every[k * len(every) // count]) for k in range(count))
    stages = UntilDrawn(cpu)
    began = cpu(), time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder) / f"Hand{suffix}" for suffix in (".ttf", ".woff2")]
        with pipeline.opened(files[0].with_suffix(".glyphgen")) as project:
            report = road.make(project, [samples], files, road.GenerateConfig(text),
                               info.FontInfo(), progress=stages)
        sizes = [file.stat().st_size for file in files]
    peak = max(resource.getrusage(who).ru_maxrss
               for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    ended = cpu(), time.perf_counter()
    return {"glyphs": report.glyphs, "cpu": ended[0], "wall": ended[1] - began[1],
            "learnt": stages.learnt - began[0], "peak": peak / 1024, "sizes": sizes,
            "cpu after": ended[0] - stages.learnt, "wall after": ended[1] - stages.wall}


def apart(tree: Path, cache: Path, samples: Path, count: int, plain: bool) -> Made:
    """`make_font` in a fresh process of a tree."""
    paths = {"PYTHONPATH": str(tree), "NUMBA_CACHE_DIR": str(cache)}
    done = subprocess.run([sys.executable, "-m", "benchmarks.bench_then", "--only", str(samples),
                           str(count)], cwd=tree, check=True, stdout=subprocess.PIPE, text=True,
                          env=os.environ | paths | (PLAIN if plain else {}))
    return dict(json.loads(done.stdout.splitlines()[-1]))


def figures(first: Made, few: Made, many: Made) -> dict[str, float]:
    """What is printed, by its name; `first` had nothing compiled."""
    more = many["glyphs"] - few["glyphs"]
    each = {clock: (many[f"{clock} after"] - few[f"{clock} after"]) / more    # learning varies
            for clock in ("cpu", "wall")}
    out = {"a further glyph, CPU ms": 1e3 * each["cpu"],
           "a further glyph, wall ms": 1e3 * each["wall"],
           "learning a hand, CPU s": few["learnt"],
           "the second make, CPU s": few["cpu"], "the second make, wall s": few["wall"]}
    out |= {f"the first make over it, {clock}": first[clock] / few[clock]
            for clock in ("cpu", "wall")}
    rest = WHOLE - many["glyphs"]
    sizes = [large + rest * (large - small) / more
             for large, small in zip(many["sizes"], few["sizes"], strict=True)]
    return out | {"GB 2312, CPU minutes": (many["cpu"] + rest * each["cpu"]) / 60,
                  "GB 2312, wall minutes": (many["wall"] + rest * each["wall"]) / 60,
                  "peak memory, MiB": many["peak"],
                  "GB 2312 as TTF, MB": sizes[0] / 1e6, "GB 2312 as WOFF2, MB": sizes[1] / 1e6}


def written(font: Path, folder: Path) -> Path:
    """The characters of the shipped samples as a font has them, a picture each."""
    from PIL import Image, ImageDraw, ImageFont

    folder.mkdir()
    face = ImageFont.truetype(str(font), 448)
    for name in sorted(sample.stem for sample in SAMPLES.glob("*.png")):
        picture = Image.new("L", (512, 512), 255)
        ImageDraw.Draw(picture).text((32, 32), name, 0, face)
        picture.save(folder / f"{name}.png")
    return folder


def compare(name: str, samples: Path, trees: dict[str, Path], counts: tuple[int, int],
            plain: bool) -> None:
    """Print a table of both trees for one hand."""
    made: dict[str, list[Made]] = {tree: [] for tree in trees}
    with tempfile.TemporaryDirectory() as caches:
        for count in (counts[0], *counts):
            for tree, path in trees.items():
                made[tree].append(apart(path, Path(caches) / tree, samples, count, plain))
    then, now = (figures(*runs) for runs in made.values())
    print(f"{name:28}" + "".join(f"{tree:>12}" for tree in trees) + "       share")
    for what in then:
        print(f"{what:28}{then[what]:12.2f}{now[what]:12.2f}{now[what] / then[what]:12.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--commit", default=COMMIT)
    parser.add_argument("--hand", type=Path, nargs="*", default=[SAMPLES],
                        help="folders of samples, or fonts that have them")
    parser.add_argument("--glyphs", type=int, nargs=2, default=(64, 320))
    parser.add_argument("--plain", action="store_true", help="AVX2 alone")
    parser.add_argument("--only", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.only:
        print(json.dumps(make_font(Path(options.only[0]), int(options.only[1]))))
        return
    with tempfile.TemporaryDirectory() as folder:
        then = Path(folder) / options.commit
        then.mkdir()
        archive = subprocess.run(["git", "archive", options.commit], cwd=ROOT, check=True,
                                 stdout=subprocess.PIPE).stdout
        subprocess.run(["tar", "-x"], cwd=then, input=archive, check=True)
        shutil.copy(__file__, then / "benchmarks")
        for hand in options.hand:
            samples = hand if hand.is_dir() else written(hand, Path(folder) / hand.stem)
            compare(hand.stem, samples.resolve(), {options.commit: then, "now": ROOT},
                    (options.glyphs[0], options.glyphs[1]), options.plain)


if __name__ == "__main__":
    main()
