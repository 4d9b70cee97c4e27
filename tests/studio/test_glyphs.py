"""The studio without a browser: samples and glyphs are looked at and changed."""

from __future__ import annotations

import io

import numpy as np
import pytest
from conftest import SAMPLES, STUDIO_TEXT, english, png, put, refusal, until
from fontTools.ttLib import TTFont
from PIL import Image
from starlette.testclient import TestClient

from exporters.preview.render import render
from fonts.content import FOLDER as CONTENT
from fonts.content import Content
from fonts.drawing import coverage
from fonts.render import Face
from fonts.sheet.layout import paginate
from fonts.sheet.template import sheet_pdf
from glyphgen.project.document import Drawn, Project
from glyphgen.studio.pictures import sprite
from glyphgen.studio.studio import Studio
from glyphgen.studio.work.tracer import Tracer
from glyphgen.studio.work.typing_font import typed_font
from training.camera.photograph import fill_page, print_page, scan_page

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
    notes = "\n".join(map(english, answer["notes"]))
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
    assert answer.status_code == 400 and "nothing is marked" in refusal(answer)
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
    drawn.project.change(("put_back", ([65], [Drawn(65, Content("cn").hei(65))])))

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
    chars = ".".join(f"{ord(c):x}" for c in STUDIO_TEXT[:18])
    answer = client.get(f"/api/glyphs/sprite.png?size=64&chars={chars}")
    alpha = np.asarray(Image.open(io.BytesIO(answer.content)))[..., 1]
    assert alpha.shape == (2 * 64, 16 * 64)
    assert alpha[:64, :64].max() > 200 and alpha[64:, 2 * 64:].max() == 0
    assert client.get("/api/glyphs/sprite.png?size=9999&chars=4e00").status_code == 400
    assert client.get("/api/glyphs/sprite.png?chars=zz").status_code == 400


def test_the_typed_font_says_what_it_lacks(drawn: Studio) -> None:
    data, missing = typed_font(drawn.project.path, "天 永龘")
    assert data[:4] == b"\0\1\0\0" and missing == [ord("龘")]
    assert typed_font(drawn.project.path, "龘") == (b"", [ord("龘")])


def test_a_draft_is_set_until_the_tracer_is_compiled(drawn: Studio, client: TestClient,
                                                     monkeypatch: pytest.MonkeyPatch) -> None:
    ready: list[bool] = [False]
    monkeypatch.setattr(drawn.tracer, "wait", lambda seconds: ready[0])
    fonts = {}
    for ready[0], header in ((False, "1"), (True, "0")):
        answer = client.get(f"/api/font?chars={ord('天'):x}.{ord('龘'):x}")
        assert answer.headers["X-Draft"] == header and answer.headers["X-Missing"] == "9f98"
        fonts[header] = answer.content
    pictures = [np.asarray(render(fonts[header], "天", size=200, width=800), float)
                for header in "10"]
    assert np.abs(pictures[0] - pictures[1]).mean() < 0.01 * (255 - pictures[0]).mean() + 1


def test_the_tracer_is_compiled_once_and_says_so(drawn: Studio) -> None:
    heard: list[str] = []
    tracer = Tracer(lambda: heard.append("traced"))
    assert tracer.wait(120) and tracer.wait(0)
    until(lambda: heard)
    assert heard == ["traced"]
    tracer.close()


def test_the_sheet_downloads(client: TestClient) -> None:
    answer = client.get("/api/sheet.pdf?region=jp&paper=letter")
    assert answer.content.startswith(b"%PDF") and "attachment" in \
        answer.headers["content-disposition"]
    assert client.get("/api/sheet.pdf?paper=a3").status_code == 400


def test_samples_stand_beside_what_was_drawn_of_them(drawn: Studio, client: TestClient) -> None:
    assert client.get("/api/held").json() == []
    content = Content("cn")
    fields = {c: content.hei(c) for c in map(ord, "永天")}
    with Project.open(drawn.project.path) as project:
        project.put_hand("key", "{}", None, fields)
    assert client.get("/api/held").json() == [ord("永")]        # 天 is no sample any more
    picture = Image.open(io.BytesIO(client.get("/api/held.png?chars=6c38.4e09").content))
    assert picture.size == (192, 96)
    ink = np.asarray(picture.getchannel("A"), np.float32)
    seen = Image.open(io.BytesIO(sprite(fields, [ord("永")], 96))).getchannel("A")
    assert np.abs(ink[:, :96] - np.asarray(seen, np.float32)).max() <= 3      # packed, to 1/32
    assert ink[:, :96].any() and not ink[:, 96:].any()
