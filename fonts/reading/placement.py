"""Where a picture of one character lies in the em square.

Either its frame is the em square, or (`placements`) one scale and one offset are estimated from
all pictures together, by comparing their ink boxes with the content font's.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import cv2
import numpy as np

from fonts.drawing import CANVAS, EM_PIXELS, MARGIN, UNITS_PER_EM, Field, raise_of
from fonts.errors import Line

_SAME = 0.02        # difference of frames that still count as one size
HAND = 0.94         # size of handwriting over the content font's: median of five hands
_TIGHT = 0.985      # share of its frame, in both directions, that a cropped character fills


class Box(NamedTuple):
    """Left, top, right and bottom of ink."""

    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def middle(self) -> tuple[float, float]:
        return (self.x0 + self.x1) / 2, (self.y0 + self.y1) / 2

    @property
    def extent(self) -> float:
        return self.x1 - self.x0 + self.y1 - self.y0


class Frame(NamedTuple):
    """Picture to em square: x_em = scale * x + dx, y_em = scale * y + dy; y down, em 1."""

    scale: float
    dx: float
    dy: float


@dataclass(frozen=True)
class Cut:
    """The ink of one picture: uint8 coverage, deflated, `scale` times its own pixels."""

    codepoint: int
    ink: bytes = field(repr=False)
    shape: tuple[int, int]
    scale: float
    box: Box
    source: str
    written: float

    @classmethod
    def of(cls, codepoint: int, ink: Field, scale: float, source: str, written: float) -> Cut:
        packed = zlib.compress(np.rint(ink * 255).astype(np.uint8).tobytes(), 1)
        shape = (ink.shape[0], ink.shape[1])
        return cls(codepoint, packed, shape, scale, ink_box(ink >= 0.5), source, written)

    @property
    def coverage(self) -> Field:
        flat = np.frombuffer(zlib.decompress(self.ink), np.uint8)
        return (flat.reshape(self.shape) / np.float32(255)).astype(np.float32)

    @property
    def is_tight(self) -> bool:
        """Whether the picture is cropped to its ink."""
        height, width = self.shape
        return (self.box.x1 - self.box.x0 > _TIGHT * width
                and self.box.y1 - self.box.y0 > _TIGHT * height)


def ink_box(mask: np.ndarray) -> Box:
    """Box in pixels, edges at integers, of a mask with ink."""
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    return Box(float(columns[0]), float(rows[0]), float(columns[-1] + 1), float(rows[-1] + 1))


def frame_of(cut: Cut) -> Frame:
    """The picture, padded to a square, as the em square."""
    height, width = cut.shape
    side = max(height, width)
    return Frame(1 / side, (side - width) / 2 / side, (side - height) / 2 / side)


def placements(
    cuts: Sequence[Cut], content: Callable[[int], Field | None], odd: list[str]
) -> list[Frame]:
    """Frames of all pictures, by one scale and offset for all.

    Pictures of one size share their frame, and so one map of it to the em square. Pictures of
    different sizes were cropped: they share the scale of their own pixels, and each has its
    middle where the content font's character has it. A hand is written somewhat smaller than type
    (`HAND`). Too few to tell: the frame is the em square, and `odd` is told.
    """
    boxes = {cut.codepoint: _em_box(content(cut.codepoint), cut.codepoint) for cut in cuts}
    pairs = [(cut, box) for cut in cuts if (box := boxes[cut.codepoint]) is not None]
    if len(pairs) < 3:
        odd.append(Line("too few samples to estimate their size and place from; each image is "
                        "taken for the em square"))
        return [frame_of(cut) for cut in cuts]
    if _one_size(cuts):
        if sum(cut.is_tight for cut in cuts) > len(cuts) / 2:
            odd.append(Line("the images are cropped to their ink and brought to one size each, "
                            "which loses how large the characters were; crop them at one scale"))
        shared = _shared(pairs)
        return [shared] * len(cuts)
    pixel = HAND * float(np.median([box.extent * cut.scale / cut.box.extent
                                    for cut, box in pairs]))
    return [_centred(cut, boxes[cut.codepoint], pixel / cut.scale) for cut in cuts]


def place(cut: Cut, frame: Frame, size: int) -> Field:
    """Coverage (size, size) of the picture on the canvas of `fonts.drawing`."""
    em = EM_PIXELS * size / CANVAS
    scale = frame.scale * em
    margin = MARGIN * size / CANVAS
    lift = raise_of(cut.codepoint) / UNITS_PER_EM * em
    ink = cut.coverage
    if scale < 0.9:     # warpAffine does not average
        small = (max(1, round(ink.shape[1] * scale)), max(1, round(ink.shape[0] * scale)))
        grown = small[0] / ink.shape[1], small[1] / ink.shape[0]
        ink = cv2.resize(ink, small, interpolation=cv2.INTER_AREA)
    else:
        grown = 1.0, 1.0
    sx, sy = scale / grown[0], scale / grown[1]
    dx, dy = margin + frame.dx * em, margin + frame.dy * em - lift
    # warpAffine has pixel centres at integers, the frame has edges there
    matrix = np.array([[sx, 0, dx + sx / 2 - 0.5], [0, sy, dy + sy / 2 - 0.5]])
    canvas = cv2.warpAffine(ink, matrix, (size, size), flags=cv2.INTER_LINEAR)
    return canvas.astype(np.float32)


def _em_box(drawn: Field | None, codepoint: int) -> Box | None:
    """Ink box of a content field (S, S), in em, origin at the em square's corner."""
    if drawn is None or not (drawn > 0).any():
        return None
    pixel = CANVAS / drawn.shape[0]
    lift = raise_of(codepoint) / UNITS_PER_EM
    box = [(edge * pixel - MARGIN) / EM_PIXELS for edge in ink_box(drawn > 0)]
    return Box(box[0], box[1] + lift, box[2], box[3] + lift)


def _one_size(cuts: Sequence[Cut]) -> bool:
    sides = np.array([[side / cut.scale for side in cut.shape] for cut in cuts])
    return bool((np.ptp(sides, axis=0) <= _SAME * sides.max()).all())


def _shared(pairs: Sequence[tuple[Cut, Box]]) -> Frame:
    """The map of equal frames that brings ink boxes onto the content's, by medians."""
    scale = HAND * float(np.median([box.extent / cut.box.extent for cut, box in pairs]))
    offsets = [(box.middle[0] - scale * cut.box.middle[0],
                box.middle[1] - scale * cut.box.middle[1]) for cut, box in pairs]
    dx, dy = np.median(offsets, axis=0)
    return Frame(scale, float(dx), float(dy))


def _centred(cut: Cut, box: Box | None, scale: float) -> Frame:
    """The picture's ink with its middle at the box's middle, or at the em square's."""
    x, y = (0.5, 0.5) if box is None else box.middle
    return Frame(scale, x - scale * cut.box.middle[0], y - scale * cut.box.middle[1])
