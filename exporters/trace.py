"""From a drawing's field to an outline: corners, straight lines, few and smooth curves."""

from __future__ import annotations

import multiprocessing
import signal
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from exporters.assemble import contour_segments
from exporters.contour import level_set, resampled, signed_area
from exporters.outline import Contour, Outline
from exporters.tidy import overlaps, upright, without_crumbs, without_overlaps
from fonts.drawing import CANVAS, EM_PIXELS, UNITS_PER_EM, Drawing, Field, to_em

CLOSER = 0.4         # of the tolerance, for contours that would cross
CHUNK = 64           # drawings sent to a process at a time


class TraceError(ValueError):
    """A field that cannot be traced."""


@dataclass(frozen=True)
class TraceConfig:
    """How closely to follow the level set; lengths in em units, angles in degrees."""

    tolerance: float = 1.15     # largest distance of a curve from the level set
    corner: float = 28.0        # a sharper turn is a corner
    upright: float = 0.5        # a line this close to the horizontal or vertical is laid on it
    slack: float = 0.75         # and one that leaves it by less than this many units
    extremum: float = 3.0       # depth of a bulge that gets a point at its extremum
    min_area: float = 40.0      # a smaller contour is a speck
    sharpen: bool = True        # take corners past the level set, as far as it cuts them off
    spacing: float = 0.4        # samples of the level set, in pixels of the field


DEFAULT = TraceConfig()
# for what a network drew: softer and uneven
GENERATED = TraceConfig(tolerance=2.0, corner=38.0, extremum=4.5, min_area=150.0)


def trace(field: Field, codepoint: int, level: float = 0.0,
          config: TraceConfig = DEFAULT) -> Outline:
    """Outline of a field (S, S) at `level`, integer em units; higher levels are thinner strokes.

    Raises TraceError when the field is not square or not finite.
    """
    if field.ndim != 2 or field.shape[0] != field.shape[1] or field.shape[0] < 8:
        raise TraceError(f"a field must be square, 8 pixels or more, not {field.shape}")
    if not np.isfinite(field).all():
        raise TraceError(f"the field of U+{codepoint:04X} has values that are not finite")
    size = field.shape[0]
    pixel = UNITS_PER_EM / EM_PIXELS * CANVAS / size
    step = config.spacing * max(pixel, 4.0)
    chains = [to_em(chain, codepoint, size) for chain in level_set(field, level)]
    samples = [resampled(chain, step, 16) for chain in chains
               if abs(signed_area(chain)) >= config.min_area]
    contours = [_contour(s, config) for s in samples]
    kept: dict[int, tuple[Contour, ...]] = {
        k: (c,) for k, c in enumerate(contours) if len(c.kinds) > 1}
    for group in overlaps(contours):
        kept.update({k: () for k in group})
        kept[group[0]] = _parted([samples[k] for k in group], config)
    return Outline(tuple(c for k in sorted(kept) for c in kept[k]))


def _parted(samples: list[NDArray[np.float64]], config: TraceConfig) -> tuple[Contour, ...]:
    """Contours that would cross, joined; fitted more closely where that would lose one of them.

    The chains themselves never cross, so what they keep apart stays apart.
    """
    closer = replace(config, tolerance=config.tolerance * CLOSER)
    joined: tuple[Contour, ...] = ()
    for attempt in (config, closer, replace(closer, sharpen=False)):
        fitted = Outline(tuple(_contour(s, attempt) for s in samples))
        joined = without_overlaps(fitted).contours
        if len(joined) >= len(samples):
            break
    return joined


def _contour(samples: NDArray[np.float64], config: TraceConfig) -> Contour:
    level = np.radians(config.upright)
    points, kinds = contour_segments(samples, config.tolerance, np.radians(config.corner),
                                     level, config.extremum, config.sharpen)
    upright(points, kinds, level, config.slack)
    points, kinds = without_crumbs(points, kinds)
    return Contour(np.floor(points + 0.5), tuple(kinds.tolist()))


def compile_kernels() -> None:
    """Compile the tracer, or load it from the cache: once here, not in every process at once."""
    field = np.full((16, 16), -4, np.float32)
    field[4:12, 4:12] = 4
    trace(field, 0)


def _trace_chunk(chunk: list[Drawing], level: float, config: TraceConfig) -> list[bytes]:
    return [trace(d.field, d.codepoint, level, config).to_bytes() for d in chunk]


def _leave_interrupts() -> None:
    """Leave Ctrl-C, which reaches every process of a terminal, to the one that gives the work."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def trace_all(drawings: Iterable[Drawing], workers: int = 1, level: float = 0.0,
              config: TraceConfig = DEFAULT) -> Iterator[tuple[int, Outline]]:
    """(codepoint, Outline) of each drawing, in order, over `workers` processes.

    Holds at most three chunks of drawings to a process at a time.
    """
    if workers <= 1:
        for d in drawings:
            yield d.codepoint, trace(d.field, d.codepoint, level, config)
        return
    compile_kernels()
    source = iter(drawings)
    waiting: deque[tuple[list[int], Future[list[bytes]]]] = deque()
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, context, _leave_interrupts) as pool:
        try:
            while True:
                while len(waiting) < 3 * workers and (chunk := list(islice(source, CHUNK))):
                    codes = [d.codepoint for d in chunk]
                    waiting.append((codes, pool.submit(_trace_chunk, chunk, level, config)))
                if not waiting:
                    return
                codes, future = waiting.popleft()
                for code, data in zip(codes, future.result()):
                    yield code, Outline.from_bytes(data)
        finally:
            pool.shutdown(cancel_futures=True)
