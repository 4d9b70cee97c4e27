"""Project files from other people: known tables only, every value checked, nothing in them runs."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from benchmarks.seeds import projects
from glyphgen.export.preview import preview_font
from glyphgen.project.document import Project, ProjectError
from glyphgen.project.schema import APPLICATION_ID, MIGRATIONS, VERSION


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "theirs.glyphgen"
    path.write_bytes(projects()[0])
    return path


def alter(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("PRAGMA ignore_check_constraints = ON")
        db.execute("PRAGMA writable_schema = ON")
        for statement in statements:
            db.execute(statement)


def test_a_database_of_another_program_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "theirs.db"
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE t (a)")
        db.commit()
    before = path.read_bytes()
    with pytest.raises(ProjectError, match="not a glyphgen project"):
        Project.open(path)
    assert path.read_bytes() == before and list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("statement", [
    "CREATE TRIGGER t AFTER INSERT ON settings BEGIN DELETE FROM samples; END",
    "CREATE VIEW v AS SELECT * FROM samples", "CREATE TABLE more (a)",
    "CREATE INDEX i ON samples (lower(source))",
    "ALTER TABLE settings ADD COLUMN made AS (load_extension(value))",
    "ALTER TABLE drawings ADD COLUMN more", "DROP TABLE exports", "DROP INDEX one_active_sample",
    "UPDATE sqlite_master SET sql = replace(sql, 'NOT NULL', '') WHERE name = 'drawings'",
    "UPDATE sqlite_master SET sql = replace(sql, ' CHECK (active IN (0, 1))', '') "
    "WHERE name = 'samples'",
    "PRAGMA user_version = 0", "PRAGMA user_version = -1",
])
def test_other_tables_are_refused(path: Path, statement: str) -> None:
    alter(path, statement)
    for read_only in (True, False):
        with pytest.raises(ProjectError, match="its tables are not those|is damaged"):
            Project.open(path, read_only=read_only)


@pytest.mark.parametrize("change", [
    "samples SET codepoint = 'x' WHERE id = 1", "samples SET codepoint = 0xD800 WHERE id = 1",
    "samples SET written = 9e999", "samples SET source = x'00'", "samples SET active = 2",
    "drawings SET state = 'theirs'", "drawings SET seed = 'x'", "drawings SET score = 9e999",
    "drawings SET codepoint = -codepoint", "drawings SET model = x'ff'",
    "settings SET value = x'00'", "exports SET glyphs = 'many'", "exports SET made = 'now'",
])
def test_values_of_another_kind_are_refused(path: Path, change: str) -> None:
    alter(path, f"UPDATE {change}")
    with pytest.raises(ProjectError, match="is damaged"):
        Project.open(path)


@pytest.mark.parametrize("key, value", [
    ("region", '"xx"'), ("region", "5"), ("charset", "[]"), ("seed", '"1"'), ("seed", "9e99"),
    ("seed", "true"), ("adapt", '"yes"'), ("codepoints", "5"), ("codepoints", "[-1]"),
    ("codepoints", "[55296]"), ("codepoints", '["a"]'), ("tuning", '{"weight": NaN}'),
    ("studio_cells", '{"a": 1}'), ("studio_job", "[]"), ("exported", '{"revision": 1}'),
    ("anything", "[" * 100_000), ("anything", "9" * 5000),
])
def test_settings_of_another_kind_are_refused(path: Path, key: str, value: str) -> None:
    alter(path, f"INSERT OR REPLACE INTO settings VALUES ('{key}', '{value}')")
    with Project.open(path) as project:
        for read in (lambda: project.get(key), project.settings):
            with pytest.raises(ProjectError, match="is damaged") as caught:
                read()
            assert "\n" not in str(caught.value)


def test_a_project_of_somebody_else_is_previewed(path: Path) -> None:
    assert preview_font(path, "永三A")[:4] == b"\0\1\0\0"


@pytest.mark.parametrize("version", range(1, VERSION + 1))
def test_every_earlier_version_is_brought_up_to_date(tmp_path: Path, version: int) -> None:
    """A file as the program of that version left it keeps its samples, drawings and settings."""
    path, seed = tmp_path / "old.glyphgen", tmp_path / "seed.glyphgen"
    seed.write_bytes(projects()[0])
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        for statements in MIGRATIONS[:version]:
            for statement in statements:
                db.execute(statement)
        db.execute("ATTACH ? AS seed", (str(seed),))
        db.execute("UPDATE seed.drawings SET strokes = NULL")       # which came last
        for table in ("samples", "drawings", "settings", "exports"):
            names = ", ".join(row[1] for row in db.execute(f"PRAGMA main.table_info({table})"))
            db.execute(f"INSERT INTO main.{table} SELECT {names} FROM seed.{table}")
        db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        db.execute(f"PRAGMA user_version = {version}")
    before = path.read_bytes()
    with Project.open(path, read_only=True) as old:
        assert len(old.samples()) == 2 and old.hand("any") is None and old.strokes() == {}
        assert all(drawn.strokes is None for drawn in old.drawings())
    assert path.read_bytes() == before
    with Project.open(path) as new, Project.open(seed) as known:
        assert new.samples() == known.samples() and new.settings() == known.settings()
        assert new.contents() == known.contents() and new.exports() == known.exports()
        assert new.states() == known.states()
    with Project.open(path, read_only=True) as new:
        assert len(new.samples()) == 2
