"""The ink of a picture of one character, on whatever it was written."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fonts.components import is_frame
from fonts.drawing import Field
from fonts.errors import Line
from fonts.reading.clean import clean
from fonts.reading.ruled import without_rules
from fonts.reading.strips import find_strips, paint_over, touching


def ink_of(grey: NDArray[np.uint8], colour: NDArray[np.uint8],
           codepoint: int | None = None) -> tuple[Field, list[str]]:
    """Ink coverage (H, W) in 0..1 of a picture in grey and in colour; doubts about it, in words.

    `codepoint` is the character that it shows, where that is known. Dark strips along the edges
    and the rules of the paper are taken out. Raises CleanError.
    """
    strips = find_strips(grey)
    cleared = without_rules(paint_over(grey, strips), paint_over(colour, strips),
                            is_open=codepoint is not None and not is_frame(codepoint))
    ink = clean(cleared.grey)
    doubts: list[str] = [Line(cleared.doubt)] if cleared.doubt else []
    doubts += [Line("the dark strip at its {side} edge touches the writing", side=Line(side))
               for side in touching(ink >= 0.5, strips)]
    return ink, doubts
