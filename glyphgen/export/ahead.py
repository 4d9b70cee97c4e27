"""The tracer compiled beside what comes before it, so that a first font does not wait for it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import get_context

from glyphgen.engine import cores
from glyphgen.kernels import compile_outlines

_NICE = 10              # what a person waits for goes first


def compile_behind() -> None:
    """Compile the tracer, or find it compiled, and let other processes go first."""
    if hasattr(os, "nice"):
        os.nice(_NICE)
    compile_outlines()


@contextmanager
def tracer_ahead() -> Iterator[Callable[[], None]]:
    """Compiles the tracer in a process of its own, where a core is free; gives what waits for it.

    What goes wrong there goes wrong again, and is said, where an outline is traced.
    """
    if cores() == 1:
        yield lambda: None
        return
    process = get_context("spawn").Process(target=compile_behind, name="tracer", daemon=True)
    process.start()
    try:
        yield process.join
    finally:
        process.terminate()
        process.join()
