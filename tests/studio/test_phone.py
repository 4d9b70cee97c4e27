"""The phone's page without a browser: who gets in, what a device may do, and what it may not."""

from __future__ import annotations

import http.client
import io
import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import SAMPLES, png, until
from PIL import Image
from starlette.testclient import TestClient

from fonts.content import FOLDER
from fonts.drawing import coverage
from fonts.render import Face
from fonts.sheet.layout import paginate
from fonts.sheet.template import sheet_pdf
from glyphgen.hand.glass import glass_field
from glyphgen.project.strokes import MOST_POINTS, MOST_STROKES
from glyphgen.studio import app as desktop
from glyphgen.studio.phone import access as limits
from glyphgen.studio.phone import listener
from glyphgen.studio.phone.access import CODE_SECONDS, MOST_DEVICES, Access
from glyphgen.studio.phone.address import is_private, own_addresses, private_address
from glyphgen.studio.phone.app import build
from glyphgen.studio.phone.listener import Phone
from glyphgen.studio.security import Session, StudioError
from glyphgen.studio.studio import Studio
from training.camera.photograph import fill_page, print_page, scan_page

ADDRESS, PORT = "127.0.0.2", 4322
HERE = f"http://{ADDRESS}:{PORT}"
DEVICE = "192.168.7.9"
UNITS = 128 * 256
CROSS = [[[8000, 16000, 500, 0, 0, 0], [24000, 16000, 500, 40, 0, 0]],
         [[16000, 8000, 200, 90, 10, -5], [16000, 24000, 900, 140, 10, -5]]]


class Clock:
    """Seconds that a test moves."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def access(clock: Clock) -> Access:
    return Access(ADDRESS, PORT, clock)


def device(studio: Studio, access: Access, source: str = DEVICE) -> TestClient:
    """A browser somewhere in the network, that has not been let in."""
    return TestClient(build(studio, access, lambda: None), base_url=HERE, client=(source, 50000),
                      raise_server_exceptions=False, headers={"origin": HERE})


def code_of(access: Access) -> str:
    access.renew()
    return access.link.partition("?code=")[2]


@pytest.fixture
def phone(drawn: Studio, access: Access) -> TestClient:
    """The person's device, in."""
    made = device(drawn, access)
    assert made.get(f"/?code={code_of(access)}").status_code == 200
    return made


def kept(studio: Studio) -> Any:
    """All that a device might have changed."""
    return studio.project.read(lambda p: (p.contents(), p.settings(), p.exports(), [*p.strokes()]))


def write(phone: TestClient, strokes: Any = CROSS, char: str = "十", **more: Any) -> Any:
    return phone.post("/api/strokes", json={"chars": [ord(char)], "strokes": strokes}, **more)


# who gets in


def test_a_code_is_good_once_and_from_one_address(drawn: Studio, access: Access) -> None:
    code = code_of(access)
    assert len(code) * 6 >= 128
    first = device(drawn, access)
    answer = first.get(f"/?code={code}", follow_redirects=False)
    assert answer.status_code == 303 and answer.headers["location"] == "/"
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie and "samesite=strict" in cookie
    assert first.get("/").status_code == 200 and access.devices == 1
    assert first.get(f"/?code={code}").status_code == 200            # the same device again
    second = device(drawn, access, "192.168.7.10")
    assert second.get(f"/?code={code}").status_code == 403 and access.link == ""
    second.cookies.update(first.cookies)                            # read along in the network
    assert second.get("/api/written").status_code == 403
    assert write(second).status_code == 403 and access.devices == 1


def test_a_code_is_good_for_two_minutes(drawn: Studio, access: Access, clock: Clock) -> None:
    code, late = code_of(access), device(drawn, access)
    clock.now += CODE_SECONDS + 1
    assert CODE_SECONDS == 120 and access.link == ""
    assert late.get(f"/?code={code}").status_code == 403
    code = code_of(access)
    clock.now += CODE_SECONDS - 1
    assert late.get(f"/?code={code}").status_code == 200


def test_a_new_code_ends_the_last(drawn: Studio, access: Access) -> None:
    old, new = code_of(access), code_of(access)
    late = device(drawn, access)
    assert late.get(f"/?code={old}").status_code == 403
    assert late.get(f"/?code={new}").status_code == 200


def test_looking_at_a_link_does_not_use_it(drawn: Studio, access: Access) -> None:
    code = code_of(access)
    assert device(drawn, access).head(f"/?code={code}").status_code == 403
    assert device(drawn, access).get(f"/?code={code}").status_code == 200


def test_the_oldest_device_makes_room(drawn: Studio, access: Access) -> None:
    devices = [device(drawn, access, f"192.168.7.{n}") for n in range(MOST_DEVICES + 1)]
    for each in devices:
        each.get(f"/?code={code_of(access)}")
    assert [d.get("/api/written").status_code for d in devices] == [403] + [200] * MOST_DEVICES


@pytest.mark.parametrize("path", ["/", "/?code=", "/?code=wrong", "/api/written", "/api/font",
                                  "/api/content.png?chars=6c38", "/static/phone.js",
                                  "/static/studio.css", "/nowhere"])
def test_nothing_is_shown_without_a_login(drawn: Studio, access: Access, path: str) -> None:
    access.renew()
    before = kept(drawn)
    stranger = device(drawn, access)
    answer = stranger.get(path, headers={"accept": "text/html", "accept-language": "ja"})
    assert answer.status_code == 403 and "コード" in answer.text and "static" not in answer.text
    assert write(stranger).status_code == 403
    assert stranger.put("/api/photo", content=(SAMPLES / "永.png").read_bytes()).status_code == 403
    assert kept(drawn) == before and access.link


@pytest.mark.parametrize("source", ["8.8.8.8", "100.64.0.1", "172.32.0.1", "2001:db8::1", "",
                                    "testclient"])
def test_foreign_addresses_are_refused(drawn: Studio, access: Access, source: str) -> None:
    foreign = device(drawn, access, source)
    assert foreign.get(f"/?code={code_of(access)}").status_code == 403
    assert access.link and access.devices == 0


@pytest.mark.parametrize("headers, status", [
    ({"host": "evil.example"}, 421), ({"host": ADDRESS}, 421), ({"host": "127.0.0.1:4322"}, 421),
    ({"host": f"localhost:{PORT}"}, 421), ({"host": f"{ADDRESS}:{PORT}.evil.example"}, 421),
    ({"origin": "https://evil.example"}, 403), ({"origin": "null"}, 403),
    ({"origin": f"http://{ADDRESS}:9999"}, 403), ({"origin": f"https://{ADDRESS}:{PORT}"}, 403),
    ({"sec-fetch-site": "cross-site"}, 403), ({"sec-fetch-site": "same-site"}, 403),
])
def test_other_names_and_pages_are_refused(drawn: Studio, phone: TestClient, access: Access,
                                           headers: dict, status: int) -> None:
    before = kept(drawn)
    assert phone.get("/api/written", headers=headers).status_code == status
    assert write(phone, headers=headers).status_code == status
    assert device(drawn, access).get(f"/?code={code_of(access)}",
                                     headers=headers).status_code == status
    assert kept(drawn) == before and access.devices == 1


def test_changes_need_an_origin(drawn: Studio, phone: TestClient) -> None:
    del phone.headers["origin"]
    before = kept(drawn)
    assert write(phone).status_code == 403 and kept(drawn) == before


def test_every_answer_is_sealed(phone: TestClient) -> None:
    for path in ("/", "/api/written", "/static/phone.css", "/nowhere"):
        headers = phone.get(path).headers
        assert headers["content-security-policy"].startswith("default-src 'self'")
        assert headers["x-content-type-options"] == "nosniff"
        assert not [name for name in headers if name.startswith("access-control")]


# what a device may not do


def test_every_other_route_of_the_studio_is_not_there(drawn: Studio, phone: TestClient,
                                                      clock: Clock) -> None:
    own = {"/", "/api/language", "/api/content.png", "/api/font"}
    paths = {route.path for route in desktop._ROUTES} - own     # type: ignore[attr-defined]
    assert len(paths) > 30
    before = kept(drawn)
    for path in {*paths, "/static/samples.js", "/static/review.js", "/static/../app.py",
                 "/static/%2e%2e/app.py", "/openapi.json"}:
        for method in ("GET", "POST", "PUT", "DELETE"):
            answer = phone.request(method, path, json={"op": "drop", "chars": [ord("永")]})
            assert answer.status_code in (404, 405), (method, path)
            clock.now += 1
    assert kept(drawn) == before


def test_a_login_of_one_is_none_of_the_other(drawn: Studio, phone: TestClient,
                                             access: Access, session: Session) -> None:
    computer = TestClient(desktop.build(drawn, session), base_url="http://127.0.0.1:4321",
                          cookies=dict(phone.cookies))
    assert computer.get("/api/state").status_code == 403
    stranger = device(drawn, access)
    stranger.cookies.set(session.name, session.cookie)
    stranger.cookies.set(access.cookie, session.cookie)
    assert stranger.get("/api/written").status_code == 403


def point(**values: Any) -> list[Any]:
    return list({"x": 1, "y": 1, "p": 500, "t": 0, "tx": 0, "ty": 0, **values}.values())


@pytest.mark.parametrize("strokes", [
    None, [], [[]], {}, "x", 5, [5], [[5]], [[[1, 2]]], [[["1", 1, 1, 1, 1, 1]]], [[point(x=True)]],
    [[point(x=1.5)]], [[point(x=None)]], [[point(x=-1)]], [[point(x=UNITS + 1)]],
    [[point(p=1001)]], [[point(t=9), point(t=8)]], [[point(t=3_600_001)]], [[point(tx=91)]],
    [[point(x=10**30)]], [[point()]] * (MOST_STROKES + 1), [[point()] * (MOST_POINTS + 1)],
])
def test_malformed_strokes_are_refused(drawn: Studio, phone: TestClient, strokes: Any) -> None:
    before = kept(drawn)
    answer = write(phone, strokes)
    assert answer.status_code == 400 and answer.json()["error"]["key"] == "cause.no-strokes"
    assert kept(drawn) == before


@pytest.mark.parametrize("body", ["[]", "{", "[" * 5000, '{"chars": [20]}', '{"chars": []}',
                                  '{"chars": [55296], "strokes": []}', '{"chars": "x"}'])
def test_odd_requests_are_told(drawn: Studio, phone: TestClient, body: str) -> None:
    before = kept(drawn)
    answer = phone.post("/api/strokes", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 400 and set(answer.json()) == {"error"}
    assert phone.post("/api/strokes", data={"chars": "6c38"}).status_code == 400
    assert kept(drawn) == before


def test_what_is_too_large_is_refused(drawn: Studio, phone: TestClient) -> None:
    before = kept(drawn)
    assert write(phone, [[point()] * 120_000]).status_code == 413
    picture = b"\x89PNG\r\n\x1a\n" + bytes(17 << 20)
    assert phone.put("/api/photo", content=picture).status_code == 413
    assert not [*drawn.inbox.path().parent.iterdir()] and kept(drawn) == before


def test_devices_send_so_much_in_all(drawn: Studio, phone: TestClient,
                                     monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_BYTES", 600)
    answers = [write(phone, char=char) for char in "一二三四五六七八九十百千"]
    assert answers[0].status_code == 200 and answers[-1].status_code == 413
    assert answers[-1].json()["error"]["key"] == "cause.phone-full"


def test_ten_thousand_requests(drawn: Studio, access: Access, phone: TestClient,
                               clock: Clock) -> None:
    before, began = kept(drawn), time.monotonic()
    told = [access.admits(DEVICE) for _ in range(9_000)]
    assert sum(told) < 200
    assert {write(phone).status_code for _ in range(1_000)} == {429}
    assert kept(drawn) == before and time.monotonic() - began < 60
    other = device(drawn, access, "192.168.7.10")
    assert other.get(f"/?code={code_of(access)}").status_code == 200    # others are not kept out
    clock.now += 60
    assert write(phone).status_code == 200
    for number in range(1000):
        access.admits(f"10.0.{number // 250}.{number % 250}")
    assert len(access._left) <= 256


@pytest.mark.parametrize("name", ["x.ttf", "x.pdf", "x.svg", "x.tif"])
def test_only_photographs_are_taken(drawn: Studio, phone: TestClient, name: str) -> None:
    data = {"x.ttf": b"\0\1\0\0" + bytes(99), "x.pdf": b"%PDF-1.7\n", "x.svg": b"<svg/>",
            "x.tif": b"II*\0" + bytes(99)}[name]
    before = kept(drawn)
    assert phone.put("/api/photo", content=data).status_code == 400
    assert not [*drawn.inbox.path().parent.iterdir()] and kept(drawn) == before


def test_errors_name_no_files(drawn: Studio, phone: TestClient) -> None:
    Path(drawn.project.path).write_bytes(b"")
    for answer in (write(phone), phone.get("/api/written"), phone.get("/api/font?chars=6c38")):
        assert answer.status_code in (200, 400, 500)
        assert str(drawn.folder) not in answer.text and "Hand" not in answer.text


# what a device may do


def test_strokes_become_the_sample_and_stay(drawn: Studio, phone: TestClient) -> None:
    assert write(phone).status_code == 200
    samples, strokes, style = drawn.project.read(
        lambda p: ({s.codepoint: s for s in p.samples()}, p.strokes(), p.style()))
    sample = samples[ord("十")]
    assert sample.source == "glass" and sample.field.shape == (512, 512)
    assert [stroke.tolist() for stroke in strokes[ord("十")]] == CROSS
    ink = coverage(sample.drawing.field) > 0.5
    rows, columns = np.nonzero(ink)
    assert abs(rows.min() - 8000 / 256) < 3 and abs(rows.max() - 24000 / 256) < 4
    assert abs(columns.min() - 8000 / 256) < 3 and abs(columns.max() - 24000 / 256) < 3
    assert ink[88].sum() > 1.5 * ink[36].sum()                      # pressed harder at its end
    assert {row["c"] for row in phone.get("/api/written").json()} == {ord("永"), ord("十")}
    heard = [entry for entry in drawn.events._log if entry[1] == "samples"]
    assert json.loads(heard[-1][2]) == [ord("十")]


def test_a_dot_and_a_fast_line_are_ink() -> None:
    dot = np.array([[16384, 16384, 500, 0, 0, 0]], np.int32)
    ink = coverage(glass_field([dot]))
    assert 3 < np.sqrt((ink > 0.5).sum()) < 4                 # its pen's width, 4 of 128
    corner = np.array([[8000, 8000, 0, 0, 0, 0], [24000, 8000, 0, 1, 0, 0],
                       [24000, 24000, 0, 2, 0, 0]], np.int32)
    field = glass_field([corner, dot])
    assert field[125, 200] > 0 and field[300, 375] > 0 and field[200, 200] < 0


def test_a_photograph_of_one_character(drawn: Studio, phone: TestClient) -> None:
    data = (SAMPLES / "永.png").read_bytes()
    stream = io.BytesIO()
    Image.open(io.BytesIO(data)).convert("L").save(stream, "JPEG")
    answer = phone.put("/api/photo", params={"chars": "水"}, content=stream.getvalue()).json()
    assert [(cell["c"], cell["has"]) for cell in answer["cells"]] == [(ord("水"), True)]
    assert drawn.state()["samples"] == 2
    blank = phone.put("/api/photo", content=png(np.full((600, 600), 255, np.uint8))).json()
    assert blank["cells"] == [] and blank["notes"] and drawn.state()["samples"] == 2


def test_a_photograph_of_the_sheet_tells_which_cells_are_good(drawn: Studio,
                                                              phone: TestClient) -> None:
    chars, scale = "永东国酬爱我", 8
    filled = fill_page(print_page(sheet_pdf(chars), 1, scale), paginate(chars, "cn")[0],
                       Face(FOLDER / "kai.ttf"), scale=scale, skip=(3,))
    picture = scan_page(filled, np.random.default_rng(0), dpi=150, turn=90.5).data
    cells = phone.put("/api/photo", content=picture).json()["cells"]
    assert {chr(cell["c"]) for cell in cells if cell["has"] and not cell["verdicts"]} \
        == set(chars) - {chars[3]}
    assert [cell["verdicts"] for cell in cells if not cell["has"]] == [["empty"]]
    assert drawn.state()["samples"] == 5


def test_previews_are_shown(phone: TestClient) -> None:
    write(phone)
    assert phone.get("/api/content.png?chars=5341").headers["content-type"] == "image/png"
    answer = phone.get("/api/font?chars=5341.9f98")
    assert answer.content[:4] == b"\0\1\0\0" and answer.headers["x-missing"] == "9f98"


@pytest.mark.parametrize("language", ["en", "zh-Hans", "zh-Hant", "ja", "ko"])
def test_the_page_is_in_every_language(phone: TestClient, language: str) -> None:
    assert phone.post("/api/language", json={"language": language}).status_code == 200
    page = phone.get("/").text
    assert f'lang="{language}"' in page and "<script>" not in page and " style=" not in page
    assert "Hand" not in page                                       # nothing of the project


# the listener


@pytest.fixture
def listening(drawn: Studio, client: TestClient) -> Iterator[dict[str, Any]]:
    """The answer of a studio that was asked to listen."""
    drawn.phone.address = ADDRESS
    assert client.get("/api/phone").json() == {"on": False, "asked": False, "addresses": [ADDRESS]}
    yield client.post("/api/phone", json={"op": "begin"}).json()
    drawn.phone.end()


def ask(link: str, path: str, **headers: str) -> http.client.HTTPResponse:
    """A request to the listener itself."""
    wire = http.client.HTTPConnection(link.split("/")[2], timeout=20)
    wire.request("GET", path, headers=headers)
    answer = wire.getresponse()
    answer.read()
    wire.close()
    return answer


def test_it_listens_only_while_it_is_asked_for(drawn: Studio, client: TestClient,
                                               listening: dict[str, Any]) -> None:
    link = drawn.phone.link()
    assert listening["on"] and link.startswith(listening["address"]) and 0 < listening["code"]
    code = client.get("/api/phone/code.svg")
    assert code.headers["content-type"] == "image/svg+xml" and b"<svg" in code.content
    answer = ask(link, "/" + link.rpartition("/")[2])
    assert answer.status == 303 and client.get("/api/phone").json()["devices"] == 1
    cookie = str(answer.getheader("set-cookie")).partition(";")[0]
    assert ask(link, "/api/written", Cookie=cookie).status == 200
    assert client.get("/api/phone/code.svg").status_code == 400     # it is used
    client.post("/api/phone", json={"op": "begin"})                 # another device
    assert ask(link, "/api/written", Cookie=cookie).status == 200
    assert client.post("/api/phone", json={"op": "end"}).json()["on"] is False
    with pytest.raises(ConnectionRefusedError):
        ask(link, "/api/written", Cookie=cookie)
    again = client.post("/api/phone", json={"op": "begin"}).json()
    assert again["address"] == listening["address"]                 # where an open page looks
    assert ask(drawn.phone.link(), "/api/written", Cookie=cookie).status == 403


def test_it_ends_with_the_project_and_the_studio(drawn: Studio, client: TestClient,
                                                 listening: dict[str, Any]) -> None:
    link = drawn.phone.link()
    assert client.post("/api/project/new", json={"name": "Other", "charset": "天"}).is_success
    with pytest.raises(ConnectionRefusedError):
        ask(link, "/")
    client.post("/api/phone", json={"op": "begin"})
    link = drawn.phone.link()
    drawn.hush()
    with pytest.raises(ConnectionRefusedError):
        ask(link, "/")


def test_it_ends_by_itself(drawn: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listener, "LISTENING", 0.3)
    threads = threading.active_count()
    lone = Phone(drawn.events)
    lone.begin(lambda access, entered: build(drawn, access, entered), ADDRESS)
    assert lone.status()["on"]
    until(lambda: not lone.status()["on"] and threading.active_count() <= threads)
    with pytest.raises(StudioError, match="too old"):
        lone.link()


def test_only_the_studio_begins_and_ends_it(drawn: Studio, client: TestClient) -> None:
    for body in ({"op": "begin", "address": "0.0.0.0"}, {"op": "begin", "address": "8.8.8.8"},
                 {"op": "begin", "address": "192.168.255.254"}, {"op": "open"}, {}):
        assert client.post("/api/phone", json=body).status_code == 400
        assert client.get("/api/phone").json()["on"] is False
    client.cookies.clear()
    assert client.post("/api/phone", json={"op": "begin"}).status_code == 403


def test_nothing_listens_without_a_project(client: TestClient, studio: Studio) -> None:
    studio.phone.address = ADDRESS
    assert client.post("/api/phone", json={"op": "begin"}).status_code == 400


def test_private_addresses() -> None:
    private = ("10.1.2.3", "172.16.0.1", "172.31.9.9", "192.168.0.2", "169.254.1.1", ADDRESS)
    assert all(map(is_private, private))
    assert not any(map(is_private, ("0.0.0.0", "8.8.8.8", "172.32.0.1", "192.0.2.2", "::1", "x",
                                    "localhost", "", "10.0.0.1/8", "100.64.1.1", "224.0.0.1")))
    assert all(map(is_private, own_addresses()))
    for public in ("0.0.0.0", "8.8.8.8", "example.org"):
        with pytest.raises(StudioError, match="no address of a private network"):
            private_address(public)
