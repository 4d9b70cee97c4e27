"""What makes one synthetic hand differ from another: a table of numbers, and how to draw one.

Lengths are in em, angles in radians, y down. Zero means "as in the stroke data" wherever it can.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

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
    exit: float = 1.0           # width factor where horizontals and verticals stop
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
    straight: float = 0.0       # 1 makes strokes polygons
    smooth: float = 0.01        # radius of the rounding of corners and curves
    sag: float = 0.0            # bend of horizontals, positive hangs
    bow: float = 0.0            # bend of verticals, positive to the right
    fall: float = 0.0           # bend of falling strokes
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
    "slant": (-0.06, 0.10), "tilt": (-0.01, 0.09), "aspect": (0.88, 1.10),
    "scale": (0.84, 1.04), "fill": (0.0, 0.5), "box": (0.78, 0.92), "grow": (0.0, 0.15),
    "shift_x": (-0.015, 0.015), "shift_y": (-0.02, 0.03),
    "left_scale": (0.9, 1.05), "left_raise": (-0.02, 0.03), "right_scale": (0.93, 1.05),
    "top_scale": (0.92, 1.06), "bottom_scale": (0.92, 1.06), "spread": (-0.01, 0.02),
    "straight": (0.0, 0.7), "smooth": (0.004, 0.025), "sag": (-0.05, 0.04), "bow": (-0.03, 0.03),
    "fall": (-0.04, 0.05), "hook": (0.5, 1.15), "extend": (-0.008, 0.012),
    "long_h": (0.92, 1.06), "long_v": (0.93, 1.06), "long_p": (0.88, 1.08),
    "long_n": (0.85, 1.06), "long_d": (0.85, 1.2), "turn_h": (-0.02, 0.02),
    "turn_v": (-0.03, 0.03), "turn_p": (-0.1, 0.1), "turn_n": (-0.1, 0.1),
    "turn_d": (-0.25, 0.25), "join": (0.0, 0.06), "join_dots": (0.0, 0.08),
    "join_reach": (0.15, 0.3), "join_width": (0.3, 0.8), "thin_dense": (0.45, 1.0),
    "stroke_shift": (0.002, 0.008), "stroke_turn": (0.006, 0.03), "stroke_stretch": (0.01, 0.04),
    "stroke_width": (0.0, 0.05), "stroke_bend": (0.003, 0.012), "glyph_shift": (0.003, 0.014),
    "glyph_scale": (0.005, 0.03), "glyph_turn": (0.003, 0.02), "glyph_warp": (0.003, 0.015),
    "glyph_width": (0.0, 0.03), "tremor": (0.0, 0.0015), "press": (0.01, 0.05),
    "taper_reach": (1.0, 3.0), "bleed": (0.0, 0.006),
}

KINDS: dict[str, tuple[float, dict[str, Range]]] = {     # share, ranges other than COMMON's
    "fineliner": (2.0, {
        "width": (0.020, 0.045), "speed": (0.0, 0.1), "exit": (0.85, 1.05), "taper": (0.7, 1.0)}),
    "ballpoint": (2.0, {
        "width": (0.018, 0.030), "speed": (0.0, 0.3), "entry": (0.9, 1.25), "exit": (0.6, 1.0),
        "taper": (0.35, 0.8), "join": (0.0, 0.3), "join_dots": (0.0, 0.4), "press": (0.04, 0.1)}),
    "running": (2.0, {
        "width": (0.020, 0.055), "speed": (0.1, 0.4), "entry": (0.7, 1.1), "exit": (0.5, 0.9),
        "taper": (0.25, 0.6), "join": (0.25, 0.7), "join_dots": (0.3, 0.9),
        "join_reach": (0.2, 0.4), "smooth": (0.015, 0.04), "slant": (-0.04, 0.2),
        "tilt": (0.02, 0.14), "hook": (0.3, 1.1), "straight": (0.0, 0.4),
        "left_scale": (0.82, 1.02), "press": (0.04, 0.12)}),
    "pencil": (1.5, {
        "width": (0.020, 0.042), "speed": (0.0, 0.3), "rough": (0.0008, 0.0028),
        "taper": (0.4, 0.9), "exit": (0.7, 1.0), "bleed": (0.0, 0.0), "press": (0.04, 0.14)}),
    "marker": (2.0, {
        "width": (0.045, 0.105), "square": (0.0, 0.8), "taper": (0.85, 1.05),
        "hook": (0.0, 0.9), "straight": (0.2, 1.0), "fill": (0.1, 0.8)}),
    "felt": (2.0, {
        "width": (0.035, 0.08), "speed": (0.1, 0.35), "entry": (0.75, 1.2), "exit": (0.7, 1.2),
        "taper": (0.35, 0.8), "drop": (0.0, 0.4), "corner": (0.0, 0.2), "contrast": (0.0, 0.2)}),
    "pop": (1.5, {
        "width": (0.035, 0.1), "straight": (0.0, 0.6), "smooth": (0.02, 0.05),
        "fill": (0.4, 1.0), "hook": (0.0, 0.5), "tilt": (-0.02, 0.03), "aspect": (0.92, 1.12),
        "sag": (-0.08, 0.08), "stroke_turn": (0.01, 0.05), "glyph_turn": (0.01, 0.04),
        "bleed": (0.002, 0.010)}),
    "boxy": (1.2, {
        "width": (0.022, 0.085), "straight": (0.8, 1.0), "smooth": (0.001, 0.008),
        "square": (0.0, 1.0), "fill": (0.4, 1.0), "hook": (0.0, 0.5), "tilt": (-0.01, 0.03),
        "sag": (-0.01, 0.01), "bow": (-0.01, 0.01), "fall": (-0.02, 0.02),
        "stroke_turn": (0.003, 0.015), "stroke_bend": (0.0, 0.004), "tremor": (0.0, 0.0005)}),
    "child": (1.5, {
        "width": (0.024, 0.06), "straight": (0.2, 0.8), "smooth": (0.01, 0.03),
        "hook": (0.0, 0.9), "stroke_shift": (0.006, 0.014), "stroke_turn": (0.02, 0.06),
        "stroke_stretch": (0.03, 0.08), "stroke_bend": (0.01, 0.025),
        "glyph_scale": (0.02, 0.06), "glyph_turn": (0.01, 0.04), "glyph_warp": (0.015, 0.035),
        "tremor": (0.001, 0.003), "tilt": (-0.03, 0.05), "grow": (-0.1, 0.2)}),
    "regular brush": (2.0, {
        "width": (0.05, 0.095), "entry": (0.7, 1.25), "exit": (0.95, 1.35), "taper": (0.08, 0.35),
        "swell": (0.2, 0.7), "drop": (0.4, 0.9), "speed": (0.15, 0.4), "corner": (0.1, 0.4),
        "contrast": (0.1, 0.4), "straight": (0.0, 0.2), "smooth": (0.004, 0.015),
        "hook": (0.8, 1.2), "tilt": (0.02, 0.10), "rough": (0.0, 0.0018), "fill": (0.0, 0.2),
        "nib": (0.6, 1.0), "nib_angle": (0.5, 1.1)}),
    "running brush": (1.5, {
        "width": (0.045, 0.095), "entry": (0.5, 1.1), "exit": (0.6, 1.2), "taper": (0.06, 0.3),
        "swell": (0.0, 0.5), "drop": (0.3, 0.8), "speed": (0.2, 0.55), "corner": (0.0, 0.3),
        "contrast": (0.1, 0.4), "straight": (0.0, 0.2), "smooth": (0.012, 0.035),
        "join": (0.2, 0.7), "join_dots": (0.3, 0.9), "join_reach": (0.2, 0.4),
        "join_width": (0.15, 0.45), "tilt": (0.03, 0.16), "slant": (-0.05, 0.18),
        "hook": (0.4, 1.1), "rough": (0.0, 0.0025), "left_scale": (0.82, 1.02),
        "stroke_width": (0.04, 0.14), "glyph_width": (0.02, 0.08), "glyph_scale": (0.01, 0.05),
        "nib": (0.55, 1.0), "nib_angle": (0.5, 1.1)}),
    "chisel": (1.2, {
        "width": (0.045, 0.095), "nib": (0.25, 0.6), "nib_angle": (-0.9, 0.9),
        "square": (0.0, 0.7), "straight": (0.1, 0.8), "hook": (0.2, 1.0)}),
}

_WARP = 0.025               # standard deviation of each coefficient of the hand's own warp


def random_style(rng: np.random.Generator, kind: str | None = None) -> HandStyle:
    """A plausible hand of a random kind, or of `kind`, a key of KINDS."""
    shares = np.array([share for share, _ in KINDS.values()])
    drawn = list(KINDS)[int(rng.choice(len(KINDS), p=shares / shares.sum()))]
    ranges = COMMON | KINDS[kind or drawn][1]
    values: dict[str, float] = {}
    for field in fields(HandStyle):
        low, high = ranges.get(field.name, (np.nan, np.nan))
        place = rng.random()
        if not np.isnan(low):
            values[field.name] = float(low + (high - low) * place)
    warp = np.clip(rng.normal(0, _WARP, 8), -2 * _WARP, 2 * _WARP)
    return HandStyle(**values, warp=tuple(float(w) for w in warp))
