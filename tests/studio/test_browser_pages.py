"""Pages of the studio in a real browser: typing, taste, two tabs, phones, thousands of glyphs."""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browsing import NEXT_PAINT, Page, project_of, wait, write_on
from conftest import FEW, Run, Server, need

from fonts.charset import resolve
from fonts.content import FOLDER
from glyphgen.network.checkpoint import WEIGHTS
from glyphgen.project.document import Project
from glyphgen.studio.views.pages import PAGES

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


def test_typed_text_is_marked_until_it_is_there(browser: Any, server: Server) -> None:
    """No character is shown in a system font as though that were the hand."""
    project_of(server.folder / "Typed.glyphgen", tuple(map(ord, "天地が")))
    tab = Page(browser, server)
    page = tab.page
    held: list[Any] = []
    waiting = {True}
    tab.open("Typed")
    page.route("**/api/font*", lambda route: held.append(route) if waiting else
               route.continue_())
    page.goto(server.base + "/draw")
    page.fill("#text", "天龘か\u3099")
    wait(page, "[...document.querySelectorAll('#set .coming')].map((m) => m.textContent)"
                ".join('') === '天龘が'")
    assert page.evaluate("getComputedStyle(document.querySelector('#set .coming')).color"
                         ) == "rgba(0, 0, 0, 0)"
    assert page.inner_text("#lacking") == "3 being prepared …"
    waiting.clear()
    for route in held:
        route.continue_()
    wait(page, "document.getElementById('set').dataset.ready === 'true'")
    assert page.locator("#set .coming").count() == 0
    assert page.inner_text("#set .lacks") == "龘" and page.inner_text("#set") == "天龘が"
    assert tab.complaints == []
    tab.context.close()


def _traced(answer: Any) -> bool:
    """Whether an answer is a font of 天 that is no draft."""
    return "chars=5929" in answer.url and answer.headers.get("x-draft") != "1"


def test_the_hand_is_judged_beside_its_samples_and_changed_to_taste(browser: Any,
                                                                   server: Server) -> None:
    path = server.folder / "Beside.glyphgen"
    project_of(path, tuple(map(ord, "天地玄黄")))
    with Project.open(path) as project:
        project.set("tuning", {"slant": 4.0})
    tab = Page(browser, server)
    tab.open("Beside")
    page = tab.page
    page.goto(server.base + "/draw")
    page.wait_for_selector("#held li")
    assert page.get_attribute("#held [role=img]", "aria-label") == "Your 永 and the drawn one"
    assert page.locator("#held i").count() == 2
    with page.expect_response(_traced):             # so that nothing is on its way any more
        page.fill("#text", "天地")
    wait(page, "document.getElementById('set').textContent === '天地'"
                " && document.getElementById('set').dataset.ready === 'true'")
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


def test_a_project_of_the_command_is_drawn_on_as_it_was(browser: Any, server: Server,
                                                        run: Run) -> None:
    """Another seed and a second hand: the studio draws what is missing, and as the command does."""
    need(WEIGHTS.exists(), "the network")
    other, path, copy = (server.folder / f"{name}.glyphgen" for name in ("Other", "Mixed", "Copy"))
    run("ingest", other, FOLDER / "kai.ttf", "--sample-chars", "东国酬爱水心山川")
    run("generate", other, "--charset", "东")           # so that its hand is learnt once
    run("make", *FEW, "--out", server.folder / "Mixed.ttf", "--charset", "天地玄黄", "--seed", 5,
        "--blend", f"{other}:0.3", "--no-adapt")
    before = _drawings(path)
    with Project.open(path) as project:
        kept = project.settings()
        project.set_all({"charset": "天地玄黄宇宙", "codepoints": [*map(ord, "天地玄黄宇宙")]})
    shutil.copy(path, copy)
    run("generate", copy)

    tab = Page(browser, server)
    tab.open("Mixed")
    tab.page.goto(server.base + "/draw")
    tab.page.click("#begin")
    wait(tab.page, "document.getElementById('stage-line').textContent === 'Done.'")
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


def test_an_empty_project_says_what_to_do_until_it_is_done(browser: Any, server: Server) -> None:
    Project.open(server.folder / "New.glyphgen", create=True).close()
    tab = Page(browser, server)
    page = tab.page
    tab.open("New")
    assert page.inner_text("#cells-none").startswith("Nothing is here yet.")
    for name in ("draw", "review", "tune", "export"):
        page.goto(f"{server.base}/{name}")
        assert page.inner_text("[data-lacks]:visible").startswith("There are no samples yet.")
    page.click("[data-lacks]:visible a")
    page.wait_for_url("**/samples")
    write_on(page)
    page.click("#pen button.main")
    page.wait_for_selector("#cells-none", state="hidden")
    page.goto(server.base + "/draw")
    assert page.locator("[data-lacks]:visible").count() == 0
    page.goto(server.base + "/review")
    assert page.inner_text("[data-lacks]:visible").startswith("Nothing is drawn yet.")
    assert tab.complaints == []
    tab.context.close()


def test_two_tabs_agree(browser: Any, server: Server) -> None:
    project_of(server.folder / "Tabs.glyphgen", tuple(map(ord, "天地玄黄")))
    tab = Page(browser, server)
    tab.open("Tabs")
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


def _visited(page: Any, server: Server) -> Iterator[str]:
    """The path of every page, while it is there with what it asks for."""
    for path in PAGES.values():
        page.goto(server.base + path)
        page.wait_for_load_state("load")
        if path in _FILLED:
            wait(page, _FILLED[path])
        yield path


@pytest.mark.parametrize("width, scale, touch", [(360, 3, True), (640, 2, False)])
def test_pages_fit_narrow_screens_and_fingers(browser: Any, server: Server,
                                              width: int, scale: int, touch: bool) -> None:
    """A phone, and a window of 1280 pixels at 200 %."""
    project_of(server.folder / f"Narrow{width}.glyphgen", tuple(map(ord, "天地玄黄")))
    tab = Page(browser, server, viewport={"width": width, "height": 700},
               device_scale_factor=scale, color_scheme="dark", has_touch=touch, is_mobile=touch)
    page = tab.page
    tab.open(f"Narrow{width}")
    for path in _visited(page, server):
        page.evaluate(NEXT_PAINT)
        wide = page.evaluate("document.documentElement.scrollWidth")
        tab.shot(f"narrow-{width}-{path.strip('/') or 'start'}")
        assert wide <= width, path
        if touch:
            assert page.evaluate(_SMALL) == [], path
    assert tab.complaints == []
    tab.context.close()


def test_pages_are_accessible(browser: Any, server: Server) -> None:
    need(importlib.util.find_spec("axe_playwright_python"), "axe-playwright-python")
    from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]

    project_of(server.folder / "Open.glyphgen", tuple(map(ord, "天地玄黄")))
    tab = Page(browser, server, viewport={"width": 1280, "height": 900}, color_scheme="light",
               reduced_motion="reduce")      # no colour halfway between two
    page, axe = tab.page, Axe()

    def judge(where: str) -> None:
        found = axe.run(page).response["violations"]
        serious = {(one["id"], node["html"][:120]) for one in found for node in one["nodes"]
                   if one["impact"] in ("serious", "critical")}
        assert not serious, (where, serious)

    tab.open("Open")
    for path in _visited(page, server):
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


def test_thousands_of_glyphs_scroll(browser: Any, server: Server) -> None:
    points = resolve("uro").codepoints
    assert len(points) == 20_992
    project_of(server.folder / "Large.glyphgen", points)
    tab = Page(browser, server, viewport={"width": 1280, "height": 900})
    page = tab.page
    tab.open("Large")
    page.goto(server.base + "/review")
    page.wait_for_selector("#grid[data-ready]")
    assert page.inner_text("#count").startswith("20,992")
    page.hover("#grid")
    for _ in range(30):
        page.mouse.wheel(0, 900)
        page.evaluate(NEXT_PAINT)
    wait(page, "document.getElementById('grid').scrollTop > 2700")
    assert 0 < page.evaluate("document.querySelectorAll('.chunk').length") < 12
    assert page.evaluate("document.querySelectorAll('#grid *').length") < 200
    page.wait_for_selector(".chunk img")
    page.focus("#grid")
    page.keyboard.press("End")
    wait(page, "document.getElementById('grid').scrollTop > 10000")
    assert page.locator("[aria-selected=true]").get_attribute("aria-label").startswith("永")
    page.wait_for_selector(".mark.mine[data-char=永]")
    page.keyboard.press("ArrowLeft")
    assert page.locator("[aria-selected=true]").get_attribute("aria-posinset") == "20991"
    assert tab.complaints == []
    tab.context.close()
