"""Fixtures of the tests of projects and hands."""

from pathlib import Path

import pytest


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "手.glyphgen"
