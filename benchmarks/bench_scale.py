"""What a font costs in CPU seconds, stage by stage, and in bytes; here or over a Ray cluster.

    python -m benchmarks.bench_scale OUT --count 480 [--adapt] [--ray 2]

Draws the first characters of GB 2312 from the shipped samples into OUT. Prints CPU seconds (of all
processes, user and system) a stage and a step, and the sizes of project and font. With `--ray`
the work goes to so many worker processes on this machine, and the last line is what these and
Ray's own processes took, from /proc.
"""

from __future__ import annotations

import argparse
import logging
import os
import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from exporters.fontfile.info import FontInfo
from fonts.charset import named
from glyphgen import pipeline
from glyphgen.config import GenerateConfig

SAMPLES = Path(__file__).parent.parent / "tests" / "samples"


def spent() -> float:
    """CPU seconds of this process and its ended children."""
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(u.ru_utime + u.ru_stime for u in used)


def spent_below() -> dict[str, float]:
    """CPU seconds by name of the living processes that this one or its own started, with those that
    they waited for."""
    known: dict[int, tuple[int, str, float]] = {}           # parent, name, seconds
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            before, _, after = path.read_text("utf-8").rpartition(")")
        except OSError:                                     # it ended meanwhile
            continue
        fields = after.split()
        used = sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
        known[int(path.parent.name)] = (int(fields[1]),
                                        before.partition("(")[2].split(":")[0], used)
    total: dict[str, float] = {}
    family = [os.getpid()]
    for one in family:
        for child, (parent, name, used) in known.items():
            if parent == one:
                family.append(child)
                total[name] = total.get(name, 0.0) + used
    return total


class Clock:
    """Progress that prints what every stage took."""

    @contextmanager
    def stage(self, name: str, total: int) -> Iterator[Callable[[int], None]]:
        before = spent()
        yield lambda steps: None
        took = spent() - before
        print(f"{name:12} {total:6} steps {took:8.2f} CPU s {1000 * took / max(1, total):8.1f} ms "
              "a step", flush=True)

    def note(self, line: str) -> None:
        """A line beside the stages."""
        print(line)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--count", type=int, default=480)
    parser.add_argument("--adapt", action="store_true")
    parser.add_argument("--ray", type=int, default=0, metavar="WORKERS")
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    if given.ray:
        import ray

        ray.init(num_cpus=given.ray, include_dashboard=False, log_to_driver=False,
                 logging_level=logging.ERROR)
    project, font = given.out / "scale.glyphgen", given.out / "scale.ttf"
    project.unlink(missing_ok=True)
    text = "".join(map(chr, named("gb2312").codepoints[:given.count]))
    config = GenerateConfig(text, adapt=given.adapt,
                                     engine="ray" if given.ray else "local")
    began = spent()
    with pipeline.opened(project) as opened:
        report = pipeline.make(opened, [SAMPLES], [font], config, FontInfo(family="Scale"),
                               progress=Clock())
    print(f"whole        {report.glyphs:6} glyphs {spent() - began:7.2f} CPU s here, "
          f"{report.doubtful} doubtful")
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024        # KiB on Linux
    print(f"most memory {most:.0f} MiB here")
    for path in (project, font):
        size = path.stat().st_size
        print(f"{path.name}: {size} bytes, {size / report.glyphs:.0f} a glyph")
    if given.ray:
        print("others:", ", ".join(f"{name} {seconds:.1f} CPU s"
                                   for name, seconds in sorted(spent_below().items())))


if __name__ == "__main__":
    main()
