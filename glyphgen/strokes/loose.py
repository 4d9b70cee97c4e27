"""Strokes neater or looser than they were drawn: a taste, and not another drawing.

What a hand does beyond the content's strokes, laid over the whole character, are moves and turns of
strokes and bends along them. Neater takes a share of it out; looser adds to it what the same hand
might as well have done, as much as it does in this character. A glyph depends on itself alone.
"""

from __future__ import annotations

import zlib
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from fonts.drawing import Strokes
from fonts.regions import script_of
from glyphgen.strokes.ink import log_width
from glyphgen.strokes.laid.joints import Beside, laid_over, offsets
from glyphgen.strokes.library import HEI, KAI, Library
from glyphgen.strokes.room import with_room
from glyphgen.strokes.settle import settled

Doubles = NDArray[np.float64]

_TERMS = 5              # Legendre terms along a stroke that the hand varies in
_MOVES = 2              # of them: where a stroke is, and how it is turned and sized
_MOST_OUT = np.array([0.3, 0.85])   # shares of moves and of bends that the neatest are without
_MOST_IN = np.array([0.5, 1.0])     # of moves and of bends, times what is there, in the loosest
_WIDTHS = 4             # Legendre terms of a stroke's log width that are no shake


def loosened(strokes: Strokes, codepoint: int, looseness: float) -> Strokes:
    """A character's strokes as neat (-1), as they are (0), or as loose (1) as asked.

    The same where the content's strokes are not known, or are not as many.
    """
    content = _content(codepoint, strokes.lines) if looseness else None
    if content is None:
        return strokes
    lines: Doubles = strokes.lines.astype(np.float64)
    wide: Doubles = log_width(strokes.half_width).astype(np.float64)
    beyond: Doubles = lines - laid_over(content.astype(np.float64), lines)
    if looseness < 0:
        lines = lines + looseness * _idle(beyond)
        wide = wide + looseness * (wide - wide @ _smooth(_WIDTHS).T)
    else:
        lines = lines + looseness * _sampled(beyond, lines)
    half_width = np.exp(wide).astype(np.float32)
    ends, _ = Beside.of(content, strokes.lines).met()
    away = offsets(ends, strokes.lines, strokes.half_width) * np.float32(min(1.0, 1 + looseness))
    moved = lines.astype(np.float32)
    placed = settled(moved, Beside.of(content, moved), half_width, away)
    return replace(strokes, lines=placed, half_width=with_room(placed, half_width))


def _content(codepoint: int, lines: NDArray[np.float32]) -> NDArray[np.float32] | None:
    """The content's strokes that these (S, 16, 2) were drawn by: the nearer form or content."""
    known = ([Library.load(KAI, region) for region in ("cn", "jp")]
             if script_of(codepoint) == "han" else [Library.load(one) for one in (KAI, HEI)])
    like = [library[codepoint] for library in known
            if codepoint in library and library[codepoint].shape == lines.shape]
    return min(like, key=lambda content: _far(content, lines), default=None)


def _far(content: NDArray[np.float32], lines: NDArray[np.float32]) -> float:
    """How far strokes (S, 16, 2) are from the content's laid over them, a mean square."""
    own = lines.astype(np.float64)
    return float(((own - laid_over(content.astype(np.float64), own))**2).mean())


def _idle(beyond: Doubles) -> Doubles:
    """What the neatest strokes are without, of what is beyond the content's, (S, 16, 2)."""
    moves = _smooth(_MOVES) @ beyond
    return _MOST_OUT[0] * moves + _MOST_OUT[1] * (beyond - moves)


def _sampled(beyond: Doubles, lines: Doubles) -> Doubles:
    """What the loosest strokes have more, (S, 16, 2): by chance, in each Legendre term as much as
    these have beyond the content's; long strokes bend further than short ones."""
    terms = np.linalg.pinv(_base(_TERMS)) @ beyond                          # (S, K, 2)
    size = np.hypot(*np.ptp(lines, axis=1).T)
    share = size / np.sqrt((size**2).mean() + 1e-6)
    usual = np.sqrt((terms**2).mean((0, 2)))                                # (K,)
    usual *= np.repeat(_MOST_IN, (_MOVES, _TERMS - _MOVES))
    chance = np.random.Generator(np.random.Philox(zlib.crc32(lines.tobytes())))
    drawn = chance.standard_normal(terms.shape).clip(-2, 2) * usual[:, None]
    drawn[:, 1:] *= share[:, None, None]
    return np.asarray(_base(_TERMS) @ drawn, np.float64)


def _base(terms: int) -> Doubles:
    """Legendre terms (16, K) along a stroke's points."""
    return np.asarray(np.polynomial.legendre.legvander(np.linspace(-1, 1, 16), terms - 1),
                      np.float64)


def _smooth(terms: int) -> Doubles:
    """The projection (16, 16) onto so many Legendre terms along a stroke."""
    base = _base(terms)
    return np.asarray(base @ np.linalg.pinv(base), np.float64)
