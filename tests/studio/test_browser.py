"""The studio in a real browser: the whole story, a font installed, what to write next, a kill."""

from __future__ import annotations

import io
import signal
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import numpy as np
import pytest
from browsing import NEXT_PAINT, Page, project_of, same_picture, wait, write_on
from conftest import SAMPLES, Server, need, until
from PIL import Image

from exporters.checks.check import check
from exporters.preview.render import render
from glyphgen.network.checkpoint import WEIGHTS
from glyphgen.project.document import Project
from glyphgen.project.schema import ProjectError
from glyphgen.studio.work.typing_font import typed_font

PICTURES = sorted(SAMPLES.glob("*.png"))
TEXT = "天地玄黄宇宙洪荒日月盈昃辰宿列张あa1"


def test_the_whole_story(browser: Any, server: Server) -> None:
    need(WEIGHTS.exists(), "the network")
    tab = Page(browser, server, viewport={"width": 1280, "height": 900}, color_scheme="light")
    page, project = tab.page, server.folder / "Story.glyphgen"

    page.fill("#name", "Story")
    page.fill("#family", "Story Hand")
    page.click("summary")
    for box in page.query_selector_all("input[name=charset]:checked"):
        box.uncheck()
    page.fill("#own-text", TEXT)
    page.dispatch_event("#own-text", "change")
    wait(page, "document.getElementById('charset-count').textContent.includes('19')")
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
    write_on(page)
    page.click("#pen button.main")
    wait(page, "document.querySelector('#cells li[data-char=山] .name')?.title === 'canvas'")
    tab.shot("2-samples")

    page.click("text=Go on to drawing")
    page.wait_for_url("**/draw")
    page.uncheck("#adapt")
    page.click("#begin")
    page.fill("#text", "天地明")
    page.wait_for_selector("#fresh .glyph")
    wait(page, "document.getElementById('stage-line').textContent === 'Done.'")
    wait(page, "!document.querySelector('#set .lacks')"
                " && document.getElementById('set').dataset.ready === 'true'")
    assert page.inner_text("#project-facts").endswith("19 of 19 characters")
    with Project.open(project, read_only=True) as opened:
        learnt = opened.get("learnt")
    assert [one["samples"] for one in learnt] == [29]
    wait(page, "document.querySelectorAll('#held li').length === 29")
    page.evaluate("document.getElementById('text-size').value = 128;"
                  "document.getElementById('text-size').dispatchEvent(new Event('input'))")
    page.evaluate("document.fonts.ready")
    page.evaluate(NEXT_PAINT)
    tab.shot("3-draw")
    seen = Image.open(io.BytesIO(page.locator("#set").screenshot()))
    font = typed_font(project, "天地明")[0]
    inner = seen.crop((4, 4, seen.width - 4, seen.height - 4))
    assert same_picture(inner, render(font, "天地明", size=128, width=1200)) > 0.85
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
    wait(page, "document.getElementById('job-line').textContent !== ''")
    wait(page, "document.getElementById('job-line').textContent === ''")
    with Project.open(project, read_only=True) as opened:
        assert next(opened.drawings([ord(first)])).seed != seed
    _pick_a_candidate(tab, project, first)
    _repaint_a_part(tab, project, first)
    page.fill("#find", "月")
    page.click("#grid", position={"x": 40, "y": 40})
    page.click("#draw-over")
    write_on(page)
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
    assert data == (server.folder / "StoryHand.ttf").read_bytes()
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
    wait(page, "document.querySelectorAll('#candidates button')[5].ariaPressed === 'true'")
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


def test_a_font_is_installed_from_the_export(browser: Any, tmp_path: Path,
                                             monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))
    path = tmp_path / "Installed.glyphgen"
    project_of(path, tuple(map(ord, "天地玄黄")))
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
                                                            server: Server) -> None:
    path = server.folder / "Next.glyphgen"
    project_of(path, tuple(map(ord, "天地玄黄")))
    with Project.open(path) as project:
        project.set("learnt", [{"samples": n, "iou": iou, "nl1": 1 - iou} for n, iou in (
            (30, 0.375), (42, 0.44))])
    tab = Page(browser, server)
    page = tab.page
    tab.open("Next")
    page.wait_for_selector("#next-chars [data-next] >> nth=11")
    assert page.inner_text("#learnt strong") == "30 samples: 38 % → 42 samples: 44 %"
    char = page.get_attribute("#next-chars [data-next] >> nth=0", "data-next")
    assert char in unquote(page.get_attribute("#next-sheet", "href"))
    with page.expect_download() as sheet:
        page.click("#next-sheet")
    assert Path(sheet.value.path()).read_bytes().startswith(b"%PDF")
    page.click("#next-chars [data-next] >> nth=0")
    assert char in page.inner_text("#pen .next")
    write_on(page)
    page.click("#pen button.main")
    page.wait_for_selector(f"#next-chars [data-next='{char}']", state="detached")
    assert page.locator(f"#cells li[data-char='{char}']").count() == 1
    assert tab.complaints == []
    tab.context.close()


def test_a_killed_server_loses_nothing(browser: Any, tmp_path: Path) -> None:
    path = tmp_path / "Killed.glyphgen"
    project_of(path, tuple(map(ord, "天地玄黄")))
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
