"""What tests in a real browser share: a page that must not complain, and what is done on it."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import numpy as np
from conftest import Server
from PIL import Image

from fonts.content import Content
from fonts.reading.samples import Sample
from glyphgen.project.document import Drawn, Project

NEXT_PAINT = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
SHOTS = os.environ.get("GLYPHGEN_SHOTS")        # a folder for a picture of every page


class Page:
    """A page that must not complain nor talk to anyone else."""

    def __init__(self, browser: Any, server: Server, **options: Any) -> None:
        self.context = browser.new_context(locale="en-GB", accept_downloads=True, **options)
        self.context.add_cookies([{"name": "glyphgen-rate", "value": "20", "url": server.base}])
        self.page = self.context.new_page()
        self.complaints: list[str] = []
        self.page.on("console", lambda m: self._heard(m.type, m.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self._asked(request.url, server.base))
        self.page.set_default_timeout(120_000)
        self.context.add_cookies(server.cookies)
        self.page.goto(server.base if server.cookies else server.address)
        assert "token" not in self.page.url
        server.cookies = server.cookies or self.context.cookies()       # the address is used up

    def _heard(self, kind: str, text: str) -> None:
        if kind in ("error", "warning"):
            self.complaints.append(text)

    def _asked(self, url: str, base: str) -> None:
        if not url.startswith((base, "blob:", "data:")):
            self.complaints.append(f"asked {url}")

    def open(self, name: str) -> None:
        """Open a project of the server's folder."""
        self.page.click(f"[data-open={name}]")
        self.page.wait_for_url("**/samples")

    def shot(self, name: str) -> None:
        if SHOTS:
            Path(SHOTS).mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)


def project_of(path: Path, codepoints: tuple[int, ...]) -> None:
    """A project of drawings that are the content's own, scores spread."""
    content = Content("cn")
    seen = [content.hei(c) for c in codepoints[:64]]
    with Project.open(path, create=True) as project:
        project.set("charset", "".join(map(chr, codepoints)) if len(codepoints) < 100 else "uro")
        project.set("codepoints", list(codepoints))
        project.add_samples([Sample.of(ord("永"), content.hei(ord("永")), "永.png", 1.0)])
        project.put_hand("key", "{}", None, {ord("永"): content.hei(ord("永"))})
        project.put_drawings(
            Drawn(c, seen[i % len(seen)], 1, "model", "style", (i * 37 % 1000) / 1000,
                  state="doubtful" if i % 50 == 0 else "drawn")
            for i, c in enumerate(codepoints))


def _ink(picture: Image.Image) -> np.ndarray:
    """The ink's own box, as coverage."""
    grey = 255 - np.asarray(picture.convert("L"), np.float32)
    grey = np.clip((grey - 30) / 200, 0, 1)
    rows, columns = np.nonzero(grey.max(1) > 0.3)[0], np.nonzero(grey.max(0) > 0.3)[0]
    return grey[rows[0]:rows[-1] + 1, columns[0]:columns[-1] + 1]


def same_picture(seen: Image.Image, expected: Image.Image) -> float:
    """Intersection over union of two settings of a line, whose boxes may differ by a pixel."""
    a, b = _ink(seen), _ink(expected)
    assert abs(a.shape[0] - b.shape[0]) <= 3 and abs(a.shape[1] - b.shape[1]) <= 4, \
        (a.shape, b.shape)
    height, width = min(a.shape[0], b.shape[0]), min(a.shape[1], b.shape[1])
    a, b = a[:height, :width], b[:height, :width]
    shifted = (np.roll(a, (down, across), (0, 1)) for down in (-1, 0, 1) for across in (-1, 0, 1))
    return max(float(np.minimum(c, b).sum() / np.maximum(c, b).sum()) for c in shifted)


def wait(page: Any, condition: str) -> None:
    """Until an expression is true; the page's policy keeps Playwright from evaluating there."""
    deadline = time.monotonic() + 120
    while not page.evaluate(condition):
        assert time.monotonic() < deadline, condition
        time.sleep(0.05)


def write_on(page: Any) -> None:
    """Two strokes on the canvas."""
    page.locator("#pen canvas").scroll_into_view_if_needed()
    box = page.locator("#pen canvas").bounding_box()
    for ends in (((0.2, 0.3), (0.8, 0.3)), ((0.5, 0.2), (0.5, 0.8))):
        (x, y), (u, v) = ends
        page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"])
        page.mouse.down()
        page.mouse.move(box["x"] + u * box["width"], box["y"] + v * box["height"], steps=5)
        page.mouse.up()
