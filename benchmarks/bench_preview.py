"""How soon the first typed text is seen, in the studio and by `glyphgen preview`.

    python -m benchmarks.bench_preview [--characters 17] [--rounds 3] [--cold] [--bare]

Reads the shipped samples into a project and has some of their characters set, each time by new
processes. Prints a line of each: seconds by the clock, and of all processes' CPU, of the round that
was fastest.

    studio start            until it gives its address, which a browser opens
    first, unprepared       the first font of typed text, before any page was opened
    first, after a page     the same, once a page stands open that types nothing
    second                  another font of the same studio
    command                 all of `glyphgen preview --text`
    imports ... page        what it consists of, in one process: loading the code, loading the
                            tracer, the first font, another one, and setting it on a picture

"(drafts)" says that the tracer was not there yet, so that outlines were polygons. `--cold` empties
the system's cache of files before each process; that takes Linux, and root. With `--bare` no
compiled kernel is found, as after an install that brings none. A machine at work on something else
lengthens the seconds by the clock.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple
from urllib.request import HTTPCookieProcessor, OpenerDirector, build_opener

import click

from benchmarks.bench_scale import SAMPLES, spent, spent_below
from benchmarks.bench_studio import served

_CACHES = Path("/proc/sys/vm/drop_caches")
_REST = 4.0             # seconds that a person looks at the page before the one that types
_STAGES = ("imports", "kernels", "font", "again", "page")
_PARTS = """
import sys, time
from pathlib import Path
path, text = Path(sys.argv[1]), sys.argv[2]
def now(): print(time.perf_counter(), time.process_time())
now()
from exporters.preview.render import write_preview
from glyphgen.kernels import compile_outlines
from glyphgen.studio.work.typing_font import typed_font
now()
compile_outlines()
now()
data, _ = typed_font(path, text[1:])
now()
typed_font(path, text)
now()
write_preview(data, text[1:], path.with_suffix(".png"))
now()
"""


class Spent(NamedTuple):
    """Seconds by the clock and of CPU, and whether outlines were drafts."""

    clock: float
    cpu: float
    is_draft: bool = False


def cpu() -> float:
    """CPU seconds of this process and of all that it started, also of those that ended."""
    return spent() + sum(spent_below().values())


def timed(work: Callable[[], object]) -> Spent:
    """What work takes, which says whether it made drafts; all of it by this process's own."""
    clock, used = time.perf_counter(), cpu()
    is_draft = bool(work())
    return Spent(time.perf_counter() - clock, cpu() - used, is_draft)


def as_after(cold: bool, bare: bool, folder: Path) -> None:
    """As after a start of the machine, where `cold`, and an install without kernels, if `bare`."""
    if bare:                            # what came with the package is for any processor
        os.environ |= {"NUMBA_CPU_FEATURES": "", "NUMBA_CACHE_DIR": tempfile.mkdtemp(dir=folder)}
    if cold:
        os.sync()
        _CACHES.write_text("3\n", "utf-8")


def set_in(opener: OpenerDirector, address: str, text: str) -> bool:
    """Ask the studio for the font of a text; whether it is of drafts."""
    chars = ".".join(f"{ord(char):x}" for char in text)
    with opener.open(f"{address}/api/font?chars={chars}") as answer:
        assert answer.read() and not answer.headers["X-Missing"], "not all is in the font"
        return str(answer.headers["X-Draft"]) == "1"


def in_studio(project: Path, text: str, page: str) -> tuple[Spent, Spent, Spent]:
    """What its start takes, its first font, after a page if one is named, and a second font."""
    links: list[str] = []
    with ExitStack() as stack:
        start = timed(lambda: links.append(stack.enter_context(served(project))))
        opener, address = build_opener(HTTPCookieProcessor()), links[0].partition("/?")[0]
        opener.open(links[0]).close()
        if page:
            opener.open(f"{address}{page}").close()
            time.sleep(_REST)
        return (start, timed(lambda: set_in(opener, address, text[1:])),
                timed(lambda: set_in(opener, address, text)))


def run(*arguments: str | Path) -> str:
    """What a command of Python says."""
    return subprocess.run([sys.executable, *map(str, arguments)], check=True, text=True,
                          stdout=subprocess.PIPE).stdout


def stages(project: Path, text: str) -> dict[str, Spent]:
    """What a font consists of."""
    seen = [tuple(map(float, line.split())) for line in run("-c", _PARTS, project,
                                                             text).splitlines()]
    return {name: Spent(after[0] - before[0], after[1] - before[1])
            for name, before, after in zip(_STAGES, seen, seen[1:])}


def measured(project: Path, text: str, fresh: Callable[[], None]) -> dict[str, Spent]:
    """All that is measured, once, each from `fresh`."""
    fresh()
    start, unprepared, _ = in_studio(project, text, "")
    fresh()
    _, first, second = in_studio(project, text, "/samples")
    fresh()
    command = timed(lambda: run("-m", "cli", "preview", project, "--text", text, "--out",
                                project.with_suffix(".png")) and None)
    fresh()
    return {"studio start": start, "first, unprepared": unprepared, "first, after a page": first,
            "second": second, "command": command, **stages(project, text)}


@click.command(help=__doc__)
@click.option("--characters", default=17, show_default=True, help="of the samples, 29 at most")
@click.option("--rounds", default=3, show_default=True)
@click.option("--cold", is_flag=True)
@click.option("--bare", is_flag=True)
def main(characters: int, rounds: int, cold: bool, bare: bool) -> None:
    """Run the benchmark."""
    text = "".join(sorted(path.stem for path in SAMPLES.glob("*.png")))[:characters + 1]
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder) / "Hand.glyphgen"
        run("-m", "cli", "ingest", project, SAMPLES)
        found = [measured(project, text, lambda: as_after(cold, bare, Path(folder)))
                 for _ in range(rounds)]
    click.echo(f"{characters} characters, {rounds} rounds{', cold' * cold}{', bare' * bare}")
    for name in found[0]:
        least = min(one[name] for one in found)
        click.echo(f"{name:22}{least.clock:8.2f}{least.cpu:8.2f}{' (drafts)' * least.is_draft}")


if __name__ == "__main__":
    main()
