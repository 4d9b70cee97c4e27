"""From a drawing's field to an outline: corners, straight lines, few and smooth curves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from exporters.outlines.assemble import contour_segments
from exporters.outlines.contour import level_set, perimeter, resampled, sharpened, signed_area
from exporters.outlines.outline import Contour, Outline
from exporters.outlines.spline import splined
from exporters.outlines.tidy import overlaps, upright, without_crumbs, without_overlaps
from fonts.drawing import CANVAS, EM_PIXELS, UNITS_PER_EM, Drawing, Field, Points, to_em

CROSSING_TOLERANCE = 0.4  # of the tolerance, for contours that would cross


class TraceError(ValueError):
    """A field that cannot be traced."""


@dataclass(frozen=True)
class TraceConfig:
    """How closely to follow the level set; lengths in em units, angles in degrees."""

    tolerance: float = 1.35           # largest distance of a curve from the level set
    corner_turn: float = 28.0         # a sharper turn is a corner
    # a line this close to the horizontal or vertical is laid on it
    upright_lean: float = 0.5
    upright_offset: float = 0.75      # and one that leaves it by less than this many units
    extremum_depth: float = 3.0       # depth of a bulge that gets a point at its extremum
    speck_area: float = 40.0          # a smaller contour is a speck
    sharpen_corners: bool = True      # take corners past the level set, as far as it cuts them off
    use_distances: bool = True        # and to where the distances around them were measured from
    sample_spacing: float = 0.4       # samples of the level set, in pixels of the field
    # if any, curves are made quadratics, at most about this far off
    quadratic_tolerance: float = 0.0
    coordinate_step: float = 1.0      # of which all coordinates are then multiples
    # if any, tolerances shrink to this share of the width of strokes, where that is less
    width_share: float = 0.0


DEFAULT = TraceConfig()
# for what a network drew: softer and uneven, and most of a font's bytes
GENERATED = TraceConfig(tolerance=4.0, corner_turn=38.0, extremum_depth=8.0, speck_area=150.0,
                        use_distances=False, quadratic_tolerance=2.0, coordinate_step=2.0,
                        width_share=0.04)


@dataclass(frozen=True, eq=False)
class _Distances:
    """A field in em units, none where it is no help; x, y and size of its first pixel."""

    values: Points
    frame: Points


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
    unit = UNITS_PER_EM / EM_PIXELS             # of a canvas pixel
    pixel = unit * CANVAS / size
    values = sharpened(field) if size <= CANVAS else field.astype(np.float64)
    first = to_em(np.full((1, 2), 0.5), codepoint, size)[0]
    frame = np.array([first[0], first[1], pixel])
    measured = config.use_distances and level == 0   # of another level they are not the distances
    known = _Distances(values * unit if measured else values[:0], frame)
    chains = [to_em(chain, codepoint, size) for chain in level_set(values, level)]
    samples = [resampled(chain, config.sample_spacing * max(pixel, 4.0), 16) for chain in chains
               if abs(signed_area(chain)) >= config.speck_area]
    config = _for_width(config, chains)
    contours = [_contour(s, known, config) for s in samples]
    kept: dict[int, tuple[Contour, ...]] = {
        k: (c,) for k, c in enumerate(contours) if len(c.kinds) > 1}
    for group in overlaps(contours):
        kept.update({k: () for k in group})
        kept[group[0]] = _parted([samples[k] for k in group], known, config)
    return Outline(tuple(c for k in sorted(kept) for c in kept[k]))


def _for_width(config: TraceConfig, chains: list[Points]) -> TraceConfig:
    """The same, closer where strokes are so thin that it would taper their ends."""
    around = sum(map(perimeter, chains))
    width = 2 * abs(sum(signed_area(c) for c in chains)) / max(around, 1.0)
    share = config.width_share * width / config.tolerance
    if not 0 < share < 1:
        return config
    return replace(config, tolerance=config.tolerance * share,
                   quadratic_tolerance=config.quadratic_tolerance * share)


def _parted(samples: list[Points], known: _Distances,
            config: TraceConfig) -> tuple[Contour, ...]:
    """Contours that would cross, joined; fitted more closely where that would lose one of them.

    The chains themselves never cross, so what they keep apart stays apart.
    """
    cubic = replace(config, quadratic_tolerance=0.0)
    closer = replace(cubic, tolerance=config.tolerance * CROSSING_TOLERANCE)
    unknown = replace(known, values=known.values[:0])
    blunt = replace(closer, sharpen_corners=False)
    everyone = range(len(samples))
    ways = [[(known, cubic)] * len(samples), [(known, closer)] * len(samples),
            [(unknown, closer)] * len(samples),
            *([(known, blunt if k == one else closer) for k in everyone] for one in everyone),
            [(unknown, blunt)] * len(samples)]
    joined: tuple[Contour, ...] = ()
    for way in ways:
        fitted = Outline(tuple(_contour(s, *how) for s, how in zip(samples, way)))
        joined = without_overlaps(fitted).contours
        if len(joined) >= len(samples):
            break
    curves = tuple(_splined(contour, config) for contour in joined)
    return joined if overlaps(curves) else curves


def _contour(samples: Points, known: _Distances, config: TraceConfig) -> Contour:
    level = np.radians(config.upright_lean)
    points, kinds = contour_segments(samples, config.tolerance, np.radians(config.corner_turn),
                                     level, config.extremum_depth, config.sharpen_corners,
                                     known.values, known.frame)
    upright(points, kinds, level, config.upright_offset)
    points, kinds = without_crumbs(points, kinds)
    return _splined(Contour(np.floor(points + 0.5), tuple(kinds.tolist())), config)


def _splined(contour: Contour, config: TraceConfig) -> Contour:
    if not config.quadratic_tolerance:
        return contour
    return splined(contour, config.quadratic_tolerance, config.coordinate_step)


def compile_kernels() -> None:
    """Compile the tracer, or load it from the cache: once here, not in every process at once."""
    field = np.full((16, 16), -4, np.float32)
    field[4:12, 4:12] = 4
    for config in (DEFAULT, GENERATED):
        trace(field, 0, config=config)


def trace_all(drawings: Iterable[Drawing], level: float = 0.0,
              config: TraceConfig = DEFAULT) -> Iterator[tuple[int, Outline]]:
    """(codepoint, Outline) of each drawing, in order."""
    for drawing in drawings:
        yield drawing.codepoint, trace(drawing.field, drawing.codepoint, level, config)
