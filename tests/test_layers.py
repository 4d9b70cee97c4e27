"""The packages form a ladder; imports only ever point down it, and never go in a circle."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LADDER = ["fonts", "exporters", "glyphgen", "training", "cli"]      # bottom first
NO_TORCH = ["fonts", "exporters"]
MODULES = 14            # that a reader of a folder is shown


def imported(source: str) -> Iterator[str]:
    """Dotted names that a module imports, at its head or in a function; `a.b` of `from a import b`
    as well as `a`."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, "name the package"
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def imported_packages(source: str) -> set[str]:
    """First names of everything a module imports."""
    return {name.split(".")[0] for name in imported(source)}


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


def named(path: Path) -> str:
    """The dotted name of a module."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def circle(sources: dict[str, str]) -> list[str]:
    """Modules that import each other in a circle, the first as the last; empty without one."""
    graph = {name: {other for other in imported(source) if other in sources and other != name}
             for name, source in sources.items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def test_no_module_needs_itself() -> None:
    assert circle({"a": "import b", "b": "def f():\n    from a import x"}) in (
        ["a", "b", "a"], ["b", "a", "b"])
    assert not circle({named(path): path.read_text("utf-8") for package in LADDER[:-1]
                       for path in (ROOT / package).rglob("*.py")})


@pytest.mark.parametrize("package", LADDER[:-1])
def test_a_folder_can_be_seen_at_once(package: str) -> None:
    for folder in {path.parent for path in (ROOT / package).rglob("*.py")}:
        shown = [path for path in folder.glob("*.py") if path.name != "__init__.py"]
        assert len(shown) <= MODULES, f"{folder.name} shows {len(shown)} modules"
        assert ast.get_docstring(ast.parse((folder / "__init__.py").read_text("utf-8")))


def test_a_tuned_constant_of_the_tracer_has_a_name_of_its_own() -> None:
    """SIDE stood twice with two values, and so did NEAR, FAR, BEND and LITTLE."""
    names = [target.id for path in (ROOT / "exporters" / "outlines").glob("*.py")
             for node in ast.parse(path.read_text("utf-8")).body if isinstance(node, ast.Assign)
             for one in node.targets for target in getattr(one, "elts", [one])
             if isinstance(target, ast.Name) and target.id.isupper()]
    assert len(names) > 50 and len(set(names)) == len(names)
