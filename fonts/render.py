"""Glyphs of font files as fields, in the framing of `fonts.drawing`, rasterised by FreeType."""

from __future__ import annotations

import ctypes
import struct
from io import BytesIO
from pathlib import Path
from threading import Lock

import freetype
import numpy as np
from fontTools.ttLib import TTCollection, TTFont, TTLibError

from fonts.drawing import CANVAS, EM_PIXELS, MARGIN, UNITS_PER_EM, Field, from_coverage, raise_of
from fonts.errors import UserError

_FLAGS = freetype.FT_LOAD_NO_HINTING | freetype.FT_LOAD_NO_BITMAP
_COMPRESSED = (b"wOFF", b"wOF2")
_USUAL_TOP = 0.88
_WEIGHT = 400.0              # of Regular


REGULAR = "Regular"         # the instance of a variable font that is taken for its usual one


class FontError(UserError):
    """A font file that cannot be read; one line says which and why."""


def em_top(font: TTFont) -> float:
    """Top edge of the em square over the baseline, in em.

    The ideographic baseline of BASE where there is one, else the typographic ascender where the
    typographic metrics span one em, else 0.88.
    """
    (em,) = struct.unpack_from(">H", font.reader["head"], 18)
    try:
        axis = font["BASE"].table.HorizAxis
        tags = axis.BaseTagList.BaselineTag
        for record in axis.BaseScriptList.BaseScriptRecord:
            marks = [coord.Coordinate for coord in record.BaseScript.BaseValues.BaseCoord]
            if "idtp" in tags:
                return float(marks[tags.index("idtp")] / em)
            if "ideo" in tags:
                return float(1 + marks[tags.index("ideo")] / em)
    except (KeyError, AttributeError, IndexError):
        pass
    if "OS/2" not in font:
        return _USUAL_TOP
    ascender, descender = font["OS/2"].sTypoAscender, font["OS/2"].sTypoDescender
    return float(ascender / em) if ascender - descender == em else _USUAL_TOP


class Face:
    """One face of a TTF, OTF, TTC, WOFF or WOFF2 file.

    `cmap` maps codepoint to glyph index, `em_top` is the em square's top edge in em.
    `instance` names an instance of a variable font, whose default it is otherwise; afterwards it
    says which one is used, empty where the font is not variable. Raises FontError for what is no
    font, has no outlines or no Unicode character map, or not that instance.
    """

    def __init__(self, path: str | Path, index: int = 0, instance: str = "") -> None:
        self.path, self.index, self.instance = Path(path), index, ""
        try:
            data = self.path.read_bytes()
            with _open(data, index) as font:
                self.em_top = em_top(font)
                place = self._place_of(font, instance) if instance else None
                if data[:4] in _COMPRESSED:
                    data = _unpacked(font)
                    index = 0
            self._face = freetype.Face(BytesIO(data), index)
            self._face.select_charmap(freetype.FT_ENCODING_UNICODE)
            if place:
                self.instance, coordinates = place
                self._face.set_var_design_coords(coordinates)
        except FontError:
            raise
        except OSError as error:
            raise FontError("cannot be read: {reason}",
                            self.path, reason=error.strerror or error) from None
        except Exception as error:   # fontTools raises of every kind on a hostile file
            reason = " ".join(str(error).split())[:200] or type(error).__name__
            raise FontError(f"{self.path}: not a usable font ({reason}); "
                            "give a TTF, OTF, TTC or WOFF2 file") from None
        if not self._face.is_scalable:
            raise FontError(f"{self.path}: this font has no outlines; give one that has")
        self.cmap: dict[int, int] = {c: glyph for c, glyph in self._face.get_chars() if glyph}
        self._alone = Lock()            # FreeType draws one glyph of a face at a time

    def __reduce__(self) -> tuple[type[Face], tuple[Path, int, str]]:
        return Face, (self.path, self.index, self.instance)

    def _place_of(self, font: TTFont, wanted: str) -> tuple[str, list[float]] | None:
        """Name and coordinates of an instance; None where the font is not variable.

        Regular is the instance of that name, else the default at a weight of 400. Raises
        FontError for one that the font does not have.
        """
        if "fvar" not in font:
            if wanted == REGULAR:
                return None
            raise FontError(f"{self.path}: no variable font, so it has no instance {wanted!r}")
        axes = font["fvar"].axes
        named = {str(font["name"].getDebugName(one.subfamilyNameID)): one.coordinates
                 for one in font["fvar"].instances}
        found = next((name for name in named if name.casefold() == wanted.casefold()), None)
        if found is not None:
            return found, [float(named[found][axis.axisTag]) for axis in axes]
        if wanted != REGULAR:
            raise FontError(f"{self.path}: has no instance {wanted!r}; its instances: "
                            f"{', '.join(named) or 'none has a name'}")
        return REGULAR, [float(min(max(_WEIGHT, axis.minValue), axis.maxValue)
                               if axis.axisTag == "wght" else axis.defaultValue) for axis in axes]

    def field(self, codepoint: int, size: int = CANVAS, oversample: int = 3,
              lift: float = 0) -> Field | None:
        """Field (size, size) of one character; None where it is missing or blank.

        `lift` is in units: so far it stands above its place.
        """
        ink = self.coverage(codepoint, size * oversample, lift)
        return None if ink is None else from_coverage(ink, size)

    def coverage(self, codepoint: int, size: int, lift: float = 0) -> Field | None:
        """Antialiased ink (size, size) in 0..1, `size` a multiple of 8.

        None where the glyph is missing, blank or damaged.

        The advance is centred on the canvas; the em square's top is `MARGIN` below its top,
        less `raise_of` the codepoint.
        """
        glyph = self.cmap.get(codepoint)
        if glyph is None:
            return None
        em = round(EM_PIXELS * size / CANVAS)
        with self._alone:
            self._face.set_pixel_sizes(em, em)
            try:
                self._face.load_glyph(glyph, _FLAGS)
                return self._drawn(codepoint, size, lift)
            except freetype.FT_Exception:
                return None

    def _drawn(self, codepoint: int, size: int, lift: float) -> Field | None:
        """The loaded glyph's ink."""
        slot, scale = self._face.glyph, size / CANVAS
        em = round(EM_PIXELS * scale)
        drop = self.em_top - (raise_of(codepoint) + lift) / UNITS_PER_EM
        x = size / 2 - slot.linearHoriAdvance / 131072
        y = size - MARGIN * scale - em * drop       # of the baseline, upwards
        outline = ctypes.byref(slot.outline._FT_Outline)
        freetype.FT_Outline_Translate(outline, round(x * 64), round(y * 64))
        slot.render(freetype.FT_RENDER_MODE_NORMAL)
        return _placed(slot.bitmap, slot.bitmap_left, size - slot.bitmap_top, size)


def _placed(bitmap: freetype.Bitmap, left: int, top: int, size: int) -> Field | None:
    """The bitmap on a canvas (size, size), cut at its edges; None where no ink is left."""
    if not bitmap.width or not bitmap.rows:
        return None
    raw = ctypes.string_at(bitmap._FT_Bitmap.buffer, bitmap.rows * bitmap.pitch)
    ink = np.frombuffer(raw, np.uint8).reshape(bitmap.rows, bitmap.pitch)[:, : bitmap.width]
    canvas = np.zeros((size, size), np.float32)
    x0, y0 = max(left, 0), max(top, 0)
    x1, y1 = min(left + bitmap.width, size), min(top + bitmap.rows, size)
    if x0 >= x1 or y0 >= y1:
        return None
    canvas[y0:y1, x0:x1] = ink[y0 - top : y1 - top, x0 - left : x1 - left]
    canvas /= 255
    return canvas if canvas.max() >= 0.5 else None


def _open(data: bytes, index: int) -> TTFont:
    if data[:4] != b"ttcf":
        if index:
            raise TTLibError(f"it holds one face, there is no face {index}")
        return TTFont(BytesIO(data), lazy=True)
    count = len(TTCollection(BytesIO(data), lazy=True).fonts)
    if not 0 <= index < count:
        raise TTLibError(f"it holds {count} faces, there is no face {index}")
    return TTFont(BytesIO(data), lazy=True, fontNumber=index)


def _unpacked(font: TTFont) -> bytes:
    """The same font without WOFF compression."""
    font.flavor = None
    out = BytesIO()
    font.save(out, reorderTables=None)
    return out.getvalue()
