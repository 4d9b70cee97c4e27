"""Font files by suffix, each checked in memory before it is moved into place."""

from __future__ import annotations

import io
import plistlib
import uuid
from collections.abc import Callable, Iterable
from pathlib import Path

from fontTools.ttLib import TTFont

from exporters.checks.check import check, reading
from exporters.fontfile.glyphs import Alternates, GlyphSet, Outlines, arrange
from exporters.fontfile.info import ExportError, FontInfo
from exporters.fontfile.otf import build_otf
from exporters.fontfile.ttf import build_ttf
from exporters.fontfile.ufo import write_ufo
from fonts.files import put, sweep

_NAMESPACE = uuid.UUID("6a5c1c8e-6a0b-5f0e-9d5e-2f1d6f7f2b11")


def export(outlines: Outlines, info: FontInfo, charset: Iterable[int],
           *paths: str | Path, alternates: Alternates | None = None) -> GlyphSet:
    """Write one file per path, the format by its suffix: .ttf .otf .woff2 .mobileconfig .ufo.

    Returns the arranged glyphs; its `missing` lists what was asked for and is not in the font.
    Raises ExportError for an unknown suffix (before anything is written), a font that does not
    pass the checks, or a path that cannot be written.
    """
    targets = [(Path(path), _format_of(Path(path))) for path in paths]
    source = arrange(outlines, info, charset, alternates)
    built: dict[Callable[[GlyphSet], TTFont], TTFont] = {}
    for path, suffix in targets:
        if suffix == ".ufo":
            put(path, lambda part: write_ufo(source, part))
            sweep(path)
            continue
        build, _ = _BINARY[suffix]
        if build not in built:
            built[build] = build(source)
        save(built[build], path)
    return source


def save(font: TTFont, path: str | Path) -> None:
    """Write `font` in the binary format of the suffix, after OTS, FreeType, HarfBuzz and lint."""
    path = Path(path)
    suffix = _format_of(path)
    if suffix not in _BINARY:
        raise ExportError(f"{path}: a finished font cannot be written as {suffix}")
    if (suffix == ".otf") == ("glyf" in font):
        raise ExportError(f"{path}: {suffix} needs {'CFF' if suffix == '.otf' else 'TrueType'} "
                          "outlines")
    try:
        data = _BINARY[suffix][1](font)
    except OSError as error:            # the checks work on a temporary file
        raise ExportError("cannot be written: {reason}",
                          path, reason=error.strerror or error) from error
    put(path, lambda part: part.write_bytes(data))
    sweep(path)


def to_bytes(font: TTFont, flavour: str | None = None) -> bytes:
    """Checked font file; `flavour` None or "woff2"."""
    plain = _compile(font, None)
    check(plain)
    return plain if flavour is None else _compile(TTFont(io.BytesIO(plain)), flavour)


def _compile(font: TTFont, flavour: str | None) -> bytes:
    font.flavor = flavour
    font.recalcTimestamp = False
    stream = io.BytesIO()
    with reading("the font"):           # a base brings tables of its own
        font.save(stream, reorderTables=True)
    return stream.getvalue()


def _woff2(font: TTFont) -> bytes:
    data = to_bytes(font, "woff2")
    check(data)
    return data


def _mobileconfig(font: TTFont) -> bytes:
    """Configuration profile that installs the font on iOS and iPadOS."""
    data = to_bytes(font)
    names = font["name"]
    family = names.getBestFamilyName() or "Font"
    postscript = names.getDebugName(6) or "Font"
    identity = str(uuid.uuid5(_NAMESPACE, postscript)).upper()
    version = names.getDebugName(5) or ""
    payload = {
        "PayloadType": "com.apple.font", "PayloadVersion": 1,
        "PayloadIdentifier": f"org.glyphgen.font.{postscript}.file",
        "PayloadUUID": str(uuid.uuid5(_NAMESPACE, postscript + version)).upper(),
        "PayloadDisplayName": family, "Name": f"{postscript}.ttf", "Font": data,
    }
    return plistlib.dumps({
        "PayloadType": "Configuration", "PayloadVersion": 1,
        "PayloadIdentifier": f"org.glyphgen.font.{postscript}", "PayloadUUID": identity,
        "PayloadDisplayName": family, "PayloadDescription": f"Installs the font {family}.",
        "PayloadContent": [payload],
    })


_BINARY: dict[str, tuple[Callable[[GlyphSet], TTFont], Callable[[TTFont], bytes]]] = {
    ".ttf": (build_ttf, to_bytes),
    ".otf": (build_otf, to_bytes),
    ".woff2": (build_ttf, _woff2),
    ".mobileconfig": (build_ttf, _mobileconfig),
}
SUFFIXES = (*_BINARY, ".ufo")


def _format_of(path: Path) -> str:
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise ExportError(f"{path}: cannot write {suffix or 'a file without suffix'}: "
                          f"use one of {' '.join(SUFFIXES)}")
    return suffix
