"""The tables of a project file, and how one is opened, checked and brought up to date."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from functools import cache
from itertools import chain
from pathlib import Path
from urllib.parse import quote

from fonts.errors import Line, UserError

APPLICATION_ID = 0x676C7967     # "glyg"
_LENGTH_LIMIT = 1 << 26         # bytes of one value
_WAIT = 2.0                     # seconds for another connection's transaction

# what a drawing was inked from (`fonts.strokes`), and what an older file that is only read has
_DRAWN_FROM = "ALTER TABLE drawings ADD COLUMN strokes BLOB"
_DRAWN_FROM_NOTHING = "CREATE TEMP VIEW drawings AS SELECT *, NULL AS strokes FROM main.drawings"
# one entry a version; each is applied once and never changed after a release, and each after the
# first only makes tables, but for the column above
MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        """CREATE TABLE samples (
            id INTEGER PRIMARY KEY,
            codepoint INTEGER NOT NULL,
            field BLOB NOT NULL,
            source TEXT NOT NULL,
            written REAL NOT NULL,
            digest TEXT NOT NULL,
            active INTEGER NOT NULL CHECK (active IN (0, 1)))""",
        "CREATE UNIQUE INDEX one_active_sample ON samples (codepoint) WHERE active = 1",
        """CREATE TABLE drawings (
            codepoint INTEGER PRIMARY KEY,
            field BLOB NOT NULL,
            seed INTEGER NOT NULL,
            model TEXT NOT NULL,
            style TEXT NOT NULL,
            score REAL NOT NULL,
            scores TEXT NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('drawn', 'doubtful', 'locked', 'replaced')),
            unlocked TEXT NOT NULL CHECK (unlocked IN ('drawn', 'doubtful', 'replaced')))""",
        "CREATE INDEX drawings_by_score ON drawings (score, codepoint)",
        "CREATE TABLE settings (key TEXT PRIMARY KEY, value TEXT NOT NULL)",
        """CREATE TABLE exports (
            revision INTEGER PRIMARY KEY,
            path TEXT NOT NULL,
            glyphs INTEGER NOT NULL,
            version TEXT NOT NULL,
            made REAL NOT NULL)""",
    ),
    ("CREATE TABLE hands (key TEXT PRIMARY KEY, about TEXT NOT NULL, weights BLOB)",),
    ("CREATE TABLE held (codepoint INTEGER PRIMARY KEY, field BLOB NOT NULL)",),
    (       # of the sample with this codepoint and digest (`glyphgen.project.strokes`)
        """CREATE TABLE strokes (
            codepoint INTEGER NOT NULL,
            digest TEXT NOT NULL,
            points BLOB NOT NULL,
            PRIMARY KEY (codepoint, digest))""",
    ),
    (_DRAWN_FROM,),
    (),     # strokes of drawings may have sides, which an older glyphgen can't read
)
VERSION = len(MIGRATIONS)
_NO_CODEPOINT = ("typeof(codepoint) <> 'integer' OR codepoint NOT BETWEEN 0 AND 0x10FFFF "
                 "OR codepoint BETWEEN 0xD800 AND 0xDFFF")
# by table, rows that glyphgen never writes; fields, strokes and JSON are checked when they are read
_ODD = {
    "samples": f"""{_NO_CODEPOINT} OR typeof(field) <> 'blob'
        OR typeof(source) <> 'text' OR typeof(digest) <> 'text'
        OR typeof(written) <> 'real' OR abs(written) > 1e12""",
    "drawings": f"""{_NO_CODEPOINT} OR typeof(field) <> 'blob'
        OR typeof(seed) <> 'integer' OR typeof(model) <> 'text' OR typeof(style) <> 'text'
        OR typeof(score) <> 'real' OR abs(score) > 1e300 OR typeof(scores) <> 'text'""",
    "settings": "typeof(key) <> 'text' OR typeof(value) <> 'text'",
    "exports": """typeof(path) <> 'text' OR typeof(glyphs) <> 'integer'
        OR typeof(version) <> 'text' OR typeof(made) <> 'real' OR abs(made) > 1e12""",
    "strokes": f"{_NO_CODEPOINT} OR typeof(digest) <> 'text' OR typeof(points) <> 'blob'",
}


class ProjectError(UserError):
    """A project that cannot be opened, read or written; one line says which and why."""


_REASONS = {
    sqlite3.SQLITE_BUSY: Line("is in use by another glyphgen; close that one first"),
    sqlite3.SQLITE_LOCKED: Line("is in use by another glyphgen; close that one first"),
    sqlite3.SQLITE_FULL: Line("cannot grow: the disk is full; make room and run again"),
    sqlite3.SQLITE_READONLY: Line("cannot be written: the file or its folder is read-only"),
    sqlite3.SQLITE_CANTOPEN: Line("cannot be opened or made: is its folder there, and writable?"),
    sqlite3.SQLITE_PERM: Line("cannot be opened: permission denied"),
    sqlite3.SQLITE_IOERR: Line("cannot be read or written: a disk error, or the disk is full"),
    sqlite3.SQLITE_NOTADB: Line("is not a glyphgen project"),
    sqlite3.SQLITE_CORRUPT: Line("is damaged; go back to a copy of it"),
    sqlite3.SQLITE_TOOBIG: Line("is damaged: it holds a value that is far too large"),
}


@contextlib.contextmanager
def errors_as_messages(path: Path) -> Iterator[None]:
    """SQLite's errors as ProjectError, one line each."""
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        other = Line("cannot be used: {reason}", reason=" ".join(str(error).split())[:200])
        raise ProjectError(_REASONS.get(code, other), path) from error
    except UnicodeDecodeError as error:         # SQLite's message quotes what it could not read
        raise ProjectError(_REASONS[sqlite3.SQLITE_CORRUPT], path) from error


@contextlib.contextmanager
def transaction(db: sqlite3.Connection) -> Iterator[None]:
    """All or nothing."""
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        with contextlib.suppress(sqlite3.Error):
            db.execute("ROLLBACK")
        raise


def connect(path: Path, read_only: bool) -> sqlite3.Connection:
    """A checked connection to a project at `VERSION`. Raises ProjectError."""
    with errors_as_messages(path):
        db = _open(path, read_only)
        try:
            _check(db, path)
            if not read_only:
                with contextlib.suppress(sqlite3.OperationalError):     # a file system without WAL
                    db.execute("PRAGMA journal_mode = WAL")
            _migrate(db, path, read_only)
        except BaseException:
            db.close()
            raise
        return db


def hold(path: Path) -> sqlite3.Connection:
    """The right to write, held until the result is closed or the process ends.

    It is a lock on a file beside the project, taken through SQLite because that is portable.
    Raises ProjectError where another process has it.
    """
    beside = path.with_name(f"{path.name}-lock")
    while True:
        try:
            with open(beside, "ab") as pinned:      # while it is open no other file can be mistaken
                found = os.fstat(pinned.fileno())
                with errors_as_messages(path):
                    lock = sqlite3.connect(beside, timeout=0, isolation_level=None)
                same = _leads(beside, found)
        except OSError:
            raise ProjectError(f"{path}: {_REASONS[sqlite3.SQLITE_CANTOPEN]}") from None
        try:
            with errors_as_messages(path):
                lock.execute("PRAGMA journal_mode = MEMORY")    # no file that another could find
                lock.execute("BEGIN EXCLUSIVE")
        except BaseException as error:
            lock.close()
            if isinstance(error, ProjectError) and not _leads(beside, found):
                continue        # whoever had it has just taken the file away
            raise
        if same and _leads(beside, found):
            return lock
        lock.close()


def _leads(path: Path, found: os.stat_result) -> bool:
    """Whether a path leads to this file."""
    with contextlib.suppress(OSError):
        return os.path.samestat(path.stat(), found)
    return False


def release(lock: sqlite3.Connection, path: Path) -> None:
    """Give back what `hold` took."""
    beside = path.with_name(f"{path.name}-lock")
    try:
        beside.unlink()         # before it is free, so that nobody else's is taken away
        lock.close()
    except OSError:             # Windows keeps open files; there nobody else's can be taken away
        lock.close()
        with contextlib.suppress(OSError):
            beside.unlink()


def _open(path: Path, read_only: bool) -> sqlite3.Connection:
    if not read_only:
        db = sqlite3.connect(path, timeout=_WAIT, isolation_level=None)
        _guard(db)
        db.execute("PRAGMA synchronous = FULL")
        return db
    address = f"file:{quote(str(path.absolute()))}?mode=ro"
    waiting = path.with_name(f"{path.name}-wal").exists()
    for suffix in ("",) if waiting else ("", "&immutable=1"):   # the latter in read-only folders
        db = sqlite3.connect(address + suffix, uri=True, timeout=_WAIT, isolation_level=None)
        try:
            _guard(db)
            db.execute("SELECT count(*) FROM sqlite_master").fetchone()
            return db
        except sqlite3.OperationalError as error:
            db.close()
            last = error
    raise last


def _guard(db: sqlite3.Connection) -> None:
    """The file may come from anyone: nothing in its schema is trusted."""
    db.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LENGTH_LIMIT)
    for pragma in ("trusted_schema = OFF", "cell_size_check = ON", "mmap_size = 0"):
        db.execute(f"PRAGMA {pragma}")


def _check(db: sqlite3.Connection, path: Path) -> None:
    """Whether it is a project and whole. Nothing of its own runs before its tables are known."""
    (kind,), (version,) = (db.execute(f"PRAGMA {name}").fetchone()
                           for name in ("application_id", "user_version"))
    objects = _objects(db)
    if not objects and kind == version == 0:
        return
    if kind != APPLICATION_ID:
        raise ProjectError("is not a glyphgen project", path)
    if version > VERSION:
        raise ProjectError("was made by a newer glyphgen; update this one", path)
    if version < 1 or objects != _expected(version):
        raise ProjectError("its tables are not those of a glyphgen project", path)
    (verdict,) = db.execute("PRAGMA integrity_check(1)").fetchone()
    odd = (db.execute(f"SELECT 1 FROM {table} WHERE {condition}").fetchone()
           for table, condition in _ODD.items() if any(name == table for _, name, _ in objects))
    if verdict != "ok" or any(odd):
        raise ProjectError("is damaged; go back to a copy of it", path)


def _objects(db: sqlite3.Connection) -> frozenset[tuple[str, str, str]]:
    """Type, name and definition of whatever is in a file, but what SQLite made by itself."""
    return frozenset(db.execute("SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL "
                                "AND name NOT LIKE 'sqlite!_stat%' ESCAPE '!'"))


@cache
def _expected(version: int) -> frozenset[tuple[str, str, str]]:
    """What is in a file of this version."""
    with contextlib.closing(sqlite3.connect(":memory:")) as db:
        for statement in chain(*MIGRATIONS[:version]):
            db.execute(statement)
        return _objects(db)


def _migrate(db: sqlite3.Connection, path: Path, read_only: bool) -> None:
    (version,) = db.execute("PRAGMA user_version").fetchone()
    if version == VERSION:
        return
    if read_only:       # the tables that it lacks are empty, and of this connection alone
        for statement in chain(*MIGRATIONS[version:]):
            db.execute(_DRAWN_FROM_NOTHING if statement == _DRAWN_FROM else
                       statement.replace("CREATE TABLE", "CREATE TEMP TABLE", 1))
        return
    with transaction(db):
        for statement in chain(*MIGRATIONS[version:]):
            db.execute(statement)
        db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        db.execute(f"PRAGMA user_version = {VERSION}")
