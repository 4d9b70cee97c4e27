"""A person's hand as strokes: samples laid on their content's strokes, new characters inked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from fonts.drawing import Field, coverage
from glyphgen.strokes.habit import Habits
from glyphgen.strokes.ink import THIN, ink
from glyphgen.strokes.network import (
    PROJECT_WIDTH,
    USUAL,
    WIDTHS,
    Memory,
    StrokeNetwork,
    Written,
)
from glyphgen.strokes.refine import refined, widths_along
from glyphgen.strokes.register import POINTS, register
from glyphgen.strokes.room import with_room
from glyphgen.strokes.settle import settled
from glyphgen.strokes.skeleton import Skeleton, skeleton_of

Floats = NDArray[np.float32]

LEAST = 4               # samples laid well, below which strokes say too little of a hand
OFF, BARE = 0.15, 0.12  # shares of length off the lines that strokes laid on a drawing may have
_STRETCH = (0.6, 1.6)   # of a character against its content, at first
_HEAVIER = (0.8, 1.25)  # of widths, at a time, to have a drawing's ink
_ROUNDS = 2
_TRUST = 0.7            # of what the network moves strokes by: more errs more on unseen hands
_LOG_WIDTH = (-2.5, 1.6)            # of log(half-width / USUAL)
_BATCH = 16             # characters drawn at once, always, so that none depends on its batch
ROOM = (32, 64)         # strokes of a character that a batch has room for


@dataclass(frozen=True)
class Laid:
    """A sample's strokes: where the content has them, where the hand has them, how wide."""

    content: Floats         # (S, 16, 2)
    strokes: Floats         # (S, 16, 2)
    half_width: Floats      # (S, 16)


def lay(content: Floats, field: Field) -> Laid | None:
    """Content strokes (S, 16, 2) laid on a drawing of the character; None where they don't fit."""
    skeleton = skeleton_of(field)
    if skeleton is None or not len(content):
        return None
    skeleton = skeleton.without_caps()
    found = register(_moved(content, skeleton), skeleton)
    if found.off > OFF or found.bare > BARE:
        return None
    strokes = refined(found.strokes, skeleton)
    return Laid(content, strokes, weighed(strokes, widths_along(strokes, skeleton), field))


def weighed(strokes: Floats, half_width: Floats, field: Field) -> Floats:
    """Half-widths (S, 16) by the one factor that gives strokes as much ink as a drawing has."""
    wanted = float(coverage(field).sum())
    for _ in range(_ROUNDS):
        ratio = wanted / max(float(coverage(ink(strokes, half_width)).sum()), 1.0)
        half_width = half_width * np.float32(np.clip(ratio, *_HEAVIER))
    return half_width


def _moved(content: Floats, skeleton: Skeleton) -> Floats:
    """Content strokes in the place and size of the drawing's lines."""
    points, lines = content.reshape(-1, 2), skeleton.points
    scale = np.clip(lines.std(0) / np.maximum(points.std(0), 1), *_STRETCH)
    return ((content - points.mean(0)) * scale + lines.mean(0)).astype(np.float32)


def written(laid: Sequence[Laid], bases: Sequence[Floats]) -> Written:
    """Laid samples as one hand, padded to the most strokes; bases: where strokes were expected."""
    most = max(len(one.strokes) for one in laid)
    content = np.zeros((1, len(laid), most, POINTS, 2), np.float32)
    strokes, width = np.zeros_like(content), np.zeros((1, len(laid), most, POINTS), np.float32)
    there = np.zeros((1, len(laid), most), np.bool_)
    for i, (one, base) in enumerate(zip(laid, bases)):
        count = len(one.strokes)
        content[0, i, :count], strokes[0, i, :count] = base, one.strokes
        width[0, i, :count] = np.log(np.maximum(one.half_width, THIN) / USUAL)
        there[0, i, :count] = True
    return Written(torch.from_numpy(content), torch.from_numpy(strokes),
                   torch.from_numpy(width) @ PROJECT_WIDTH.T, torch.from_numpy(there))


@dataclass(frozen=True)
class Voice:
    """A person's strokes: what the network keeps of them, and the strokes themselves."""

    memory: Memory
    habits: Habits


@dataclass(frozen=True)
class StrokeHand:
    """What strokes know of one person: computed once a font.

    Of a blend, `voices` are its hands with their shares.
    """

    network: StrokeNetwork
    voices: tuple[tuple[Voice, float], ...]

    @classmethod
    @torch.inference_mode()
    def learn(cls, network: StrokeNetwork, laid: Sequence[Laid],
              bases: Sequence[Floats]) -> StrokeHand | None:
        """The hand of laid samples and of where their strokes were expected (S, 16, 2) each.

        None where there are too few.
        """
        if len(laid) < LEAST:
            return None
        memory = network.learn(written(laid, bases))
        habits = Habits.of([one.content for one in laid],
                           [(one.strokes, one.half_width) for one in laid],
                           placed(network, memory, bases))
        return cls(network, ((Voice(memory, habits), 1.0),))

    def blended(self, other: StrokeHand, share: float) -> StrokeHand:
        """The hand `share` (0 to 1) of the way to another."""
        return StrokeHand(self.network, (*((one, part * (1 - share)) for one, part in self.voices),
                                         *((one, part * share) for one, part in other.voices)))

    def draw(self, contents: Sequence[Floats], bases: Sequence[Floats]) -> list[Field]:
        """Fields (128, 128) of characters by their strokes (S, 16, 2) each: where the content has
        them, and where they are expected."""
        return [ink(*one) for one in self.lines(contents, bases)]

    def lines(self, contents: Sequence[Floats],
              bases: Sequence[Floats]) -> list[tuple[Floats, Floats]]:
        """Strokes (S, 16, 2) and half-widths (S, 16), canvas pixels."""
        drawn = [placed(self.network, voice.memory, bases) for voice, _ in self.voices]
        return [self._finished(content, each) for content, *each in zip(contents, *drawn)]

    def _finished(self, content: Floats,
                  drawn: Sequence[tuple[Floats, Floats]]) -> tuple[Floats, Floats]:
        """Strokes and half-widths of one character, of how the network places it in each voice."""
        strokes, logs = np.zeros_like(content), np.zeros(content.shape[:2], np.float32)
        for (voice, share), one in zip(self.voices, drawn):
            mine, wide = voice.habits.brought(content, *one)
            strokes += np.float32(share) * mine
            logs += np.float32(share) * np.log(wide)
        half_width = np.exp(logs)
        strokes = settled(strokes, content, half_width)
        return strokes, with_room(strokes, half_width)


def placed(network: StrokeNetwork, memory: Memory,
           bases: Sequence[Floats]) -> list[tuple[Floats, Floats]]:
    """Strokes (S, 16, 2) and half-widths (S, 16) as the network places them in a learnt hand."""
    out: dict[int, tuple[Floats, Floats]] = {}
    low = 0
    for room in ROOM:
        part = [i for i, base in enumerate(bases) if low < len(base) <= room]
        for first in range(0, len(part), _BATCH):
            batch = part[first:first + _BATCH]
            out |= zip(batch, _placed(network, memory, [bases[i] for i in batch], room))
        low = room
    return [out[i] for i in range(len(bases))]


@torch.inference_mode()
def _placed(network: StrokeNetwork, memory: Memory, bases: Sequence[Floats],
            room: int) -> list[tuple[Floats, Floats]]:
    """A batch of characters of at most `room` strokes."""
    lines, there = torch.zeros(1, _BATCH, room, POINTS, 2), torch.zeros(1, _BATCH, room).bool()
    for i, base in enumerate(bases):
        lines[0, i, :len(base)] = torch.from_numpy(base)
        there[0, i, :len(base)] = True
    points, terms = (part[0] for part in network.draw(memory, lines, there))
    points = lines[0] + _TRUST * (points - lines[0])
    return [(points[i, :len(base)].numpy(), half_widths(terms[i, :len(base)]))
            for i, base in enumerate(bases)]


def half_widths(terms: Tensor) -> Floats:
    """Half-widths (S, 16), pixels, of log-width terms (S, 4)."""
    logs = (terms @ WIDTHS.T).clamp(*_LOG_WIDTH)
    return (USUAL * logs.exp()).numpy().astype(np.float32)
