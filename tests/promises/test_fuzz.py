"""Damaged and hostile bytes: every reader returns, or says one line. The long run is
`python -m benchmarks.fuzz all`; what it found is in `tests/hostile/READER/`."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks.fuzz import attempt
from benchmarks.readers import READERS

HOSTILE = Path(__file__).parent.parent / "hostile"
FOUND = sorted(path for path in HOSTILE.glob("*/*") if path.is_file())
INPUTS = 15


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("fuzz")


@pytest.mark.parametrize("name", READERS)
def test_what_is_in_order_is_read(name: str, folder: Path) -> None:
    for number, data in enumerate(READERS[name].seeds()):
        path = folder / name / str(number) / READERS[name].file
        path.parent.mkdir(parents=True)
        path.write_bytes(data)
        try:
            READERS[name].read(path)
        except READERS[name].errors as error:
            assert (name, number) in REFUSED, error


# seeds that are rightly refused: texts that are not UTF-8, a base without `glyf`, collections
REFUSED = {("charset", 2), ("charset", 3), ("base", 1), ("base", 4), ("preview", 4)}


@pytest.mark.parametrize("name", READERS)
def test_changed_bytes_are_read_or_refused(name: str, folder: Path) -> None:
    @settings(max_examples=INPUTS, deadline=None, database=None,
              suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
    @given(st.builds(READERS[name].input, st.randoms(use_true_random=False)))
    def one(data: bytes) -> None:
        assert attempt(name, data, folder) is None

    one()


@pytest.mark.parametrize("path", FOUND, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_what_was_found_once_stays_mended(path: Path, folder: Path) -> None:
    assert attempt(path.parent.name, path.read_bytes(), folder) is None
