"""The phone's page without a browser: when it is there at all."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from conftest import until
from phoning import ADDRESS
from starlette.testclient import TestClient

from glyphgen.studio.phone import listener
from glyphgen.studio.phone.address import is_private, own_addresses, private_address
from glyphgen.studio.phone.app import build
from glyphgen.studio.phone.listener import Phone
from glyphgen.studio.security import StudioError
from glyphgen.studio.studio import Studio


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
