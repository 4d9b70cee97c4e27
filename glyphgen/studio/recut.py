"""A cell cut anew: what is around it, and the sample that another cut of that gives.

A cut is a square (left, top, side) in shares of the picture around the cell; the cell as it was
is the middle half.
"""

from __future__ import annotations

import io
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fonts.drawing import CANVAS, EM_PIXELS, SPREAD, Field, coverage, from_coverage
from fonts.reading.clean import CleanError, clean
from fonts.reading.samples import SIZE
from glyphgen.studio.pictures import moved
from glyphgen.studio.security import StudioError

Cut = tuple[float, float, float]
WHOLE: Cut = (0.25, 0.25, 0.5)      # the cell as it was
_AROUND = 2 * SIZE                  # pixels of the picture around a cell
_QUALITY = 92
_PAPER = (255, 255, 255)


def around_cell(picture: NDArray[np.uint8], corners: NDArray[np.float64]) -> bytes:
    """JPEG of a cell and as much again around it, flat; `corners` (4, 2) are in the picture."""
    low, high = _AROUND / 4 - 0.5, _AROUND * 3 / 4 - 0.5
    flat = np.array([[low, low], [high, low], [high, high], [low, high]], np.float32)
    warp = cv2.getPerspectiveTransform((corners - 0.5).astype(np.float32), flat)
    seen = cv2.warpPerspective(picture, warp, (_AROUND, _AROUND), flags=cv2.INTER_CUBIC,
                               borderMode=cv2.BORDER_CONSTANT, borderValue=_PAPER)
    return _jpeg(Image.fromarray(seen))


def around_field(field: Field) -> bytes:
    """JPEG of a sample with as much blank around it, for one whose picture is gone."""
    seen = np.full((_AROUND, _AROUND), 255, np.uint8)
    start = _AROUND // 4
    seen[start:start + SIZE, start:start + SIZE] = np.rint(255 - 255 * coverage(field, SIZE))
    return _jpeg(Image.fromarray(seen))


def cut_picture(path: str, cut: Cut) -> Field:
    """Field (512, 512) of a cut of the picture around a cell. Raises StudioError."""
    left, top, side = (round(value * _AROUND) for value in cut)
    with Image.open(Path(path), formats=("JPEG",)) as image:
        grey = np.asarray(image.convert("L"))[top:top + side, left:left + side]
    grey = np.asarray(cv2.resize(grey, (SIZE, SIZE), interpolation=cv2.INTER_CUBIC), np.uint8)
    try:
        return from_coverage(clean(grey), SIZE)
    except CleanError as error:
        raise StudioError(error.line) from None


def cut_field(field: Field, cut: Cut) -> Field:
    """The field as another cut would have given it."""
    left, top, side = cut
    scale = WHOLE[2] / side
    right, down = ((0.5 - start - side / 2) / side * CANVAS / EM_PIXELS for start in (left, top))
    return np.clip(moved(field, right, down, scale), -SPREAD, SPREAD)


def _jpeg(image: Image.Image) -> bytes:
    stream = io.BytesIO()
    image.save(stream, "JPEG", quality=_QUALITY)
    return stream.getvalue()
