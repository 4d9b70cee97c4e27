"""A person's hand as strokes: samples laid on their content's strokes, new characters inked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from exporters.strokes.curve import even_unless
from glyphgen.strokes.corners.corner import cornered
from glyphgen.strokes.corners.loops import Loops
from glyphgen.strokes.corners.turning import cuts_of
from glyphgen.strokes.habit import Habits
from glyphgen.strokes.heads import most_bent, with_heads
from glyphgen.strokes.ink import THIN, Inked, inked
from glyphgen.strokes.laid.even import by_pen, evened, pen_of
from glyphgen.strokes.laid.hooks import Hooks, taken
from glyphgen.strokes.laid.joints import Beside, Joints
from glyphgen.strokes.laid.lay import Laid
from glyphgen.strokes.laid.register import POINTS
from glyphgen.strokes.network import (
    PROJECT_WIDTH,
    USUAL,
    WIDTHS,
    Memory,
    StrokeNetwork,
    Written,
)
from glyphgen.strokes.room import with_room
from glyphgen.strokes.settle import settled

Floats = NDArray[np.float32]
Lines = tuple[Floats, Floats, Floats, Floats | None]

LEAST = 4               # samples laid well, below which strokes say too little of a hand
_TRUST = 0.8            # of what the network moves strokes by: more errs more on unseen hands
_LOG_WIDTH = (-2.5, 1.6)            # of log(half-width / USUAL)
_BATCH = 16             # characters drawn at once, always, so that none depends on its batch
ROOM = (32, 64)         # strokes of a character that a batch has room for


def written(laid: Sequence[Laid], bases: Sequence[Floats]) -> Written:
    """Laid samples as one hand, padded to the most strokes; bases: where what was written of them
    was expected."""
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
    """A person's strokes: what the network keeps of them, the strokes themselves, how far their
    heads are bent at most, how their corners turn, where their ends meet, which hooks they leave
    out, how bold characters are, and where ends meet in curves."""

    memory: Memory
    habits: Habits
    heads: float            # radians, as `with_heads` has them
    cuts: Floats            # (2,), as `turned` has them
    joints: Joints
    hooks: Hooks
    pen: Floats             # (2,), as `pen_of` has it
    loops: Loops


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
        laid = evened(laid)
        bases = [taken(base, one.places) for base, one in zip(bases, laid)]
        memory = network.learn(written(laid, bases))
        content = [one.content for one in laid]
        lines = [(one.strokes, one.half_width) for one in laid]
        habits = Habits.of(content, lines, placed(network, memory, bases),
                           [one.ends for one in laid], [one.sides for one in laid])
        seen = np.concatenate([one.turnings for one in laid])
        hooks = Hooks.of([one.whole for one in laid], [one.places for one in laid])
        heads = most_bent(content, [one.strokes for one in laid])
        return cls(network, ((Voice(memory, habits, heads, cuts_of(seen),
                                    Joints.of(content, lines), hooks, pen_of(laid),
                                    Loops.of(content, lines)), 1.0),))

    def blended(self, other: StrokeHand, share: float) -> StrokeHand:
        """The hand `share` (0 to 1) of the way to another."""
        voices = (*((one, part * (1 - share)) for one, part in self.voices),
                  *((one, part * share) for one, part in other.voices))
        return StrokeHand(self.network, voices)

    @property
    def _main(self) -> Voice:
        """The voice with the largest share."""
        return max(self.voices, key=lambda voice: voice[1])[0]

    def draw(self, contents: Sequence[Floats], bases: Sequence[Floats]) -> list[Inked]:
        """Drawings of characters by their strokes (S, 16, 2) each: where the content has
        them, and where they are expected."""
        return [inked(*one) for one in self.lines(contents, bases)]

    def lines(self, contents: Sequence[Floats], bases: Sequence[Floats]) -> list[Lines]:
        """Strokes (S, 16, 2) and half-widths (S, 16), canvas pixels, how they end (S, 2, 13), and
        their sides (S, 2, 46), None where all are even."""
        places = [*map(self._main.hooks.places, contents)]
        contents, bases = [*map(taken, contents, places)], [*map(taken, bases, places)]
        drawn = [placed(self.network, voice.memory, bases) for voice, _ in self.voices]
        return [self._finished(content, each) for content, *each in zip(contents, *drawn)]

    def _finished(self, content: Floats, drawn: Sequence[tuple[Floats, Floats]]) -> Lines:
        """Strokes, half-widths, ends and sides of one character, of how the network places it in
        each voice."""
        lines, widths, reaches, edges = zip(*(voice.habits.brought(content, *one)
                                              for (voice, _), one in zip(self.voices, drawn)))
        strokes, ends = self._mean(lines), self._mean(reaches)
        half_width = np.exp(self._mean([np.log(wide) for wide in widths]))
        sides = None if all(one is None for one in edges) else self._mean(
            [even_unless(one, len(content)) for one in edges])
        cuts = self._mean([voice.cuts for voice, _ in self.voices])
        strokes = with_heads(strokes, content, self._main.heads)
        joints = self._main.joints
        beside = Beside.of(content, strokes)
        strokes = settled(strokes, beside, half_width, joints.brought(content, beside))
        strokes, curved = self._main.loops.brought(strokes, content)
        ends = np.where(curved[..., None], np.float32(1), ends)
        strokes, half_width = cornered(strokes, half_width, content, cuts)
        pen = self._mean([voice.pen for voice, _ in self.voices])
        return strokes, with_room(strokes, by_pen(half_width, pen)), ends, sides

    def _mean(self, parts: Sequence[Floats]) -> Floats:
        """The mean of what there is of each voice, by their shares."""
        return sum((np.float32(share) * part for (_, share), part in zip(self.voices, parts)),
                   np.zeros_like(parts[0]))


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
