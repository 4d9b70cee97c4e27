"""Everything in glyphgen that reads bytes from outside: real small files of each kind, the reader,
and what it may raise.

A reader gets the path of a file; whatever is in it, it returns, or raises its module's own error
with one line.
"""

from __future__ import annotations

import contextlib
import functools
import io
import json
import sqlite3
import struct
import tempfile
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import numpy as np
from fontTools.ttLib import TTCollection, TTFont
from fpdf import FPDF
from PIL import Image

from benchmarks.mutations import mutate
from exporters.formats import to_bytes
from exporters.glyphs import arrange
from exporters.info import ExportError, FontInfo
from exporters.merge import fill
from exporters.otf import build_otf
from exporters.preview import render
from exporters.trace import trace
from exporters.ttf import pack
from fonts.charset import CharsetError, resolve
from fonts.content import Content
from fonts.images import ImageError, read_grey
from fonts.layout import IdentityError, paginate, parse_identity
from fonts.packed import to_bytes as packed
from fonts.pages import read_file
from fonts.render import Face, FontError
from fonts.samples import Sample, SamplesError, read_samples

TEXT = "永三A，"
GAPS = "三"
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


def _pictures() -> dict[str, Image.Image]:
    """Small pictures of every mode that is read."""
    field = Content().hei(ord("永"))
    grey = Image.fromarray(np.clip(128 - 128 * field, 0, 255).astype(np.uint8)[::2, ::2])
    deep = Image.fromarray(np.asarray(grey, np.uint16) * 257)
    return {"L": grey, "RGBA": grey.convert("RGBA"), "P": grey.convert("P"), "I;16": deep,
            "1": grey.convert("1"), "RGB": grey.convert("RGB"), "LA": grey.convert("LA")}


def _saved(picture: Image.Image, kind: str, **options: Any) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, kind, **options)
    return stream.getvalue()


@functools.cache
def images() -> tuple[bytes, ...]:
    """PNG, JPEG, WebP and TIFF in several modes and packings."""
    of = _pictures()
    turned = Image.Exif()
    turned[274] = 6
    return (
        *(_saved(of[mode], "PNG") for mode in ("L", "RGBA", "P", "I;16", "1", "LA")),
        _saved(of["L"], "JPEG"), _saved(of["RGB"], "JPEG", progressive=True, exif=turned),
        _saved(of["RGB"], "WEBP"), _saved(of["RGBA"], "WEBP", lossless=True),
        *(_saved(of["L"], "TIFF", compression=way) for way in ("raw", "tiff_lzw", "tiff_deflate")),
        _saved(of["1"], "TIFF", compression="group4"), _saved(of["I;16"], "TIFF"),
    )


@functools.cache
def pages() -> tuple[bytes, ...]:
    """PDFs of one and two small pages, a TIFF of two, a PNG."""
    of = _pictures()
    made = []
    for compressed in (True, False):
        pdf = FPDF(format=(30, 20))
        pdf.set_compression(compressed)
        pdf.set_font("helvetica", size=6)
        pdf.add_page()
        pdf.image(of["L"], 2, 2, 10)
        pdf.text(3, 15, "a sheet")
        if compressed:
            pdf.add_page()
            pdf.line(1, 1, 9, 9)
        made.append(bytes(pdf.output()))
    both = _saved(of["L"], "TIFF", save_all=True, append_images=[of["RGB"]])
    return (*made, both, _saved(of["RGB"], "PNG"))


@functools.cache
def fonts() -> tuple[bytes, ...]:
    """A TTF, OTF, WOFF, WOFF2 and TTC of four characters."""
    outlines = {ord(c): trace(Content().hei(ord(c)), ord(c)) for c in TEXT}
    source = arrange(outlines, FontInfo(family="Seed"), outlines)
    plain = to_bytes(pack(outlines, FontInfo(family="Seed"), outlines))
    both = TTCollection()
    both.fonts = [TTFont(io.BytesIO(plain)), TTFont(io.BytesIO(plain))]
    stream = io.BytesIO()
    both.save(stream)
    return (plain, to_bytes(build_otf(source)), to_bytes(TTFont(io.BytesIO(plain)), "woff2"),
            _flavoured(plain, "woff"), stream.getvalue())


def _flavoured(plain: bytes, flavour: str) -> bytes:
    font, stream = TTFont(io.BytesIO(plain)), io.BytesIO()
    font.flavor = flavour
    font.save(stream)
    return stream.getvalue()


def _codes() -> tuple[bytes, ...]:
    return tuple(page.text().encode() for page in paginate(TEXT * 30, "cn"))


def _texts() -> tuple[bytes, ...]:
    text = f"{TEXT}\n春眠不觉晓 🙂 カタカナ e\u0301\n"
    return text.encode(), text.encode("utf-8-sig"), text.encode("utf-16"), text.encode("gb18030")


@functools.cache
def projects() -> tuple[bytes, ...]:
    """A project with samples, drawings, settings and an export."""
    from glyphgen.project import Drawn, Project

    content = Content()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "seed.glyphgen"
        with Project.open(path, create=True) as project:
            project.add_samples(Sample.of(ord(c), content.hei(ord(c)), "a.png", 1.0)
                                for c in TEXT[:2])
            project.put_drawings(Drawn(ord(c), content.hei(ord(c)), 7, "m", project.style(), 0.5,
                                       {"iou": 0.5}) for c in TEXT[2:])
            project.lock([ord(TEXT[2])])
            project.set("region", "cn")
            project.set("codepoints", [ord(c) for c in TEXT])
            project.record_exports(["a.ttf"], 4, "0")
        return (path.read_bytes(),)


@functools.cache
def checkpoints() -> tuple[bytes, ...]:
    """Weights of a small network."""
    from glyphgen.checkpoint import save_model
    from glyphgen.codec import PatchCodec
    from glyphgen.config import ModelConfig
    from glyphgen.model import Generator

    config = ModelConfig(latent=4, width=8, inner=8, outer_blocks=1, inner_blocks=1, heads=2)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "seed.safetensors"
        save_model(path, Generator(config), PatchCodec(config))
        return (path.read_bytes(),)


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
    if column in ("field", "weights") and chance.getrandbits(1):
        value = mutate(chance, [packed(Content().hei(ord("永")))])
        if chance.getrandbits(1):
            value = zlib.compress(chance.randbytes(chance.choice((128**2, 256**2, 999))))
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

    from glyphgen.checkpoint import digest

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


def _read_base(path: Path) -> None:
    outlines = {ord(c): trace(Content().hei(ord(c)), ord(c)) for c in GAPS}
    font, _ = fill(path, outlines, FontInfo(), outlines)
    to_bytes(font)


def _read_project(path: Path) -> None:
    """All of a project, a preview of it, and it again to be written."""
    from glyphgen.exporting import preview_font
    from glyphgen.project import Project

    with Project.open(path, read_only=True) as project:
        list(project.drawings())
        project.samples(every=True)
        project.settings(), project.exports(), project.states(), project.worst()
    preview_font(path, TEXT)
    with Project.open(path) as project:
        project.set("region", "jp")


def _read_pushed(path: Path) -> None:
    from glyphgen.folder import push
    from glyphgen.project import Project

    with tempfile.TemporaryDirectory() as folder:
        with Project.open(Path(folder) / "a.glyphgen", create=True) as project:
            push(project, path.parent)


def _read_checkpoint(path: Path) -> None:
    from glyphgen.checkpoint import load_model, model_hash

    model_hash(path)
    load_model(path)


def _project_errors() -> tuple[type[Exception], ...]:
    from glyphgen.project import ProjectError

    return (ProjectError, ExportError)


def _checkpoint_errors() -> tuple[type[Exception], ...]:
    from glyphgen.checkpoint import CheckpointError

    return (CheckpointError,)


def _readers() -> dict[str, Reader]:
    return {
        "image": Reader("永.png", images, read_grey, (ImageError,), _whole_png),
        "sample": Reader("永.png", images, lambda path: read_samples([path]), (SamplesError,),
                         _whole_png),
        "pages": Reader("page.pdf", pages, _read_pages, (ImageError,)),
        "code": Reader("code.txt", _codes, lambda path: parse_identity(
            path.read_bytes().decode(errors="replace")), (IdentityError,), _whole_code),
        "font": Reader("font.ttf", fonts, _read_font, (FontError,)),
        "preview": Reader("font.ttf", fonts, lambda path: render(path, TEXT), (ExportError,)),
        "base": Reader("base.ttf", fonts, _read_base, (ExportError,)),
        "charset": Reader("set.txt", _texts, lambda path: resolve(f"@{path}"), (CharsetError,)),
        "project": Reader("a.glyphgen", projects, _read_project, _project_errors(),
                          _whole_project),
        "pushed": Reader("永.png", images, _read_pushed, _project_errors(), _whole_png),
        "checkpoint": Reader("a.safetensors", checkpoints, _read_checkpoint,
                             _checkpoint_errors(), _whole_checkpoint),
    }


READERS = _readers()
