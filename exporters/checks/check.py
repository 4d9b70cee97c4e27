"""The gate of every export: the sanitiser of the browsers, FreeType, HarfBuzz, and a lint."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import freetype
import ots
import uharfbuzz
from fontTools.ttLib import TTFont

from exporters.fontfile.info import ExportError

_INK_NEEDED = (".notdef",)
_WORD_SPACES = (0x20, 0xA0)
_CONTROLS = (*range(0x20), *range(0x7F, 0xA0))


@contextmanager
def reading(name: object) -> Iterator[None]:
    """What a library raises over a font that somebody gave, as ExportError of one line."""
    try:
        yield
    except ExportError:
        raise
    except OSError as error:
        raise ExportError("cannot be read: {reason}",
                          name, reason=error.strerror or error) from error
    except Exception as error:          # on a hostile file libraries raise of every kind
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise ExportError("no font file, or a damaged one ({reason}); give another", name,
                          reason=reason) from error


def check(data: bytes) -> bytes:
    """Pass a font file (TTF, OTF or WOFF2 bytes) through all checkers.

    Returns the sanitised font. Raises ExportError that names the checker and the reason.
    """
    sanitised = sanitise(data)
    for name, load in (("FreeType", _load_freetype), ("HarfBuzz", _load_harfbuzz)):
        try:
            load(sanitised)
        except Exception as error:      # whatever the library raises means that it refused
            raise ExportError("{name} cannot use the font: {reason}", name=name,
                              reason=error) from error
    with reading("the font"):
        faults = lint(sanitised)
    if faults:
        raise ExportError("the font is faulty: {reason}", reason="; ".join(faults))
    return sanitised


def sanitise(data: bytes) -> bytes:
    """The font as OpenType Sanitizer writes it again. Raises ExportError when it refuses."""
    with tempfile.TemporaryDirectory(prefix="glyphgen-") as folder:
        before, after = Path(folder) / "before", Path(folder) / "after"
        before.write_bytes(data)
        result = ots.sanitize(str(before), str(after), capture_output=True)
        if result.returncode:
            reason = b" ".join((result.stderr or b"").split()).decode(errors="replace")
            raise ExportError("OpenType Sanitizer refuses the font: {reason}",
                              reason=reason or 'no reason given')
        return after.read_bytes()


def lint(data: bytes) -> list[str]:
    """Faults that make a font useless though every library loads it."""
    font = TTFont(io.BytesIO(data), lazy=True)
    mapping = font.getBestCmap() or {}
    shapes = font.getGlyphSet()
    faults = [f"U+{c:04X} is missing" for c in _WORD_SPACES if c not in mapping]
    faults += [f"control character U+{c:04X} is mapped" for c in _CONTROLS if c in mapping]
    faults += [f"{name} has no ink" for name in _INK_NEEDED if not _has_ink(shapes, name)]
    faults += [f"U+{c:04X} has ink" for c in _WORD_SPACES
               if c in mapping and _has_ink(shapes, mapping[c])]
    if font.getGlyphOrder()[0] != ".notdef":
        faults.append("the first glyph is not .notdef")
    return faults


def _has_ink(shapes: dict, name: str) -> bool:
    from fontTools.pens.boundsPen import ControlBoundsPen
    pen = ControlBoundsPen(shapes)
    shapes[name].draw(pen)
    return pen.bounds is not None


def _load_freetype(data: bytes) -> None:
    """Open the face and load its first and last glyph."""
    face = freetype.Face(io.BytesIO(data))
    for index in (0, face.num_glyphs - 1):
        face.load_glyph(index, freetype.FT_LOAD_NO_SCALE)


def _load_harfbuzz(data: bytes) -> None:
    """Shape one character in both directions."""
    font = uharfbuzz.Font(uharfbuzz.Face(data))
    for direction in ("ltr", "ttb"):
        buffer = uharfbuzz.Buffer()
        buffer.add_str("永")
        buffer.guess_segment_properties()
        buffer.direction = direction
        uharfbuzz.shape(font, buffer)
        if len(buffer.glyph_infos) != 1:
            raise ValueError("one character does not give one glyph")
