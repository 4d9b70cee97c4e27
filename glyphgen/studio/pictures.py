"""Pictures that pages show: sprite sheets of drawings, always encoded here."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence

import cv2
import numpy as np
from PIL import Image

from fonts.content import Content, MissingContent
from fonts.drawing import CANVAS, EM_PIXELS, Field, coverage
from glyphgen.export.seen import as_in_font
from glyphgen.studio.store import ProjectView

MOST_SPRITES = 256


def sprite(fields: Mapping[int, Field], codepoints: Sequence[int], size: int,
           columns: int = 16) -> bytes:
    """PNG of glyphs in rows of up to `columns`, `size` pixels each, black on nothing."""
    columns = min(len(codepoints), columns)
    rows = -(-len(codepoints) // columns)
    alpha = np.zeros((rows * size, columns * size), np.uint8)
    for place, point in enumerate(codepoints):
        field = fields.get(point)
        if field is None:
            continue
        top, left = place // columns * size, place % columns * size
        alpha[top:top + size, left:left + size] = np.rint(255 * _ink(field, size))
    return _png(alpha)


def fields_of(project: ProjectView, codepoints: Sequence[int]) -> dict[int, Field]:
    """What the font would show: the person's sample, else the drawing, composed or as it is."""
    wanted = set(codepoints)
    fields = {drawn.codepoint: drawn.field for drawn in project.drawings(codepoints)}
    return as_in_font(project, fields) | {s.codepoint: s.field for s in project.samples()
                                          if s.codepoint in wanted}


def content_picture(codepoint: int, region: str, size: int) -> bytes:
    """PNG of the character in the content font, with the margin of the canvas."""
    try:
        return _png(np.rint(255 * _ink(Content(region).hei(codepoint), size)).astype(np.uint8))
    except MissingContent:
        return _png(np.zeros((size, size), np.uint8))


def moved(field: Field, right: float, down: float, scale: float) -> Field:
    """The drawing moved by shares of an em and scaled about its em square's centre."""
    size = field.shape[0]
    em, middle = size * EM_PIXELS / CANVAS, size / 2
    affine = np.array([[scale, 0, middle * (1 - scale) + right * em],
                       [0, scale, middle * (1 - scale) + down * em]])
    outside = float(field.min())
    shifted = cv2.warpAffine(field, affine, (size, size), flags=cv2.INTER_CUBIC,
                             borderMode=cv2.BORDER_CONSTANT, borderValue=(outside,))
    return np.asarray(shifted * scale, np.float32)


def _ink(field: Field, size: int) -> Field:
    """Coverage at `size`; sharper than the field's own raster only where it is larger."""
    side = max(size, field.shape[0])
    ink = coverage(field, side)
    return ink if side == size else np.asarray(
        cv2.resize(ink, (size, size), interpolation=cv2.INTER_AREA))


def _png(alpha: np.ndarray) -> bytes:
    both = np.zeros((*alpha.shape, 2), np.uint8)
    both[..., 1] = alpha
    stream = io.BytesIO()
    Image.fromarray(both, "LA").save(stream, "PNG", compress_level=1)
    return stream.getvalue()
