"""Strokes of the content moved as the pixel network moves the content's picture."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from exporters.strokes.curve import turns
from fonts.drawing import CANVAS
from glyphgen.network.frame import spline
from glyphgen.strokes.laid.register import POINTS

Floats = NDArray[np.float32]

_TERMS = ((1.0, 2), (2.5, 4), (4.5, 6), (np.inf, 8))    # turn, radians: Legendre terms of a move
_STEPS = 12             # of the fixed point; each halves what is left


def moved(strokes: Floats, theta: Floats, *flows: Floats) -> Floats:
    """Content strokes (S, 16, 2), canvas pixels, in a hand's frame and displaced, flow by flow.

    theta (2, 3) and flows (2, F, F) say where each place of the drawing comes from, in -1..1
    coordinates (`network.frame`); points go the other way.
    """
    half = CANVAS / 2
    at = strokes.reshape(-1, 2) / half - 1
    place = (at - theta[:, 2]) @ np.linalg.inv(theta[:, :2]).T
    for flow in flows:
        place = _displaced(place, flow)
    return ((place + 1) * half).reshape(strokes.shape).astype(np.float32)


def _displaced(points: Floats, flow: Floats) -> Floats:
    """Points (N, 2) moved to where a displacement (2, F, F) fetches them from: a fixed point."""
    basis = spline(CANVAS, flow.shape[-1]).numpy()
    fine = np.moveaxis(basis @ flow @ basis.T, 0, -1).astype(np.float32)
    place = points
    for _ in range(_STEPS):
        grid = ((place + 1) * (CANVAS / 2) - 0.5).astype(np.float32)
        there = cv2.remap(fine, grid[:, :1], grid[:, 1:], cv2.INTER_LINEAR,
                          borderMode=cv2.BORDER_REPLICATE)[:, 0]
        place = 0.5 * place + 0.5 * (points - there)
    return place


def smoothed(strokes: Floats, before: Floats) -> Floats:
    """Moved strokes (..., 16, 2) without ripples: each move is a curve of few terms along a stroke.

    Strokes that turn have more of them.
    """
    turn = turns(before).sum(-1)
    move = strokes - before
    smooth = np.zeros_like(move)
    least = 0.0
    for most, terms in _TERMS:
        there = (turn >= least) & (turn < most)
        smooth[there] = _projection(terms) @ move[there]
        least = most
    return (before + smooth).astype(np.float32)


@lru_cache(maxsize=len(_TERMS))
def _projection(terms: int) -> Floats:
    """Onto the curves of this many Legendre terms, (16, 16)."""
    base = np.polynomial.legendre.legvander(np.linspace(-1, 1, POINTS), terms - 1)
    return np.asarray(base @ np.linalg.pinv(base), np.float32)
