"""Fixtures of the studio's tests."""

from __future__ import annotations

import pytest
from phoning import ADDRESS, PORT, Clock, code_of, device
from starlette.testclient import TestClient

from glyphgen.studio.phone.access import Access
from glyphgen.studio.studio import Studio


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def access(clock: Clock) -> Access:
    return Access(ADDRESS, PORT, clock)


@pytest.fixture
def phone(drawn: Studio, access: Access) -> TestClient:
    """The person's device, in."""
    made = device(drawn, access)
    assert made.get(f"/?code={code_of(access)}").status_code == 200
    return made
