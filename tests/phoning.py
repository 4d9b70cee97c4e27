"""What tests of the phone's page share: a device in the network, and what it sends."""

from __future__ import annotations

from typing import Any

from starlette.testclient import TestClient

from glyphgen.studio.phone.access import Access
from glyphgen.studio.phone.app import build
from glyphgen.studio.studio import Studio

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


def device(studio: Studio, access: Access, source: str = DEVICE) -> TestClient:
    """A browser somewhere in the network, that has not been let in."""
    return TestClient(build(studio, access, lambda: None), base_url=HERE, client=(source, 50000),
                      raise_server_exceptions=False, headers={"origin": HERE})


def code_of(access: Access) -> str:
    access.renew()
    return access.link.partition("?code=")[2]


def kept(studio: Studio) -> Any:
    """All that a device might have changed."""
    return studio.project.read(lambda p: (p.contents(), p.settings(), p.exports(), [*p.strokes()]))


def write(phone: TestClient, strokes: Any = CROSS, char: str = "十", **more: Any) -> Any:
    return phone.post("/api/strokes", json={"chars": [ord(char)], "strokes": strokes}, **more)
