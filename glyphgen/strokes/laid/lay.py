"""Content strokes laid on a drawing: where the hand has them, how wide, and how they end."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from fonts.drawing import Field, coverage, reduced
from glyphgen.strokes.corners.turning import turnings
from glyphgen.strokes.ink import ink
from glyphgen.strokes.laid.edges import Edges
from glyphgen.strokes.laid.ends import ends_of, to_ends
from glyphgen.strokes.laid.hooks import taken, unwritten
from glyphgen.strokes.laid.nearest import drawn_near
from glyphgen.strokes.laid.refine import refined, widths_along
from glyphgen.strokes.laid.register import POINTS, quality, register
from glyphgen.strokes.laid.sides import sides_of
from glyphgen.strokes.laid.skeleton import skeleton_of

Floats = NDArray[np.float32]

WAY = 4                 # of laying samples and of drawing by them: one more where drawings change
OFF, BARE = 0.22, 0.12  # shares of length off the lines that strokes laid on a drawing may have
_STRETCH = (0.6, 1.6)   # of a character against its content, at first
_HEAVIER = (0.8, 1.25)  # of widths, at a time, to have a drawing's ink
_ROUNDS = 2


@dataclass(frozen=True)
class Laid:
    """A sample's strokes: where the content has them, which places of these the hand wrote (all but
    hooks that it leaves out), where the hand has them, how wide, how they end, nan where that can't
    be seen, how their corners turn (`turning.turnings`), and their sides."""

    whole: Floats           # (S, 16, 2)
    places: Floats          # (S, 16) in points
    strokes: Floats         # (S, 16, 2)
    half_width: Floats      # (S, 16)
    ends: Floats            # (S, 2, 13)
    turnings: Floats        # (K, 1 + CUTS)
    sides: Floats           # (S, 2, 46)

    @property
    def content(self) -> Floats:
        """Where the content has what was written of its strokes (S, 16, 2)."""
        return taken(self.whole, self.places)

    @classmethod
    def seen(cls, content: Floats, places: Floats, edges: Edges) -> Laid:
        """Strokes as they lie on a drawing now."""
        return cls(content, places, edges.strokes, edges.half_width,
                   ends_of(edges.strokes, edges.half_width, edges),
                   turnings(taken(content, places), edges),
                   sides_of(edges.strokes, edges.half_width, edges))


def lay(content: Floats, field: Field) -> Laid | None:
    """Content strokes (S, 16, 2) laid on a drawing (S, S) of the character; None where they don't
    fit."""
    fine, field = field, reduced(field)
    skeleton = skeleton_of(field)
    if skeleton is None or not len(content):
        return None
    skeleton = skeleton.without_caps()
    found = register(in_frame(content, skeleton.points), skeleton)
    strokes = refined(drawn_near(found, skeleton), skeleton)
    off, bare, _ = quality(strokes, skeleton)
    if off > OFF or bare > BARE:
        return None
    edges = Edges(field, strokes, weighed(strokes, widths_along(strokes, skeleton), field), fine)
    strokes = edges.centred(edges.centred(strokes))
    places = unwritten(content, replace(edges, strokes=strokes))
    if (places[:, -1] < POINTS - 1).any():
        strokes = refined(taken(strokes, places), skeleton)     # on to where the line really ends
        edges = Edges(field, strokes, taken(edges.half_width, places), fine)
        strokes = edges.centred(strokes)
    strokes = edges.centred(to_ends(strokes, edges.widths(strokes), edges))
    return Laid.seen(content, places, Edges(field, strokes, edges.widths(strokes), fine))


def weighed(strokes: Floats, half_width: Floats, field: Field) -> Floats:
    """Half-widths (S, 16) by the one factor that gives strokes as much ink as a drawing has."""
    wanted = float(coverage(field).sum())
    for _ in range(_ROUNDS):
        ratio = wanted / max(float(coverage(ink(strokes, half_width)).sum()), 1.0)
        half_width = half_width * np.float32(np.clip(ratio, *_HEAVIER))
    return half_width


def in_frame(content: Floats, lines: Floats, of: Floats | None = None) -> Floats:
    """Content points (..., 2), moved and stretched as they, or `of`, come to points (N, 2)."""
    points = (content if of is None else of).reshape(-1, 2)
    scale = np.clip(lines.std(0) / np.maximum(points.std(0), 1), *_STRETCH)
    return ((content - points.mean(0)) * scale + lines.mean(0)).astype(np.float32)
