"""A studio in a real browser, phones beside it, and a pen on their glass."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import zxingcpp
from conftest import Server

from fonts.drawing import CANVAS, Field
from glyphgen.strokes.ink import ink
from glyphgen.strokes.library import Library

ADDRESS = "127.0.0.2"
PHONE = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2, "has_touch": True,
         "is_mobile": True}


class Desk:
    """The studio on a computer, and the phones beside it; none may complain."""

    def __init__(self, browser: Any, project: Path) -> None:
        self.browser, self.project = browser, project
        self.server = Server(project, ADDRESS)
        self.complaints: list[str] = []
        self.page = self._heard(browser.new_context(viewport={"width": 1280, "height": 900}))
        self.page.goto(self.server.address)

    def _heard(self, context: Any) -> Any:
        page = context.new_page()
        page.set_default_timeout(120_000)
        page.on("console", lambda m: m.type in ("error", "warning") and
                self.complaints.append(m.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda r: r.url.startswith(("http://127.0.0.", "blob:", "data:")) or
                self.complaints.append(r.url))
        return page

    def scanned(self) -> str:
        """What the QR code on the screen says."""
        wait(self.page, "document.getElementById('invite-code').naturalWidth > 0")
        self.page.wait_for_selector("#invite-code:visible")
        seen = np.frombuffer(self.page.screenshot(full_page=True), np.uint8)
        codes = zxingcpp.read_barcodes(cv2.imdecode(seen, cv2.IMREAD_GRAYSCALE))
        return str(codes[0].text) if codes else ""

    def phone(self, script: str = "", **options: Any) -> Any:
        """A device that scanned the code, on its page."""
        context = self.browser.new_context(locale="en-GB", **{**PHONE, **options})
        page = self._heard(context)
        if script:
            page.add_init_script(script)
        link = self.scanned()
        assert link.startswith(f"http://{ADDRESS}:")
        page.goto(link)
        assert "code" not in page.url
        wait(page, "document.getElementById('done').textContent !== ''")
        return page

    def end(self) -> None:
        self.page.context.close()
        self.server.end()


def glyph(char: str) -> list[np.ndarray]:
    """Strokes (N, 2) of a character of the content font, canvas pixels: as few points as will do,
    since the browser takes a frame for each."""
    return [line[points_of(line)] for line in Library.load()[ord(char)]]


def points_of(line: np.ndarray) -> list[int]:
    """Those points of a line (16, 2) between which it is straight but for 0.7 pixels."""
    kept = [0, len(line) - 1]
    while True:
        straight = [np.interp(range(len(line)), kept, part) for part in line[kept].T]
        off = np.hypot(*(np.array(straight) - line.T))
        if off.max() < 0.7:
            return kept
        kept = sorted([*kept, int(off.argmax())])


class Pen:
    """A pen on a page's paper."""

    def __init__(self, page: Any, kind: str = "pen") -> None:
        self.page, self.kind = page, kind
        self.wire = page.context.new_cdp_session(page)
        page.locator("#paper").scroll_into_view_if_needed()
        self.box = page.locator("#paper canvas >> nth=0").bounding_box()

    def at(self, name: str, x: float, y: float, force: float = 0.5) -> None:
        """One event; x and y are shares of the paper."""
        self.wire.send("Input.dispatchMouseEvent", {
            "type": name, "x": self.box["x"] + float(x) * self.box["width"],
            "y": self.box["y"] + float(y) * self.box["height"], "button": "left", "clickCount": 1,
            "buttons": 0 if name == "mouseReleased" else 1, "force": float(force), "tiltX": 20,
            "pointerType": self.kind})

    def stroke(self, points: np.ndarray, force: np.ndarray) -> None:
        """Points (N, 2), canvas pixels, with pressure (N,)."""
        names = ["mousePressed"] + ["mouseMoved"] * (len(points) - 1)
        for name, (x, y), pressed in zip(names, points / CANVAS, force):
            self.at(name, x, y, pressed)
        self.at("mouseReleased", *points[-1] / CANVAS, force[-1])

    def write(self, char: str) -> Field:
        """A character with the strokes of the content's glyph; the field (128, 128) of its ink."""
        for stroke in glyph(char):
            self.stroke(stroke, np.linspace(0.3, 0.7, len(stroke)))
        whole = Library.load()[ord(char)]
        width = np.linspace(1.6, 2.4, whole.shape[1], dtype=np.float32)
        return ink(whole, np.tile(width, (len(whole), 1)))


def wait(page: Any, condition: str) -> None:
    """Until an expression is true; the page's policy keeps Playwright from evaluating there."""
    deadline = time.monotonic() + 120
    while not page.evaluate(condition):
        assert time.monotonic() < deadline, condition
        time.sleep(0.05)
