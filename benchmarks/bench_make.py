"""What a font costs, stage by stage, and how that compares.

    python -m benchmarks.bench_make                        # 100 and 400 glyphs, the peer's shape
    python -m benchmarks.bench_make --glyphs 100 2312 20992 --peer 4 --save

Makes fonts of the first characters of Unicode's URO from the shipped samples, each in a process of
its own, and prints seconds a stage, glyphs a second, peak memory, and what a glyph costs beyond the
first ones. Then four ratios in one process: this commit's glyph against that of the baseline
(bench_make.json beside this file, which `--save` writes), against a plain loop in float32, one
glyph at a time, and against the nearest peer's shape (`benchmarks.peer`, random weights).

Seconds are of CPU, user and system, of all processes, unless `--wall` asks for the clock's: on a
machine with other work only these mean anything. The baseline's figures are of the machine that
wrote them: the same loop in float32 is timed beside both, and ratios are corrected by it.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

BASELINE = Path(__file__).with_suffix(".json")
SAMPLES = Path(__file__).parent.parent / "tests" / "samples"
ROUNDS = 2                      # of every figure in a process: the least counts

Clock = Callable[[], float]


def cpu() -> float:
    """CPU seconds of this process and of its children that ended."""
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in used)


class Stages:
    """Progress that adds up the seconds of every stage; `rest` is what belongs to none."""

    def __init__(self, clock: Clock) -> None:
        self.clock, self.seconds = clock, dict[str, float]()

    @contextmanager
    def stage(self, name: str, total: int) -> Iterator[Callable[[int], None]]:
        """Time it."""
        began = self.clock()
        yield lambda steps: None
        self.seconds[name] = self.seconds.get(name, 0.0) + self.clock() - began

    def note(self, line: str) -> None:
        """Nobody reads."""


def make_font(count: int, clock: Clock) -> dict[str, Any]:
    """Seconds a stage and peak memory of a whole `make`; runs in a process of its own."""
    from exporters.fontfile.info import FontInfo
    from fonts.charset import resolve
    from glyphgen import pipeline
    from glyphgen.config import GenerateConfig

    stages, began = Stages(clock), clock()
    text = "".join(map(chr, resolve("uro").codepoints[:count]))
    with tempfile.TemporaryDirectory() as folder:
        font = Path(folder) / "Hand.ttf"
        with pipeline.opened(font.with_suffix(".glyphgen")) as project:
            report = pipeline.make(project, [SAMPLES], [font], GenerateConfig(text),
                                   FontInfo(), progress=stages)
    seconds = stages.seconds
    seconds["rest"] = clock() - began - sum(seconds.values())
    peak = max(resource.getrusage(who).ru_maxrss
               for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    scale = 1024 if sys.platform == "darwin" else 1
    return {"glyphs": report.glyphs, "doubtful": report.doubtful, "seconds": seconds,
            "peak_mib": peak / 1024 / scale}


def apart(count: int, wall: bool) -> dict[str, Any]:
    """`make_font` in a fresh process."""
    command = [sys.executable, "-m", "benchmarks.bench_make", "--only", str(count)]
    done = subprocess.run(command + ["--wall"] * wall, check=True, stdout=subprocess.PIPE,
                          text=True)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def least(clock: Clock, work: Callable[[], object], glyphs: int, rounds: int = ROUNDS) -> float:
    """Milliseconds a glyph."""
    taken = []
    for _ in range(rounds):
        began = clock()
        work()
        taken.append(clock() - began)
    return min(taken) / glyphs * 1e3


def parts(clock: Clock) -> dict[str, float]:
    """Milliseconds a glyph on one core of each step, and of the plain loop, in one process."""
    import torch

    from exporters.outlines.trace import GENERATED, compile_kernels, trace
    from fonts.charset import resolve
    from fonts.packed import to_bytes
    from fonts.reading.samples import read_samples
    from glyphgen.draw.draw import draw_batches
    from glyphgen.draw.judge import Judge
    from glyphgen.hand.painter import Painter
    from glyphgen.hand.prepare import prepare
    from glyphgen.hand.prepared import PreparedHand
    from glyphgen.network.checkpoint import load_model
    from glyphgen.progress import Silent

    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    painter = Painter(*load_model())
    samples = read_samples([SAMPLES]).samples
    prepared = prepare(painter, {s.codepoint: s.field for s in samples}, 0, False, Silent())
    own, hand, finish = PreparedHand.of(painter, prepared), prepared.hand, prepared.finish
    judge = Judge(own, {s.codepoint: s.drawing.field for s in samples})
    some = list(resolve("gb2312").codepoints[:: 6763 // painter.config.batch])
    some = some[: painter.config.batch]
    framed = painter.framed(hand, some)
    fields = painter.draw(hand, framed, some)[0]
    drawn, contents = [finish(f) for f in fields], own.framed(some)
    compile_kernels()
    steps: dict[str, Callable[[], object]] = {
        "content": lambda: painter.framed(hand, some),
        "network": lambda: painter.draw(hand, framed, some),
        "finish": lambda: [finish(f) for f in fields],
        "gate": lambda: judge.rate(contents, drawn, some),
        "drawing": lambda: [*draw_batches(own, judge, some, workers=1)],
        "storing": lambda: [to_bytes(f) for f in drawn],
        "tracing": lambda: [trace(f, c, 0.0, GENERATED) for f, c in zip(drawn, some)],
        "plain float32": partial(plain, painter, hand, framed),
    }
    return {name: least(clock, work, len(some)) for name, work in steps.items()}


def plain(painter: Any, hand: Any, framed: Any) -> None:
    """The network in float32, a glyph at a time."""
    import torch

    from glyphgen.network.sampler import refine, regress, start

    tokens, style = hand.tokens.float(), hand.style.float()
    with torch.inference_mode():
        for one in framed[:, None]:
            denoise = partial(_plain_call, painter, painter.codec.stack(one), tokens, style)
            noise = painter.noise([0])
            begun = start(painter.codec, one, regress(denoise, noise), hand.recipe)
            painter.fields(refine(denoise, begun, noise, hand.recipe))


def _plain_call(painter: Any, content: Any, tokens: Any, style: Any, z: Any, t: Any) -> Any:
    return painter.model.denoise(z, t, content, tokens, style)


def peer(clock: Clock, glyphs: int, calls: int) -> float:
    """Milliseconds a glyph of the peer's shape on one core, its 40 calls counted."""
    import torch

    from benchmarks.peer import CALLS, Peer, draw
    from glyphgen.hand.painter import has_bfloat16

    torch.set_num_threads(1)
    kind = torch.bfloat16 if has_bfloat16(torch.device("cpu")) else torch.float32
    model = Peer().to(kind)
    millions = sum(p.numel() for p in model.parameters()) / 1e6
    print(f"peer's shape: {millions:.0f} M parameters, {kind}, {glyphs} glyphs, "
          f"{calls} of {CALLS} calls timed")
    return least(clock, lambda: draw(model, glyphs, calls), glyphs, 1) * CALLS / calls


def table(fonts: list[dict[str, Any]], unit: str) -> Iterator[str]:
    """Seconds a stage of every font, and what a further glyph costs."""
    yield f"{unit:24}" + "".join(f"{f['glyphs']:>10}" for f in fonts) + "  ms a further glyph"
    for name in dict.fromkeys(name for f in fonts for name in f["seconds"]):
        row = [f["seconds"].get(name, 0.0) for f in fonts]
        more = fonts[-1]["glyphs"] - fonts[0]["glyphs"]
        cost = f"{(row[-1] - row[0]) / more * 1e3:20.1f}" if more else ""
        yield f"{name:24}" + "".join(f"{value:10.1f}" for value in row) + cost
    totals = [sum(f["seconds"].values()) for f in fonts]
    yield f"{'all':24}" + "".join(f"{value:10.1f}" for value in totals)
    yield f"{'glyphs a second':24}" + "".join(
        f"{f['glyphs'] / t:10.1f}" for f, t in zip(fonts, totals))
    yield f"{'peak memory, MiB':24}" + "".join(f"{f['peak_mib']:10.0f}" for f in fonts)
    yield f"{'doubtful':24}" + "".join(f"{f['doubtful']:10}" for f in fonts)


def against(now: dict[str, float], then: dict[str, float]) -> Iterator[str]:
    """A line a step: milliseconds a glyph, and the baseline's for each of today's."""
    pace = now["plain float32"] / then.get("plain float32", now["plain float32"])
    yield f"{'ms a glyph':24}{'now':>10}{'baseline':>10}{'times':>8}"
    for name, value in now.items():
        before = then.get(name)
        yield f"{name:24}{value:10.2f}" + (
            f"{before:10.2f}{before * pace / value:8.2f}" if before else "")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--glyphs", type=int, nargs="*", default=[100, 400])
    parser.add_argument("--peer", type=int, default=2, help="glyphs in the peer's shape; 0: none")
    parser.add_argument("--calls", type=int, default=40, help="of the peer's that are timed")
    parser.add_argument("--wall", action="store_true", help="the clock's seconds, not the CPU's")
    parser.add_argument("--save", action="store_true", help="write the baseline")
    parser.add_argument("--only", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    clock = time.perf_counter if options.wall else cpu
    if options.only:
        print(json.dumps(make_font(options.only, clock)))
        return
    print(f"{platform.machine()}, {os.cpu_count()} cores, "
          f"{'wall' if options.wall else 'CPU'} seconds")
    if options.glyphs:
        for line in table([apart(count, options.wall) for count in options.glyphs], "seconds"):
            print(line)
    then = json.loads(BASELINE.read_text("utf-8")) if BASELINE.exists() else {}
    now = parts(clock)
    for line in against(now, then):
        print(line)
    whole = now["drawing"] + now["tracing"]
    slower = now["plain float32"] / now["network"]
    print(f"{'plain float32':24}{slower:10.1f} times our network")
    if options.peer:
        theirs = peer(clock, options.peer, options.calls)
        print(f"{'peer, ms a glyph':24}{theirs:10.0f}: {theirs / now['network']:.0f} times our "
              f"network, {theirs / whole:.0f} times our whole glyph")
    if options.save:
        BASELINE.write_text(json.dumps(now, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
