"""Pack whole charsets of content drawings through the product's own road, and weigh the font.

    python -m benchmarks.bench_font OUT --charset uro --region cn
    python -m benchmarks.bench_font OUT --charset big5,latin,punctuation --region tw --check
    python -m benchmarks.bench_font OUT --project MyHand.glyphgen

The drawings are the content's, kept in a project under OUT (made once); or those of `--project`,
a copy of which is used. Then `glyphgen export` runs in a process of its own. Prints its wall time,
CPU time, largest memory (its worker processes together, where /proc tells) and the sizes of what
it wrote; with `--check` what FontBakery says.
"""

from __future__ import annotations

import argparse
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from fontTools.ttLib import TTFont

from fonts.charset import resolve
from fonts.content import Content
from glyphgen.project.document import Drawn, Project

_BATCH = 256
_LOOKS = 0.25           # seconds between two looks at the memory


def draw(path: Path, charset: str, region: str) -> None:
    """A project of content drawings of a charset."""
    content = Content(region)
    wanted = [c for c in resolve(charset).codepoints if c in content.codepoints]
    with Project.open(path, create=True) as project:
        project.set("region", region)
        for start in range(0, len(wanted), _BATCH):
            project.put_drawings(Drawn(c, content.hei(c)) for c in wanted[start:start + _BATCH])


def memory(pid: int) -> int:
    """Bytes that a process and its children hold, shared pages once; 0 where /proc is not there."""
    try:
        held = [line for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
                if line.startswith("Pss:")]
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in held) + sum(memory(int(c)) for c in children)


def run(command: Sequence[str]) -> tuple[float, float, float, int]:
    """(wall seconds, CPU seconds, largest MiB, exit status) of a command and its children."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began, most = time.perf_counter(), 0
    process = subprocess.Popen(command)
    while process.poll() is None:
        most = max(most, memory(process.pid))
        time.sleep(_LOOKS)
    wall = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return wall, cpu, most / 2 ** 20, process.returncode


def points(path: Path) -> float:
    """Mean points of a TrueType glyph that has ink."""
    table = TTFont(path)["glyf"]
    counts = [len(glyph.coordinates) for glyph in (table[name] for name in table.keys())
              if glyph.numberOfContours > 0]
    return sum(counts) / max(1, len(counts))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--charset", default="gb2312,kana,latin,punctuation")
    parser.add_argument("--region", default="cn")
    parser.add_argument("--project", type=Path)
    parser.add_argument("--suffixes", default=".ttf", help=".ttf,.otf,.woff2")
    parser.add_argument("--check", action="store_true")
    asked = parser.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    name = asked.project.stem if asked.project else f"{asked.charset.split(',')[0]}-{asked.region}"
    path = asked.out / f"{name}.glyphgen"
    if asked.project:
        shutil.copy(asked.project, path)
    elif not path.exists():
        draw(path, asked.charset, asked.region)
    fonts = [asked.out / f"{name}{suffix}" for suffix in asked.suffixes.split(",")]
    outs = [part for font in fonts for part in ("--out", str(font))]
    command = [sys.executable, "-m", "cli", "export", str(path), *outs, "--family", name]
    wall, cpu, most, status = run(command + ["--check"] * asked.check)
    print(f"{name}: {wall:.1f} s, {cpu:.1f} s of CPU, {most:.0f} MiB, status {status}")
    for font in fonts:
        print(f"{font}: {font.stat().st_size / 1e6:.2f} MB")
        if font.suffix == ".ttf":
            print(f"{font}: {points(font):.0f} points a glyph")


if __name__ == "__main__":
    main()
