"""Outlines of a project's drawings and samples, traced on all cores."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import NamedTuple

import numpy as np

from exporters.outlines.outline import Outline
from exporters.outlines.trace import GENERATED, trace, trace_all
from exporters.outlines.tuning import Tuning
from exporters.strokes.outline import stroked
from fonts.drawing import Drawing
from glyphgen.engine import spread
from glyphgen.export.accents import Tracer, accented, bases
from glyphgen.export.weights import FARTHEST
from glyphgen.kernels import compile_outlines
from glyphgen.progress import Tick
from glyphgen.project.document import Project
from glyphgen.project.records import Forms, drawing_of
from glyphgen.strokes.ink import inked
from glyphgen.strokes.loose import loosened

_SPREAD_OUT = 500               # outlines from which processes share the work
_CHUNK = 64                     # drawings traced at once


class Cut(NamedTuple):
    """How drawings become outlines: the level, canvas pixels, at which their fields are cut, and
    how neat (-1) or loose (1) their strokes are."""

    level: float = 0.0
    looseness: float = 0.0

    @classmethod
    def of(cls, tuning: Tuning, beyond: float = 0.0) -> Cut:
        """As a font is tuned, its level `beyond` that where weights ask for it."""
        level = float(np.clip(tuning.level + beyond, -FARTHEST, FARTHEST))
        return cls(level, tuning.looseness / 100)


_AS_DRAWN = Cut()


def outlines_of(project: Project, wanted: Sequence[int], cut: Cut,
                tick: Tick = lambda count: None,
                engine: str = "local") -> Iterator[tuple[int, Outline]]:
    """Outlines of the drawings, then of the samples, which go in as they were written.

    Accented letters that were drawn, and not locked or replaced, are composed on their letters.
    """
    for pair in composing(project, wanted,
                          lambda some: _as_drawn(project, some, cut, engine), trace):
        tick(1)
        yield pair


def composing(project: Project, wanted: Sequence[int],
              as_drawn: Callable[[Sequence[int]], Iterable[tuple[int, Outline]]],
              tracer: Tracer) -> Iterator[tuple[int, Outline]]:
    """What is wanted `as_drawn`, but accented letters composed where that can be."""
    on = accent_bases(project, wanted)
    asked, letters, made = set(wanted), set(on.values()), {}
    for codepoint, outline in as_drawn(sorted(asked - on.keys() | letters)):
        if codepoint in letters:
            made[codepoint] = outline
        if codepoint in asked:
            yield codepoint, outline
    whole = {c: accented(c, made[letter], tracer) if letter in made else None
             for c, letter in on.items()}
    yield from ((c, outline) for c, outline in whole.items() if outline is not None)
    if lost := [c for c, outline in whole.items() if outline is None]:
        yield from as_drawn(lost)


def accent_bases(project: Project, wanted: Sequence[int]) -> dict[int, int]:
    """The drawn letters that are composed, and on what."""
    states, samples = project.states(), {s.codepoint for s in project.samples()}
    there = states.keys() | samples
    return bases((c for c in wanted if c not in samples
                  and states.get(c) in ("drawn", "doubtful")), there)


def _as_drawn(project: Project, wanted: Sequence[int], cut: Cut,
              engine: str) -> Iterator[tuple[int, Outline]]:
    """Outlines of the drawings, then of the samples."""
    samples = {s.codepoint: s for s in project.samples()}
    states = project.states()
    drawn = [c for c in wanted if c not in samples and states[c] != "replaced"]
    edited = [c for c in wanted if c not in samples and states[c] == "replaced"]
    by_network = map(drawing_of, project.drawings(drawn))
    by_hand = chain(((d.codepoint, d.field) for d in project.drawings(edited)),
                    ((c, samples[c].field) for c in wanted if c in samples))
    written = trace_all((Drawing(*pair) for pair in by_hand), cut.level)
    return chain(traced(by_network, cut, len(drawn) > _SPREAD_OUT, engine), written)


def traced(drawings: Iterable[Drawing], cut: Cut, many: bool = False,
           engine: str = "local") -> Iterator[tuple[int, Outline]]:
    """Outlines of what a network drew, `many` of them in processes or over a cluster."""
    source = iter(drawings)
    chunks = iter(lambda: list(islice(source, _CHUNK)), [])
    if many:
        compile_outlines()                      # kept for all processes
    for chunk in spread(_trace_chunk, cut, chunks, engine, None if many else 1, apart=True):
        for codepoint, data in chunk:
            yield codepoint, Outline.from_bytes(data)


def _trace_chunk(cut: Cut, chunk: list[Drawing]) -> list[tuple[int, bytes]]:
    return [(drawing.codepoint, outlined(drawing, cut).to_bytes()) for drawing in chunk]


def outlined(drawing: Drawing, cut: Cut = _AS_DRAWN) -> Outline:
    """The outline of what a network drew: of its strokes where it has them, else traced."""
    drawing = loose(drawing, cut.looseness)
    by_strokes = drawing.strokes and stroked(drawing.strokes, drawing.codepoint, cut.level)
    return by_strokes or trace(drawing.field, drawing.codepoint, cut.level, GENERATED)


def loose(drawing: Drawing, looseness: float) -> Drawing:
    """A drawing neater (to -1) or looser (to 1); as it is where it has no strokes."""
    if not looseness or drawing.strokes is None:
        return drawing
    strokes = loosened(drawing.strokes, drawing.codepoint, looseness)
    return Drawing(drawing.codepoint, *inked(strokes.lines, strokes.half_width, strokes.ends,
                                             strokes.sides))


def forms_traced(codepoint: int, forms: Forms, cut: Cut) -> Iterator[Outline]:
    """Outlines of the further forms of a character."""
    written, drawn = forms
    yield from (trace(field, codepoint, cut.level) for field in written)
    yield from (outlined(drawing, cut) for drawing in drawn)
