"""Which characters are drawn together: those that are drawn alike, so that batches are full.

A batch takes as long with one character as with sixteen. Those that lack strokes are drawn apart
from those that have them, and the doubtful wait until there are enough for another try.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from glyphgen.hand.prepared import PreparedHand
from glyphgen.project.document import Drawn


class Batch(NamedTuple):
    """Characters that are drawn at once, by the same try."""

    codepoints: Sequence[int]
    attempt: int = 0


class Tries(Iterator[Batch]):
    """Batches to draw, as long as there are any; more come with what is said of those drawn.

    So `next` may stop and go on later: whoever draws asks again after every batch.
    """

    def __init__(self, hand: PreparedHand, codepoints: Iterable[int], attempts: int) -> None:
        self._hand, self._attempts = hand, attempts
        self._waiting: dict[tuple[int, str, bool], list[int]] = {}
        self._given: dict[int, int] = {}            # the try that each is drawn by now
        self._best: dict[int, Drawn] = {}           # of those that are drawn once more
        for codepoint in codepoints:
            self._wait(codepoint, 0)

    def _wait(self, codepoint: int, attempt: int) -> None:
        way = (attempt, *self._hand.way_of(codepoint, attempt > 0))
        self._waiting.setdefault(way, []).append(codepoint)

    def __next__(self) -> Batch:
        size = self._hand.batch
        full = [way for way, some in self._waiting.items() if len(some) >= size]
        fresh = [way for way in self._waiting if way[0] == 0]
        last = [] if self._given else [*self._waiting]
        if not (full or fresh or last):
            raise StopIteration
        way = max(full) if full else min(fresh or last)
        some = self._waiting.pop(way)
        if len(some) > size:
            self._waiting[way] = some[size:]
        self._given |= dict.fromkeys(some[:size], way[0])
        return Batch(some[:size], way[0])

    def settled(self, made: Iterable[Drawn]) -> list[Drawn]:
        """Of a batch just drawn those that need no other try, the best of each."""
        done = []
        for one in made:
            attempt = self._given.pop(one.codepoint)
            before = self._best.pop(one.codepoint, one)
            best = one if one.score > before.score else before
            if best.state == "doubtful" and attempt + 1 < self._attempts:
                self._best[one.codepoint] = best
                self._wait(one.codepoint, attempt + 1)
            else:
                done.append(best)
        return done
