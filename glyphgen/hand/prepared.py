"""A hand ready to be drawn in: content in, drawings out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from fonts.regions import script_of
from glyphgen.config import Recipe
from glyphgen.hand.painter import Hand, Painter, glyph_seed
from glyphgen.hand.prepare import Finish, Prepared
from glyphgen.hand.strokes import by_strokes, draw_strokes, ink_anew, is_inked
from glyphgen.network.frame import bend_content, bends_of
from glyphgen.strokes.ink import Inked

_RESEED = 0x51ED        # between the tries at a character


@dataclass(frozen=True)
class Contents:
    """Characters that are to be drawn, each in the place, size and weight that a hand gives it."""

    codepoints: tuple[int, ...]
    pictures: Tensor                # (N, 2, 128, 128), Hei and Kai
    bends: tuple[NDArray[np.float32], ...] = ()     # (2, K, K) each, where they were bent

    def of(self, chosen: Sequence[int]) -> Contents:
        """Those of the chosen codepoints, in their order."""
        return self.at([self.codepoints.index(c) for c in chosen])

    def at(self, places: Sequence[int]) -> Contents:
        """Those at these places."""
        return Contents(tuple(self.codepoints[i] for i in places), self.pictures[[*places]],
                        tuple(self.bends[i] for i in places) if self.bends else ())

    def times(self, count: int) -> Contents:
        """Its only character `count` times."""
        return Contents(self.codepoints * count, self.pictures.expand(count, -1, -1, -1))

    def bent(self, seeds: Sequence[int]) -> Contents:
        """Each bent by its seed, as no hand writes twice alike."""
        bends = bends_of(seeds)
        return replace(self, pictures=bend_content(self.pictures, bends),
                       bends=tuple(bends.numpy()))


@dataclass(frozen=True)
class PreparedHand:
    """What is known of a person's writing, and how to draw in it: computed once a font."""

    painter: Painter
    hand: Hand
    finish: Finish
    seed: int = 0                   # another seed, other drawings

    @classmethod
    def of(cls, painter: Painter, prepared: Prepared, seed: int = 0) -> PreparedHand:
        """The hand that was prepared with this painter."""
        return cls(painter, prepared.hand, prepared.finish, seed)

    @property
    def batch(self) -> int:
        """Characters that are drawn at once at most."""
        return self.painter.config.batch

    def parts(self, codepoints: Iterable[int]) -> Iterator[tuple[PreparedHand, list[int]]]:
        """The characters in batches of one script's hand, in order but for that."""
        for hand, part in self.hand.batches(codepoints, self.batch):
            yield replace(self, hand=hand), part

    def way_of(self, codepoint: int, by_pixels: bool = False) -> tuple[str, bool]:
        """The script whose own hand draws this character, if any, and whether by its strokes;
        unless it is to be drawn `by_pixels` anyway."""
        script, hand = script_of(codepoint), self.hand.of(codepoint)
        strokes = not by_pixels and hand.recipe.strokes and by_strokes(hand, codepoint)
        return script if script in self.hand.own else "", strokes

    def for_script_of(self, codepoint: int) -> PreparedHand:
        """The hand that draws this character, which may be its script's own."""
        return replace(self, hand=self.hand.of(codepoint))

    def framed(self, codepoints: Sequence[int]) -> Contents:
        """The content of characters of one script."""
        return Contents(tuple(codepoints), self.painter.framed(self.hand, codepoints))

    def inked(self, contents: Contents, seeds: Sequence[int],
              recipe: Recipe | None = None) -> list[Inked]:
        """Finished drawings (128, 128) of contents, at most a batch, with the strokes of those that
        were inked from strokes; by the hand's own recipe unless another is given."""
        recipe = recipe or self.hand.recipe
        drawn: list[Inked | None] = [None] * len(seeds)
        known = [i for i, c in enumerate(contents.codepoints)
                 if recipe.strokes and by_strokes(self.hand, c)]
        if known:
            some = contents.at(known)
            flows = self.painter.displacements(self.hand, some.pictures)
            made = draw_strokes(self.hand, some.codepoints, flows, some.bends)
            for i, one in zip(known, made):
                drawn[i] = one
        others = [i for i, one in enumerate(drawn) if one is None]
        by_pixels = iter(self._by_pixels(contents.at(others), [seeds[i] for i in others], recipe)
                         if others else ())
        return [next(by_pixels) if one is None else one for one in drawn]

    def _by_pixels(self, contents: Contents, seeds: Sequence[int], recipe: Recipe) -> list[Inked]:
        """Drawings by pixels, finished, and inked anew where the recipe says so."""
        (drawn,), flows = self.painter.drawn(self.hand, contents.pictures, seeds, recipe)
        out = [Inked(self.finish(field)) for field in drawn]
        for i, codepoint in enumerate(contents.codepoints):
            if is_inked(codepoint, recipe):
                anew = ink_anew(self.hand, recipe.source, codepoint, flows[i],
                                out[i].field, contents.bends[i:i + 1])
                out[i] = out[i] if anew is None else anew
        return out

    def seeds_of(self, codepoints: Iterable[int], attempt: int = 0, redraw: int = 0) -> list[int]:
        """The seed of one try at each character; every redrawing has seeds of its own."""
        return [glyph_seed(self.seed + redraw + attempt * _RESEED, c) for c in codepoints]
