"""A hand as strokes: samples laid on the content's strokes, and characters drawn by theirs.

A network says how the content is displaced in this hand; the content's strokes move with it, and
the network of strokes says what the person's own strokes do beyond that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from fonts.drawing import Field
from fonts.regions import script_of
from glyphgen.config import Recipe
from glyphgen.hand.glass import line_of
from glyphgen.hand.painter import Hand, Painter
from glyphgen.project.strokes import Stroke
from glyphgen.strokes.anew import Inking, inked_anew
from glyphgen.strokes.checkpoint import load_strokes
from glyphgen.strokes.hand import ROOM, StrokeHand
from glyphgen.strokes.ink import Inked
from glyphgen.strokes.laid.lay import Laid, lay
from glyphgen.strokes.laid.written import lay_written
from glyphgen.strokes.library import KAI, Library
from glyphgen.strokes.moved import moved, smoothed
from glyphgen.strokes.network import StrokeNetwork

Floats = NDArray[np.float32]


@lru_cache(maxsize=1)
def _network() -> StrokeNetwork:
    return load_strokes()


def has_strokes(codepoint: int, region: str = "cn") -> bool:
    """Whether a hanzi can be drawn stroke by stroke, in a region's form."""
    library = Library.load(KAI, region)
    return (script_of(codepoint) == "han" and codepoint in library
            and codepoint not in library.split and len(library[codepoint]) <= ROOM[-1])


def can_lay(codepoint: int, region: str = "cn") -> bool:
    """Whether a sample of the character says how a person inks: its strokes are known."""
    if script_of(codepoint) == "han":
        return has_strokes(codepoint, region)
    return codepoint in Library.load(KAI, region)


def is_inked(codepoint: int, recipe: Recipe) -> bool:
    """Whether a recipe has a drawing by pixels inked anew: of hanzi those that lack strokes."""
    script = script_of(codepoint)
    return script in recipe.inked or script == "han" and recipe.strokes


def lay_samples(samples: Mapping[int, Field],
                written: Mapping[int, Sequence[Stroke]] | None = None,
                region: str = "cn") -> dict[int, Laid]:
    """Those samples, fields (S, S), that their characters' strokes could be laid on, in the
    region's forms; of any script.

    written: strokes of samples that were written on glass, which need no search.
    """
    library, glass = Library.load(KAI, region), written or {}
    found = {}
    for c, field in samples.items():
        if can_lay(c, region):
            lines = [line_of(stroke) for stroke in glass.get(c, ())]
            found[c] = lay_written(library[c], lines, field) or lay(library[c], field)
    return {c: laid for c, laid in found.items() if laid is not None}


def with_strokes(painter: Painter, hand: Hand, laid: Mapping[int, Laid]) -> Hand:
    """The hand, able to draw by strokes where enough samples of its script are laid."""
    own = {script: with_strokes(painter, one, laid) for script, one in hand.own.items()}
    mine = {c: one for c, one in laid.items() if hand.of(c) is hand and script_of(c) == "han"}
    expected: list[Floats] = []
    for first in range(0, len(mine), painter.config.batch):
        part = [*mine][first:first + painter.config.batch]
        flows = painter.displacements(hand, painter.framed(hand, part), padded=False)
        expected += expected_strokes(hand, part, flows)
    return replace(hand, own=own,
                   strokes=StrokeHand.learn(_network(), [*mine.values()], expected))


def with_inking(hand: Hand, laid: Mapping[int, Laid]) -> Hand:
    """The hand, able to ink anew as its person inks, where enough samples are laid."""
    inking = Inking.of(laid)
    own = {script: replace(one, inking=inking) for script, one in hand.own.items()}
    return replace(hand, inking=inking, own=own)


def expected_strokes(hand: Hand, codepoints: Sequence[int], flows: Tensor,
                     bends: Sequence[Floats] = ()) -> list[Floats]:
    """Strokes (S, 16, 2) of characters, displaced as their Kai content is.

    flows (N, 2, F, F): how that is; bends: the displacements (2, F, F) that the content was
    bent by before, if it was.
    """
    library = Library.load(KAI, hand.region)
    return [_in_place(hand, library[c], flow, bends[i:i + 1])
            for i, (c, flow) in enumerate(zip(codepoints, flows))]


def _in_place(hand: Hand, strokes: Floats, flow: Tensor, bends: Sequence[Floats]) -> Floats:
    """Strokes (S, 16, 2) of a content where the hand's frame, bends and a displacement have them.

    flow: (2, F, F), of that content.
    """
    flows = *bends, flow.float().cpu().numpy()
    return smoothed(moved(strokes, hand.frame.theta.cpu().numpy(), *flows), strokes)


def by_strokes(hand: Hand, codepoint: int) -> bool:
    """Whether the hand can draw a character by its strokes."""
    return hand.strokes is not None and has_strokes(codepoint, hand.region)


def draw_strokes(hand: Hand, codepoints: Sequence[int], flows: Tensor,
                 bends: Sequence[Floats] = ()) -> list[Inked | None]:
    """Drawings of those characters that have strokes, None of others; as above."""
    known = [i for i, c in enumerate(codepoints) if by_strokes(hand, c)]
    out: list[Inked | None] = [None] * len(codepoints)
    if hand.strokes and known:
        library, chosen = Library.load(KAI, hand.region), [codepoints[i] for i in known]
        expected = expected_strokes(hand, chosen, flows[known],
                                    [bends[i] for i in known] if bends else ())
        for i, one in zip(known, hand.strokes.draw([library[c] for c in chosen], expected)):
            out[i] = one
    return out


def ink_anew(hand: Hand, source: int, codepoint: int, flows: Tensor, field: Field,
             bends: Sequence[Floats] = ()) -> Inked | None:
    """A drawing by pixels (128, 128) inked anew by its character's strokes.

    source: the content that it was drawn from; flows (2, 2, F, F): how its contents were displaced;
    bends: what (2, F, F) they were bent by, if they were. None where no strokes are known or fit.
    """
    script = script_of(codepoint)
    content = KAI if script == "han" else source
    library = Library.load(content, hand.region)
    if codepoint not in library:
        return None
    strokes = _in_place(hand, library[codepoint], flows[content], bends)
    return inked_anew(library[codepoint], strokes, field, hand.inking, script)
