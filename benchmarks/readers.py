"""All of glyphgen that reads bytes from outside: what reads, what it is given, what it may raise.

A reader gets the path of a file; whatever is in it, it returns, or raises its module's own error
with one line.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
import struct
import tempfile
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from benchmarks.mutations import mutate
from benchmarks.seeds import (
    TEXT,
    checkpoints,
    codes,
    fonts,
    hands,
    images,
    pages,
    projects,
    small,
    texts,
)
from exporters.fontfile.formats import to_bytes
from exporters.fontfile.info import ExportError, FontInfo
from exporters.fontfile.merge import fill
from exporters.outlines.trace import trace
from exporters.preview.render import write_preview
from fonts.charset import CharsetError, resolve
from fonts.content import Content
from fonts.packed import to_bytes as packed
from fonts.reading.images import ImageError, read_grey
from fonts.reading.pages import read_file
from fonts.reading.samples import SamplesError, read_samples
from fonts.render import Face, FontError
from fonts.sheet.layout import IdentityError, parse_identity

GAP = "国"              # what the fonts lack
Seeds = Callable[[], Sequence[bytes]]


class Reader(NamedTuple):
    """`file` is the name that the bytes are given, `shaped` a change that keeps a format whole."""

    file: str
    seeds: Seeds
    read: Callable[[Path], object]
    errors: tuple[type[Exception], ...]
    shaped: Callable[[Random, Sequence[bytes]], bytes] | None = None

    def input(self, chance: Random) -> bytes:
        """One changed seed; every other one keeps the format whole where that can be done."""
        if self.shaped is not None and chance.getrandbits(1):
            return self.shaped(chance, self.seeds())
        return mutate(chance, self.seeds())


def _whole_png(chance: Random, seeds: Sequence[bytes]) -> bytes:
    """A changed PNG whose check sums are right."""
    data = mutate(chance, [seed for seed in seeds if seed[:4] == b"\x89PNG"])
    at, parts = 8, [data[:8]]
    while at + 12 <= len(data):
        (length,) = struct.unpack(">I", data[at : at + 4])
        body = data[at + 4 : at + 8 + min(length, len(data) - at - 12)]
        parts.append(struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body)))
        at += 8 + len(body)
    return b"".join(parts)


def _whole_code(chance: Random, seeds: Sequence[bytes]) -> bytes:
    """A changed code of a sheet whose check sum is right."""
    head, version, _, body = chance.choice(seeds).split(b" ", 3)
    body = mutate(chance, [body]).decode(errors="replace").encode()
    return b" ".join((head, version, f"{zlib.crc32(body):08x}".encode(), body))


_ODD_VALUES = (None, -1, 0, 1, 2**31, 2**63 - 1, 0.5, 1e308, "", "x", "[]", "{}", "null", "1e999",
               "NaN", "[1,-1]", '{"a":"b"}', '"cn"', "9" * 5000, "[" * 3000, b"", b"\0" * 9, "永")
_ODD_OBJECTS = (
    "CREATE VIEW v AS SELECT * FROM samples", "CREATE TABLE more (a)",
    "CREATE TRIGGER t AFTER INSERT ON settings BEGIN DELETE FROM samples; END",
    "CREATE INDEX i ON samples (abs(written))", "DROP TABLE exports",
    "DROP INDEX one_active_sample", "ALTER TABLE drawings ADD COLUMN more",
    "PRAGMA user_version = 0", "PRAGMA user_version = -1",
    "PRAGMA user_version = 99", "PRAGMA application_id = 0",
    "ALTER TABLE settings ADD COLUMN made AS (upper(value))",
)


def _whole_project(chance: Random, seeds: Sequence[bytes]) -> bytes:
    """A database that is in order, with other values or other tables."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "changed.glyphgen"
        path.write_bytes(chance.choice(seeds))
        with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as db:
            db.execute("PRAGMA journal_mode = DELETE")
            db.execute("PRAGMA synchronous = OFF")
            db.execute("PRAGMA ignore_check_constraints = ON")
            for _ in range(chance.randint(1, 3)):
                with contextlib.suppress(sqlite3.Error, OverflowError):
                    _change_project(db, chance)
        return path.read_bytes()


def _change_project(db: sqlite3.Connection, chance: Random) -> None:
    if not chance.getrandbits(3):
        db.execute(chance.choice(_ODD_OBJECTS))
        return
    tables = db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    (table,) = chance.choice(tables)
    column = chance.choice(db.execute(f"PRAGMA table_info({table})").fetchall())[1]
    value: Any = chance.choice(_ODD_VALUES)
    if table == "hands" and chance.getrandbits(1):
        for about, weights in db.execute("SELECT about, weights FROM hands "
                                         "WHERE typeof(weights) = 'blob'").fetchall():
            changed = mutate(chance, [str(about).encode()]).decode(errors="replace")
            value = changed if column == "about" else mutate(chance, [weights])
    if column == "field" and chance.getrandbits(1):
        value = mutate(chance, [packed(Content().hei(ord("永")))])
        if chance.getrandbits(1):
            value = zlib.compress(chance.randbytes(chance.choice((128**2, 256**2, 999))))
    if column == "strokes" and chance.getrandbits(1):
        value = zlib.compress(b"\0" + chance.randbytes(96 * chance.randint(1, 4)))
        if chance.getrandbits(1):               # short steps, which stay near the canvas
            steps = bytes(chance.choice((0, 1, 9, 90)) * (k % 2 == 0) for k in range(192))
            value = zlib.compress(b"\0" + steps)
    if column == "value" and chance.getrandbits(1):
        value = json.dumps(chance.choice(_ODD_VALUES[:-3]))
        keys = ("region", "charset", "seed", "adapt", "codepoints", "redone", "tuning", "family",
                "studio_job", "studio_cells", "studio_redone", "studio_export", "held_out")
        db.execute("INSERT OR REPLACE INTO settings VALUES (?, ?)", (chance.choice(keys), value))
        return
    db.execute(f"UPDATE {table} SET {column} = ? WHERE rowid IN "
               f"(SELECT rowid FROM {table} LIMIT 1)", (value,))


def _whole_checkpoint(chance: Random, seeds: Sequence[bytes]) -> bytes:
    """Weights whose digest is right, with another configuration or other tensors."""
    from safetensors.torch import load, save

    from glyphgen.network.checkpoint import digest

    data = chance.choice(seeds)
    (length,) = struct.unpack("<Q", data[:8])
    about = json.loads(data[8 : 8 + length])["__metadata__"]
    config, tensors = json.loads(about["config"]), load(data)
    key = chance.choice(list(config))
    config[key] = chance.choice((0, -1, 1, 3, 7, 10**4, 10**9, 2**70, 0.5, "x", None, [], True))
    name = chance.choice(list(tensors))
    if chance.getrandbits(1):
        tensors[name] = chance.choice((tensors[name].double(), tensors[name].flatten(),
                                       tensors[name][:1], tensors[name] * float("nan")))
    about = {"config": json.dumps(config), "sha256": digest(tensors)}
    return save(tensors, about)


def _read_font(path: Path) -> None:
    face = Face(path)
    for char in TEXT:
        face.field(ord(char))


def _read_pages(path: Path) -> None:
    for page in read_file(path):
        assert page.picture.ndim == 3


def _read_preview(path: Path) -> None:
    for name in ("a.png", "a.svg", "a.pdf", "a.html"):
        write_preview(path, TEXT, path.with_name(name), size=24, width=200)


def _read_base(path: Path) -> None:
    outlines = {ord(GAP): trace(Content().hei(ord(GAP)), ord(GAP))}
    to_bytes(fill(path, outlines, FontInfo(), outlines).font)


def _read_project(path: Path) -> None:
    """All of a project, a preview of it, and it again to be written."""
    from glyphgen.export.preview import preview_font
    from glyphgen.project.document import Project

    with Project.open(path, read_only=True) as project:
        list(project.drawings())
        project.samples(every=True)
        project.settings(), project.exports(), project.states(), project.worst()
    preview_font(path, TEXT)
    with Project.open(path) as project:
        project.set("region", "jp")


def _read_hand(path: Path) -> None:
    from glyphgen.hand.painter import Painter
    from glyphgen.hand.saved import load_hand
    from glyphgen.project.document import Project

    with Project.open(path, read_only=True) as project:
        samples = {sample.codepoint: sample.drawing.field for sample in project.samples()}
        load_hand(project, "key", Painter(*small()), samples)


def _read_pushed(path: Path) -> None:
    from glyphgen.project.document import Project
    from glyphgen.project.folder import push

    with tempfile.TemporaryDirectory() as folder:
        with Project.open(Path(folder) / "a.glyphgen", create=True) as project:
            push(project, path.parent)


def _read_checkpoint(path: Path) -> None:
    from glyphgen.network.checkpoint import load_model, model_hash

    model_hash(path)
    load_model(path)


def _project_errors() -> tuple[type[Exception], ...]:
    from glyphgen.project.document import ProjectError

    return (ProjectError, ExportError)


def _checkpoint_errors() -> tuple[type[Exception], ...]:
    from glyphgen.network.checkpoint import CheckpointError

    return (CheckpointError,)


def _readers() -> dict[str, Reader]:
    return {
        "image": Reader("永.png", images, read_grey, (ImageError,), _whole_png),
        "sample": Reader("永.png", images, lambda path: read_samples([path]), (SamplesError,),
                         _whole_png),
        "pages": Reader("page.pdf", pages, _read_pages, (ImageError,)),
        "code": Reader("code.txt", codes, lambda path: parse_identity(
            path.read_bytes().decode(errors="replace")), (IdentityError,), _whole_code),
        "font": Reader("font.ttf", fonts, _read_font, (FontError,)),
        "preview": Reader("font.ttf", fonts, _read_preview, (ExportError,)),
        "base": Reader("base.ttf", fonts, _read_base, (ExportError,)),
        "charset": Reader("set.txt", texts, lambda path: resolve(f"@{path}"), (CharsetError,)),
        "project": Reader("a.glyphgen", projects, _read_project, _project_errors(),
                          _whole_project),
        "hand": Reader("a.glyphgen", hands, _read_hand, _project_errors(), _whole_project),
        "pushed": Reader("永.png", images, _read_pushed, _project_errors(), _whole_png),
        "checkpoint": Reader("a.safetensors", checkpoints, _read_checkpoint,
                             _checkpoint_errors(), _whole_checkpoint),
    }


READERS = _readers()
