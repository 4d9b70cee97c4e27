"""A blind sheet: genuine and drawn glyphs of a face, mixed, for people to tell apart."""

from __future__ import annotations

import io
import random
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from training.measure.metrics import Typeset

_ACROSS, _ROWS = 10, 8
_GREY, _NUMBER = 170, 22            # of the numbers: shade, and height in pixels


def blind_sheet(true: Typeset, drawn: Typeset, chars: Sequence[str],
                seed: int) -> tuple[bytes, str]:
    """A PNG of up to 80 characters, each once, and the key to it, a line `number char which`.

    One half is genuine, the other drawn, in random order; only characters that both fonts have.
    """
    picked = [c for c in chars if true.has(c) and drawn.has(c)][: _ACROSS * _ROWS]
    rng = random.Random(seed)
    which = [("genuine", "drawn")[i % 2] for i in range(len(picked))]
    rng.shuffle(which)
    rng.shuffle(picked)
    cells = [{"genuine": true, "drawn": drawn}[w].large(c) for c, w in zip(picked, which)]
    key = [f"{i} {c} {w}" for i, (c, w) in enumerate(zip(picked, which), 1)]
    return _page([Image.fromarray(np.rint(255 - 255 * cell).astype(np.uint8)) for cell in cells]), \
        "".join(f"{line}\n" for line in key)


def _page(cells: Sequence[Image.Image]) -> bytes:
    """The cells in rows, numbered from 1."""
    side = cells[0].width if cells else 1
    rows = max(1, -(-len(cells) // _ACROSS))
    page = Image.new("L", (_ACROSS * side, rows * (side + _NUMBER)), 255)
    pen, font = ImageDraw.Draw(page), ImageFont.load_default(_NUMBER - 4)
    for i, cell in enumerate(cells):
        left, top = i % _ACROSS * side, i // _ACROSS * (side + _NUMBER)
        page.paste(cell, (left, top + _NUMBER))
        pen.text((left + 4, top), str(i + 1), fill=_GREY, font=font)
    stream = io.BytesIO()
    page.save(stream, "PNG")
    return stream.getvalue()
