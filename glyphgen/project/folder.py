"""Drawings out to a folder of pictures, and back in after they were edited in a paint program.

A picture is the whole canvas at 512 x 512: the em square with a margin of one fourteenth around
it, black ink on white. Half grey is the edge of the ink.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from fonts.drawing import CANVAS, Field, coverage, from_coverage
from fonts.errors import UserError
from fonts.files import write_atomic
from fonts.reading.images import SUFFIXES, Grey, ImageError, read_grey
from fonts.reading.samples import SamplesError, codepoint_of, left_out
from glyphgen.project.document import Project, ProjectError

SIDE = 4 * CANVAS
_BLANK = 16     # grey levels from white that are still paper


@dataclass(frozen=True)
class Pushed:
    """What came back from a folder: drawings replaced, files unchanged, files left out and why."""

    replaced: tuple[int, ...]
    unchanged: int
    warnings: tuple[str, ...]


def picture(field: Field) -> Grey:
    """The canvas (512, 512) of a field, black on white."""
    return np.rint(255 - 255 * coverage(field, SIDE)).astype(np.uint8)


def pull(project: Project, folder: Path, codepoints: Iterable[int] | None = None) -> int:
    """Write drawings, all or those of `codepoints`, as `U+XXXX.png`. Returns how many.

    Raises ProjectError where the folder cannot be written.
    """
    count = 0
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for drawn in project.drawings(codepoints):
            stream = io.BytesIO()
            Image.fromarray(picture(drawn.field)).save(stream, "PNG")
            write_atomic(folder / f"U+{drawn.codepoint:04X}.png", stream.getvalue())
            count += 1
    except UserError as error:
        raise ProjectError(error.line) from None
    except OSError as error:
        raise ProjectError("cannot be written: {reason}",
                           folder, reason=error.strerror or error) from None
    return count


def push(project: Project, folder: Path) -> Pushed:
    """Replace the drawings whose pictures differ from what `pull` would write.

    Also takes pictures of characters that have no drawing yet. Raises ProjectError for a folder
    that cannot be read or holds no picture.
    """
    try:
        paths = sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES)
    except OSError as error:
        raise ProjectError("cannot be read: {reason}",
                           folder, reason=error.strerror or error) from None
    if not paths:
        raise ProjectError(f"{folder}: holds no picture; `glyphgen glyphs pull` writes some")
    replaced, unchanged, warnings = [], 0, []
    for path in paths:
        try:
            point, grey = codepoint_of(path), _square(path)
        except (SamplesError, ImageError, ProjectError) as error:
            warnings.append(left_out(error.line))
            continue
        known = next(project.drawings([point]), None)
        if known is not None and np.array_equal(picture(known.field), grey):
            unchanged += 1
            continue
        project.replace(point, from_coverage((255 - grey) / np.float32(255), SIDE))
        replaced.append(point)
    return Pushed(tuple(replaced), unchanged, tuple(warnings))


def _square(path: Path) -> Grey:
    grey = read_grey(path)
    height, width = grey.shape
    if height != width:
        raise ProjectError(f"{path}: {width} x {height} pixels; it must stay square")
    if grey.min() > 255 - _BLANK:
        raise ProjectError("nothing is drawn on it", path)
    if height != SIDE:
        grey = cv2.resize(grey, (SIDE, SIDE), interpolation=cv2.INTER_AREA if height > SIDE
                          else cv2.INTER_CUBIC)
    return grey
