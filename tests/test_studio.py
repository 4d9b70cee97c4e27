"""The studio without a browser: who gets in, what is refused, samples, glyphs, work."""

from __future__ import annotations

import ast
import asyncio
import http.client
import io
import json
import os
import re
import select
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import uvicorn
from fontTools.ttLib import TTFont
from PIL import Image
from starlette.testclient import TestClient

from exporters.check import check
from exporters.info import FontInfo
from fonts import verdict
from fonts.content import FOLDER as CONTENT
from fonts.content import Content
from fonts.drawing import coverage
from fonts.layout import paginate
from fonts.render import Face
from fonts.samples import Sample
from fonts.template import sheet_pdf
from glyphgen.exporting import ExportConfig
from glyphgen.project import Drawn, Project
from glyphgen.studio import security
from glyphgen.studio.app import build
from glyphgen.studio.events import Events
from glyphgen.studio.pages import PAGES
from glyphgen.studio.reading import kind_of
from glyphgen.studio.security import Session, StudioError, check_host
from glyphgen.studio.studio import Studio, file_name
from glyphgen.studio.typing_font import typed_font
from glyphgen.studio.words import FOLDER, LANGUAGES, causes, chosen, words
from training.photograph import fill_page, print_page, scan_page

SAMPLES = Path(__file__).parent / "samples"
HERE = "http://127.0.0.1:4321"
TEXT = "天地玄黄宇宙洪荒日月盈昃辰宿列张寒来暑往秋收冬藏"
ORIGIN = {"origin": HERE}


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Studio]:
    made = Studio(tmp_path)
    yield made
    made.close()


@pytest.fixture
def session() -> Session:
    return Session(4321)


@pytest.fixture
def stranger(studio: Studio, session: Session) -> TestClient:
    """A browser that has not been let in."""
    return TestClient(build(studio, session), base_url=HERE, raise_server_exceptions=False)


@pytest.fixture
def client(stranger: TestClient, session: Session) -> TestClient:
    """The person's browser, in."""
    stranger.get(f"/?token={session.token}")
    stranger.headers.update(ORIGIN)
    return stranger


@pytest.fixture
def drawn(client: TestClient, studio: Studio) -> Studio:
    """A project with one sample and drawings that are the content's own."""
    answer = client.post("/api/project/new", json={"name": "Hand", "charset": TEXT,
                                                   "family": "Test Hand"})
    assert answer.status_code == 200, answer.text
    content = Content("cn")
    fields = {ord(c): content.hei(ord(c)) for c in TEXT}
    scores = np.linspace(0.2, 0.9, len(fields))
    studio.project.change(
        ("add_samples", ([Sample.of(ord("永"), content.hei(ord("永")), "永.png", 1.0)],)),
        ("put_drawings", ([Drawn(c, f, 7, "model", "style", float(s),
                                 state="doubtful" if s < 0.4 else "drawn")
                           for (c, f), s in zip(fields.items(), scores)],)))
    return studio


def put(client: TestClient, path: str, data: bytes) -> int:
    return client.put(path, content=data).status_code


def png(ink: np.ndarray) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(ink).save(stream, "PNG")
    return stream.getvalue()


# who gets in


def test_the_token_is_good_for_one_browser(stranger: TestClient, session: Session) -> None:
    token = session.token
    first = stranger.get(f"/?token={token}", follow_redirects=False)
    assert first.status_code == 303 and first.headers["location"] == "/"
    cookie = first.headers["set-cookie"].lower()
    assert "httponly" in cookie and "samesite=strict" in cookie
    assert stranger.get("/").status_code == 200
    assert stranger.get(f"/?token={token}").status_code == 200       # the same browser again
    stranger.cookies.clear()
    again = stranger.get(f"/?token={token}")
    assert again.status_code == 403 and "used already" in again.text


@pytest.mark.parametrize("path", ["/", "/api/state", "/api/events", "/api/glyphs",
                                  "/static/studio.css", "/?token=wrong"])
def test_nothing_is_shown_without_the_cookie(stranger: TestClient, path: str) -> None:
    assert stranger.get(path).status_code == 403


@pytest.mark.parametrize("host", ["evil.example", "evil.example:4321", "127.0.0.1", "localhost:80",
                                  "127.0.0.1:4321.evil.example"])
def test_other_names_are_refused(client: TestClient, host: str) -> None:
    assert client.get("/api/state", headers={"host": host}).status_code == 421


@pytest.mark.parametrize("headers", [
    {"origin": "https://evil.example"}, {"origin": "null"}, {"origin": "http://127.0.0.1:9999"},
    {"origin": ""}, {"origin": f"{HERE}.evil.example"}, {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_other_pages_are_refused(client: TestClient, headers: dict, method: str) -> None:
    answer = client.request(method, "/api/state", headers={**ORIGIN, **headers})
    assert answer.status_code == 403


def test_changes_need_an_origin(client: TestClient) -> None:
    del client.headers["origin"]
    body = {"name": "x", "charset": "天"}
    assert client.post("/api/project/new", json=body).status_code == 403
    assert client.post("/api/project/new", json=body,
                       headers={"sec-fetch-site": "same-origin"}).status_code == 200


def test_a_form_is_no_request(client: TestClient) -> None:
    answer = client.post("/api/project/new", data={"name": "x", "charset": "天"})
    assert answer.status_code == 400 and "JSON" in answer.json()["error"]


def test_every_answer_is_sealed(client: TestClient) -> None:
    for path in ("/", "/api/state", "/static/studio.css", "/nowhere"):
        headers = client.get(path).headers
        assert headers["content-security-policy"].startswith("default-src 'self'")
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert not [name for name in headers if name.startswith("access-control")]


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.4", "example.org"])
def test_other_interfaces_need_a_flag(host: str) -> None:
    with pytest.raises(StudioError, match="network"):
        check_host(host, exposed=False)
    check_host(host, exposed=True)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
def test_loopback_is_the_place(host: str) -> None:
    check_host(host, exposed=False)


# what is refused


@pytest.mark.parametrize("path", ["/static/../app.py", "/static/%2e%2e/app.py",
                                  "/static/..%2fapp.py", "/static//etc/passwd",
                                  "/static/..%5capp.py"])
def test_only_static_files_are_served(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404 and "import" not in answer.text


@pytest.mark.parametrize("name", ["../x", "a/b", "a\\b", ".x", "x.", "", "  ", "CON", "a\0b",
                                  "x" * 80, "a:b"])
def test_names_stay_in_the_folder(client: TestClient, tmp_path: Path, name: str) -> None:
    with pytest.raises(StudioError):
        file_name(name)
    answer = client.post("/api/project/new", json={"name": name, "charset": "天"})
    assert answer.status_code == 400 and len(answer.json()["error"].splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["../Hand", "/etc/passwd", "Hand.glyphgen", "nothing"])
def test_only_listed_projects_open(drawn: Studio, client: TestClient, name: str) -> None:
    assert client.post("/api/project/open", json={"name": name}).status_code == 400


def test_charsets_name_no_files(client: TestClient, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("秘密")
    answer = client.get("/api/count", params={"charset": f"latin,@{tmp_path}/secret.txt"})
    assert answer.status_code == 400


@pytest.mark.parametrize("body", ["[]", "{", '{"chars": "x"}', '{"op": "drop", "chars": []}',
                                  '{"op": "drop", "chars": [true]}', "[" * 5000,
                                  '{"op": "drop", "chars": [55296]}', '{"op": "burn"}'])
def test_odd_requests_are_told(drawn: Studio, client: TestClient, body: str) -> None:
    for path in ("/api/samples/edit", "/api/glyph"):
        answer = client.post(path, content=body, headers={"content-type": "application/json"})
        assert answer.status_code == 400 and answer.json()["error"]


@pytest.mark.parametrize("data, name", [
    (b"<!DOCTYPE html><script>alert(1)</script>", "永.png"),
    (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "永.svg"),
    (b"GIF89a<script>", "永.gif"), (b"%!PS-Adobe-3.0", "永.eps"), (b"", "永.png"),
])
def test_only_pictures_are_taken(drawn: Studio, client: TestClient, data: bytes,
                                 name: str) -> None:
    answer = client.put("/api/inbox", params={"name": name}, content=data)
    assert answer.status_code == 400 and name in answer.json()["error"]
    assert client.post("/api/samples/read", json={}).status_code == 400        # nothing was kept


@pytest.fixture
def live(drawn: Studio, session: Session) -> Iterator[int]:
    """The port of the studio on a real socket."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    session.port = listener.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(build(drawn, session), log_level="warning",
                                           lifespan="off", ws="none"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    _until(lambda: server.started)
    yield session.port
    server.should_exit = True
    thread.join(20)
    listener.close()


def _own(session: Session, **more: str) -> dict[str, str]:
    """Headers of a request of the person's own page."""
    return {"Origin": f"http://127.0.0.1:{session.port}",
            "Cookie": f"{session.name}={session.cookie}", **more}


def test_what_is_too_large_stops_coming_in(drawn: Studio, session: Session, live: int,
                                           monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(security.UPLOAD_LIMITS, "/api/inbox", 1 << 20)
    whole, sent = 64 << 20, 0

    def endless() -> Iterator[bytes]:
        nonlocal sent
        while sent < whole and not select.select([wire.sock], [], [], 0)[0]:
            sent += 1 << 16
            yield b"\x89PNG\r\n\x1a\n" + bytes(65528)

    wire = http.client.HTTPConnection("127.0.0.1", live, timeout=20)
    try:
        wire.request("PUT", "/api/inbox?name=x.png", endless(), _own(session), encode_chunked=True)
        answer = wire.getresponse()
        assert answer.status == 413 and "1 MB" in json.loads(answer.read())["error"]
    except ConnectionError:                         # it hung up before it was listened to
        pass
    wire.close()
    assert sent < whole
    assert not list(drawn.inbox.path().parent.iterdir())        # nothing of it is kept
    declared = _own(session, **{"Content-Length": str(1 << 40)})
    wire.request("PUT", "/api/inbox?name=x.png", b"x", declared)
    assert wire.getresponse().status == 413
    wire.close()
    assert drawn.state()["samples"] == 1


def test_a_thousand_files_at_once(drawn: Studio, session: Session, live: int) -> None:
    tiny = png(np.zeros((4, 4), np.uint8))

    def send(numbers: range) -> set[int]:
        wire = http.client.HTTPConnection("127.0.0.1", live, timeout=120)
        told = set()
        for number in numbers:
            wire.request("PUT", f"/api/inbox?name=U%2B{0x4E00 + number:04X}.png", tiny,
                         _own(session))
            answer = wire.getresponse()
            answer.read()
            told.add(answer.status)
        wire.close()
        return told

    with ThreadPoolExecutor(8) as many:
        assert set.union(*many.map(send, [range(n, 1000, 8) for n in range(8)])) == {200}
    client = TestClient(build(drawn, session), base_url=f"http://127.0.0.1:{live}",
                        headers=_own(session))
    answer = client.post("/api/samples/read", json={}).json()
    [note] = answer["notes"]
    assert answer["read"] == 0 and "too few" in note and "U+4E00.png" in note
    assert "named-" not in note and "/glyphgen-studio" not in note
    assert drawn.state()["samples"] == 1
    assert client.post("/api/samples/read", json={}).status_code == 400         # none waits


def test_the_inbox_is_finite(drawn: Studio, client: TestClient,
                             monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("glyphgen.studio.studio.MOST_FILES", 3)
    data = (SAMPLES / "永.png").read_bytes()
    answers = [put(client, "/api/inbox?name=永.png", data) for _ in range(5)]
    assert answers == [200, 200, 200, 400, 400]


def test_kinds_are_told_by_content() -> None:
    assert kind_of((SAMPLES / "永.png").read_bytes()[:16]) == ".png"
    assert kind_of(b"RIFF\0\0\0\0WEBPVP8 ") == ".webp"
    assert kind_of(b"RIFF\0\0\0\0AVI LIST") is None


# samples


def test_samples_come_in_and_are_corrected(drawn: Studio, client: TestClient) -> None:
    for name in ("水", "心"):
        assert put(client, f"/api/inbox?name={name}.png",
                   (SAMPLES / f"{name}.png").read_bytes()) == 200
    bomb = io.BytesIO()
    Image.new("1", (40_000, 40_000)).save(bomb, "PNG")
    assert put(client, "/api/inbox?name=火.png", bomb.getvalue()) == 200
    polyglot = b"\x89PNG\r\n\x1a\n<script>alert(1)</script>" + bytes(2000)
    assert put(client, "/api/inbox?name=../../木.png", polyglot) == 200
    assert put(client, "/api/inbox?name=holiday.png", (SAMPLES / "九.png").read_bytes()) == 200
    answer = client.post("/api/samples/read", json={"fit": False}).json()
    assert answer["read"] == 2
    notes = "\n".join(answer["notes"])
    for word in ("megapixels", "木.png", "holiday.png"):
        assert word in notes
    assert str(drawn.folder) not in notes and "/tmp" not in notes
    assert sorted(row["c"] for row in client.get("/api/samples").json()) == sorted(
        map(ord, "永水心"))

    water, fire = ord("水"), ord("火")
    picture = client.get(f"/api/samples/picture.png?chars={water:x}")
    assert Image.open(io.BytesIO(picture.content)).size == (256, 256)
    move = {"op": "reassign", "chars": [water], "to": [fire]}
    assert client.post("/api/samples/edit", json=move).status_code == 200
    assert client.post("/api/samples/edit", json={"op": "drop", "chars": [ord("心")]}
                       ).status_code == 200
    assert {row["c"] for row in client.get("/api/samples").json()} == {fire, ord("永")}

    ink = np.full((512, 512), 255, np.uint8)
    assert put(client, "/api/samples/canvas?chars=4e00", png(ink)) == 400       # nothing drawn
    ink[240:270, 60:450] = 0
    assert put(client, "/api/samples/canvas?chars=4e00", png(ink)) == 200
    kept = {row["c"]: row for row in client.get("/api/samples").json()}
    assert kept[0x4E00]["source"] == "canvas"

    replaced = client.put(f"/api/glyph/picture?chars={ord('天'):x}&kind=file",
                          content=(SAMPLES / "九.png").read_bytes())
    assert replaced.status_code == 200, replaced.text
    assert drawn.project.read(lambda p: p.states())[ord("天")] == "replaced"


def _ink(studio: Studio, char: str) -> np.ndarray:
    """Where a sample's ink is, (512, 512)."""
    found = studio.project.read(lambda p: {s.codepoint: s.field for s in p.samples()})
    return np.asarray(coverage(found[ord(char)], 512) > 0.5)


def _overlap(a: np.ndarray, b: np.ndarray) -> float:
    return float((a & b).sum() / (a | b).sum())


def _recut(client: TestClient, char: str, left: float, top: float, side: float) -> int:
    return client.post("/api/samples/edit", json={
        "op": "recut", "chars": [ord(char)], "left": left, "top": top, "side": side}).status_code


def test_a_cell_of_a_sheet_is_cut_anew(drawn: Studio, client: TestClient) -> None:
    chars = "东国酬爱"
    page = fill_page(print_page(sheet_pdf(chars), 1, 12), paginate(chars, "cn")[0],
                     Face(CONTENT / "kai.ttf"), scale=12, pen="blue", skip=(3,))
    scan = scan_page(page, np.random.default_rng(0), dpi=200, turn=181.5).data
    assert put(client, "/api/inbox?name=page.png", scan) == 200
    assert client.post("/api/samples/read", json={}).json()["read"] == 3
    rows = {chr(row["c"]): row for row in client.get("/api/samples").json()}
    assert [rows[c]["page"] for c in "东国酬爱永"] == [True] * 4 + [False]
    assert rows["爱"]["has"] is False and rows["国"]["cut"] == [0.25, 0.25, 0.5]

    answer = client.get(f"/api/samples/around.jpg?chars={ord('国'):x}")
    around = Image.open(io.BytesIO(answer.content))
    assert around.format == "JPEG" and around.size == (1024, 1024)
    before = _ink(drawn, "国")
    assert _recut(client, "国", 0.25, 0.25, 0.5) == 200
    assert _overlap(before, _ink(drawn, "国")) > 0.85
    assert _recut(client, "国", 0.3, 0.25, 0.5) == 200          # a tenth of the cell to the right
    assert _overlap(np.roll(before, -51, 1), _ink(drawn, "国")) > 0.85
    assert _recut(client, "国", 0, 0, 1) == 200
    assert _ink(drawn, "国").sum() > 0
    rows = {chr(row["c"]): row for row in client.get("/api/samples").json()}
    assert rows["国"]["cut"] == [0, 0, 1]
    assert _recut(client, "爱", 0.25, 0.25, 0.5) == 400         # nothing is written there
    move = {"op": "reassign", "chars": [ord("国")], "to": [ord("爱")]}
    assert client.post("/api/samples/edit", json=move).status_code == 200
    assert _recut(client, "爱", 0.25, 0.25, 0.5) == 200         # the picture went with it
    assert _overlap(before, _ink(drawn, "爱")) > 0.85
    files = {path for path, _ in drawn.cuts.values()}
    assert client.post("/api/samples/edit", json={"op": "drop", "chars": [ord("爱")]}
                       ).status_code == 200
    assert sum(path.exists() for path in files) == len(files) - 1


def test_a_sample_without_its_page_is_cut_anew(drawn: Studio, client: TestClient) -> None:
    before = _ink(drawn, "永")
    seen = Image.open(io.BytesIO(client.get("/api/samples/around.jpg?chars=6c38").content))
    assert _overlap(np.asarray(seen.convert("L"))[256:768, 256:768] < 128, before) > 0.95
    assert _recut(client, "永", 0.15, 0.25, 0.5) == 200
    assert _overlap(np.roll(before, 102, 1), _ink(drawn, "永")) > 0.9
    assert _recut(client, "永", 0.25, 0.25, 0.6) == 200
    assert _ink(drawn, "永").sum() < before.sum() * 0.8
    for cut in ((0.9, 0.2, 0.5), (0.2, 0.2, 0.01), (-0.1, 0.2, 0.5)):
        assert _recut(client, "永", *cut) == 400
    assert client.get("/api/samples/around.jpg?chars=4e01").status_code == 400


# glyphs


def test_the_worst_come_first(drawn: Studio, client: TestClient) -> None:
    rows = client.get("/api/glyphs").json()["glyphs"]
    assert rows[-1][:2] == [ord("永"), "mine"]
    assert [row[2] for row in rows] == sorted(row[2] for row in rows)
    assert rows[0][1] == "doubtful"


def test_glyphs_are_changed_and_changed_back(drawn: Studio, client: TestClient) -> None:
    point = ord("天")

    def field() -> np.ndarray:
        return drawn.project.read(lambda p: next(p.drawings([point]))).field

    def change(op: str, **more: object) -> int:
        return client.post("/api/glyph", json={"op": op, "chars": [point], **more}).status_code

    before = field()
    assert change("lock") == 200
    assert client.get(f"/api/glyph?chars={point:x}").json()["state"] == "locked"
    assert change("redo") == 400
    assert change("unlock") == 200
    assert change("move", right=0.1, down=0, scale=1) == 200
    shift = round(0.1 * 112 / 128 * 128)
    moved = field()
    assert np.abs(moved[:, shift:-4] - before[:, :-4 - shift]).mean() < 0.1
    assert client.get(f"/api/glyph?chars={point:x}").json()["state"] == "replaced"
    assert change("undo") == 200
    assert np.array_equal(field(), before)
    assert client.get(f"/api/glyph?chars={point:x}").json()["state"] == "doubtful"
    assert change("move", right=9) == 400


def _field(studio: Studio, char: str) -> np.ndarray:
    return np.array(studio.project.read(lambda p: next(p.drawings([ord(char)]))).field)


def test_a_candidate_is_picked(drawn: Studio, client: TestClient) -> None:
    point, before = ord("天"), _field(drawn, "天")
    assert client.get("/api/candidates.png").status_code == 400             # none yet
    pick = {"chars": [point], "candidate": 2}
    assert client.post("/api/candidates/pick", json=pick).status_code == 400
    assert client.post("/api/candidates", json={"chars": [point]}).status_code == 200
    drawn.jobs.wait(120)
    assert drawn.jobs.status["state"] == "done", drawn.jobs.status
    assert drawn.jobs.status["result"]["codepoint"] == point
    scores = drawn.jobs.status["result"]["scores"]
    assert scores == sorted(scores, reverse=True) and len(scores) == len(drawn.jobs.found)
    shown = Image.open(io.BytesIO(client.get("/api/candidates.png").content))
    assert shown.size == (128 * len(scores), 128)
    assert np.array_equal(_field(drawn, "天"), before)                      # none is kept yet
    for odd in ({"candidate": 99}, {"candidate": True}, {"candidate": -1}, {"chars": [ord("地")]}):
        assert client.post("/api/candidates/pick", json=pick | odd).status_code == 400
    assert client.post("/api/candidates/pick", json=pick).status_code == 200
    assert np.abs(_field(drawn, "天") - drawn.jobs.found[2].field).max() < 0.02
    assert point in client.get("/api/glyphs").json()["redone"]
    assert client.post("/api/glyph", json={"op": "undo"}).status_code == 200
    assert np.array_equal(_field(drawn, "天"), before)
    client.post("/api/glyph", json={"op": "lock", "chars": [point]})
    assert client.post("/api/candidates/pick", json=pick).status_code == 400
    assert client.post("/api/candidates", json={"chars": [point]}).status_code == 400
    assert client.post("/api/candidates", json={"chars": [ord("永")]}).status_code == 400


def test_a_part_is_erased_or_repainted(drawn: Studio, client: TestClient) -> None:
    before = _field(drawn, "月")
    painted = np.full((512, 512), 255, np.uint8)
    address = f"/api/glyph/part?chars={ord('月'):x}&kind="
    answer = client.put(address + "repaint", content=png(painted))
    assert answer.status_code == 400 and "nothing is marked" in answer.json()["error"]
    painted[120:360, 80:300] = 0
    inside = (slice(31, 89), slice(21, 74))
    outside = np.ones((128, 128), bool)
    outside[26:94, 16:79] = False
    assert put(client, address + "erase", png(painted)) == 200
    erased = _field(drawn, "月")
    assert (before[inside] > 0).any() and not (erased[inside] > 0).any()
    assert np.array_equal(erased[outside] > 0, before[outside] > 0)
    assert put(client, address + "repaint", png(painted)) == 200           # of what is by hand
    drawn.jobs.wait(120)
    assert drawn.jobs.status["state"] == "done", drawn.jobs.status
    best = drawn.jobs.found[0]
    assert best.state == "replaced" and (best.field[inside] > 0).any()
    assert np.array_equal(best.field[outside], erased[outside])
    assert client.post("/api/candidates/pick", json={"chars": [ord("月")], "candidate": 0}
                       ).status_code == 200
    for _ in range(2):
        client.post("/api/glyph", json={"op": "undo"})
    assert np.array_equal(_field(drawn, "月"), before)


def test_a_sample_drawn_anew_can_be_taken_back(drawn: Studio, client: TestClient) -> None:
    def mine() -> str:
        return drawn.project.read(lambda p: p.samples())[0].digest

    before, ink = mine(), np.full((512, 512), 255, np.uint8)
    ink[200:240, 60:450] = 0
    assert put(client, f"/api/glyph/picture?chars={ord('永'):x}&kind=canvas", png(ink)) == 200
    assert mine() != before
    client.post("/api/glyph", json={"op": "undo"})
    assert mine() == before


def test_the_white_beside_a_letter_is_changed(drawn: Studio, client: TestClient) -> None:
    drawn.project.change(("put_drawings", ([Drawn(65, Content("cn").hei(65))],)))

    def metrics() -> tuple[int, int]:
        font = TTFont(io.BytesIO(typed_font(drawn.project.path, "A")[0]))
        return font["hmtx"][font.getBestCmap()[65]]

    advance, bearing = metrics()
    more = {"op": "bearings", "chars": [65], "left": 30, "right": -10}
    assert client.post("/api/glyph", json=more).status_code == 200
    assert client.get("/api/glyph?chars=41").json()["bearings"] == [30, -10]
    assert metrics() == (advance + 20, bearing + 30)
    assert client.post("/api/glyph", json={"op": "undo"}).status_code == 200
    assert metrics() == (advance, bearing)
    for odd in ({"left": 999}, {"right": "x"}, {"chars": [ord("天")]}):
        assert client.post("/api/glyph", json=more | odd).status_code == 400
    assert client.get(f"/api/glyph?chars={ord('天'):x}").json()["bearings"] is None


def test_sprites_show_the_glyphs(drawn: Studio, client: TestClient) -> None:
    chars = ".".join(f"{ord(c):x}" for c in TEXT[:18])
    answer = client.get(f"/api/glyphs/sprite.png?size=64&chars={chars}")
    alpha = np.asarray(Image.open(io.BytesIO(answer.content)))[..., 1]
    assert alpha.shape == (2 * 64, 16 * 64)
    assert alpha[:64, :64].max() > 200 and alpha[64:, 2 * 64:].max() == 0
    assert client.get("/api/glyphs/sprite.png?size=9999&chars=4e00").status_code == 400
    assert client.get("/api/glyphs/sprite.png?chars=zz").status_code == 400


def test_the_typed_font_says_what_it_lacks(drawn: Studio) -> None:
    data, missing = typed_font(drawn.project.path, "天 永龘")
    assert data[:4] == b"wOF2" and missing == [ord("龘")]
    assert typed_font(drawn.project.path, "龘") == (b"", [ord("龘")])


def test_the_sheet_downloads(client: TestClient) -> None:
    answer = client.get("/api/sheet.pdf?region=jp&paper=letter")
    assert answer.content.startswith(b"%PDF") and "attachment" in \
        answer.headers["content-disposition"]
    assert client.get("/api/sheet.pdf?paper=a3").status_code == 400


# work


def _until(condition: object, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():      # type: ignore[operator]
        assert time.monotonic() < end
        time.sleep(0.02)


def test_work_is_paused_changed_and_finished(drawn: Studio, client: TestClient,
                                             tmp_path: Path) -> None:
    answer = client.post("/api/export", json={"formats": [".ttf"], "family": "Test Hand"})
    assert answer.status_code == 200, answer.text
    assert client.post("/api/order", json={"order": "pause"}).status_code == 200
    _until(lambda: drawn.jobs.status.get("paused"))
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
        assert answer.status_code == 400 and answer.json()["error"], odd


def test_a_base_font_is_filled(drawn: Studio, client: TestClient, tmp_path: Path) -> None:
    base = (_exported(client, drawn)[0]).read_bytes()
    drawn.project.change(("put_drawings", (
        [Drawn(ord("山"), Content("cn").hei(ord("山")))],)), ("set", ("codepoints", [])))
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
    usual = client.get("/api/font?chars=6c38").content
    tried = client.get("/api/font?chars=6c38&slant=10&spacing=50").content
    assert usual[:4] == tried[:4] == b"wOF2" and usual != tried
    assert client.get("/api/font?chars=6c38").content == usual
    kept = client.post("/api/tuning", json={"slant": 10, "spacing": 50})
    assert kept.json() == {"weight": 0, "slant": 10, "size": 1, "spacing": 50}
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
    _until(lambda: drawn.jobs.status.get("paused"))
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
    assert answer.status_code == 400 and "whole path" in answer.json()["error"]
    with Project.open(tmp_path / "Other.glyphgen", create=True):        # another glyphgen has it
        answer = client.post("/api/project/open", json={"name": "Other"})
    assert answer.status_code == 400 and "in use" in answer.json()["error"]
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
from glyphgen.studio.helpers import Helper
if __name__ == "__main__":
    print(Helper(60).ask(os.getpid), flush=True)
    time.sleep(60)
"""


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

    _until(gone, 20)


def _is_zombie(process: int) -> bool:
    """Ended, though nobody has asked how: as in a container without an init process."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rsplit(")")[-1].split()[0] == "Z"
    except OSError:
        return False


# words


def test_languages_have_the_same_words() -> None:
    english = words("en")
    for tag in LANGUAGES:
        assert words(tag).keys() == english.keys(), tag
        for key, word in words(tag).items():
            assert word and set(re.findall(r"\{\w+\}", word)) <= set(
                re.findall(r"\{\w+\}", english[key])), (tag, key)
            assert key.startswith("cause.") or word.count("{") == english[key].count("{")


def test_every_word_that_is_used_is_there() -> None:
    english = words("en")
    folder = FOLDER.parent
    used = set()
    for path in [*folder.glob("templates/*.html"), *folder.glob("static/*.js")]:
        used |= set(re.findall(r'\bt\("([a-z][\w.-]*\w)"[,)]', path.read_text("utf-8")))
    assert used and used <= english.keys(), used - english.keys()


# what only a request says that no page makes
_ODD = {"no language {}; there are {}", "{} is no change to a sample", "{} is no change to a glyph",
        "{} is no change to a project", "no region {}; there are {}", "{} is none of {}",
        "size: one of {}", "columns: a number from 1 to {} is expected", "choose among {}",
        "version {} is out of range: 0 to 64999", "{} {} is unknown: choose one of {}",
        "one character does not give one glyph", "give a static .ttf as base", "{}",
        "weight {} is unknown: choose of {}", "cannot write {}: use one of {}",
        "has none of these characters yet", "has no samples; `glyphgen ingest` reads some"}
_TELLING = """exporters/glyphs.py exporters/check.py exporters/merge.py glyphgen/exporting.py
    glyphgen/project_schema.py glyphgen/drawer.py glyphgen/repaint.py fonts/images.py
    fonts/pages.py fonts/clean.py fonts/sheet.py fonts/rectify.py fonts/layout.py"""


def _raised(path: Path) -> Iterator[str]:
    """The words of the errors that a module raises, what is filled in as {}."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and node.exc.args:
            said = node.exc.args[0]
            parts = said.values if isinstance(said, ast.JoinedStr) else [said]
            line = "".join(str(part.value) if isinstance(part, ast.Constant) else "{}"
                           for part in parts)
            yield re.sub(r"^(\{\}: )+", "", line)


def test_errors_are_known_in_every_language() -> None:
    root = FOLDER.parent.parent.parent
    known = {re.sub(r"\{\w+\}", "{}", line) for line in causes().values()}
    modules = [path for path in (root / "glyphgen/studio").glob("*.py")
               if path.stem not in ("asking", "security", "app")]
    modules += [root / "exporters/info.py", root / "exporters/tuning.py"]
    assert not {line for path in modules for line in _raised(path)} - known - _ODD
    beyond = {line for name in _TELLING.split() for line in _raised(root / name)} - _ODD
    assert len(beyond - known) <= 0.15 * len(beyond), beyond - known
    verdicts = {value for name, value in vars(verdict).items()
                if name.isupper() and isinstance(value, str)}
    english = words("en")
    assert verdicts and all(f"verdict.{word}" in english for word in verdicts)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_is_in_every_language(drawn: Studio, client: TestClient,
                                         language: str) -> None:
    assert client.post("/api/language", json={"language": language}).status_code == 200
    for path in PAGES.values():
        answer = client.get(path)
        assert answer.status_code == 200 and f'lang="{language}"' in answer.text
        assert "<script>" not in answer.text and " style=" not in answer.text


def test_languages_are_told_by_the_browser() -> None:
    assert chosen(None, "fr-FR,zh-TW;q=0.9") == "zh-Hant"
    assert chosen(None, "zh-CN") == "zh-Hans"
    assert chosen("ko", "zh-CN") == "ko"
    assert chosen("../../x", "") == "en"
