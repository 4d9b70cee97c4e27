"""Fixtures of the tests of fonts and samples."""

import pytest

from fonts.content import FOLDER
from fonts.render import Face


@pytest.fixture(scope="session")
def hand():
    """What stands in for a person's writing."""
    return Face(FOLDER / "kai.ttf")
