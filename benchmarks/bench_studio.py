"""The review of very many glyphs in Chromium, compared with an empty page of the same run.

    python -m benchmarks.bench_studio --glyphs 20992

Prints one line of JSON: first paint and the first picture (ms), the longest task while the whole
page is scrolled through (ms, by the wall and of processor time), and the memory of the browser and
of its page afterwards (MB, on Linux); each also as a ratio to the empty page. A machine at work on
something else lengthens the times by the wall; the processor's stay.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from fonts.charset import resolve
from fonts.content import Content
from fonts.reading.samples import Sample
from glyphgen.project.document import Drawn, Project

SERVE = "import sys; from pathlib import Path; from glyphgen.studio.app import serve; " \
        "serve(0, Path(sys.argv[1]), False, sys.argv[2] != '', sys.argv[2] or None)"
_FIELDS = 256           # different pictures among the glyphs
_PAINT = """() => Object.fromEntries([
    ...performance.getEntriesByType("paint").map((e) => [e.name, e.startTime]),
    ...performance.getEntriesByType("mark").map((e) => [e.name, e.startTime])])"""
_EMPTY = """<!DOCTYPE html><title>empty</title><p>empty</p>
    <div id="grid" style="height:600px;overflow-y:auto"><div style="height:96000px"></div></div>"""


def make_project(path: Path, count: int) -> None:
    """A project of `count` drawings whose pictures are the content's own."""
    points = resolve("uro").codepoints[:count]
    content = Content("cn")
    fields = [content.hei(c) for c in points[::max(1, len(points) // _FIELDS)]]
    with Project.open(path, create=True) as project:
        project.set("charset", "uro")
        project.set("codepoints", list(points))
        project.add_samples([Sample.of(ord("永"), content.hei(ord("永")), "永.png", 1.0)])
        project.put_drawings(
            Drawn(c, fields[i % len(fields)], 1, "model", "style", (i * 37 % 1000) / 1000,
                  state="doubtful" if i % 50 == 0 else "drawn") for i, c in enumerate(points))


@contextmanager
def served(project: Path, phone: str = "") -> Iterator[str]:
    """The address of a studio that has the project open; `phone` is the address for one."""
    process = subprocess.Popen([sys.executable, "-c", SERVE, str(project), phone],
                               stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        found = re.search(r"http://\S+", process.stdout.readline())
        assert found, "the studio did not start"
        yield found[0]
    finally:
        process.terminate()
        process.wait(30)


def scroll(page: Any, steps: int) -> None:
    """Turn the wheel through the whole grid, then jump and rest."""
    page.hover("#grid")
    for step in range(steps):
        page.mouse.wheel(0, 1200 if step % 8 else 20_000)
        time.sleep(0.03)
    page.evaluate("document.getElementById('grid').scrollTop = 0")
    time.sleep(1)


def tasks(browser: Any, page: Any, steps: int) -> dict[str, float]:
    """The longest tasks of the page's main thread while it is scrolled, in ms."""
    browser.start_tracing(page=page, categories=["toplevel", "disabled-by-default-cpu_profiler",
                                                 "__metadata", "devtools.timeline"])
    scroll(page, steps)
    events = json.loads(browser.stop_tracing())["traceEvents"]
    names = {(e["pid"], e["tid"]): e["args"]["name"] for e in events if e["name"] == "thread_name"}
    marked = {(e["pid"], e["tid"]) for e in events if e["name"] == "EventDispatch"
              and e.get("args", {}).get("data", {}).get("type") == "scroll"}
    mains = {key for key in marked if names.get(key) == "CrRendererMain"}
    ran = [e for e in events if (e["pid"], e["tid"]) in mains and e["name"].endswith("RunTask")]
    return {"task_wall_ms": max((e.get("dur", 0) for e in ran), default=0) / 1000,
            "task_cpu_ms": max((e.get("tdur", 0) for e in ran), default=0) / 1000}


def memory(browser: Any) -> dict[str, float]:
    """Proportional set size of all the browser's processes, and of those that hold pages, MB."""
    session = browser.new_browser_cdp_session()
    sizes = {"browser_mb": 0.0, "page_mb": 0.0}
    for process in session.send("SystemInfo.getProcessInfo")["processInfo"]:
        rolled = Path(f"/proc/{process['id']}/smaps_rollup").read_text("utf-8")
        found = re.search(r"^Pss:\s+(\d+) kB", rolled, re.M)
        size = int(found[1]) / 1024 if found else 0.0
        sizes["browser_mb"] += size
        sizes["page_mb"] += size if process["type"] == "renderer" else 0.0
    return sizes


def measure(play: Any, chromium: str, address: str, path: str, steps: int) -> dict[str, float]:
    """One page in a browser of its own; `path` is empty for the empty page."""
    browser = play.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    if path:
        page.goto(address)
        page.goto(address.split("?")[0].rstrip("/") + path)
        page.wait_for_selector("#grid[data-ready]")
    else:
        page.set_content(_EMPTY)
        page.wait_for_selector("#grid")
    time.sleep(1)
    times = page.evaluate(_PAINT)
    found = {"first_paint_ms": times.get("first-contentful-paint", 0.0),
             "first_picture_ms": times.get("glyphs-shown", 0.0),
             **tasks(browser, page, steps), **memory(browser)}
    browser.close()
    return {name: round(value, 1) for name, value in found.items()}


@click.command(help=__doc__)
@click.option("--glyphs", default=20_992, show_default=True)
@click.option("--steps", default=120, show_default=True, help="turns of the wheel")
@click.option("--chromium", default=shutil.which("chromium") or "chromium", show_default=True)
def main(glyphs: int, steps: int, chromium: str) -> None:
    """Run the benchmark."""
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as folder, sync_playwright() as play:
        project = Path(folder) / "Bench.glyphgen"
        make_project(project, glyphs)
        with served(project) as address:
            empty = measure(play, chromium, address, "", steps)
            full = measure(play, chromium, address, "/review", steps)
    ratios = {name: round(value / empty[name], 2) for name, value in full.items()
              if empty.get(name)}
    print(json.dumps({"glyphs": glyphs, "review": full, "empty": empty, "ratio": ratios}))


if __name__ == "__main__":
    main()
