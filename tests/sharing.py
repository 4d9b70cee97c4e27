"""Cores shared between workers that run tests at the same time."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager


def _cores() -> set[int]:
    return os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set()


_ALL = _cores()


def take_a_share() -> None:
    """Give this worker, and all that it starts, cores of its own where there are enough.

    Threads of two processes on the same cores wait for each other by spinning: that doubles the
    work of learning a hand.
    """
    number = int(os.environ["PYTEST_XDIST_WORKER"].removeprefix("gw"))
    if own := sorted(_ALL)[number::int(os.environ["PYTEST_XDIST_WORKER_COUNT"])]:
        os.sched_setaffinity(0, own)


@contextmanager
def all_cores() -> Iterator[None]:
    """What is started here has every core of the machine, as for a person."""
    own = _cores()
    if _ALL:
        os.sched_setaffinity(0, _ALL)
    try:
        yield
    finally:
        if own:
            os.sched_setaffinity(0, own)
