"""Install and uninstall: one file for a family and style, never two."""

from __future__ import annotations

import hashlib
import io
import re
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from fontTools.ttLib import TTFont

from exporters.checks.check import reading, sanitise
from exporters.install.systems import InstallError, System
from fonts.files import write_atomic

_SUFFIXES = (".ttf", ".otf")
_KINDS = {b"\0\1\0\0": ".ttf", b"true": ".ttf", b"OTTO": ".otf"}
_OTHERS = {
    ".woff2": "is for web pages: export a .ttf or .otf and install that",
    ".woff": "is for web pages: export a .ttf or .otf and install that",
    ".ufo": "is for font editors: export a .ttf or .otf and install that",
    ".mobileconfig": "is for iPhone and iPad: open it there",
    ".glyphgen": "is a project: write its font with `glyphgen export` and install that",
    ".ttc": "holds several fonts: give a .ttf or .otf of one",
}


@dataclass(frozen=True)
class Face:
    """What a font file says it is: names in all their languages, and its revision."""

    families: frozenset[str]
    styles: frozenset[str]
    full_name: str
    postscript_name: str
    revision: float

    def is_like(self, other: Face) -> bool:
        """Whether programs would see two of the same family and style."""
        return bool(self.families & other.families and self.styles & other.styles)


@dataclass(frozen=True)
class Installed:
    """A font that was installed: where, and the revisions that it stands for, if any."""

    path: Path
    face: Face
    replaced: tuple[float, ...] = ()

    @property
    def words(self) -> str:
        """One line of what was done."""
        before = ", ".join(f"{revision:.3f}" for revision in self.replaced)
        return (f"{self.path}: {self.face.full_name} {self.face.revision:.3f} installed"
                + (f" in place of {before}" if before else ""))


def install(paths: Sequence[Path], system: System) -> Iterator[Installed]:
    """Install font files for this user, all of which are read before any is written.

    One of the same family and style is replaced. Raises UserError for what is no desktop font, for
    one older than that which is installed, and where the folder cannot be written.
    """
    read = [(path, *_read(path)) for path in paths]
    for path, _, face in read:
        newest = max((f.revision for _, f in _alike(face, system)), default=0.0)
        if newest > face.revision:
            raise InstallError("revision {old} is older than {new}, which is installed: uninstall "
                               "that first", path, old=f"{face.revision:.3f}", new=f"{newest:.3f}")
    for _, data, face in read:
        yield _put(data, face, system)


def uninstall(name: str, system: System) -> list[Path]:
    """Take away the fonts of a family, or those like a font file; the paths they had.

    Raises UserError where none is installed, or one cannot be taken away.
    """
    given = Path(name)
    if given.is_file():
        wanted = _read(given)[1]
        found = [path for path, _ in _alike(wanted, system)]
    elif given.suffix.lower() in (*_SUFFIXES, *_OTHERS):
        raise InstallError("there is no such file: give a font, or the name of its family", given)
    else:
        found = [path for path, face in _fonts(system) if _plain(name) in face.families]
    if not found:
        raise InstallError("is not installed for this user: give a font, or the name of its family",
                           name)
    for path in found:
        _remove(path, system)
    return found


def _put(data: bytes, face: Face, system: System) -> Installed:
    """Write one font, then take away what it replaces; all as before where that fails."""
    alike = _alike(face, system)
    target = _target(data, face, system)
    before: dict[Path, bytes] = {}
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        before = {path: path.read_bytes() for path, _ in alike}
        if target in before:
            system.release(target)
    except OSError as error:
        raise InstallError("cannot be written: {reason}", target.parent,
                           reason=error.strerror or error) from error
    write_atomic(target, data)
    try:
        for path in before:
            if path != target:
                _remove(path, system)
        system.enter(target, face.full_name)
    except BaseException:
        target.unlink()
        for path, old in before.items():
            if not path.exists():
                write_atomic(path, old)
        raise
    return Installed(target, face, tuple(sorted({f.revision for _, f in alike})))


def _remove(path: Path, system: System) -> None:
    try:
        system.release(path)
        path.unlink()
        system.leave(path)
    except OSError as error:
        raise InstallError("cannot be taken away ({reason}): close the programs that use the font",
                           path, reason=error.strerror or error) from error


def _target(data: bytes, face: Face, system: System) -> Path:
    """A file of its own for the font, named as programs know it."""
    suffix = _KINDS[data[:4]]
    stem = re.sub(r"[^A-Za-z0-9-]", "", face.postscript_name)[:63]
    folder = system.folders[0]
    target = folder / f"{stem or 'Font'}{suffix}"
    held = _face_of(target) if target.exists() else face
    if held is not None and held.is_like(face):
        return target
    digest = hashlib.sha256("".join(sorted(face.families)).encode()).hexdigest()[:8]
    return folder / f"{stem or 'Font'}-{digest}{suffix}"


def _alike(face: Face, system: System) -> list[tuple[Path, Face]]:
    return [(path, other) for path, other in _fonts(system) if other.is_like(face)]


def _fonts(system: System) -> list[tuple[Path, Face]]:
    """The fonts that this user has, those that cannot be read left out."""
    files = [path for folder in system.folders for path in sorted(folder.rglob("*"))
             if path.suffix.lower() in _SUFFIXES and path.is_file()]
    return [(path, face) for path in files if (face := _face_of(path)) is not None]


def _face_of(path: Path) -> Face | None:
    with suppress(Exception), path.open("rb") as file:  # fonts of others: all kinds, and damaged
        return _face(file)
    return None


def _read(path: Path) -> tuple[bytes, Face]:
    """Bytes and names of a font that programs can use."""
    other = _OTHERS.get(path.suffix.lower())
    if other is not None:
        raise InstallError(other, path)
    with reading(path):
        data = path.read_bytes()
        if data[:4] in (b"wOFF", b"wOF2"):
            raise InstallError(_OTHERS[".woff2"], path)
        if data[:4] == b"ttcf":
            raise InstallError(_OTHERS[".ttc"], path)
        if data[:4] not in _KINDS:
            raise InstallError("is no font: give a .ttf or .otf", path)
        face = _face(io.BytesIO(data))
        sanitise(data)
    if not face.families:
        raise InstallError("the font has no family name: export it again", path)
    return data, face


def _face(file: BinaryIO) -> Face:
    font = TTFont(file, lazy=True)
    table = font["name"]
    names = {number: frozenset(_plain(str(record)) for record in table.names
                               if record.nameID == number) for number in (1, 2, 16, 17)}
    family = str(table.getBestFamilyName() or "")
    return Face(names[16] or names[1], names[17] or names[2] or frozenset({"regular"}),
                str(table.getBestFullName() or family), str(table.getDebugName(6) or ""),
                round(float(font["head"].fontRevision), 3))


def _plain(name: str) -> str:
    """A name as it is compared: composed, without case or blanks around it."""
    return unicodedata.normalize("NFC", name).strip().casefold()
