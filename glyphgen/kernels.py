"""Every kernel that a font takes, compiled ahead: `python -m glyphgen.kernels` fills the package.

By doing once, on next to nothing, all that making a font does: so each kernel is compiled for the
types that it is called with. A wheel is built so (`exporters.kernels.hatch`), without torch.
"""

from __future__ import annotations

import numpy as np

from exporters.kernels.kept import filling
from exporters.outlines.outline import LINE, QUADRATIC, Contour, Outline
from exporters.outlines.spline import cubic
from exporters.outlines.trace import compile_kernels
from exporters.strokes.curve import ANGLES
from exporters.strokes.outline import compile_strokes
from fonts.drawing import CANVAS
from glyphgen.strokes.ink import ink
from glyphgen.strokes.laid.edges import bends, steadied
from glyphgen.strokes.laid.joints import Beside
from glyphgen.strokes.laid.register import POINTS
from glyphgen.strokes.laid.skeleton import skeleton_of
from glyphgen.strokes.room import with_room
from glyphgen.strokes.settle import settled

_FLAT = 0.5             # half-widths that an end reaches: not round


def compile_outlines() -> None:
    """Compile whatever makes outlines, or load it."""
    compile_kernels()
    compile_strokes()


def compile_drawing() -> None:
    """Compile whatever lays, settles and inks strokes, or load it."""
    middle, low, high = CANVAS / 2, CANVAS / 4, 3 * CANVAS / 4
    lines = np.stack([np.linspace(*way, POINTS, dtype=np.float32) for way in (
        ((low, middle), (high, middle)), ((middle, low), (middle, high)))])
    wide = np.full(lines.shape[:2], 3, np.float32)
    field = ink(lines, wide, np.full((len(lines), 2, len(ANGLES)), _FLAT, np.float32))
    if (skeleton := skeleton_of(field)) is not None:
        skeleton.without_caps()
    settled(lines, Beside.of(lines, lines), wide)
    with_room(lines, wide)
    bends(lines)
    steadied(lines)


def compile_all() -> None:
    """Compile whatever a font takes, from samples to outlines of either kind, or load it."""
    compile_outlines()
    bow = np.array([(0, 0), (50, 90), (100, 0)], np.float64)
    cubic(Outline((Contour(bow, (QUADRATIC, LINE)),)))
    compile_drawing()


if __name__ == "__main__":
    with filling():
        compile_all()
