"""The space of hands: blends of two, and hands that nobody has.

The mean of two hands' displacements of one content is a displacement half-way between them, so a
blend is as legible as its parts. Invented hands are blends of hands that the network was trained
on, with a frame and a pen drawn about theirs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from glyphgen.config import RECIPES
from glyphgen.hand.painter import Hand, Painter
from glyphgen.hand.pen import Pen
from glyphgen.hand.prepare import Finish, Prepared
from glyphgen.network.checkpoint import CheckpointError, model_hash, read_tensors, write_tensors
from glyphgen.network.frame import Frame
from glyphgen.strokes.anew import Inking

STYLES = Path(__file__).parent.parent / "weights" / "styles.safetensors"
_NARROW, _SHEAR, _WEIGHT = 0.05, 0.06, 0.12     # deviations of log aspect, slant, log pen width


def blended(one: Prepared, other: Prepared, share: float) -> Prepared:
    """The hand `share` (0 to 1) of the way from `one` to `other`; ValueError beyond."""
    if not 0 <= share <= 1:
        raise ValueError(f"a blend's weight is from 0 to 1, not {share:g}")
    return Prepared(_voices(one.hand, other.hand, share),
                    _between(one.finish, other.finish, share), None, None)


def _voices(one: Hand, other: Hand, share: float) -> Hand:
    frame = Frame(one.frame.theta.lerp(other.frame.theta, share),
                  one.frame.levels.lerp(other.frame.levels, share))
    own = {script: _voices(one.own.get(script, one), other.own.get(script, other), share)
           for script in {**one.own, **other.own}}
    nearer = one if share <= 0.5 else other
    strokes = None
    if one.strokes and other.strokes:
        strokes = one.strokes.blended(other.strokes, share)
    return replace(nearer, frame=frame, voices=((one, 1 - share), (other, share)), own=own,
                   strokes=strokes, inking=_inking(one.inking, other.inking, share))


def _inking(one: Inking | None, other: Inking | None, share: float) -> Inking | None:
    if share > 0.5:
        one, other, share = other, one, 1 - share
    return one.blended(other, share) if one and other else one


def _between(one: Finish, other: Finish, share: float) -> Finish:
    return Finish(one.level + share * (other.level - one.level),
                  _pen(one.drawn, other.drawn, share), _pen(one.wanted, other.wanted, share))


def _pen(one: Pen | None, other: Pen | None, share: float) -> Pen | None:
    if one is None or other is None:
        return one or other
    return Pen(*(a + share * (b - a) for a, b in zip(astuple(one), astuple(other))))


@dataclass(frozen=True)
class Styles:
    """Hands of training as the network knows them: S hands of K tokens of width D."""

    tokens: Tensor          # (S, K, D)
    style: Tensor           # (S, D)
    theta: Tensor           # (S, 2, 3)
    levels: Tensor          # (S, 2)
    pens: Tensor            # (S, 2, 3): the numbers of a Pen, as drawn and as wanted
    recipes: Sequence[str]
    names: Sequence[str]

    @classmethod
    def of(cls, hands: Sequence[tuple[str, Prepared]]) -> Styles:
        """The styles of named hands that one network prepared, each with a pen."""
        pens = []
        for _, made in hands:
            assert made.finish.drawn and made.finish.wanted
            pens.append([astuple(made.finish.drawn), astuple(made.finish.wanted)])
        names = {recipe: name for name, recipe in RECIPES.items()}
        own = [made.hand for _, made in hands]
        return cls(torch.cat([h.tokens for h in own]), torch.cat([h.style for h in own]),
                   torch.stack([h.frame.theta for h in own]),
                   torch.stack([h.frame.levels for h in own]), torch.tensor(pens),
                   [names[h.recipe.by_pixels] for h in own],
                   [name for name, _ in hands])

    @classmethod
    def load(cls, path: Path = STYLES) -> Styles:
        """The shipped ones; CheckpointError where they are not of the shipped weights."""
        tensors, about = read_tensors(path)
        if about.get("model") != model_hash():
            raise CheckpointError(f"{path}: made for other weights, run training.styles again")
        return cls(**{name: tensors[name].float() for name in
                      ("tokens", "style", "theta", "levels", "pens")},
                   recipes=about["recipes"].split("\n"), names=about["names"].split("\n"))

    def save(self, path: Path) -> None:
        """Write them for the shipped weights, atomically."""
        tensors = {"tokens": self.tokens.bfloat16(), "style": self.style, "theta": self.theta,
                   "levels": self.levels, "pens": self.pens}
        write_tensors(path, {k: v.contiguous() for k, v in tensors.items()},
                      {"model": model_hash(), "recipes": "\n".join(self.recipes),
                       "names": "\n".join(self.names)})

    def hand(self, index: int, painter: Painter) -> Prepared:
        """One of them, ready to be drawn in."""
        drawn, wanted = (Pen(*pen) for pen in self.pens[index].tolist())
        hand = painter.hand(Frame(self.theta[index], self.levels[index]),
                            self.tokens[index, None], self.style[index, None])
        recipe = RECIPES[self.recipes[index]]
        return Prepared(hand.with_recipe(recipe), Finish(0.0, drawn, wanted), None, None)

    def invent(self, seed: int, painter: Painter) -> Prepared:
        """A hand that nobody has: a blend of two, with a slant, aspect and pen of its own."""
        rng = np.random.default_rng(seed)
        one, other = rng.choice(len(self.names), 2, replace=False).tolist()
        share = float(rng.uniform(0.25, 0.75))
        return _varied(blended(self.hand(one, painter), self.hand(other, painter), share), rng)


def _varied(made: Prepared, rng: np.random.Generator) -> Prepared:
    """Another aspect, slant and pen."""
    theta = made.hand.frame.theta.clone()
    narrow, shear, weight = rng.normal(0, (_NARROW, _SHEAR, _WEIGHT))
    theta[0, :2] *= float(np.exp(narrow))
    theta[0, 1] += float(shear)
    finish = made.finish
    assert finish.wanted is not None
    pen = replace(finish.wanted, mean=finish.wanted.mean * float(np.exp(weight)))
    hand = replace(made.hand, frame=replace(made.hand.frame, theta=theta))
    return Prepared(hand, replace(finish, wanted=pen), None, None)
