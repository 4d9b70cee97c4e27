"""Outlines of a project's drawings and samples, traced on all cores."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice

from exporters.outlines.outline import Outline
from exporters.outlines.trace import DEFAULT, GENERATED, compile_kernels, trace, trace_all
from fonts.drawing import Drawing, Field
from glyphgen.engine import spread
from glyphgen.progress import Tick
from glyphgen.project.document import Project

Forms = tuple[list[Field], list[Field]]         # further samples, the newest first, and drawings
_SPREAD_OUT = 500               # outlines from which processes share the work
_CHUNK = 64                     # drawings traced at once


def outlines_of(project: Project, wanted: Sequence[int], level: float,
                tick: Tick = lambda count: None,
                engine: str = "local") -> Iterator[tuple[int, Outline]]:
    """Outlines of the drawings, then of the samples, which go in as they were written."""
    samples = {s.codepoint: s for s in project.samples()}
    states = project.states()
    drawn = [c for c in wanted if c not in samples and states[c] != "replaced"]
    edited = [c for c in wanted if c not in samples and states[c] == "replaced"]
    by_network = (Drawing(d.codepoint, d.field) for d in project.drawings(drawn))
    by_hand = chain(((d.codepoint, d.field) for d in project.drawings(edited)),
                    ((c, samples[c].field) for c in wanted if c in samples))
    written = trace_all((Drawing(*pair) for pair in by_hand), level)
    for pair in chain(traced(by_network, level, len(drawn) > _SPREAD_OUT, engine), written):
        tick(1)
        yield pair


def traced(drawings: Iterable[Drawing], level: float, many: bool = False,
           engine: str = "local") -> Iterator[tuple[int, Outline]]:
    """Outlines of what a network drew, `many` of them in processes or over a cluster."""
    source = iter(drawings)
    chunks = iter(lambda: list(islice(source, _CHUNK)), [])
    if many:
        compile_kernels()                       # kept for all processes
    for chunk in spread(_trace_chunk, level, chunks, engine, None if many else 1, apart=True):
        for codepoint, data in chunk:
            yield codepoint, Outline.from_bytes(data)


def _trace_chunk(level: float, chunk: list[Drawing]) -> list[tuple[int, bytes]]:
    return [(codepoint, outline.to_bytes())
            for codepoint, outline in trace_all(chunk, level, GENERATED)]


def forms_traced(codepoint: int, forms: Forms, level: float) -> Iterator[Outline]:
    """Outlines of the further forms of a character."""
    for some, config in zip(forms, (DEFAULT, GENERATED)):
        for field in some:
            yield trace(field, codepoint, level, config)
