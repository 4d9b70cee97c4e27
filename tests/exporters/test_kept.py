"""Compiled kernels on disk: what is ready is found wherever it lies, what has changed is not."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import numba
import pytest
from numba.core import event

from exporters.kernels import kept

CODE = """
from exporters.outlines.kernel import compiled

SHARE = 0.5


@compiled
def part(x: float) -> float:
    return x * SHARE


@compiled
def whole(x: float) -> float:
    \"\"\"Calls the other.\"\"\"
    return part(x) + 1
"""
Load = Callable[[str, str], ModuleType]


class Heard(event.Listener):
    """Names of the functions that are compiled."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def on_start(self, said: Any) -> None:
        self.names.append(said.data["dispatcher"].py_func.__name__)

    def on_end(self, said: Any) -> None:
        pass


@contextmanager
def heard() -> Iterator[list[str]]:
    listener = Heard()
    event.register("numba:compile", listener)
    try:
        yield listener.names
    finally:
        event.unregister("numba:compile", listener)


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Load:
    """Imports code as a module `loops` in a folder, afresh; nothing is ready and nothing kept."""
    monkeypatch.setattr(kept, "READY", tmp_path / "ready")
    monkeypatch.setattr(kept, "_all", [])
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path / "own"))

    def loaded(code: str, folder: str) -> ModuleType:
        path = tmp_path / folder / "loops.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text(code, "utf-8")
        found = importlib.util.spec_from_file_location("loops", path)
        assert found and found.loader
        module = importlib.util.module_from_spec(found)
        found.loader.exec_module(module)
        return module
    return loaded


@pytest.fixture
def filled(load: Load, tmp_path: Path) -> Path:
    """A folder that has CODE's kernels for one number."""
    with heard() as names, kept.filling(tmp_path / "ready"):
        assert load(CODE, "built").whole(4.0) == 3
    assert names == ["whole", "part"]
    return tmp_path / "ready"


def compiled_by(module: ModuleType) -> list[str]:
    with heard() as names:
        module.whole(4.0)
    return names


def test_what_is_ready_is_not_compiled(load: Load, filled: Path, tmp_path: Path) -> None:
    """In another place, at another time, and where nothing may be written."""
    module = load(CODE, "installed")
    os.utime(module.__file__ or "", (0, 0))
    for path in filled.iterdir():
        path.chmod(0o400)
    assert compiled_by(module) == [] and module.whole(4.0) == 3
    assert not [*(tmp_path / "own").rglob("*.nb?")]


@pytest.mark.parametrize("old, new, right", [
    ("0.5", "0.25", 2.0), ("x * SHARE", "x / SHARE", 9.0), (") + 1", ") + 2", 4.0)])
def test_what_has_changed_is_compiled(load: Load, filled: Path, old: str, new: str,
                                      right: float) -> None:
    """Be it what a kernel calls or a constant; then it is kept, and found there again."""
    changed = CODE.replace(old, new)
    module = load(changed, "installed")
    assert "whole" in compiled_by(module) and module.whole(4.0) == right
    assert compiled_by(load(changed, "installed")) == []


def test_what_is_only_said_otherwise_is_not_compiled(load: Load, filled: Path) -> None:
    assert compiled_by(load("# moved down\n" + CODE.replace("Calls", "It calls"), "x")) == []


def test_other_types_are_compiled(load: Load, filled: Path) -> None:
    with heard() as names:
        assert load(CODE, "installed").whole(4) == 3
    assert names == ["whole", "part"]


def test_another_numba_compiles(load: Load, filled: Path,
                                monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(numba, "__version__", "0.0")
    assert compiled_by(load(CODE, "installed")) == ["whole", "part"]


def test_broken_files_are_passed_over(load: Load, filled: Path) -> None:
    for path in filled.iterdir():
        path.write_bytes(path.read_bytes()[:30])
    assert compiled_by(load(CODE, "installed")) == ["whole", "part"]


def test_filling_takes_away_what_is_not_right(load: Load, filled: Path) -> None:
    before = {path.name: path.read_bytes() for path in filled.iterdir()}
    (filled / "loops.gone.cpython-311.1.nbc").touch()
    kept._all.clear()
    with heard() as names, kept.filling(filled):
        load(CODE, "built").whole(4.0)
    assert names == [] and {p.name: p.read_bytes() for p in filled.iterdir()} == before
    kept._all.clear()
    with kept.filling(filled):
        load(CODE.replace("part", "piece"), "built").whole(4.0)
    assert {path.name.split(".")[1] for path in filled.iterdir()} == {"whole", "piece"}


def test_a_numba_that_keeps_things_otherwise_is_let_be() -> None:
    kept.keep(lambda x: x)                  # as with NUMBA_DISABLE_JIT


def test_a_processor_that_was_asked_for_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(numba.config, "CPU_NAME", "nehalem")
    kept.for_any_processor()
    assert numba.config.CPU_NAME == "nehalem"
    monkeypatch.setattr(numba.config, "CPU_NAME", None)
    monkeypatch.setattr(numba.config, "CPU_FEATURES", None)
    kept.for_any_processor()
    assert (numba.config.CPU_NAME, numba.config.CPU_FEATURES) == ("generic", "")
