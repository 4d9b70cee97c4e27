"""The packages form a ladder; imports only ever point down it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LADDER = ["fonts", "exporters", "glyphgen", "training", "cli"]      # bottom first
NO_TORCH = ["fonts", "exporters"]


def imported_packages(source: str) -> set[str]:
    """First names of everything a module imports."""
    names = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.level == 0:
            names.add((node.module or "").split(".")[0])
        elif isinstance(node, ast.Import):
            names.update(alias.name.split(".")[0] for alias in node.names)
    return names


def modules(packages: list[str]) -> list:
    """Every module of the packages, named by its path."""
    return [pytest.param(package, path, id=path.relative_to(ROOT).as_posix())
            for package in packages for path in sorted((ROOT / package).rglob("*.py"))]


@pytest.mark.parametrize("package, path", modules(LADDER[:-1]))
def test_imports_point_down(package: str, path: Path) -> None:
    above = imported_packages(path.read_text("utf-8")) & set(
        LADDER[LADDER.index(package) + 1 :] + ["tests"])
    assert not above, f"{package} must not import {sorted(above)}"


@pytest.mark.parametrize("package, path", modules(NO_TORCH))
def test_torch_stays_out(package: str, path: Path) -> None:
    assert "torch" not in imported_packages(path.read_text("utf-8"))
