"""Straight thin lines in a picture, whatever drew them.

Lines are looked for level, upright and on both diagonals, by votes of short pieces (a Hough
transform over blocks of columns), and drawn through the middle of what is dark along them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from fonts.drawing import Field

Points = NDArray[np.float64]
Mask = NDArray[np.bool_]

SQUARE, DIAGONAL = (0, 1), (2, 3)       # families of lines
APART = 0.02            # of a character's side, between two lines

_BLOCK = 16             # columns that vote together
_LEAN = 0.09            # slope to either side that a family of lines is looked for at
_THICK = 0.05           # of a character's side: lines are thinner
_FAINT = 0.035          # darkness over its surroundings that a line has at least
_LEAST = 0.24           # of the picture's width that a line covers at least
_MOST = 80              # lines of one family
_PARALLEL = 0.05        # difference of slope within a family
_TWO_KINDS = 0.45       # logarithm of how much more ink is across a line where writing lies on it


@dataclass(frozen=True)
class Line:
    """A straight line in a picture: its ends (x, y), its width, and what it is like.

    `colour` (3,) is its darkness, `profile` (2 R + 1, 3) that at each pixel across it, `seen` the
    share of its length that it is seen on, `wobble` how far from straight it is, in pixels.
    """

    start: Points
    stop: Points
    family: int
    width: float = 0.0
    seen: float = 0.0
    wobble: float = 0.0
    colour: Points = field(default_factory=lambda: np.zeros(3))
    profile: Points = field(default_factory=lambda: np.zeros((1, 3)), repr=False)

    def apart(self, at: Points) -> tuple[Points, Points]:
        """Distance (...) of points (..., 2) to the line, and how far along it they are."""
        along = (self.stop - self.start) / max(float(np.linalg.norm(self.stop - self.start)), 1e-6)
        beside = np.array([-along[1], along[0]])
        return (at - self.start) @ beside, (at - self.start) @ along

    @property
    def length(self) -> float:
        return float(np.linalg.norm(self.stop - self.start))


def most_of(dark: Field) -> Field:
    """The greatest of the three channels (..., 3)."""
    return np.maximum(np.maximum(dark[..., 0], dark[..., 1]), dark[..., 2])


def mean_of(dark: Field) -> Field:
    """The mean of the three channels (..., 3)."""
    return np.asarray(cv2.transform(dark, np.full((1, 3), 1 / 3, np.float32)))


def find_lines(dark: Field, side: float, families: Sequence[int]) -> list[Line]:
    """Straight thin lines of a picture's darkness (H, W, 3), over a quarter of it long.

    `side` is that of a character in pixels; `families` says in which directions: 0 level, 1
    upright, 2 falling, 3 rising.
    """
    strength = cv2.GaussianBlur(most_of(dark), (0, 0), 0.8)
    grain = float(np.median(np.abs(strength - cv2.blur(strength, (5, 5)))[::3, ::3])) * 1.5
    least = max(_FAINT, 2.0 * grain)
    found: list[Line] = []
    for family in families:
        image, back = _turned(strength, family)
        found += _level_lines(image, dark, back, family, least, side)
    return found


def _turned(image: Field, family: int) -> tuple[Field, Points]:
    """The picture so that lines of a family are level in it, and the way back (2, 3)."""
    height, width = image.shape
    if family == 0:
        return image, np.array([[1.0, 0, 0], [0, 1, 0]])
    if family == 1:
        return np.ascontiguousarray(image.T), np.array([[0.0, 1, 0], [1, 0, 0]])
    side = int(np.ceil(np.hypot(height, width)))
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), 45.0 if family == 2 else -45.0, 1.0)
    turn[:, 2] += [(side - width) / 2, (side - height) / 2]
    turned = cv2.warpAffine(image, turn, (side, side), flags=cv2.INTER_LINEAR)
    return np.asarray(turned, np.float32), cv2.invertAffineTransform(turn)


def _level_lines(image: Field, dark: Field, back: Points, family: int,
                 least: float, side: float) -> Iterator[Line]:
    """The nearly level lines of a picture, in the coordinates that `back` leads to."""
    pad = int(_THICK * side) + 2
    padded = cv2.copyMakeBorder(image, pad, pad, 0, 0, cv2.BORDER_CONSTANT, value=0)
    kernel = np.ones((max(int(_THICK * side), 3), 1), np.uint8)
    thin = (padded - cv2.morphologyEx(padded, cv2.MORPH_OPEN, kernel))[pad:-pad]
    seen = np.clip(thin / least - 1, 0, 1)
    blocks = image.shape[1] // _BLOCK
    wide = blocks * _BLOCK
    near = cv2.dilate(seen, np.ones((3, 1), np.uint8))[:, :wide]
    votes = near.reshape(len(near), blocks, _BLOCK).mean(2)
    reach = wide if family < 2 else wide / np.sqrt(2)
    for slope, offset in _peaks(votes, _LEAST * reach / wide, round(APART * side)):
        line = _measured(seen, dark, back, slope, offset, family, side)
        if line is not None:
            yield line


def _peaks(votes: Field, least: float, apart: int) -> Iterator[tuple[float, float]]:
    """Slope and height at the middle of the lines that most blocks (H, B) vote for."""
    height, blocks = votes.shape
    wide = blocks * _BLOCK
    columns = np.arange(blocks)
    slopes = np.arange(-int(_LEAN * wide), int(_LEAN * wide) + 1, 2) / wide
    drops = np.rint(slopes[:, None] * _BLOCK * (columns - (blocks - 1) / 2)).astype(int)
    pad = int(np.abs(drops).max())
    padded = np.pad(votes, ((pad, pad), (0, 0)))
    table = np.stack([sum(padded[pad + d:pad + d + height, b] for b, d in enumerate(drop))
                      for drop in drops]) / blocks
    at, y = np.nonzero(table >= least)
    strength = table[at, y]
    left, right = y - slopes[at] * wide / 2, y + slopes[at] * wide / 2
    main = None
    for _ in range(_MOST):
        if not strength.any():
            return
        best = int(np.argmax(strength))
        rows = pad + y[best] + drops[at[best]]
        held = padded[rows, columns].sum() / blocks >= 0.9 * least
        for step in range(-apart, apart + 1):
            padded[np.clip(rows + step, 0, len(padded) - 1), columns] = 0
        strength[(np.abs(left - left[best]) < apart) & (np.abs(right - right[best]) < apart)] = 0
        if not held:
            strength[best] = 0
            continue
        if main is None:
            main = slopes[at[best]]
            strength[np.abs(slopes[at] - main) > _PARALLEL] = 0
        yield float(slopes[at[best]]), float(y[best])


def _measured(seen: Field, dark: Field, back: Points, slope: float, offset: float,
              family: int, side: float) -> Line | None:
    """The line drawn exactly through what is seen of it; None where it is not straight."""
    height, width = seen.shape
    x = np.arange(width)
    guess = offset + slope * (x - width / 2)
    window = np.arange(-5, 6)
    rows = np.rint(guess).astype(int)[:, None] + window
    inside = (rows >= 0) & (rows < height)
    around = np.where(inside, seen[np.clip(rows, 0, height - 1), x[:, None]], 0)
    weight = around.sum(1)
    held = weight > 0.8
    if held.sum() < 12:
        return None
    centre = (around * rows).sum(1)[held] / weight[held]
    fit = np.polyfit(x[held], centre, 1)
    for _ in range(3):
        apart = np.abs(centre - np.polyval(fit, x[held]))
        good = apart <= max(1.5, 2 * float(np.median(apart)))
        fit = np.polyfit(x[held][good], centre[good], 1)
    on = np.abs(centre - np.polyval(fit, x[held])) < 2.0
    at = x[held][on]
    if len(at) < 12:
        return None
    first, last = _ends(at, width)
    ends = np.array([[first, np.polyval(fit, first)], [last, np.polyval(fit, last)]])
    ends = ends @ back[:, :2].T + back[:, 2]
    return _described(Line(ends[0], ends[1], family), dark, side)


def _ends(at: NDArray[np.int_], width: int) -> tuple[float, float]:
    """First and last column of a line that is seen at columns `at`; lone pieces are no part."""
    count = np.convolve(np.bincount(at, minlength=width), np.ones(_BLOCK), "same")
    dense = np.flatnonzero((count >= 5) & (np.bincount(at, minlength=width) > 0))
    return (float(dense[0]), float(dense[-1])) if len(dense) else (float(at[0]), float(at[-1]))


def _described(line: Line, dark: Field, side: float) -> Line | None:
    """The line moved to its middle, with its width, colour and how much of it is seen."""
    for _ in range(2):
        strip, at = _strip(line, dark, side)
        grey = most_of(strip)
        middle = grey.shape[1] // 2
        core = grey[:, middle - 1:middle + 2].max(1)
        rim = np.maximum(grey[:, :3].mean(1), grey[:, -3:].mean(1))
        shown = core > max(_FAINT, 0.35 * float(np.percentile(core, 60)))
        bare = shown & (rim < 0.4 * np.median(core[shown])) if shown.any() else shown
        if bare.sum() < 0.12 * len(grey):
            return None
        own = _lighter_part(grey[:, 3:-3].sum(1), bare)
        line = _centred(line, grey[own] - np.minimum(rim[own], 1)[:, None], at[own])
    hidden = shown & ~bare
    seen = float(bare.sum()) / max(float((~hidden).sum()), 1.0)
    profile = np.median(strip[own], axis=0).astype(float)       # (2 R + 1, 3)
    level = profile.max(-1)
    peak = float(level[middle - 2:middle + 3].max())
    colour = profile[middle - 1:middle + 2].max(0)
    return replace(line, width=float(level[2:-2].sum() / max(peak, 1e-6)),
                   colour=colour.astype(float),
                   seen=seen, profile=_falling(profile, middle))


def _lighter_part(mass: Field, bare: Mask) -> Mask:
    """Of the places (N,) where a line is bare, those where no writing lies along it.

    There are two kinds where the ink across it, `mass`, is of two sizes, and the smaller one is
    at both ends.
    """
    logs = np.log(np.maximum(mass, 1e-3))
    values = np.sort(logs[bare])
    count = np.arange(1, len(values))
    lower = np.cumsum(values)[:-1] / count
    upper = (values.sum() - np.cumsum(values)[:-1]) / (len(values) - count)
    apart = count * (len(values) - count) * (upper - lower) ** 2
    cut = int(np.argmax(apart)) if len(apart) else 0
    if not len(apart) or upper[cut] - lower[cut] < _TWO_KINDS or cut < 0.12 * len(values):
        return bare
    light = bare & (logs <= values[cut])
    sixth = len(mass) // 6
    return light if light[:sixth].sum() > sixth / 5 < light[-sixth:].sum() else bare


def _strip(line: Line, dark: Field, side: float) -> tuple[Field, Points]:
    """Darkness (N, 2 R + 1, 3) at N places along a line and R pixels to either side; the places."""
    steps = max(int(line.length / 2), 2)
    reach = int(_THICK * side) + 2
    along = np.linspace(0, 1, steps)
    unit = (line.stop - line.start) / max(line.length, 1e-6)
    offsets = np.arange(-reach, reach + 1.0)
    at = ((line.start + along[:, None] * (line.stop - line.start))[:, None]
          + offsets[:, None] * np.array([-unit[1], unit[0]]))
    strip = cv2.remap(dark, at[..., 0].astype(np.float32), at[..., 1].astype(np.float32),
                      cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=(0, 0, 0))
    return np.asarray(strip, np.float32), along


def _centred(line: Line, across: Field, along: Points) -> Line:
    """The line moved sideways to where its darkness (N, 2 R + 1) has its middle."""
    weight = np.maximum(across, 0)
    offsets = np.arange(across.shape[1]) - across.shape[1] // 2
    middle = (weight * offsets).sum(1) / np.maximum(weight.sum(1), 1e-6)
    good = np.ones(len(along), bool)
    fit = np.array([0.0, 0.0])
    for _ in range(4):
        degree = 1 if np.ptp(along[good]) > 0.4 else 0
        fit = np.polyfit(along[good], middle[good], degree)
        apart = np.abs(middle - np.polyval(fit, along))
        good = apart <= max(0.7, 1.5 * float(np.median(apart)))
    unit = (line.stop - line.start) / max(line.length, 1e-6)
    beside = np.array([-unit[1], unit[0]])
    return replace(line, start=line.start + np.polyval(fit, 0.0) * beside,
                   stop=line.stop + np.polyval(fit, 1.0) * beside,
                   wobble=float(np.percentile(apart, 70)))


def _falling(profile: Points, middle: int) -> Points:
    """The profile (2 R + 1, 3) made to fall from its middle to both sides, down to 0."""
    left = np.minimum.accumulate(profile[:middle + 1][::-1], axis=0)[::-1]
    right = np.minimum.accumulate(profile[middle:], axis=0)
    whole = np.concatenate([left[:-1], right])
    return np.maximum(whole - np.maximum(whole[0], whole[-1]), 0)


def tracks(shape: tuple[int, ...], lines: Sequence[Line], rim: float) -> Mask:
    """Where the lines are (H, W), with a rim of pixels around."""
    mask = np.zeros(shape[:2], np.uint8)
    for line in lines:
        unit = (line.stop - line.start) / max(line.length, 1e-6)
        ends = [np.rint((at + 0.5) * 16 - 8).astype(int).tolist()
                for at in (line.start - 4 * unit, line.stop + 4 * unit)]
        cv2.line(mask, ends[0], ends[1], (1,), max(1, round(line.width + 2 * rim)), cv2.LINE_8, 4)
    return mask > 0


def printed_by(shape: tuple[int, ...], rules: Sequence[Line]) -> Field:
    """Darkness (H, W, 3) of the rules by themselves."""
    light = np.ones((*shape[:2], 3), np.float32)
    for rule in rules:
        reach = len(rule.profile) // 2
        first = np.maximum(np.floor(np.minimum(rule.start, rule.stop)) - reach, 0).astype(int)
        last = np.ceil(np.maximum(rule.start, rule.stop)).astype(int) + reach + 1
        part = light[first[1]:last[1], first[0]:last[0]]
        y, x = np.ogrid[first[1]:first[1] + part.shape[0], first[0]:first[0] + part.shape[1]]
        unit = ((rule.stop - rule.start) / max(rule.length, 1e-6)).astype(np.float32)
        apart = (y - rule.start[1]) * unit[0] - (x - rule.start[0]) * unit[1]
        along = (x - rule.start[0]) * unit[0] + (y - rule.start[1]) * unit[1]
        near = (np.abs(apart) < reach) & (along > -4) & (along < rule.length + 4)
        table = cv2.resize(rule.profile.astype(np.float32), (3, 8 * len(rule.profile)))
        at = np.clip((apart[near] + reach + 0.5) * 8, 0, len(table) - 1).astype(int)
        part[near] *= 1 - table[at]
    return 1 - light
