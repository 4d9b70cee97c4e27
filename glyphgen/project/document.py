"""The project: one SQLite file with the samples, every drawing, settings and exports.

What is written is written whole or not at all. A process that is killed loses at most the batch
it was writing. One process at a time writes; others may read.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import Any

from fonts.drawing import Field
from fonts.packed import to_bytes
from fonts.reading.samples import Sample
from glyphgen.project.records import Drawn, Export, State
from glyphgen.project.schema import (
    ProjectError,
    connect,
    errors_as_messages,
    hold,
    release,
    transaction,
)
from glyphgen.project.strokes import Stroke, pack_strokes
from glyphgen.project.values import Values

__all__ = ["Drawn", "Export", "Project", "ProjectError", "State"]

_CHUNK = 256        # rows read at once
_COLUMNS = "codepoint, field, seed, model, style, score, scores, state, strokes"
_PUT = f"""INSERT INTO drawings ({_COLUMNS}, unlocked) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (codepoint) DO UPDATE SET field = excluded.field, seed = excluded.seed,
        model = excluded.model, style = excluded.style, score = excluded.score,
        scores = excluded.scores, state = excluded.state, strokes = excluded.strokes,
        unlocked = excluded.unlocked"""
_KEEP = " WHERE drawings.state NOT IN ('locked', 'replaced')"


class Project:
    """A project file. Use it as a context manager; every method raises ProjectError."""

    def __init__(
        self, path: Path, db: sqlite3.Connection, lock: sqlite3.Connection | None
    ) -> None:
        self.path, self._db, self._lock = path, db, lock
        self._values = Values(path)

    @property
    def read_only(self) -> bool:
        """Whether it was opened for reading alone."""
        return self._lock is None

    @classmethod
    def open(
        cls, path: str | PathLike[str], create: bool = False, read_only: bool = False
    ) -> Project:
        """The project at `path`, made if `create` and absent.

        Raises ProjectError for what is no project, is damaged, is newer than this program, or
        (unless `read_only`) is being written by another process.
        """
        path = Path(path)
        if path.is_dir():
            raise ProjectError(f"{path}: is a folder, not a project file")
        if not path.exists() and (read_only or not create):
            raise ProjectError(f"{path}: there is no such project; `glyphgen ingest` makes one")
        lock = None if read_only else hold(path)
        try:
            return cls(path, connect(path, read_only), lock)
        except BaseException:
            if lock is not None:
                release(lock, path)
            raise

    def close(self) -> None:
        with errors_as_messages(self.path):
            self._db.close()
        if self._lock is not None:
            release(self._lock, self.path)
            self._lock = None

    def __enter__(self) -> Project:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @contextlib.contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with errors_as_messages(self.path), transaction(self._db):
            yield self._db

    def _rows(self, query: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        with errors_as_messages(self.path):
            return self._db.execute(query, values).fetchall()

    # samples

    def add_samples(self, samples: Iterable[Sample],
                    strokes: Mapping[str, Sequence[Stroke]] | None = None) -> int:
        """Keep samples; of one character the last one added counts. Returns how many are new.

        `strokes` are what samples were made of that were written on glass, by their digests.
        """
        packed = {digest: pack_strokes(written) for digest, written in (strokes or {}).items()}
        fresh = 0
        with self._writing() as db:
            for sample in samples:
                key = (sample.codepoint, sample.digest)
                if sample.digest in packed:
                    db.execute("INSERT OR REPLACE INTO strokes VALUES (?, ?, ?)",
                               (*key, packed[sample.digest]))
                known = db.execute("SELECT id FROM samples WHERE codepoint = ? AND digest = ?",
                                   key).fetchone()
                db.execute("UPDATE samples SET active = 0 WHERE codepoint = ?", key[:1])
                if known is not None:
                    db.execute("UPDATE samples SET active = 1 WHERE id = ?", known)
                    continue
                fresh += 1
                db.execute(
                    "INSERT INTO samples (codepoint, field, source, written, digest, active) "
                    "VALUES (?, ?, ?, ?, ?, 1)",
                    (sample.codepoint, sample.packed, sample.source, sample.written,
                     sample.digest))
        return fresh

    def samples(self, every: bool = False) -> list[Sample]:
        """The samples that count, by codepoint; with `every` also those they took over from."""
        condition = "" if every else " WHERE active = 1"
        rows = self._rows("SELECT codepoint, field, source, written, digest FROM samples"
                          f"{condition} ORDER BY codepoint, active DESC, id DESC")
        return [self._values.sample(row) for row in rows]

    def strokes(self) -> dict[int, list[Stroke]]:
        """The strokes of those samples that count and were written on glass."""
        rows = self._rows(
            "SELECT codepoint, points FROM strokes JOIN samples USING (codepoint, digest) "
            "WHERE active = 1 ORDER BY codepoint")
        return {row[0]: self._values.strokes(*row) for row in rows}

    def remove_samples(self, codepoints: Iterable[int]) -> None:
        """Forget every sample of these characters."""
        points = [(point,) for point in codepoints]
        with self._writing() as db:
            db.executemany("DELETE FROM samples WHERE codepoint = ?", points)
            db.executemany("DELETE FROM strokes WHERE codepoint = ?", points)

    def style(self) -> str:
        """A digest of the samples that count: drawings of another one are out of date."""
        rows = self._rows("SELECT digest FROM samples WHERE active = 1 ORDER BY codepoint")
        return hashlib.sha256("\n".join(str(row[0]) for row in rows).encode()).hexdigest()

    # drawings

    def pending(
        self, codepoints: Iterable[int], tag: str | None = None, style: str | None = None
    ) -> list[int]:
        """Those of `codepoints`, in their order, that are still to be drawn.

        They have no sample and no drawing, or one of another recipe `tag` or `style` where these
        are given. What is locked or replaced by hand is never pending.
        """
        done = {row[0] for row in self._rows("SELECT codepoint FROM samples WHERE active = 1")}
        done |= {row[0] for row in self._rows(
            "SELECT codepoint FROM drawings WHERE state IN ('locked', 'replaced') "
            "OR (model = coalesce(?, model) AND style = coalesce(?, style))", (tag, style))}
        return [point for point in dict.fromkeys(codepoints) if point not in done]

    def put_drawings(self, batch: Iterable[Drawn]) -> None:
        """Keep a batch whole. What is locked or replaced by hand stays as it is."""
        rows = [drawn.row() for drawn in batch]
        with self._writing() as db:
            db.executemany(_PUT + _KEEP, rows)

    def drawings(self, codepoints: Iterable[int] | None = None) -> Iterator[Drawn]:
        """Drawings by codepoint, all or those of `codepoints` that there are."""
        wanted = (sorted(set(codepoints)) if codepoints is not None else
                  [row[0] for row in self._rows("SELECT codepoint FROM drawings "
                                                "ORDER BY codepoint")])
        for start in range(0, len(wanted), _CHUNK):
            chunk = wanted[start : start + _CHUNK]
            marks = ",".join("?" * len(chunk))
            for row in self._rows(f"SELECT {_COLUMNS} FROM drawings WHERE codepoint IN ({marks}) "
                                  "ORDER BY codepoint", chunk):
                yield self._values.drawn(row)

    def worst(self, limit: int = 50) -> list[Drawn]:
        """Drawings that the gate likes least, the worst first, without those settled by hand."""
        rows = self._rows(f"SELECT {_COLUMNS} FROM drawings WHERE state IN ('drawn', 'doubtful') "
                          "ORDER BY state = 'drawn', score, codepoint LIMIT ?", (limit,))
        return [self._values.drawn(row) for row in rows]

    def states(self) -> dict[int, State]:
        """The state of every drawing by codepoint."""
        return dict(self._rows("SELECT codepoint, state FROM drawings ORDER BY codepoint"))

    def lock(self, codepoints: Iterable[int]) -> None:
        """Keep these drawings when others are drawn anew."""
        self._set_state("state = 'locked'", codepoints, "state IN ('drawn', 'doubtful')")

    def unlock(self, codepoints: Iterable[int]) -> None:
        """Let locked drawings go back to the state they had."""
        self._set_state("state = unlocked", codepoints, "state = 'locked'")

    def _set_state(self, change: str, codepoints: Iterable[int], condition: str) -> None:
        with self._writing() as db:
            db.executemany(f"UPDATE drawings SET {change} WHERE codepoint = ? AND {condition}",
                           ((point,) for point in codepoints))

    def replace(self, codepoint: int, drawn: Field) -> None:
        """Put a drawing made by hand (S, S) in place of what there was."""
        self.put_back([codepoint], [Drawn(codepoint, drawn, recipe_tag="hand", state="replaced")])

    def put_back(self, codepoints: Iterable[int], batch: Iterable[Drawn]) -> None:
        """Put a batch, or nothing, in place of all that there is of these codepoints."""
        rows = [drawn.row() for drawn in batch]
        with self._writing() as db:
            db.executemany("DELETE FROM drawings WHERE codepoint = ?", ((c,) for c in codepoints))
            db.executemany(_PUT, rows)

    # the prepared hand

    def hand(self, key: str) -> tuple[str, bytes | None] | None:
        """What `put_hand` kept under this key, not checked, although the file may be anyone's."""
        rows = self._rows("SELECT about, weights FROM hands WHERE key = ?", (key,))
        return (rows[0][0], rows[0][1]) if rows else None

    def put_hand(self, key: str, about: str, data: bytes | None,
                 held: Mapping[int, Field] | None = None) -> None:
        """Keep a prepared hand in place of any other (`glyphgen.hand.saved`).

        data: adapted weights, or how samples lie on their strokes; the column is named after the
        first. held: samples as it draws them from the others, (S, S) by codepoint.
        """
        with self._writing() as db:
            for table in ("hands", "held"):
                db.execute(f"DELETE FROM {table}")
            db.execute("INSERT INTO hands VALUES (?, ?, ?)", (key, about, data))
            db.executemany("INSERT INTO held VALUES (?, ?)",
                           ((point, to_bytes(drawn)) for point, drawn in (held or {}).items()))

    def held(self) -> dict[int, Field]:
        """Samples as the kept hand draws them from the others, by codepoint."""
        return {row[0]: self._values.field(*row) for row in self._rows(
            "SELECT codepoint, field FROM held ORDER BY codepoint")}

    # settings and exports

    def get(self, key: str, default: Any = None) -> Any:
        """A setting, as it was set."""
        rows = self._rows("SELECT value FROM settings WHERE key = ?", (key,))
        return self._values.setting(key, rows[0][0]) if rows else default

    def set(self, key: str, value: Any) -> None:
        """Keep a setting of any kind that JSON has."""
        with self._writing() as db:
            _set(db, key, value)

    def set_all(self, values: Mapping[str, Any]) -> None:
        """Keep several settings, all or none."""
        with self._writing() as db:
            for key, value in values.items():
                _set(db, key, value)

    def settings(self) -> dict[str, Any]:
        return {str(key): self._values.setting(key, value)
                for key, value in self._rows("SELECT key, value FROM settings ORDER BY key")}

    def next_redraw(self) -> int:
        """A number that no redrawing had so far: it leads to seeds that were not tried yet."""
        redraw = int(self.get("redone", 0)) + 1
        self.set("redone", redraw)
        return redraw

    def contents(self) -> str:
        """A digest of all that goes into a font: samples and drawings."""
        total = hashlib.sha256()
        for query in ("SELECT codepoint, active, digest FROM samples ORDER BY id",
                      "SELECT codepoint, state, field FROM drawings ORDER BY codepoint",
                      "SELECT codepoint, 'strokes', CAST(strokes AS BLOB) FROM drawings "
                      "WHERE strokes IS NOT NULL ORDER BY codepoint"):
            with errors_as_messages(self.path):
                for point, state, value in self._db.execute(query):
                    total.update(f"{point} {state} {len(value)} ".encode())
                    total.update(value if isinstance(value, bytes) else str(value).encode())
        return total.hexdigest()

    def revision(self, contents: str) -> int:
        """The number of an export: the last one's for the same `contents`, else the next."""
        last = self.get("exported", {"contents": "", "revision": len(self.exports())})
        return int(last["revision"]) + (last["contents"] != contents)

    def record_exports(self, paths: Iterable[str | PathLike[str]], glyphs: int, version: str,
                       contents: str = "") -> None:
        """Note fonts that were written together, of these `contents`."""
        revision, made = self.revision(contents), time.time()
        with self._writing() as db:
            db.executemany("INSERT INTO exports (path, glyphs, version, made) VALUES (?, ?, ?, ?)",
                           ((str(path), glyphs, version, made) for path in paths))
            _set(db, "exported", {"contents": contents, "revision": revision})

    def exports(self) -> list[Export]:
        """What was exported, oldest first."""
        return [Export(*row) for row in self._rows(
            "SELECT revision, path, glyphs, version, made FROM exports ORDER BY revision")]


def _set(db: sqlite3.Connection, key: str, value: Any) -> None:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True)
    db.execute("INSERT OR REPLACE INTO settings VALUES (?, ?)", (key, text))
