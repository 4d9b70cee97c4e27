"""Rules taken out of a picture, and the strokes that they cross left whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from fonts.drawing import Field
from fonts.reading.lines import Line, Mask, Points, most_of, printed_by, tracks

_HUE = 0.22             # angle between colours that are another hue
_HAIR = 0.5             # of the pen's width: no stroke is thinner throughout
_APART_INK, _APART_RULE = 0.25, 0.35    # of both colours: so far apart ink and rule are told
_DASH, _SHORT = 0.62, 0.16      # of the pen's width and of a character: dashes are less than both
_EDGE = 0.035           # of a character: what is left that close to the edge alone is no writing
_FRAY = 0.35            # of the pen's width: hairs are thinner
_LIKE = 0.12            # difference of darkness in a channel within one colour
_PIECE = 0.1            # of a character: pieces of rules are longer
_SPECK = 4              # pixels within an outline
_ALONG = 3.0            # widths of the pen along a rule: longer than a stroke that crosses it


@dataclass(frozen=True)
class Ink:
    """What the writing is like: its darkness (3,) and the pen's width, 0 where there is none."""

    colour: Points = field(default_factory=lambda: np.ones(3))
    width: float = 0.0


def erased(dark: Field, rules: Sequence[Line], ink: Ink, side: float) -> tuple[Field, Mask, bool]:
    """Ink coverage (H, W) without the rules, where it differs, and whether ink may be lost.

    `dark` (H, W, 3) is the picture's darkness; `side` is that of a character in pixels.
    """
    printed = printed_by(dark.shape, rules)
    ruled = cv2.dilate((most_of(printed) > 0.01).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    cover, core = _cover(dark, printed, ink)
    lost = _lies_along(cover, rules, core, ink)
    cover = bridged(cover, rules, core)
    gone = _leavings(cover, dark, ruled, rules, ink, side)
    sharp = np.where(ruled, np.clip((cover - 0.3) / 0.4, 0, 1), cover)
    left = np.where(gone, 0, sharp).astype(np.float32)
    lost |= _is_frayed(left, ruled, ink) or _is_left(dark, ruled, rules, ink, side)
    return left, ruled | gone, lost


def _is_left(dark: Field, ruled: Mask, rules: Sequence[Line], ink: Ink, side: float) -> bool:
    """Whether long level or upright pieces of the rules' colour lie where no rule was found."""
    colour = np.median([rule.colour for rule in rules], axis=0).astype(np.float32)
    if min(np.abs(colour - ink.colour).max(), colour.max()) < 2 * _LIKE:    # as ink, or as paper
        return False
    like = ((most_of(np.abs(dark - colour)) < _LIKE) & ~ruled).astype(np.uint8)
    thick = max(3, round(min(rule.width for rule in rules) / 2))
    long = round(_PIECE * side)
    return any(cv2.morphologyEx(like, cv2.MORPH_OPEN, np.ones(size, np.uint8)).any()
               for size in ((thick, long), (long, thick)))


def _is_frayed(cover: Field, ruled: Mask, ink: Ink) -> bool:
    """Whether pieces and holes of what is left on the rules hang on hairs, more than one."""
    mask = (cover >= 0.5).astype(np.uint8)
    size = max(3, round(_FRAY * ink.width))
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    firm = np.where(ruled, cv2.morphologyEx(mask, cv2.MORPH_OPEN, disc), mask)
    return abs(_outlines(firm) - _outlines(mask)) > 1


def _outlines(mask: NDArray[np.uint8]) -> int:
    """How many there are around more than a speck."""
    found, _ = cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)
    return sum(cv2.contourArea(one) > _SPECK for one in found)


def _cover(dark: Field, printed: Field, ink: Ink) -> tuple[Field, Mask]:
    """Ink coverage (H, W), and where rules are so much like ink that it says nothing.

    On a rule a pixel is ink where it is nearer to ink on the rule than to the rule.
    """
    colour = ink.colour.astype(np.float32)
    cover = np.clip(dark @ (colour / (colour @ colour)), 0, 1)
    both = (np.maximum(printed, colour) + 1 - (1 - colour) * (1 - printed)) / 2
    apart = both - printed
    size = (apart ** 2).sum(-1)
    share = ((dark - printed) * apart).sum(-1) / np.maximum(size, 1e-6)
    own = (printed ** 2).sum(-1)
    ruled = own > 0.03 ** 2
    cover = np.where(ruled, np.minimum(cover, np.clip(share, 0, 1)), cover).astype(np.float32)
    alike = (size < (_APART_INK * np.linalg.norm(colour)) ** 2) | (size < _APART_RULE ** 2 * own)
    core = cv2.dilate((ruled & alike).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    return cover, core


def _lies_along(cover: Field, rules: Sequence[Line], core: Mask, ink: Ink) -> bool:
    """Whether a stroke touches a rule that is like ink from one side, for long."""
    if not core.any() or not ink.width:
        return False
    for rule in rules:
        steps = max(int(rule.length), 2)
        unit = (rule.stop - rule.start) / max(rule.length, 1e-6)
        at = rule.start + np.linspace(0, 1, steps)[:, None] * (rule.stop - rule.start)
        beside = np.array([-unit[1], unit[0]]) * (rule.width / 2 + 3.5)
        if _seen(core.astype(np.float32), at).mean() < 0.3:
            continue
        above, below = (_seen(cover, at + side * beside) > 0.5 for side in (-1, 1))
        if _longest(above ^ below) > _ALONG * ink.width:
            return True
    return False


def _seen(image: Field, at: Points) -> Field:
    x, y = at.astype(np.float32).T
    return np.asarray(cv2.remap(image, x[None], y[None], cv2.INTER_LINEAR))[0]


def _longest(run: Mask) -> int:
    """The most places on end that are True."""
    edges = np.flatnonzero(np.diff(run, prepend=False, append=False))
    return int((edges[1::2] - edges[::2]).max(initial=0))


def bridged(cover: Field, rules: Sequence[Line], core: Mask) -> Field:
    """The coverage (H, W) with the rules taken out, at `core`, and strokes across them joined."""
    if not core.any():
        return cover
    bare = np.where(core, 0, cover).astype(np.float32)
    joined = bare.copy()
    for rule in rules:
        part = core & tracks(cover.shape, [rule], 3)
        if not part.any():
            continue
        unit = rule.stop - rule.start
        angle = float(np.arctan2(unit[1], unit[0]))
        for lean in np.deg2rad([35, 55, 75, 90, 105, 125, 145]):
            reach = (rule.width + 4) / np.sin(lean) + 3
            closed = cv2.morphologyEx(bare, cv2.MORPH_CLOSE, _segment(angle + lean, reach))
            joined = np.where(part, np.maximum(joined, closed), joined)
    return joined


def _leavings(cover: Field, dark: Field, ruled: Mask, rules: Sequence[Line], ink: Ink,
              side: float) -> Mask:
    """Where (H, W) the coverage is but what is left of rules: hairs, pieces of their colour."""
    mask = (cover >= 0.35).astype(np.uint8)
    fine = max(3, round(_HAIR * ink.width))
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (fine, fine))
    firm = cv2.dilate(cv2.morphologyEx(mask, cv2.MORPH_OPEN, disc), np.ones((5, 5), np.uint8)) > 0
    lost = ruled & (mask > 0) & ~firm
    mask[lost] = 0
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    area = np.maximum(stats[:, cv2.CC_STAT_AREA], 1)
    thick = _thickness(mask, labels, count)

    def share(where: Mask) -> Points:
        return np.asarray(np.bincount(labels.ravel(), where.ravel(), count) / area)

    rim, edge = np.ones(cover.shape, bool), round(_EDGE * side)
    rim[edge:-edge, edge:-edge] = False
    along, outside = share(ruled), share(rim)
    thin = thick < _HAIR * ink.width
    gone = (thin & ((along > 0.3) | (outside > 0.5))) | (outside > 0.9)
    widest = max(rule.width for rule in rules)
    length = stats[:, (cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT)].max(1)
    gone |= (thick < np.minimum(1.3 * widest + 1, _DASH * ink.width)) & (length < _SHORT * side)
    gone |= (share(_beyond(cover.shape, rules)) > 0.95) & (thick < 1.3 * widest + 1)
    gone |= _of_rules(labels, count, dark, rules, ink) | _on_crossings(labels, stats, rules)
    gone[0] = False
    lost |= gone[labels]
    kept = (mask > 0) & ~gone[labels]
    return np.asarray((cv2.dilate(lost.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0) & ~kept)


def _beyond(shape: tuple[int, ...], rules: Sequence[Line]) -> Mask:
    """Where (H, W) lies outside the outermost level and upright rules."""
    y, x = np.mgrid[:shape[0], :shape[1]]
    at = np.stack([x, y], -1).astype(float)
    outside = np.zeros(shape, bool)
    for family in (0, 1):
        lines = [rule for rule in rules if rule.family == family]
        if len(lines) > 1:
            place = [float((rule.start + rule.stop)[1 - family]) for rule in lines]
            for rule, sign in ((lines[int(np.argmin(place))], -1),
                               (lines[int(np.argmax(place))], 1)):
                outside |= sign * rule.apart(at)[0] * (1 if family == 0 else -1) > 0
    return outside


def _of_rules(labels: NDArray[np.int32], count: int, dark: Field, rules: Sequence[Line],
              ink: Ink) -> Mask:
    """Which pieces are of a rule's colour and not of the ink's."""
    flat = labels.ravel()
    area = np.maximum(np.bincount(flat, minlength=count), 1)
    colour = np.stack([np.bincount(flat, dark[..., c].ravel(), count) / area for c in range(3)], 1)
    size = np.maximum(np.linalg.norm(colour, axis=1), 1e-6)

    def hue(other: Points) -> Points:
        return colour @ other / (size * max(float(np.linalg.norm(other)), 1e-6))

    own, found = hue(ink.colour), np.zeros(count, bool)
    for rule in rules:
        apart = np.linalg.norm(rule.colour) * np.linalg.norm(ink.colour)
        if rule.colour @ ink.colour < np.cos(_HUE) * apart:
            found |= np.arccos(np.clip(hue(rule.colour), -1, 1)) < 0.5 * np.arccos(
                np.clip(own, -1, 1))
    return found


def _thickness(mask: NDArray[np.uint8], labels: NDArray[np.int32], count: int) -> Points:
    """The greatest thickness of each piece (count,) in pixels."""
    inside = 2 * cv2.distanceTransform(mask, cv2.DIST_L2, 3)
    order = np.argsort(labels[mask > 0], kind="stable")
    values, at = inside[mask > 0][order], labels[mask > 0][order]
    thick = np.zeros(count)
    if len(at):
        starts = np.flatnonzero(np.diff(at, prepend=-1))
        thick[at[starts]] = np.maximum.reduceat(values, starts)
    return thick


def _on_crossings(labels: NDArray[np.int32], stats: NDArray[np.int32],
                  rules: Sequence[Line]) -> Mask:
    """Which pieces are no more than where two rules cross."""
    times = np.zeros(labels.shape, np.uint8)
    for rule in rules:
        times += tracks(labels.shape, [rule], 3)
    area = np.maximum(stats[:, cv2.CC_STAT_AREA], 1)
    crossed = np.bincount(labels.ravel(), (times > 1).ravel(), len(stats)) / area
    wide = stats[:, (cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT)].max(1)
    return np.asarray((crossed > 0.7) & (wide < 2 * max(rule.width for rule in rules) + 4))


def _segment(angle: float, length: float) -> NDArray[np.uint8]:
    """A straight structuring element."""
    half = int(np.ceil(length / 2))
    element = np.zeros((2 * half + 1,) * 2, np.uint8)
    way = np.array([np.cos(angle), np.sin(angle)]) * length / 2
    one, other = (np.rint(half + part * way).astype(int).tolist() for part in (-1, 1))
    cv2.line(element, one, other, (1,))
    return element
