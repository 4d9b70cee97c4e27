"""What makes one synthetic hand differ from another: a table of numbers, and how to draw one.

Lengths are in em, angles in radians, y down. Zero means "as in the stroke data" wherever it can.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

Range = tuple[float, float]


@dataclass(frozen=True)
class HandStyle:
    """One hand: its pen, its way of shaping strokes and characters, and how steady it is."""

    # pen
    width: float = 0.04         # full stroke width
    nib: float = 1.0            # thin over thick axis of the nib; 1 is round
    nib_angle: float = 0.0      # direction of the nib's thick axis
    square: float = 0.0         # 0 round stroke ends, 1 square ones
    contrast: float = 0.0       # how much thinner horizontals are than verticals
    entry: float = 1.0          # width factor where the pen lands
    exit: float = 1.0           # width factor where horizontals stop
    needle: float = 1.0         # width factor where verticals stop
    land: float = 0.0           # length of the slanted touch before a stroke, in widths
    taper: float = 1.0          # width factor at the tip of falling strokes and hooks
    taper_reach: float = 2.0    # length of the entry and exit, in widths
    swell: float = 0.0          # extra width near the foot of a right-falling stroke
    drop: float = 0.0           # how much a dot grows from a thin start to a thick end
    speed: float = 0.0          # thinning where the pen moves fast
    corner: float = 0.0         # thickening in corners
    rough: float = 0.0          # raggedness of the ink's edge
    bleed: float = 0.0          # rounding of notches and ends by wet ink
    thin_dense: float = 0.8     # 0 one pen for all, 1 much thinner in crowded characters
    # strokes
    level: float = 0.0          # 1 makes nearly level and upright strokes quite so
    straight: float = 0.0       # 1 makes strokes polygons
    smooth: float = 0.01        # radius of the rounding of corners and curves
    sag: float = 0.0            # bend of horizontals, positive hangs
    bow: float = 0.0            # bend of verticals, positive to the right
    fall: float = 0.0           # bend of falling strokes
    bulge: float = 0.0          # outward bend of the legs of bent strokes
    hook: float = 1.0           # length of hooks
    extend: float = 0.0         # lengthening of both stroke ends
    long_h: float = 1.0         # length of horizontals ...
    long_v: float = 1.0
    long_p: float = 1.0         # ... left-falling, right-falling strokes and dots
    long_n: float = 1.0
    long_d: float = 1.0
    turn_h: float = 0.0         # turning of strokes of a kind about their middles
    turn_v: float = 0.0
    turn_p: float = 0.0
    turn_n: float = 0.0
    turn_d: float = 0.0
    # joins
    join: float = 0.0           # chance to join the next stroke when it starts close by
    join_dots: float = 0.0      # the same between dots
    join_reach: float = 0.25    # how far a join stretches
    join_width: float = 0.4     # width of the ligature
    # the character
    slant: float = 0.0          # of verticals, positive leans right
    tilt: float = 0.0           # of horizontals, positive climbs
    aspect: float = 1.0         # width over height
    scale: float = 0.95
    fill: float = 0.0           # 1 stretches every character to fill the same box
    box: float = 0.86           # that box
    grow: float = 0.0           # how much smaller simple characters are written
    shift_x: float = 0.0
    shift_y: float = 0.0
    barrel: float = 0.0         # positive makes the character round, negative hollow
    warp: tuple[float, ...] = (0.0,) * 8
    left_scale: float = 1.0     # of the left part of left-right characters
    left_raise: float = 0.0
    right_scale: float = 1.0
    top_scale: float = 1.0
    bottom_scale: float = 1.0
    spread: float = 0.0         # extra gap between parts
    # unsteadiness, one standard deviation
    stroke_shift: float = 0.004
    stroke_turn: float = 0.015
    stroke_stretch: float = 0.02
    stroke_width: float = 0.03
    stroke_bend: float = 0.006
    glyph_shift: float = 0.008
    glyph_scale: float = 0.015
    glyph_turn: float = 0.01
    glyph_warp: float = 0.008
    glyph_width: float = 0.02
    tremor: float = 0.001
    press: float = 0.03         # slow wandering of the width along a stroke


COMMON: dict[str, Range] = {
    "slant": (-0.08, 0.12), "tilt": (-0.06, 0.08), "aspect": (0.86, 1.12),
    "scale": (0.86, 1.08), "fill": (0.0, 0.8), "box": (0.82, 0.96), "grow": (0.0, 0.15),
    "shift_x": (-0.015, 0.015), "shift_y": (-0.03, 0.05), "barrel": (-0.06, 0.08),
    "left_scale": (0.88, 1.04), "left_raise": (-0.02, 0.03), "right_scale": (0.92, 1.04),
    "top_scale": (0.9, 1.03), "bottom_scale": (0.9, 1.03), "spread": (0.0, 0.025),
    "level": (-0.2, 0.9), "straight": (0.0, 0.8), "smooth": (0.004, 0.025),
    "sag": (-0.06, 0.05), "bow": (-0.04, 0.04), "fall": (-0.06, 0.07), "bulge": (-0.02, 0.05),
    "hook": (0.4, 1.2), "extend": (-0.01, 0.015),
    "long_h": (0.9, 1.08), "long_v": (0.92, 1.08), "long_p": (0.85, 1.1),
    "long_n": (0.82, 1.08), "long_d": (0.8, 1.3), "turn_h": (-0.02, 0.02),
    "turn_v": (-0.03, 0.03), "turn_p": (-0.14, 0.14), "turn_n": (-0.14, 0.14),
    "turn_d": (-0.35, 0.35), "join": (0.0, 0.06), "join_dots": (0.0, 0.08),
    "join_reach": (0.15, 0.3), "join_width": (0.3, 0.8), "thin_dense": (0.15, 1.0),
    "stroke_shift": (0.002, 0.009), "stroke_turn": (0.006, 0.035), "stroke_stretch": (0.01, 0.05),
    "stroke_width": (0.0, 0.05), "stroke_bend": (0.003, 0.014), "glyph_shift": (0.003, 0.014),
    "glyph_scale": (0.005, 0.03), "glyph_turn": (0.003, 0.02), "glyph_warp": (0.004, 0.02),
    "glyph_width": (0.0, 0.03), "tremor": (0.0, 0.0015), "press": (0.01, 0.05),
    "taper_reach": (1.0, 3.0), "bleed": (0.0, 0.006),
}

KINDS: dict[str, tuple[float, dict[str, Range]]] = {     # share, ranges other than COMMON's
    "fineliner": (1.6, {
        "width": (0.024, 0.055), "speed": (0.0, 0.1), "exit": (0.85, 1.05),
        "needle": (0.85, 1.0), "taper": (0.7, 1.0)}),
    "ballpoint": (1.6, {
        "width": (0.018, 0.040), "speed": (0.0, 0.3), "entry": (0.9, 1.25), "exit": (0.6, 1.0),
        "needle": (0.5, 1.0), "taper": (0.35, 0.8), "join": (0.0, 0.3), "join_dots": (0.0, 0.4),
        "press": (0.04, 0.1)}),
    "running": (2.0, {
        "width": (0.022, 0.07), "speed": (0.1, 0.4), "entry": (0.7, 1.1), "exit": (0.5, 0.9),
        "needle": (0.3, 0.9), "taper": (0.25, 0.6), "join": (0.25, 0.8), "join_dots": (0.3, 1.0),
        "join_reach": (0.2, 0.45), "smooth": (0.015, 0.045), "slant": (-0.06, 0.22),
        "tilt": (-0.01, 0.12), "hook": (0.2, 1.1), "straight": (0.0, 0.4), "level": (-0.5, 0.3),
        "left_scale": (0.8, 1.02), "press": (0.04, 0.12), "bulge": (-0.02, 0.10)}),
    "pencil": (1.2, {
        "width": (0.022, 0.055), "speed": (0.0, 0.3), "rough": (0.0008, 0.0028),
        "taper": (0.4, 0.9), "exit": (0.7, 1.0), "needle": (0.5, 1.0), "bleed": (0.0, 0.0),
        "press": (0.04, 0.14)}),
    "marker": (2.2, {
        "width": (0.055, 0.13), "square": (0.0, 0.8), "taper": (0.85, 1.05), "hook": (0.0, 0.9),
        "straight": (0.2, 1.0), "level": (0.2, 1.0), "fill": (0.3, 1.0), "scale": (0.94, 1.08),
        "tilt": (-0.05, 0.03)}),
    "felt": (1.8, {
        "width": (0.04, 0.095), "speed": (0.1, 0.35), "entry": (0.75, 1.25), "exit": (0.7, 1.25),
        "needle": (0.5, 1.1), "taper": (0.3, 0.8), "drop": (0.0, 0.5), "corner": (0.0, 0.25),
        "contrast": (-0.1, 0.25), "land": (0.0, 0.5)}),
    "pop": (1.6, {
        "width": (0.035, 0.11), "straight": (0.0, 0.6), "smooth": (0.015, 0.05),
        "fill": (0.5, 1.0), "hook": (0.0, 0.5), "tilt": (-0.09, 0.02), "aspect": (0.92, 1.14),
        "sag": (-0.12, 0.10), "bulge": (0.0, 0.16), "barrel": (-0.02, 0.2), "level": (0.2, 1.0),
        "fall": (-0.12, 0.12), "stroke_turn": (0.01, 0.05), "glyph_turn": (0.01, 0.04),
        "bleed": (0.002, 0.010), "scale": (0.90, 1.08)}),
    "boxy": (1.4, {
        "width": (0.025, 0.115), "straight": (0.8, 1.0), "smooth": (0.001, 0.008),
        "square": (0.0, 1.0), "fill": (0.4, 1.0), "hook": (0.0, 0.5), "tilt": (-0.04, 0.01),
        "level": (0.7, 1.0), "sag": (-0.01, 0.01), "bow": (-0.01, 0.01), "fall": (-0.02, 0.02),
        "bulge": (-0.005, 0.01), "contrast": (0.0, 0.25), "stroke_turn": (0.003, 0.015),
        "stroke_bend": (0.0, 0.004), "tremor": (0.0, 0.0005)}),
    "child": (1.5, {
        "width": (0.026, 0.08), "straight": (0.2, 0.8), "smooth": (0.01, 0.03),
        "hook": (0.0, 0.9), "level": (-0.2, 0.8), "stroke_shift": (0.006, 0.014),
        "stroke_turn": (0.02, 0.06), "stroke_stretch": (0.03, 0.09), "stroke_bend": (0.01, 0.03),
        "glyph_scale": (0.02, 0.06), "glyph_turn": (0.01, 0.04), "glyph_warp": (0.015, 0.04),
        "tremor": (0.001, 0.003), "tilt": (-0.08, 0.05), "grow": (-0.1, 0.2)}),
    "regular brush": (2.2, {
        "width": (0.05, 0.115), "entry": (0.85, 1.35), "exit": (1.0, 1.5), "needle": (0.3, 1.2),
        "taper": (0.06, 0.3), "swell": (0.2, 0.8), "drop": (0.4, 0.9), "speed": (0.15, 0.45),
        "corner": (0.1, 0.6), "contrast": (0.05, 0.4), "straight": (0.0, 0.2),
        "smooth": (0.003, 0.012), "hook": (0.8, 1.35), "tilt": (-0.01, 0.07),
        "rough": (0.0, 0.0018), "fill": (0.0, 0.4), "nib": (0.6, 1.0), "nib_angle": (0.5, 1.1),
        "land": (0.1, 0.8), "taper_reach": (0.8, 1.8), "level": (-0.3, 0.3)}),
    "running brush": (1.8, {
        "width": (0.04, 0.11), "entry": (0.5, 1.2), "exit": (0.6, 1.3), "needle": (0.15, 1.0),
        "taper": (0.05, 0.3), "swell": (0.0, 0.6), "drop": (0.3, 0.8), "speed": (0.2, 0.6),
        "corner": (0.0, 0.4), "contrast": (0.05, 0.4), "straight": (0.0, 0.2),
        "smooth": (0.010, 0.035), "join": (0.1, 0.6), "join_dots": (0.3, 0.9),
        "join_reach": (0.12, 0.32), "join_width": (0.2, 0.5), "tilt": (0.0, 0.14),
        "slant": (-0.05, 0.18), "hook": (0.4, 1.1), "rough": (0.0, 0.0025),
        "left_scale": (0.8, 1.02), "stroke_width": (0.05, 0.18), "glyph_width": (0.02, 0.1),
        "glyph_scale": (0.01, 0.06), "nib": (0.5, 1.0), "nib_angle": (0.5, 1.1),
        "land": (0.0, 0.7), "level": (-0.6, 0.2), "bulge": (-0.02, 0.08)}),
    "chisel": (1.2, {
        "width": (0.05, 0.11), "nib": (0.35, 0.7), "nib_angle": (-0.9, 0.9),
        "square": (0.0, 0.7), "straight": (0.1, 0.8), "hook": (0.2, 1.0)}),
}

_PEN = frozenset(list(HandStyle.__dataclass_fields__)[:18])
_WARP = 0.025               # standard deviation of each coefficient of the hand's own warp
_MIXED = 0.3                # share of hands that hold the pen of one kind and shape like another


def random_style(rng: np.random.Generator, kind: str | None = None) -> HandStyle:
    """A plausible hand of a random kind, or of `kind`, a key of KINDS."""
    shares = np.array([share for share, _ in KINDS.values()])
    pen, shape = (list(KINDS)[int(i)] for i in rng.choice(len(KINDS), 2, p=shares / shares.sum()))
    if kind or rng.random() >= _MIXED:
        pen = shape = kind or pen
    values: dict[str, float] = {}
    for name in HandStyle.__dataclass_fields__:
        ranges = COMMON | KINDS[pen if name in _PEN else shape][1]
        place = rng.random()
        if name in ranges:
            low, high = ranges[name]
            values[name] = float(low + (high - low) * place)
    need = (values["width"] - 0.03) / 0.05      # a bold pen must give way in crowded characters
    values["thin_dense"] = max(values["thin_dense"], min(1.0, need))
    warp = np.clip(rng.normal(0, _WARP, 8), -2 * _WARP, 2 * _WARP)
    return HandStyle(**values, warp=tuple(float(w) for w in warp))
