"""The studio in a real browser: the whole story, two tabs, kills, phones, thousands of glyphs."""

from __future__ import annotations

import importlib.util
import io
import os
import shutil
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import numpy as np
import pytest
from conftest import SAMPLES, Run, Server, need, until
from PIL import Image

from exporters.checks.check import check
from exporters.preview.render import render
from fonts.charset import resolve
from fonts.content import FOLDER, Content
from fonts.reading.samples import Sample
from glyphgen.network.checkpoint import WEIGHTS
from glyphgen.project.document import Drawn, Project
from glyphgen.project.schema import ProjectError
from glyphgen.studio.views.pages import PAGES
from glyphgen.studio.work.typing_font import typed_font

PICTURES = sorted(SAMPLES.glob("*.png"))
TEXT = "天地玄黄宇宙洪荒日月盈昃辰宿列张あa1"
_NEXT_PAINT = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
# when what a page asks for after it has loaded is there
_TYPED = "document.getElementById('set').dataset.ready !== undefined"
_FILLED = {"/": "document.getElementById('charset-count').textContent !== ''",
           "/samples": "document.querySelector('#next-chars [data-next]') !== null"
                       " && document.querySelector('#cells li') !== null",
           "/draw": f"{_TYPED} && document.querySelector('#held li') !== null", "/tune": _TYPED,
           "/review": "document.querySelector('#grid[data-ready]') !== null"}
# what a finger would miss: controls of which less than 44 pixels can be touched
_SMALL = """() => [...document.querySelectorAll(
    "a, button, input, select, textarea, summary, label.button")]
  .map((one) => [one, (one.closest("label") ?? one).getBoundingClientRect()])
  .filter(([one, box]) => one.offsetWidth && !one.matches(".hidden, .skip")
    && Math.min(box.width, box.height) < 43.5)
  .map(([one, box]) => `${one.id || one.textContent.trim()} ${box.width} x ${box.height}`)"""
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
        self.page.goto(server.address)
        assert "token" not in self.page.url

    def _heard(self, kind: str, text: str) -> None:
        if kind in ("error", "warning"):
            self.complaints.append(text)

    def _asked(self, url: str, base: str) -> None:
        if not url.startswith((base, "blob:", "data:")):
            self.complaints.append(f"asked {url}")

    def shot(self, name: str) -> None:
        if SHOTS:
            Path(SHOTS).mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    made = Server(tmp_path / "First.glyphgen")
    yield made
    if made.process.poll() is None:
        made.end()


def _project(path: Path, codepoints: tuple[int, ...]) -> None:
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


def _same_picture(seen: Image.Image, expected: Image.Image) -> float:
    """Intersection over union of two settings of a line, whose boxes may differ by a pixel."""
    a, b = _ink(seen), _ink(expected)
    assert abs(a.shape[0] - b.shape[0]) <= 3 and abs(a.shape[1] - b.shape[1]) <= 4, \
        (a.shape, b.shape)
    height, width = min(a.shape[0], b.shape[0]), min(a.shape[1], b.shape[1])
    a, b = a[:height, :width], b[:height, :width]
    shifted = (np.roll(a, (down, across), (0, 1)) for down in (-1, 0, 1) for across in (-1, 0, 1))
    return max(float(np.minimum(c, b).sum() / np.maximum(c, b).sum()) for c in shifted)


def test_the_whole_story(browser: Any, server: Server, tmp_path: Path) -> None:
    need(WEIGHTS.exists(), "the network")
    tab = Page(browser, server, viewport={"width": 1280, "height": 900}, color_scheme="light")
    page = tab.page

    page.fill("#name", "Story")
    page.fill("#family", "Story Hand")
    page.click("summary")
    for box in page.query_selector_all("input[name=charset]:checked"):
        box.uncheck()
    page.fill("#own-text", TEXT)
    page.dispatch_event("#own-text", "change")
    _wait(page, "document.getElementById('charset-count').textContent.includes('19')")
    assert "about 1 s to draw" in page.inner_text("#charset-count")
    tab.shot("1-start")
    with page.expect_download() as sheet:
        page.click("#sheet-a4")
    assert Path(sheet.value.path()).read_bytes().startswith(b"%PDF")
    page.click("button.main")
    page.wait_for_url("**/samples")

    page.set_input_files("#files", [str(path) for path in PICTURES])
    page.wait_for_selector("#cells li")
    assert page.locator("#cells li").count() == len(PICTURES) == 30
    page.click("#cells li[data-char=鼻] button:has-text('Drop')")
    page.wait_for_selector("#cells li[data-char=鼻]", state="detached")
    page.click("#cells li[data-char=凶] button:has-text('Reassign')")
    page.fill("#ask-char", "山")
    page.click("#ask button.main")
    page.wait_for_selector("#cells li[data-char=山]")
    page.click("#cells li[data-char=山] button:has-text('Rewrite')")
    assert "山" in page.inner_text("#pen .next")
    _write(page)
    page.click("#pen button.main")
    _wait(page, "document.querySelector('#cells li[data-char=山] .name')?.title === 'canvas'")
    tab.shot("2-samples")

    page.click("text=Go on to drawing")
    page.wait_for_url("**/draw")
    page.uncheck("#adapt")
    page.click("#begin")
    page.fill("#text", "天地明")
    page.wait_for_selector("#fresh .glyph")
    _wait(page, "document.getElementById('stage-line').textContent === 'Done.'")
    _wait(page, "!document.querySelector('#set .lacks')"
                " && document.getElementById('set').dataset.ready === 'true'")
    assert page.inner_text("#project-facts").endswith("19 of 19 characters")
    with Project.open(tmp_path / "Story.glyphgen", read_only=True) as opened:
        learnt = opened.get("learnt")
    assert [one["samples"] for one in learnt] == [29]
    _wait(page, "document.querySelectorAll('#held li').length === 29")
    page.evaluate("document.getElementById('text-size').value = 128;"
                  "document.getElementById('text-size').dispatchEvent(new Event('input'))")
    page.evaluate("document.fonts.ready")
    page.evaluate(_NEXT_PAINT)
    tab.shot("3-draw")
    project = tmp_path / "Story.glyphgen"
    seen = Image.open(io.BytesIO(page.locator("#set").screenshot()))
    font = typed_font(project, "天地明")[0]
    inner = seen.crop((4, 4, seen.width - 4, seen.height - 4))
    assert _same_picture(inner, render(font, "天地明", size=128, width=1200)) > 0.85
    page.fill("#text", "天龘地")
    page.wait_for_selector("#set .lacks")
    assert page.inner_text("#set .lacks") == "龘" and "龘" in page.inner_text("#lacking")
    page.check("input[value=vertical]")
    box = page.locator("#set .lacks").bounding_box()
    assert box and box["y"] > page.locator("#set").bounding_box()["y"] + 80     # the second down

    page.goto(server.base + "/review")
    page.wait_for_selector("#grid[data-ready]")
    page.focus("#grid")
    page.keyboard.press("Home")
    page.keyboard.press("Enter")
    page.wait_for_selector("#one-facts:not(:empty)")
    first = page.inner_text("#one-title")[0]
    page.keyboard.press("l")
    page.wait_for_selector(".mark.locked")
    page.keyboard.press("u")
    page.wait_for_selector(".mark.locked", state="detached")
    page.keyboard.press("r")                                       # drawn again, another seed
    with Project.open(project, read_only=True) as opened:
        seed = next(opened.drawings([ord(first)])).seed
    _wait(page, "document.getElementById('job-line').textContent !== ''")
    _wait(page, "document.getElementById('job-line').textContent === ''")
    with Project.open(project, read_only=True) as opened:
        assert next(opened.drawings([ord(first)])).seed != seed
    _pick_a_candidate(tab, project, first)
    _repaint_a_part(tab, project, first)
    page.fill("#find", "月")
    page.click("#grid", position={"x": 40, "y": 40})
    page.click("#draw-over")
    _write(page)
    page.click("#pen button.main")
    page.wait_for_selector(".mark.replaced")
    tab.shot("4-review")

    page.goto(server.base + "/export")
    page.check("input[value='.woff2']")
    page.click("#export button.main")
    page.wait_for_selector("#downloads a")
    tab.shot("5-export")
    with page.expect_download() as download:
        page.click("#downloads a >> nth=0")
    data = Path(download.value.path()).read_bytes()
    check(data)
    assert data == (tmp_path / "StoryHand.ttf").read_bytes()
    assert "19 / 19" in page.inner_text("#report")
    assert tab.complaints == []
    tab.context.close()


def _pick_a_candidate(tab: Page, path: Path, char: str) -> None:
    """Other drawings of a glyph, one taken by its key, one with the mouse."""
    page = tab.page
    page.focus("#grid")
    page.keyboard.press("c")
    page.wait_for_selector("#candidates button >> nth=7")
    before = _field(path, char)
    tab.shot("4-candidates")
    page.keyboard.press("3")
    page.wait_for_selector("#candidates button[aria-pressed=true] >> nth=0")
    third = _field(path, char)
    page.click("#candidates button >> nth=5")
    _wait(page, "document.querySelectorAll('#candidates button')[5].ariaPressed === 'true'")
    sixth = _field(path, char)
    assert not np.array_equal(before, third) and not np.array_equal(third, sixth)
    page.focus("#grid")
    page.keyboard.press("z")
    until(lambda: np.array_equal(_field(path, char), third))


def _repaint_a_part(tab: Page, path: Path, char: str) -> None:
    """A part painted over with mouse and keys, repainted, and the first way picked."""
    page, before = tab.page, _field(path, char)
    page.click("#erase-part")
    page.locator("#brush canvas").scroll_into_view_if_needed()
    box = page.locator("#brush canvas").bounding_box()
    page.mouse.move(box["x"] + 0.3 * box["width"], box["y"] + 0.3 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 0.4 * box["height"], steps=4)
    page.mouse.up()
    page.keyboard.press("ArrowRight")
    page.keyboard.down(" ")
    for _ in range(3):
        page.keyboard.press("ArrowDown")
    page.keyboard.up(" ")
    tab.shot("4-brush")
    page.click("#brush button.main")
    page.wait_for_selector("#candidates button >> nth=5")
    page.wait_for_selector("#candidates button >> nth=6", state="detached")
    page.click("#candidates button >> nth=0")
    page.wait_for_selector("#candidates button[aria-pressed=true]")
    after = _field(path, char)
    assert not np.array_equal(after[25:80, 25:80], before[25:80, 25:80])
    assert np.array_equal(after[:15], before[:15]) and np.array_equal(after[100:], before[100:])
    tab.shot("4-repainted")


def _field(path: Path, char: str) -> np.ndarray:
    with Project.open(path, read_only=True) as project:
        return np.array(next(project.drawings([ord(char)])).field)


def _wait(page: Any, condition: str) -> None:
    """Until an expression is true; the page's policy keeps Playwright from evaluating there."""
    deadline = time.monotonic() + 120
    while not page.evaluate(condition):
        assert time.monotonic() < deadline, condition
        time.sleep(0.05)


def _write(page: Any) -> None:
    """Two strokes on the canvas."""
    page.locator("#pen canvas").scroll_into_view_if_needed()
    box = page.locator("#pen canvas").bounding_box()
    for ends in (((0.2, 0.3), (0.8, 0.3)), ((0.5, 0.2), (0.5, 0.8))):
        (x, y), (u, v) = ends
        page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"])
        page.mouse.down()
        page.mouse.move(box["x"] + u * box["width"], box["y"] + v * box["height"], steps=5)
        page.mouse.up()


def test_a_font_is_installed_from_the_export(browser: Any, tmp_path: Path,
                                             monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))
    path = tmp_path / "Installed.glyphgen"
    _project(path, tuple(map(ord, "天地玄黄")))
    server = Server(path)
    tab = Page(browser, server)
    tab.page.goto(server.base + "/export")
    assert not tab.page.is_visible("#install")
    tab.page.fill("#family", "Story Hand")
    tab.page.click("#export button.main")
    tab.page.click("#install")
    tab.page.wait_for_selector("#installed:not(:empty)")
    assert tab.page.inner_text("#installed").startswith("Installed: Story Hand 1.001. Programs")
    tab.shot("5-installed")
    assert tab.complaints == []
    (there,) = (tmp_path / "xdg_data_home" / "fonts").iterdir()
    assert there.read_bytes() == (tmp_path / "StoryHand.ttf").read_bytes()
    tab.context.close()
    server.end()


def test_what_is_proposed_is_written_and_no_longer_proposed(browser: Any,
                                                            tmp_path: Path) -> None:
    path = tmp_path / "Next.glyphgen"
    _project(path, tuple(map(ord, "天地玄黄")))
    with Project.open(path) as project:
        project.set("learnt", [{"samples": n, "iou": iou, "nl1": 1 - iou} for n, iou in (
            (30, 0.375), (42, 0.44))])
    server = Server(path)
    tab = Page(browser, server)
    page = tab.page
    page.goto(server.base + "/samples")
    page.wait_for_selector("#next-chars [data-next] >> nth=11")
    assert page.inner_text("#learnt strong") == "30 samples: 38 % → 42 samples: 44 %"
    char = page.get_attribute("#next-chars [data-next] >> nth=0", "data-next")
    assert char in unquote(page.get_attribute("#next-sheet", "href"))
    with page.expect_download() as sheet:
        page.click("#next-sheet")
    assert Path(sheet.value.path()).read_bytes().startswith(b"%PDF")
    page.click("#next-chars [data-next] >> nth=0")
    assert char in page.inner_text("#pen .next")
    _write(page)
    page.click("#pen button.main")
    page.wait_for_selector(f"#next-chars [data-next='{char}']", state="detached")
    assert page.locator(f"#cells li[data-char='{char}']").count() == 1
    assert tab.complaints == []
    tab.context.close()
    server.end()


def test_a_killed_server_loses_nothing(browser: Any, tmp_path: Path) -> None:
    path = tmp_path / "Killed.glyphgen"
    _project(path, tuple(map(ord, "天地玄黄")))
    server = Server(path)
    tab = Page(browser, server)
    tab.page.goto(server.base + "/export")
    tab.page.click("#export button.main")
    tab.page.wait_for_selector("#downloads a")          # a worker has run and ended
    tab.page.goto(server.base + "/draw")
    tab.page.wait_for_selector("#begin")
    tab.page.click("#begin")
    tab.page.wait_for_selector("#cancel:visible")
    until(lambda: _job(path) == "running")
    server.end(signal.SIGKILL)
    tab.context.close()
    until(lambda: _is_free(path))       # the orphaned worker ends by itself and lets the project go
    again = Server(path)
    tab = Page(browser, again)
    tab.page.goto(again.base + "/draw")
    tab.page.wait_for_selector("#banner:visible")
    assert "interrupted" in tab.page.inner_text("#banner")
    tab.context.close()
    again.end()
    with Project.open(path, read_only=True) as project:
        assert set(project.states()) == set(map(ord, "天地玄黄"))


def _is_free(path: Path) -> bool:
    try:
        Project.open(path).close()
    except ProjectError:
        return False
    return True


def _job(path: Path) -> str:
    with Project.open(path, read_only=True) as project:
        return str(project.get("studio_job", {}).get("state"))


def test_typed_text_is_marked_until_it_is_there(browser: Any, server: Server,
                                                tmp_path: Path) -> None:
    """No character is shown in a system font as though that were the hand."""
    _project(tmp_path / "Typed.glyphgen", tuple(map(ord, "天地が")))
    tab = Page(browser, server)
    page = tab.page
    held: list[Any] = []
    waiting = {True}
    page.click("[data-open=Typed]")
    page.wait_for_url("**/samples")
    page.route("**/api/font*", lambda route: held.append(route) if waiting else
               route.continue_())
    page.goto(server.base + "/draw")
    page.fill("#text", "天龘か\u3099")
    _wait(page, "[...document.querySelectorAll('#set .coming')].map((m) => m.textContent)"
                ".join('') === '天龘が'")
    assert page.evaluate("getComputedStyle(document.querySelector('#set .coming')).color"
                         ) == "rgba(0, 0, 0, 0)"
    assert page.inner_text("#lacking") == "3 being prepared …"
    waiting.clear()
    for route in held:
        route.continue_()
    _wait(page, "document.getElementById('set').dataset.ready === 'true'")
    assert page.locator("#set .coming").count() == 0
    assert page.inner_text("#set .lacks") == "龘" and page.inner_text("#set") == "天龘が"
    assert tab.complaints == []
    tab.context.close()


def test_the_hand_is_judged_beside_its_samples_and_changed_to_taste(browser: Any,
                                                                   tmp_path: Path) -> None:
    path = tmp_path / "Beside.glyphgen"
    _project(path, tuple(map(ord, "天地玄黄")))
    with Project.open(path) as project:
        project.set("tuning", {"slant": 4.0})
    server = Server(path)
    tab = Page(browser, server)
    page = tab.page
    page.goto(server.base + "/draw")
    page.wait_for_selector("#held li")
    assert page.get_attribute("#held [role=img]", "aria-label") == "Your 永 and the drawn one"
    assert page.locator("#held i").count() == 2
    page.fill("#text", "天地")
    _wait(page, "document.getElementById('set').dataset.ready === 'true'")
    page.focus("#weight")
    with page.expect_response("**/api/font*weight=1*"), page.expect_response("**/api/tuning"):
        page.keyboard.press("ArrowRight")
    with Project.open(path, read_only=True) as project:
        assert project.get("tuning") == {"weight": 1, "looseness": 0, "slant": 4, "size": 1,
                                         "spacing": 0}
    page.focus("#looseness")
    with page.expect_response("**/api/font*"), page.expect_response("**/api/tuning"):
        page.keyboard.press("ArrowLeft")            # asked for by its own, or as it was kept
    assert page.input_value("#weight") == "1"
    with Project.open(path, read_only=True) as project:
        assert project.get("tuning")["looseness"] == -5 and project.get("tuning")["weight"] == 1
    assert tab.complaints == []
    tab.context.close()
    server.end()


def test_a_project_of_the_command_is_drawn_on_as_it_was(browser: Any, server: Server, run: Run,
                                                        tmp_path: Path) -> None:
    """Another seed and a second hand: the studio draws what is missing, and as the command does."""
    need(WEIGHTS.exists(), "the network")
    other, path, copy = (tmp_path / f"{name}.glyphgen" for name in ("Other", "Mixed", "Copy"))
    run("ingest", other, FOLDER / "kai.ttf", "--sample-chars", "东国酬爱水心山川")
    run("make", SAMPLES, "--out", tmp_path / "Mixed.ttf", "--charset", "天地玄黄", "--seed", 5,
        "--blend", f"{other}:0.3", "--no-adapt")
    before = _drawings(path)
    with Project.open(path) as project:
        kept = project.settings()
        project.set_all({"charset": "天地玄黄宇宙", "codepoints": [*map(ord, "天地玄黄宇宙")]})
    shutil.copy(path, copy)
    run("generate", copy)

    tab = Page(browser, server)
    tab.page.click("[data-open=Mixed]")
    tab.page.wait_for_url("**/samples")
    tab.page.goto(server.base + "/draw")
    tab.page.click("#begin")
    _wait(tab.page, "document.getElementById('stage-line').textContent === 'Done.'")
    assert tab.complaints == []
    tab.context.close()
    after, expected = _drawings(path), _drawings(copy)
    assert {c: after[c] for c in before} == before      # nothing is drawn twice
    assert after == expected and after.keys() - before.keys() == {*map(ord, "宇宙")}
    with Project.open(path, read_only=True) as project:
        now = project.settings()
    for name in ("seed", "blend", "adapt", "device", "region"):
        assert now[name] == kept[name], name
    assert now["seed"] == 5 and now["blend"][1] == 0.3


def _drawings(path: Path) -> dict[int, tuple[object, ...]]:
    with Project.open(path, read_only=True) as project:
        return {one.codepoint: (one.seed, one.recipe_tag, one.style, one.field.tobytes())
                for one in project.drawings()}


def test_an_empty_project_says_what_to_do_until_it_is_done(browser: Any, tmp_path: Path) -> None:
    path = tmp_path / "New.glyphgen"
    server = Server(path)
    tab = Page(browser, server)
    page = tab.page
    page.goto(server.base + "/samples")
    assert page.inner_text("#cells-none").startswith("Nothing is here yet.")
    for name in ("draw", "review", "tune", "export"):
        page.goto(f"{server.base}/{name}")
        assert page.inner_text("[data-lacks]:visible").startswith("There are no samples yet.")
    page.click("[data-lacks]:visible a")
    page.wait_for_url("**/samples")
    _write(page)
    page.click("#pen button.main")
    page.wait_for_selector("#cells-none", state="hidden")
    page.goto(server.base + "/draw")
    assert page.locator("[data-lacks]:visible").count() == 0
    page.goto(server.base + "/review")
    assert page.inner_text("[data-lacks]:visible").startswith("Nothing is drawn yet.")
    assert tab.complaints == []
    tab.context.close()
    server.end()


def test_two_tabs_agree(browser: Any, server: Server, tmp_path: Path) -> None:
    _project(tmp_path / "Tabs.glyphgen", tuple(map(ord, "天地玄黄")))
    tab = Page(browser, server)
    tab.page.click("[data-open=Tabs]")
    tab.page.wait_for_url("**/samples")
    pages = [tab.page, tab.context.new_page()]
    for page in pages:
        page.goto(server.base + "/review")
        page.wait_for_selector("#grid[data-ready]")
    pages[0].focus("#grid")
    pages[0].keyboard.press("Home")
    pages[0].keyboard.press("l")
    pages[1].wait_for_selector(".mark.locked")
    pages[1].focus("#grid")
    pages[1].keyboard.press("z")
    pages[0].wait_for_selector(".mark.locked", state="detached")
    assert tab.complaints == []
    tab.context.close()


@pytest.mark.parametrize("width, scale, touch", [(360, 3, True), (640, 2, False)])
def test_pages_fit_narrow_screens_and_fingers(browser: Any, server: Server, tmp_path: Path,
                                              width: int, scale: int, touch: bool) -> None:
    """A phone, and a window of 1280 pixels at 200 %."""
    _project(tmp_path / "Narrow.glyphgen", tuple(map(ord, "天地玄黄")))
    tab = Page(browser, server, viewport={"width": width, "height": 700},
               device_scale_factor=scale, color_scheme="dark", has_touch=touch, is_mobile=touch)
    page = tab.page
    page.click("[data-open=Narrow]")
    page.wait_for_url("**/samples")
    for path in PAGES.values():
        page.goto(server.base + path)
        page.wait_for_load_state("load")
        if path in _FILLED:
            _wait(page, _FILLED[path])
        page.evaluate(_NEXT_PAINT)
        wide = page.evaluate("document.documentElement.scrollWidth")
        tab.shot(f"narrow-{width}-{path.strip('/') or 'start'}")
        assert wide <= width, path
        if touch:
            assert page.evaluate(_SMALL) == [], path
    assert tab.complaints == []
    tab.context.close()


def test_pages_are_accessible(browser: Any, server: Server, tmp_path: Path) -> None:
    need(importlib.util.find_spec("axe_playwright_python"), "axe-playwright-python")
    from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]

    _project(tmp_path / "Open.glyphgen", tuple(map(ord, "天地玄黄")))
    tab = Page(browser, server, viewport={"width": 1280, "height": 900}, color_scheme="light",
               reduced_motion="reduce")      # no colour halfway between two
    page, axe = tab.page, Axe()

    def judge(where: str) -> None:
        found = axe.run(page).response["violations"]
        serious = {(one["id"], node["html"][:120]) for one in found for node in one["nodes"]
                   if one["impact"] in ("serious", "critical")}
        assert not serious, (where, serious)

    page.click("[data-open=Open]")
    page.wait_for_url("**/samples")
    for path in PAGES.values():
        page.goto(server.base + path)
        page.wait_for_load_state("load")
        if path in _FILLED:
            _wait(page, _FILLED[path])
        for summary in page.query_selector_all("summary"):
            summary.click()
        if path == PAGES["review"]:
            page.wait_for_selector("#grid[data-ready]")
            page.focus("#grid")
            page.keyboard.press("Home")
            page.keyboard.press("Enter")
            page.wait_for_selector("#one-facts:not(:empty)")
        if path == PAGES["samples"]:
            page.click("#cells button:has-text('Recut')")
            page.wait_for_selector("#cut[open]")
            judge("the cut")
            page.keyboard.press("Escape")
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            judge(f"{path} {scheme}")
    assert tab.complaints == []
    tab.context.close()


def test_thousands_of_glyphs_scroll(browser: Any, server: Server, tmp_path: Path) -> None:
    points = resolve("uro").codepoints
    assert len(points) == 20_992
    _project(tmp_path / "Large.glyphgen", points)
    tab = Page(browser, server, viewport={"width": 1280, "height": 900})
    page = tab.page
    page.click("[data-open=Large]")
    page.wait_for_url("**/samples")
    page.goto(server.base + "/review")
    page.wait_for_selector("#grid[data-ready]")
    assert page.inner_text("#count").startswith("20,992")
    page.hover("#grid")
    for _ in range(30):
        page.mouse.wheel(0, 900)
        page.evaluate(_NEXT_PAINT)
    _wait(page, "document.getElementById('grid').scrollTop > 2700")
    assert 0 < page.evaluate("document.querySelectorAll('.chunk').length") < 12
    assert page.evaluate("document.querySelectorAll('#grid *').length") < 200
    page.wait_for_selector(".chunk img")
    page.focus("#grid")
    page.keyboard.press("End")
    _wait(page, "document.getElementById('grid').scrollTop > 10000")
    assert page.locator("[aria-selected=true]").get_attribute("aria-label").startswith("永")
    page.wait_for_selector(".mark.mine[data-char=永]")
    page.keyboard.press("ArrowLeft")
    assert page.locator("[aria-selected=true]").get_attribute("aria-posinset") == "20991"
    assert tab.complaints == []
    tab.context.close()
