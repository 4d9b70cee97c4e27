"""Ink on the phone's page in Chromium, by its trace: how soon it is there, and if points are lost.

    python -m benchmarks.bench_ink [--rate 240] [--slower 4] [--plain]

A pen draws a spiral on the page of `studio --phone`, on a processor made `slower` times slower.
Prints one line of JSON: points sent, and kept in the project, and how far, pixels of the canvas,
the kept line is from the written one at most; pointer events; frames drawn between an event and the
one that shows its ink (0: the very next shows it), in how many events there was one or more; and
the milliseconds, median and 95th of 100, that drawing takes, and from an event to the frame that
shows it. `--plain` takes `getCoalescedEvents` away, which a page of plain HTTP on another machine
does not have. A machine at work on something else lengthens the times.
"""

from __future__ import annotations

import asyncio
import bisect
import json
import shutil
import tempfile
import time
from pathlib import Path
from typing import Any

import click
import cv2
import numpy as np
import zxingcpp

from benchmarks.bench_studio import served
from fonts.drawing import CANVAS
from glyphgen.project.document import Project

ADDRESS = "127.0.0.2"
_PHONE = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2, "has_touch": True,
          "is_mobile": True, "locale": "en-GB"}
_PLAIN = "delete PointerEvent.prototype.getCoalescedEvents"
_CATEGORIES = ["devtools.timeline", "disabled-by-default-devtools.timeline.frame"]


def spiral(count: int) -> np.ndarray:
    """Points (count, 2), canvas pixels: two turns a second at 240 points a second."""
    turn = np.arange(count) * 4 * np.pi / 240
    far = np.linspace(10, 50, count)[:, None]
    return CANVAS / 2 + np.stack([np.cos(turn), np.sin(turn)], 1) * far


async def until(page: Any, condition: str) -> None:
    """Until an expression is true; the page's policy keeps Playwright from waiting there."""
    end = time.monotonic() + 60
    while not await page.evaluate(condition):
        assert time.monotonic() < end, condition
        await asyncio.sleep(0.05)


async def phone_page(browser: Any, address: str, plain: bool) -> Any:
    """The page of a phone that scanned the code on the desktop's."""
    desk = await browser.new_page(viewport={"width": 1280, "height": 900})
    await desk.goto(address)
    await desk.wait_for_selector("#invite-code:visible")
    await until(desk, "document.getElementById('invite-code').naturalWidth > 0")
    seen = np.frombuffer(await desk.screenshot(full_page=True), np.uint8)
    (code,) = zxingcpp.read_barcodes(cv2.imdecode(seen, cv2.IMREAD_GRAYSCALE))
    await desk.close()
    page = await (await browser.new_context(**_PHONE)).new_page()
    if plain:
        await page.add_init_script(_PLAIN)
    await page.goto(code.text)
    await until(page, "document.getElementById('done').textContent !== ''")
    return page


async def write(page: Any, points: np.ndarray, rate: float, slower: float) -> None:
    """A stroke of points (N, 2), canvas pixels, so many a second, however slow the page is."""
    wire = await page.context.new_cdp_session(page)
    await wire.send("Emulation.setCPUThrottlingRate", {"rate": slower})
    box = await page.locator("#paper canvas >> nth=0").bounding_box()

    def event(kind: str, point: np.ndarray) -> Any:
        x, y = point / CANVAS
        return wire.send("Input.dispatchMouseEvent", {
            "type": kind, "x": box["x"] + float(x) * box["width"],
            "y": box["y"] + float(y) * box["height"], "button": "left", "clickCount": 1,
            "buttons": 0 if kind == "mouseReleased" else 1, "force": 0.5, "pointerType": "pen"})

    await event("mousePressed", points[0])
    began, sent = time.monotonic(), []
    for number, point in enumerate(points[1:], 1):
        await asyncio.sleep(max(0, began + number / rate - time.monotonic()))
        sent.append(asyncio.create_task(event("mouseMoved", point)))
    await asyncio.gather(*sent)
    await event("mouseReleased", points[-1])
    await wire.send("Emulation.setCPUThrottlingRate", {"rate": 1})


def delays(trace: bytes) -> dict[str, float]:
    """What a trace says of pointer events and of the frames that show what they drew."""
    events = sorted((e for e in json.loads(trace)["traceEvents"] if "ts" in e),
                    key=lambda e: e["ts"])
    moves = [e for e in events if e["name"] == "EventDispatch" and e.get("dur")
             and e.get("args", {}).get("data", {}).get("type") == "pointermove"]
    process = {e["pid"] for e in moves}
    commits, drawn = ([e["ts"] for e in events if e["name"] == name and e["pid"] in process]
                      for name in ("Commit", "DrawFrame"))
    between, shown = [], []
    for move in moves:
        done = move["ts"] + move["dur"]
        commit = bisect.bisect_left(commits, done)
        frame = bisect.bisect_left(drawn, commits[commit]) if commit < len(commits) else len(drawn)
        if frame < len(drawn):
            between.append(frame - bisect.bisect_left(drawn, done))
            shown.append((drawn[frame] - move["ts"]) / 1000)
    busy = [e["dur"] / 1000 for e in moves]
    quantiles = {f"{name}_ms_{part}": round(float(np.quantile(values, part / 100)), 1)
                 for name, values in (("draw", busy), ("shown", shown)) for part in (50, 95)}
    return {"events": len(moves), "frames": len(drawn), "late": int(np.count_nonzero(between)),
            **quantiles}


def apart(points: np.ndarray, kept: np.ndarray) -> float:
    """How far points (N, 2) are at most from a line through those kept (K, 2)."""
    fine = np.concatenate([np.linspace(a, b, 16) for a, b in zip(kept, kept[1:])])
    return max(float(np.linalg.norm(fine - point, axis=1).min()) for point in points)


async def measure(address: str, project: Path, rate: float, slower: float,
                  plain: bool) -> dict[str, float]:
    """One stroke of two seconds, kept."""
    from playwright.async_api import async_playwright

    points = spiral(round(2 * rate))
    async with async_playwright() as play:
        browser = await play.chromium.launch(executable_path=shutil.which("chromium"),
                                             args=["--no-sandbox"])
        page = await phone_page(browser, address, plain)
        await browser.start_tracing(page=page, categories=_CATEGORIES)
        await write(page, points, rate, slower)
        found = delays(await browser.stop_tracing())
        await page.click("#keep")
        await until(page, "document.querySelectorAll('.mark.good').length === 1")
        await browser.close()
    with Project.open(project, read_only=True) as opened:
        ((stroke,),) = opened.strokes().values()
    return {"sent": len(points), "kept": len(stroke),
            "apart": round(apart(points, stroke[:, :2] / 256), 2), **found}


@click.command(help=__doc__)
@click.option("--rate", default=240.0, show_default=True, help="points a second")
@click.option("--slower", default=4.0, show_default=True, help="times as slow as this processor")
@click.option("--plain", is_flag=True, help="as over plain HTTP")
def main(rate: float, slower: float, plain: bool) -> None:
    """Run the benchmark."""
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder) / "Ink.glyphgen"
        Project.open(project, create=True).close()
        with served(project, ADDRESS) as address:
            found = asyncio.run(measure(address, project, rate, slower, plain))
    print(json.dumps({"rate": rate, "slower": slower, "plain": plain, **found}))


if __name__ == "__main__":
    main()
