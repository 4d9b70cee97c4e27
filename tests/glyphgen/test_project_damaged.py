"""Projects that others changed or damage struck are told, in one line."""

import sqlite3
from pathlib import Path

import pytest
from conftest import disc

from fonts.packed import to_bytes
from glyphgen.project.document import Drawn, Project, ProjectError
from glyphgen.project.schema import VERSION


def alter(path: Path, *statements: str) -> None:
    Project.open(path, create=True).close()
    db = sqlite3.connect(path)
    with db:
        for statement in statements:
            db.execute(statement)
    db.close()


@pytest.mark.parametrize("statement, hint", [
    (f"PRAGMA user_version = {VERSION + 1}", "newer glyphgen"),
    ("PRAGMA application_id = 1", "not a glyphgen project"),
    ("CREATE TRIGGER t AFTER INSERT ON settings BEGIN DELETE FROM samples; END", "its tables"),
    ("CREATE VIEW v AS SELECT 1", "its tables"),
    ("DROP TABLE exports", "its tables"),
])
def test_changed_by_others(path: Path, statement: str, hint: str) -> None:
    alter(path, statement)
    with pytest.raises(ProjectError, match=hint):
        Project.open(path)


DRAWING = ("INSERT INTO drawings VALUES ({point}, {field}, {seed}, 'm', 's', {score}, {scores},"
           " 'drawn', 'drawn', {strokes})")


@pytest.mark.parametrize("values", [
    {"field": "x'00'"}, {"field": "'text'"}, {"field": "zeroblob(100000)"}, {"point": "-5"},
    {"scores": "'{'"}, {"scores": "'[]'"}, {"seed": "'x'"}, {"score": "'x'"},
    {"strokes": "x'00'"}, {"strokes": "'text'"}, {"strokes": "7"}, {"strokes": "zeroblob(99999)"},
])
def test_damaged_rows_are_told(path: Path, values: dict[str, str]) -> None:
    good = {"point": "5", "field": f"x'{to_bytes(disc(9)).hex()}'", "seed": "1", "score": "0.5",
            "scores": "'{}'", "strokes": "NULL"}
    alter(path, DRAWING.format(**(good | values)))
    with pytest.raises(ProjectError, match="damaged"), Project.open(path) as project:
        assert len(project.contents()) == 64
        list(project.drawings())


def test_damaged_sample_is_told(path: Path) -> None:
    alter(path, "INSERT INTO samples VALUES (1, 65, "
                f"x'{to_bytes(disc(9)).hex()}', 'a', 0, 'wrong', 1)")
    with Project.open(path) as project, pytest.raises(ProjectError, match=r"U\+0041"):
        project.samples()


def test_overwritten_bytes_are_noticed(path: Path) -> None:
    with Project.open(path, create=True) as project:
        project.put_drawings([Drawn(point, disc(30)) for point in range(200)])
    data = bytearray(path.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 8192] = bytes(8192)
    path.write_bytes(data)
    with pytest.raises(ProjectError, match="damaged"):
        with Project.open(path) as project:
            list(project.drawings())
