"""The phone's page without a browser: who gets in, and what is refused."""

from __future__ import annotations

import time
from typing import Any

import pytest
from conftest import SAMPLES
from phoning import ADDRESS, DEVICE, PORT, UNITS, Clock, code_of, device, kept, write
from starlette.testclient import TestClient

from glyphgen.project.strokes import MOST_POINTS, MOST_STROKES
from glyphgen.studio import app as desktop
from glyphgen.studio.phone import access as limits
from glyphgen.studio.phone.access import CODE_SECONDS, MOST_DEVICES, Access
from glyphgen.studio.security import Session
from glyphgen.studio.studio import Studio

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
