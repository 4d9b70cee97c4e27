"""A drawing by pixels written anew: strokes laid on its lines, and inked as this person inks.

What pixels say of where lines run is kept; their ragged edges, ends and joins are not, nor a weight
that changes from character to character.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from fonts.drawing import Field
from fonts.regions import script_of
from glyphgen.strokes.habit import Habits
from glyphgen.strokes.ink import Inked, inked, log_width
from glyphgen.strokes.laid.even import by_pen, evened, pen_of
from glyphgen.strokes.laid.lay import BARE, OFF, Laid, weighed
from glyphgen.strokes.laid.refine import refined, widths_along
from glyphgen.strokes.laid.register import quality, upsampled
from glyphgen.strokes.laid.skeleton import skeleton_of
from glyphgen.strokes.room import with_room

Floats = NDArray[np.float32]
Lines = tuple[Floats, Floats, Floats | None, Floats | None]

LEAST = 4               # samples laid well, below which they say too little of a pen
_OWN = 3                # samples of a script, from which its pen is theirs
_USUAL = 0.2            # share of samples at either side that may lie beyond the pen
_EVEN = 0.085           # deviation of log half-widths within strokes, below which a pen is even
_STEADY = 0.5           # share of what log widths differ by in a drawing that its strokes keep
_RING = 1.5             # pixels between the ends of a stroke that is a ring
_NEAR = np.array([0.5, 0.3, 0.1], np.float32)       # of the gap that points near its ends close


@dataclass(frozen=True)
class Inking:
    """How a person inks lines, wherever they run: how strokes swell and end, and how bold
    characters are. Corners stay as drawn: bows, as those of B and も, look like corners in 16
    points."""

    habits: Habits
    pens: Mapping[str, Floats]      # of scripts, (2,) each, as `by_pen` takes them; "" of all
    even: bool                      # whether the pen is of one width, as a ballpoint is

    @classmethod
    def of(cls, laid: Mapping[int, Laid]) -> Inking | None:
        """That of laid samples by codepoint; None where there are too few."""
        if len(laid) < LEAST:
            return None
        own = dict(zip(laid, evened([*laid.values()])))
        parts: dict[str, list[Laid]] = {}
        for codepoint, one in own.items():
            parts.setdefault(script_of(codepoint), []).append(one)
        pens = {script: pen_of(part, _USUAL) for script, part in parts.items()
                if len(part) >= _OWN}
        each = [*own.values()]
        lines = [(one.strokes, one.half_width) for one in each]
        plain = [(lined, np.full_like(wide, np.exp(np.median(log_width(wide)))))
                 for lined, wide in lines]
        habits = Habits.of([one.content for one in each], lines, plain,
                           [one.ends for one in each], [one.sides for one in each])
        within = float(np.mean([log_width(one.half_width).std() for one in each]))
        return cls(habits, pens | {"": pen_of(each, _USUAL)}, within < _EVEN)

    def blended(self, other: Inking, share: float) -> Inking:
        """The inking of a blend, of which the other has a share of at most a half: this one, as
        bold as both together."""
        pens = {script: (1 - share) * self._pen(script) + share * other._pen(script)
                for script in {*self.pens, *other.pens}}
        return replace(self, pens=pens)

    def _pen(self, script: str) -> Floats:
        return self.pens.get(script, self.pens[""])

    def lines(self, content: Floats, strokes: Floats, half_width: Floats, script: str) -> Lines:
        """Strokes (S, 16, 2) with half-widths (S, 16) as this person writes them where they lie,
        their ends and sides, as `inked` takes them; content: where that has them (S, 16, 2)."""
        pen = self._pen(script)
        level = np.median(log_width(by_pen(half_width, pen)))
        strokes, wide, ends, sides = self.habits.brought(
            content, strokes, np.full_like(half_width, np.exp(level)))
        rings = _rings(strokes)
        wide[rings] = (wide[rings] + wide[rings, ::-1]) / 2
        ends = np.where(_free(strokes, wide)[..., None], ends, np.float32(1))
        return strokes, with_room(strokes, by_pen(wide, pen)), ends, sides


def inked_anew(content: Floats, strokes: Floats, field: Field, inking: Inking | None = None,
               script: str = "") -> Inked | None:
    """A drawing (128, 128) inked anew by strokes (S, 16, 2) that lie about where its lines are.

    content: where that has them (S, 16, 2); script: whose pen inks. Without an inking, as wide as
    the drawing. None where they don't fit it.
    """
    lines = skeleton_of(field)
    if lines is None:
        return None
    laid = closed(refined(strokes, lines), strokes)
    off, bare, _ = quality(laid, lines)
    if off > OFF or bare > BARE:
        return None
    half_width = weighed(laid, steadier(laid, widths_along(laid, lines)), field)
    if inking is not None:
        return inked(*inking.lines(content, laid, half_width, script))
    return inked(laid, with_room(laid, half_width))


def closed(strokes: Floats, before: Floats) -> Floats:
    """Strokes (S, 16, 2) that meet themselves where they did before."""
    out = strokes.copy()
    for line in (out[i] for i in np.flatnonzero(_rings(before))):
        gap = line[-1] - line[0]
        line[:len(_NEAR)] += _NEAR[:, None] * gap
        line[-len(_NEAR):] -= _NEAR[::-1, None] * gap
    return out


def _rings(strokes: Floats) -> NDArray[np.bool_]:
    """Which strokes (S, 16, 2) end where they begin."""
    return np.linalg.norm(strokes[:, -1] - strokes[:, 0], axis=-1) < _RING


def _free(strokes: Floats, half_width: Floats) -> NDArray[np.bool_]:
    """Which ends (S, 2) of strokes (S, 16, 2) lie in the ink of no other stroke, nor in a ring."""
    free = np.repeat(~_rings(strokes)[:, None], 2, 1)
    fine, ends = upsampled(strokes), strokes[:, [0, -1]]
    for i, other in enumerate(fine):
        near = np.linalg.norm(ends[:, :, None] - other, axis=-1).min(-1) < half_width[i].mean()
        near[i] = False
        free &= ~near
    return free


def steadier(strokes: Floats, half_width: Floats) -> Floats:
    """Half-widths (S, 16) nearer to their mean along strokes (S, 16, 2)."""
    logs = log_width(half_width)
    along = np.gradient(strokes, axis=1)
    mean = np.average(logs, weights=np.hypot(along[..., 0], along[..., 1]) + np.float32(1e-3))
    return np.exp(mean + _STEADY * (logs - mean)).astype(np.float32)
