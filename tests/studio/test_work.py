"""The studio without a browser: drawing, exporting, tuning, and what is told of them."""

from __future__ import annotations

import asyncio
import io
import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import refusal, until
from fontTools.ttLib import TTFont
from starlette.testclient import TestClient

from exporters.checks.check import check
from exporters.fontfile.info import FontInfo
from fonts.content import Content
from glyphgen.config import GenerateConfig, to_settings
from glyphgen.export.fonts import ExportConfig
from glyphgen.project.document import Drawn, Project
from glyphgen.studio.events import Events
from glyphgen.studio.studio import Studio
from glyphgen.studio.work.helper import Helper
from glyphgen.studio.work.typing_font import at_hand
from tests.exporters.test_install import font


def test_work_is_paused_changed_and_finished(drawn: Studio, client: TestClient,
                                             tmp_path: Path) -> None:
    answer = client.post("/api/export", json={"formats": [".ttf"], "family": "Test Hand"})
    assert answer.status_code == 200, answer.text
    assert client.post("/api/order", json={"order": "pause"}).status_code == 200
    until(lambda: drawn.jobs.status.get("paused"))
    assert client.post("/api/export", json={"formats": [".ttf"]}).status_code == 400
    lock = client.post("/api/glyph", json={"op": "lock", "chars": [ord("月")]})
    assert lock.status_code == 200, lock.text           # through the worker, which has the project
    assert drawn.project.read(lambda p: p.states())[ord("月")] == "locked"
    assert client.post("/api/order", json={"order": "resume"}).status_code == 200
    drawn.jobs.wait(240)
    assert drawn.jobs.status["state"] == "done", drawn.jobs.status
    assert drawn.jobs.status["result"]["missing"] == []
    font = client.get("/api/download?name=TestHand.ttf").content
    check(font)
    assert (tmp_path / "TestHand.ttf").read_bytes() == font
    assert client.get("/api/download?name=../Hand.glyphgen").status_code == 400


def test_what_was_exported_is_installed_for_this_person(
        drawn: Studio, client: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))
    assert refusal(client.post("/api/install", json={})).startswith("export a .ttf or .otf first")
    fonts = [font(tmp_path, "a.ttf", version=2), font(tmp_path, "b.otf", version=2)]
    drawn.jobs.results["export"] = {"paths": [str(path) for path in fonts]}
    answer = client.post("/api/install", json={})
    assert answer.json() == {"installed": [{"name": "Test Hand", "revision": "1.002"}]}
    (there,) = (tmp_path / "xdg_data_home").rglob("*.?tf")
    assert there.read_bytes() == fonts[0].read_bytes()
    drawn.jobs.results["export"] = {"paths": [str(font(tmp_path, "c.ttf"))]}
    assert "revision 1.000 is older than 1.002" in refusal(client.post("/api/install", json={}))
    foreign = client.post("/api/install", json={}, headers={"origin": "http://other"})
    assert foreign.status_code == 403


def _exported(client: TestClient, studio: Studio, **said: object) -> list[Path]:
    """The files that an export wrote."""
    answer = client.post("/api/export", json={"formats": [".ttf"], "family": "Hand", **said})
    assert answer.status_code == 200, answer.text
    studio.jobs.wait(240)
    assert studio.jobs.status["state"] == "done", studio.jobs.status
    return [Path(path) for path in studio.jobs.status["result"]["paths"]]


def test_every_option_of_the_export_arrives(drawn: Studio, client: TestClient,
                                            tmp_path: Path) -> None:
    folder = tmp_path / "fonts"
    folder.mkdir()
    names = {"localised_family": "我的手写", "designer": "D", "copyright": "C", "licence": "L",
             "licence_url": "https://example.org/l", "vendor": "HAND", "metrics": "legacy"}
    written = _exported(client, drawn, folder=str(folder), weights=["700", "300"], report=True,
                        formats=[".otf", ".ttf"], **names)
    assert {path.name for path in written} == {
        "Hand-Light.ttf", "Hand-Light.otf", "Hand-Bold.ttf", "Hand-Bold.otf",
        "Hand-report-Light.txt", "Hand-report-Bold.txt"}
    assert all(path.parent == folder and path.exists() for path in written)
    bold = TTFont(folder / "Hand-Bold.ttf")
    assert bold["OS/2"].usWeightClass == 700 and bold["OS/2"].achVendID == "HAND"
    assert [bold["name"].getDebugName(n) for n in (0, 9, 13, 14)] == [
        "C", "D", "L", "https://example.org/l"]
    assert bold["name"].getName(1, 3, 1, 0x804).toUnicode() == "我的手写"
    assert not bold["OS/2"].fsSelection & 1 << 7
    text = client.get("/api/download?name=Hand-report-Bold.txt").text
    assert text == (folder / "Hand-report-Bold.txt").read_text("utf-8") and "Hand Bold" in text
    page = client.get("/export").text
    assert 'value="HAND"' in page and "我的手写" in page         # remembered
    for odd in ({"vendor": "TOOLONG"}, {"metrics": "x"}, {"weights": ["450"]}, {"weights": "700"},
                {"alternates": 10}, {"report": "yes"}, {"check": 1},
                {"folder": str(tmp_path / "none")}):
        answer = client.post("/api/export", json={"formats": [".ttf"], "family": "Hand", **odd})
        assert answer.status_code == 400 and refusal(answer), odd


def test_a_base_font_is_filled(drawn: Studio, client: TestClient, tmp_path: Path) -> None:
    base = (_exported(client, drawn)[0]).read_bytes()
    mountain = ord("山")
    drawn.project.change(("put_back", ([mountain], [Drawn(mountain, Content("cn").hei(mountain))])),
                         ("set", ("codepoints", [])))
    assert client.put("/api/base?name=x.ttf", content=b"<svg/>").status_code == 400
    assert client.put("/api/base?name=../My.ttf", content=base).json() == {
        "name": "My.ttf", "size": len(TTFont(io.BytesIO(base)).getBestCmap())}
    filled = TTFont(_exported(client, drawn, fill=True, family="Filled")[0])
    there = TTFont(io.BytesIO(base)).getBestCmap()
    assert set(filled.getBestCmap()) - set(there) == {ord("山")}
    answer = client.post("/api/export", json={"formats": [".otf"], "family": "F", "fill": True})
    assert answer.status_code == 400
    assert client.put("/api/base", content=b"").json() == {"name": None}
    assert ord("山") in TTFont(_exported(client, drawn, fill=True)[0]).getBestCmap()


def test_tuning_is_seen_and_kept(drawn: Studio, client: TestClient) -> None:
    assert drawn.tracer.wait(300)           # else drafts are shown first
    usual = client.get("/api/font?chars=6c38").content
    tried = client.get("/api/font?chars=6c38&slant=10&spacing=50").content
    assert usual[:4] == tried[:4] == b"\0\1\0\0" and usual != tried
    assert client.get("/api/font?chars=6c38").content == usual
    kept = client.post("/api/tuning", json={"slant": 10, "spacing": 50})
    assert kept.json() == {"weight": 0, "looseness": 0, "slant": 10, "size": 1, "spacing": 50}
    assert client.get("/api/font?chars=6c38").content == tried
    assert client.get("/api/state").json()["tuning"]["slant"] == 10
    font = TTFont(_exported(client, drawn)[0])
    assert font["hmtx"][font.getBestCmap()[0x6C38]][0] == 1050
    for odd in ({"slant": 90}, {"size": "1"}, {"weight": True}):
        assert client.post("/api/tuning", json=odd).status_code == 400
    for query in ("slant=x", "size=nan", "weight=99"):
        assert client.get(f"/api/font?chars=6c38&{query}").status_code == 400


def test_killed_work_is_interrupted_and_loses_nothing(drawn: Studio, tmp_path: Path) -> None:
    path = drawn.project.path
    before = drawn.project.read(lambda p: p.states())
    drawn.jobs.start(path, "export", [tmp_path / "x.ttf"], FontInfo(), ExportConfig())
    drawn.jobs.order("pause")
    until(lambda: drawn.jobs.status.get("paused"))
    drawn.jobs._process.kill()
    drawn.jobs.wait(20)
    assert drawn.jobs.status["state"] == "interrupted"
    assert not (tmp_path / "x.ttf").exists()
    drawn.project.change(("lock", ([ord("日")],)))      # the lock died with the worker
    drawn.open(path)                                    # as after a new start
    assert drawn.state()["job"]["state"] == "interrupted"
    assert drawn.project.read(lambda p: p.states()) == {**before, ord("日"): "locked"}


def test_failures_are_told(drawn: Studio, client: TestClient, tmp_path: Path) -> None:
    assert client.post("/api/export", json={"formats": [".exe"]}).status_code == 400
    answer = client.post("/api/export", json={"formats": [".ttf"], "family": "x" * 40})
    assert answer.status_code == 400
    answer = client.post("/api/export", json={"formats": [".ttf"], "folder": "relative"})
    assert answer.status_code == 400 and "whole path" in refusal(answer)
    with Project.open(tmp_path / "Other.glyphgen", create=True):        # another glyphgen has it
        answer = client.post("/api/project/open", json={"name": "Other"})
    assert answer.status_code == 400 and "in use" in refusal(answer)
    assert drawn.project.path.stem == "Hand"                            # the old one stays open


def test_a_trial_says_how_fast_it_draws(studio: Studio, client: TestClient,
                                        monkeypatch: pytest.MonkeyPatch) -> None:
    rate = client.get("/api/speed").json()["rate"]
    assert rate > 0
    monkeypatch.setattr(studio, "_trial", None)         # it is not tried again
    assert client.get("/api/speed").json()["rate"] == rate


def test_events_are_numbered_and_missed_ones_come() -> None:
    events = Events()
    for number in range(3):
        events.publish("job", {"n": number})

    async def take(after: int | None, count: int) -> list[str]:
        stream = events.follow(after, {"first": True})
        found = [await anext(stream) for _ in range(count)]
        await stream.aclose()       # type: ignore[attr-defined]
        return found

    missed = asyncio.run(take(1, 3))
    assert [re.findall(r"id: (\d+)\nevent: (\w+)", frame)[0] for frame in missed] == [
        ("1", "state"), ("2", "job"), ("3", "job")]
    assert len(asyncio.run(take(99, 1))) == 1           # a number of another server


LEAVES = """
import os, sys, time
from glyphgen.studio.work.helper import Helper
if __name__ == "__main__":
    print(Helper(60).ask(os.getpid), flush=True)
    time.sleep(60)
"""


def test_a_process_that_was_begun_is_the_one_that_is_asked() -> None:
    helper = Helper(60)
    helper.begin(at_hand)
    assert helper._pool is not None
    (process,) = helper._pool._processes.values()
    helper.begin(at_hand)
    assert helper.ask(os.getpid) == process.pid
    assert helper.ask(eval, "'exporters.fontfile.ttf' in __import__('sys').modules")
    helper.close()
    assert not process.is_alive()


@pytest.mark.skipif(os.name == "nt", reason="processes are looked up in another way there")
def test_helpers_leave_with_the_server() -> None:
    server = subprocess.Popen([sys.executable, "-c", LEAVES], stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    helper = int(server.stdout.readline())
    server.kill()
    server.wait()
    server.stdout.close()

    def gone() -> bool:
        try:
            os.kill(helper, 0)
        except ProcessLookupError:
            return True
        return _is_zombie(helper)

    until(gone, 20)


def _is_zombie(process: int) -> bool:
    """Ended, though nobody has asked how: as in a container without an init process."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rsplit(")")[-1].split()[0] == "Z"
    except OSError:
        return False


def test_the_draw_page_draws_as_the_project_says(drawn: Studio, client: TestClient,
                                                 monkeypatch: pytest.MonkeyPatch) -> None:
    """A project of another seed, blend or device stays one."""
    kept = GenerateConfig("日月", "jp", 5, True, "cpu", ("/there/Other.glyphgen", 0.3))
    drawn.project.change(("set_all", (to_settings(kept),)))
    begun: list[object] = []
    monkeypatch.setattr(drawn.jobs, "start", lambda *arguments: begun.append(arguments[2]))
    assert client.post("/api/draw", json={"adapt": False}).status_code == 200
    assert begun == [replace(kept, adapt=False)]


def test_an_invented_hand_needs_no_samples(client: TestClient, studio: Studio,
                                           monkeypatch: pytest.MonkeyPatch) -> None:
    assert client.post("/api/project/new", json={"name": "New", "charset": "日"}).status_code == 200
    assert client.post("/api/draw", json={}).status_code == 400
    studio.project.change(("set", ("invent", 7)))
    begun: list[object] = []
    monkeypatch.setattr(studio.jobs, "start", lambda *arguments: begun.append(arguments[2]))
    assert client.post("/api/draw", json={}).status_code == 200
    assert begun == [GenerateConfig("日", invent=7)]
