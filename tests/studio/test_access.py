"""The studio without a browser: who gets in, and what is refused."""

from __future__ import annotations

import http.client
import json
import select
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import uvicorn
from conftest import HERE, ORIGIN, SAMPLES, english, png, put, refusal, until
from starlette.testclient import TestClient

from glyphgen.studio import security
from glyphgen.studio.app import build
from glyphgen.studio.security import Session, StudioError
from glyphgen.studio.studio import Studio, file_name
from glyphgen.studio.work.uploads import kind_of

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
    assert answer.status_code == 400 and "JSON" in refusal(answer)


def test_every_answer_is_sealed(client: TestClient) -> None:
    for path in ("/", "/api/state", "/static/studio.css", "/nowhere"):
        headers = client.get(path).headers
        assert headers["content-security-policy"].startswith("default-src 'self'")
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert not [name for name in headers if name.startswith("access-control")]


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
    assert answer.status_code == 400 and len(refusal(answer).splitlines()) == 1
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
        assert answer.status_code == 400 and refusal(answer)


@pytest.mark.parametrize("data, name", [
    (b"<!DOCTYPE html><script>alert(1)</script>", "永.png"),
    (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "永.svg"),
    (b"GIF89a<script>", "永.gif"), (b"%!PS-Adobe-3.0", "永.eps"), (b"", "永.png"),
])
def test_only_pictures_are_taken(drawn: Studio, client: TestClient, data: bytes,
                                 name: str) -> None:
    answer = client.put("/api/inbox", params={"name": name}, content=data)
    assert answer.status_code == 400 and name in refusal(answer)
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
    until(lambda: server.started)
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
        assert answer.status == 413 and "1 MB" in english(json.loads(answer.read())["error"])
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
    [note] = map(english, answer["notes"])
    assert answer["read"] == 0 and "too few" in note and "U+4E00.png" in note
    assert "/pictures" not in note and "/glyphgen-studio" not in note
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
