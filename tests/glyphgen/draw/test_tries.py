"""Which characters are drawn together, and which once more."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

from glyphgen.draw.tries import Batch, Tries
from glyphgen.hand.prepared import PreparedHand

SIZE, ATTEMPTS = 4, 3


def hand() -> PreparedHand:
    """A hand that draws even characters by strokes, four at once."""
    return cast(PreparedHand, SimpleNamespace(
        batch=SIZE, way_of=lambda c, by_pixels: ("", not by_pixels and c % 2 == 0)))


def drawn(codepoint: int, score: float, state: str = "drawn") -> Any:
    return SimpleNamespace(codepoint=codepoint, score=score, state=state)


def test_batches_are_full_and_of_one_way() -> None:
    batches = [*Tries(hand(), range(17), ATTEMPTS)]
    assert sorted(c for batch in batches for c in batch.codepoints) == [*range(17)]
    assert all(len({c % 2 for c in batch.codepoints}) == 1 for batch in batches)
    assert sorted(len(batch.codepoints) for batch in batches) == [1, SIZE, SIZE, SIZE, SIZE]


def test_the_doubtful_wait_for_a_full_batch_or_the_end() -> None:
    tries = Tries(hand(), range(0, 16, 2), ATTEMPTS)
    first, second = next(tries), next(tries)
    assert next(tries, None) is None
    done = tries.settled(drawn(c, 0.4, "doubtful" if c < 4 else "drawn") for c in first.codepoints)
    assert [one.codepoint for one in done] == [4, 6]
    assert next(tries, None) is None                        # what is under way may add to it
    tries.settled(drawn(c, 0.4, "doubtful") for c in second.codepoints)
    assert next(tries) == Batch([0, 2, 8, 10], 1)
    assert next(tries, None) is None
    assert len(tries.settled(drawn(c, 0.6) for c in (0, 2, 8, 10))) == SIZE
    assert next(tries) == Batch([12, 14], 1)


def test_the_best_of_all_tries_is_kept() -> None:
    tries, done = Tries(hand(), [3], ATTEMPTS), []
    for score in (0.2, 0.4, 0.3):
        assert not done
        batch = next(tries)
        done = tries.settled(drawn(c, score, "doubtful") for c in batch.codepoints)
    assert [one.score for one in done] == [0.4]
    assert next(tries, None) is None
