"""The phone's page in a real browser: a desktop shows the code, a phone with a pen writes."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from browsing import SHOTS
from conftest import SAMPLES, need
from handheld import Desk, Pen, glyph, wait
from PIL import Image

from fonts.charset import recommended
from fonts.drawing import CANVAS, coverage
from glyphgen.network.checkpoint import WEIGHTS
from glyphgen.project.document import Project
from glyphgen.studio.words import LANGUAGES

CHARS = recommended("cn")
# over plain HTTP on another address than this machine's own, browsers do not have this
_PLAIN = "delete PointerEvent.prototype.getCoalescedEvents"
_SHRUNK = """{
  const {toBlob} = HTMLCanvasElement.prototype;
  HTMLCanvasElement.prototype.toBlob = function (done, kind, quality) {
    window.shrunk = [this.width, this.height, kind];
    toBlob.call(this, done, kind, quality);
  };
}"""


@pytest.fixture
def desk(browser: Any, tmp_path: Path) -> Iterator[Desk]:
    project = tmp_path / "Glass.glyphgen"
    with Project.open(project, create=True) as made:
        made.set_all({"charset": "天地", "codepoints": [*map(ord, "天地")]})
    desk = Desk(browser, project)
    yield desk
    desk.end()
    assert desk.complaints == []


def sent(page: Any, char: str) -> None:
    wait(page, f"document.getElementById('sent').textContent.startsWith('{char} is on')")


def shot(page: Any, name: str) -> None:
    if SHOTS:
        Path(SHOTS).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)


@pytest.fixture
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A home of the test's own, for whatever the studio starts too."""
    need(shutil.which("fc-match"), "fontconfig")
    for name in ("HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))


def test_from_the_code_on_the_screen_to_the_font_in_use(own_home: None, desk: Desk) -> None:
    """Thirty characters written on a phone, drawn, typed there, exported, installed and found."""
    need(WEIGHTS.exists(), "the network")
    shot(desk.page, "phone-desk")
    phone = desk.phone()
    pen, inked = Pen(phone), {}
    for number, char in enumerate(CHARS):
        assert phone.inner_text("#write-title") == f"Write {char}"
        inked[ord(char)] = pen.write(char)
        if number == 3:
            shot(phone, "phone-write")
        phone.click("#keep")
    sent(phone, CHARS[-1])
    wait(desk.page, f"document.querySelectorAll('#cells li').length === {len(CHARS)}")
    assert desk.page.inner_text("#cell-count") == "30 characters"
    assert "Devices let in: 1." in desk.page.inner_text("#invite-line")
    assert phone.inner_text("#done") == "30 of 30"
    shot(desk.page, "phone-arrived")
    with Project.open(desk.project, read_only=True) as project:
        samples, strokes = {s.codepoint: s for s in project.samples()}, project.strokes()
    assert samples.keys() == inked.keys() == strokes.keys()
    for point, field in inked.items():
        seen, expected = coverage(samples[point].drawing.field), coverage(field)
        assert np.minimum(seen, expected).sum() > 0.8 * np.maximum(seen, expected).sum(), chr(point)
        written = glyph(chr(point))
        assert [*map(len, strokes[point])] == [*map(len, written)], chr(point)
        off = np.concatenate([stroke[:, :2] for stroke in strokes[point]]) / 256
        assert np.abs(off - np.concatenate(written)).max() < 0.5
        assert abs(strokes[point][0][0, 2] - 300) < 3 and strokes[point][0][0, 4] == 20
        assert strokes[point][-1][-1, 3] > strokes[point][0][0, 3] == 0
    _drawn(desk.page)
    _typed(phone)
    phone.context.close()
    _installed(desk)


def _drawn(page: Any) -> None:
    """The two characters that nobody wrote are drawn, on the desktop."""
    page.click("text=Go on to drawing")
    page.wait_for_url("**/draw")
    page.uncheck("#adapt")
    page.click("#begin")
    wait(page, "document.getElementById('stage-line').textContent === 'Done.'")
    assert page.inner_text("#project-facts").endswith("2 of 2 characters")


def _typed(phone: Any) -> None:
    """On the phone: all that was written, and what was drawn of it."""
    phone.click("[data-part=type]")
    assert phone.input_value("#text") == CHARS
    phone.fill("#text", CHARS + "天地")
    wait(phone, "document.getElementById('set').dataset.ready === 'true'"
                " && document.getElementById('set').textContent.endsWith('天地')")
    assert phone.locator("#set .lacks, #set .coming").count() == 0
    assert phone.evaluate("[...document.fonts].some((face) => face.family === 'hand')")
    shot(phone, "phone-type")


def _installed(desk: Desk) -> None:
    """The font, exported and installed by the buttons, is what fontconfig gives to programs."""
    page = desk.page
    page.click("nav a[href='/export']")
    page.fill("#family", "Glass Hand")
    page.click("#export button.main")
    page.click("#install")
    page.wait_for_selector("#installed:not(:empty)")
    found = subprocess.run(["fc-match", "-f", "%{family}\n%{file}\n%{charset}", "Glass Hand"],
                           capture_output=True, text=True, check=True).stdout
    family, file, charset = found.splitlines()
    assert family == "Glass Hand"
    assert Path(file).read_bytes() == desk.project.with_name("GlassHand.ttf").read_bytes()
    assert f"{ord('天'):x}" in charset


def test_taking_back_and_going_back(desk: Desk) -> None:
    phone = desk.phone(_PLAIN, color_scheme="dark")
    pen, first, second = Pen(phone), CHARS[0], CHARS[1]
    assert phone.is_disabled("#undo") and phone.is_disabled("#again")
    pen.write(first)
    count = len(glyph(first))
    phone.click("#undo")
    phone.click("#next")                    # what is written is kept, not lost
    sent(phone, first)
    pen.write(second)
    phone.click("#again")
    phone.click("#previous")
    assert first in phone.inner_text("#write-title")
    with Project.open(desk.project, read_only=True) as project:
        assert [len(s) for s in project.strokes().values()] == [count - 1]
    phone.focus("#paper canvas >> nth=0")
    phone.keyboard.press("Backspace")
    phone.keyboard.press("ArrowRight")
    wait(desk.page, "document.querySelectorAll('#cells li').length === 1")
    phone.keyboard.press("ArrowLeft")
    wait(phone, "document.querySelectorAll('.mark.good').length === 1")
    with Project.open(desk.project, read_only=True) as project:
        assert [len(s) for s in project.strokes().values()] == [count - 2]
    phone.context.close()


def test_a_resting_palm_is_no_stroke(desk: Desk) -> None:
    phone = desk.phone()
    pen = Pen(phone)

    def touch(name: str, *points: tuple[float, float]) -> None:
        pen.wire.send("Input.dispatchTouchEvent", {"type": name, "touchPoints": [
            {"x": pen.box["x"] + x * pen.box["width"], "y": pen.box["y"] + y * pen.box["height"],
             "id": number} for number, (x, y) in enumerate(points)]})

    touch("touchStart", (0.3, 0.3))                     # a finger writes where there is no pen
    touch("touchMove", (0.6, 0.3))
    touch("touchStart", (0.6, 0.3), (0.9, 0.9))         # and a second one does not
    touch("touchEnd")
    pen.stroke(np.array([[64.0, 20], [64, 110]]), np.array([0.5, 0.5]))
    touch("touchStart", (0.8, 0.9))
    touch("touchMove", (0.7, 0.8))
    touch("touchEnd")
    phone.click("#keep")
    sent(phone, CHARS[0])
    with Project.open(desk.project, read_only=True) as project:
        (strokes,) = project.strokes().values()
    assert [len(stroke) for stroke in strokes] == [2, 2]
    assert abs(strokes[0][1, 0] / 256 - 0.6 * CANVAS) < 1
    phone.context.close()


def test_ink_is_there_when_the_event_was_heard(desk: Desk) -> None:
    """The line is on the canvas before the next frame, on a slow device too; no point is lost."""
    phone = desk.phone()
    pen = Pen(phone)
    pen.wire.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    phone.evaluate("""{
      const {ink, late} = window.seen = {ink: document.querySelector('#paper canvas'), late: 0};
      const wet = document.querySelectorAll('#paper canvas')[1];
      ink.addEventListener('pointermove', (event) => {
        const box = ink.getBoundingClientRect(), scale = ink.width / box.width;
        const at = [(event.clientX - box.left) * scale, (event.clientY - box.top) * scale, 1, 1];
        const there = [ink, wet].some((c) => c.getContext('2d').getImageData(...at).data[3] > 0);
        if (event.buttons && !there) window.seen.late += 1;
      });
    }""")
    turn = np.linspace(0, 4 * np.pi, 240)               # a second of a fast pen
    spiral = 64 + np.stack([np.cos(turn), np.sin(turn)], 1) * np.linspace(10, 45, 240)[:, None]
    pen.stroke(spiral, np.full(240, 0.5))
    assert phone.evaluate("window.seen.late") == 0
    assert phone.evaluate("window.seen.ink.getContext('2d').getContextAttributes().desynchronized")
    phone.click("#keep")
    sent(phone, CHARS[0])
    with Project.open(desk.project, read_only=True) as project:
        (strokes,) = project.strokes().values()
    assert [len(stroke) for stroke in strokes] == [240]
    np.testing.assert_allclose(strokes[0][:, :2] / 256, spiral, atol=0.3)
    desk.complaints[:] = [line for line in desk.complaints if "willReadFrequently" not in line]
    phone.context.close()


def test_a_photograph_is_shrunk_and_judged(desk: Desk, tmp_path: Path) -> None:
    phone = desk.phone(_SHRUNK)
    phone.click("[data-part=photo]")
    picture = Image.new("RGB", (5000, 4000), "white")
    picture.paste(Image.open(SAMPLES / "永.png").convert("RGB").resize((3000, 3000)), (1000, 500))
    picture.save(tmp_path / "large.jpg")
    phone.check("input[value=other]")
    phone.fill("#chars", "永")
    phone.set_input_files("#camera", str(tmp_path / "large.jpg"))
    phone.wait_for_selector("#cells .good")
    assert phone.evaluate("window.shrunk") == [3200, 2560, "image/jpeg"]
    assert phone.inner_text("#cells") .split() == ["永", "✓", "good"]
    assert phone.inner_text("#read") == "1 of 1 characters are good."
    shot(phone, "phone-photo")
    desk.page.wait_for_selector("#cells li[data-char=永]")
    (tmp_path / "no.jpg").write_bytes(b"\xff\xd8\xff no picture")
    phone.set_input_files("#files", str(tmp_path / "no.jpg"))
    phone.wait_for_selector("#notes li")
    assert "No character" in phone.inner_text("#read")
    phone.context.close()


def test_what_is_ended_says_so_and_goes_on_with_a_new_code(desk: Desk) -> None:
    phone = desk.phone()
    desk.page.click("#invite-end")
    desk.page.wait_for_selector("#invite-begin:visible")
    Pen(phone).write(CHARS[0])
    phone.click("#keep")
    phone.wait_for_selector("#ended:visible")
    assert CHARS[0] in phone.inner_text("#sent")
    desk.page.click("#invite-begin")
    other = phone.context.new_page()                    # the camera opens another page
    other.goto(desk.scanned())
    sent(phone, CHARS[0])
    assert phone.is_hidden("#ended")
    desk.page.wait_for_selector(f"#cells li[data-char={CHARS[0]}]")
    desk.complaints[:] = [line for line in desk.complaints if "ERR_CONNECTION" not in line
                          and "403" not in line]
    phone.context.close()


def test_the_page_fits_every_hand(desk: Desk) -> None:
    need(importlib.util.find_spec("axe_playwright_python"), "axe-playwright-python")
    from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]

    phone, axe = desk.phone(reduced_motion="reduce"), Axe()
    for language in LANGUAGES:
        if language != "en":
            with phone.expect_navigation():
                phone.select_option("#language", language)
        wait(phone, "document.getElementById('done').textContent !== ''")
        for width, height in ((360, 640), (820, 1180)):
            phone.set_viewport_size({"width": width, "height": height})
            for part in ("photo", "type", "write"):
                phone.click(f"[data-part={part}]")
                assert phone.evaluate("document.documentElement.scrollWidth") <= width, language
                small = phone.evaluate("""[...document.querySelectorAll(
                    'button, select, textarea, .button, input[type=range], label:has(input)')]
                    .map((e) => [e.id || e.textContent, e.getBoundingClientRect()])
                    .filter(([, box]) => box.width && (box.width < 44 || box.height < 44))
                    .map(([name]) => name)""")
                assert small == [], (language, part)
                shot(phone, f"phone-{part}-{width}-{language}")

    def judge(page: Any, where: object) -> None:
        found = axe.run(page).response["violations"]
        serious = {(one["id"], node["html"][:120]) for one in found for node in one["nodes"]
                   if one["impact"] in ("serious", "critical")}
        assert not serious, (where, serious)

    for scheme in ("light", "dark"):
        for page in (phone, desk.page):
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        for part in ("photo", "type", "write"):
            phone.click(f"[data-part={part}]")
            judge(phone, (part, scheme))
        desk.page.click("#invite-again")
        desk.page.wait_for_selector("#invite-code:visible")
        judge(desk.page, scheme)
    phone.context.close()
