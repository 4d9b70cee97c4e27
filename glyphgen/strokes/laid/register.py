"""Lay a character's strokes on a drawing of it: robust point matching.

Points of the strokes and of the drawing's centre lines are matched softly (entropic optimal
transport, annealed; Chui and Rangarajan 2003), by place and by direction, and the strokes follow as
far as an affine, two smooth warps of the plane and a bend of each stroke allow.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fonts.drawing import CANVAS
from glyphgen.strokes.laid.skeleton import Skeleton

Floats = NDArray[np.float32]

POINTS = 16                         # of a stroke
DEGREES = 4                         # Legendre terms of a stroke's bend
LEGENDRE = np.polynomial.legendre.legvander(np.linspace(-1, 1, POINTS), DEGREES - 1)
FAR = 4.0                           # pixels: further off is not on the line

_ITERATIONS = 26
_TARGETS = 400                      # points of the drawing that are matched
_EPSILON = (60.0, 1.2)              # of the transport: square pixels
_TURN = 50.0                        # cost of a right angle between directions: square pixels
_UNMATCHED = 120.0                  # how dear mass without a partner is
_COARSE, _FINE = 3, 7               # spline cells of the two warps
_STIFF_AFFINE, _STIFF_BEND = (1e-4, 1e-3, 1e-3), (0.1, 0.2, 0.5, 1.0)
_STIFF_COARSE, _STIFF_FINE = 0.02, 0.05
_SOFTENING = 3.5                    # log of how much stiffer fine terms are at first
_RIDGE = 0.015                      # of all stiffness, a point


def register(strokes: NDArray[np.floating], target: Skeleton, *, iterations: int = _ITERATIONS,
             loosest: float = _EPSILON[0]) -> Floats:
    """Strokes (S, 16, 2), canvas pixels, laid on the lines of a drawing of the same character.

    loosest: how softly points are matched at first, square pixels; less, where they lie near.
    """
    source = strokes.reshape(-1, 2).astype(np.float32)
    lines = target.some(_TARGETS)
    points, direction = lines.points, lines.direction
    clear = np.hypot(*direction.T)
    weight = point_weights(strokes)
    mass, goal = weight / weight.sum(), np.full(len(points), 1 / len(points), np.float32)
    basis, first_fine = _basis(source, len(strokes))
    placed = source
    squared = (points**2).sum(1)
    for turn in range(iterations):
        done = turn / (iterations - 1)
        epsilon = float(np.exp(np.log(loosest) * (1 - done) + np.log(_EPSILON[1]) * done))
        cost = (placed**2).sum(1)[:, None] + squared - 2 * placed @ points.T
        cost += _TURN / 2 * (clear - tangents(placed) @ direction.T)
        plan = _transport(cost, mass, goal, epsilon)
        total = plan.sum(1)
        wanted = plan @ points / np.maximum(total, 1e-30)[:, None]
        trust = np.minimum(total, 2 * mass) / mass.mean()
        trust /= 1 + ((wanted - placed)**2).sum(1) / (4 + 14 * (1 - done))**2
        stiff = _stiffness(len(strokes), first_fine, _SOFTENING * (1 - done)) * len(source)
        weighted = basis * trust[:, None]
        moved = np.linalg.solve(basis.T @ weighted + np.diag(stiff),
                                weighted.T @ (wanted - source))
        placed = source + basis @ moved
    laid: Floats = placed.reshape(strokes.shape)
    return laid


def quality(strokes: Floats, target: Skeleton) -> tuple[float, float, float]:
    """How strokes (S, 16, 2) lie on a drawing's lines: the share of their length that is further
    than FAR from the lines, the share of the lines that is further than that from them, and the
    mean distance of the two, both ways, pixels."""
    fine = upsampled(strokes).reshape(-1, 2)
    points = target.some(_TARGETS).points
    squared = (fine**2).sum(1)[:, None] + (points**2).sum(1) - 2 * fine @ points.T
    distance = np.sqrt(np.maximum(squared, 0))
    to_line, to_stroke = distance.min(1), distance.min(0)
    weight = np.repeat(point_weights(strokes), 2)
    return (float(np.average(to_line > FAR, weights=weight)), float((to_stroke > FAR).mean()),
            float(np.average(to_line, weights=weight) + to_stroke.mean()) / 2)


def upsampled(strokes: Floats) -> Floats:
    """Strokes (S, 16, 2) with a point between each two: (S, 32, 2)."""
    at = np.linspace(0, POINTS - 1, 2 * POINTS)
    low = np.minimum(at.astype(int), POINTS - 2)
    part = (at - low).astype(np.float32)[:, None]
    return strokes[:, low] * (1 - part) + strokes[:, low + 1] * part


def point_weights(strokes: NDArray[np.floating]) -> Floats:
    """Length (S * 16,) that each point of strokes stands for, at least a little."""
    steps = np.hypot(*np.moveaxis(np.diff(strokes, axis=1), -1, 0)) / 2
    weight = np.zeros(strokes.shape[:2], np.float32)
    weight[:, :-1] += steps
    weight[:, 1:] += steps
    return np.maximum(weight, 0.05).reshape(-1)


def tangents(placed: Floats) -> Floats:
    """Doubled-angle directions (S * 16, 2) along strokes."""
    lines = placed.reshape(-1, POINTS, 2)
    along = np.asarray(np.gradient(lines, axis=1)).reshape(-1, 2)
    x, y = along[:, 0], along[:, 1]
    squared = np.maximum(x * x + y * y, 1e-9)
    return np.stack([(x * x - y * y) / squared, 2 * x * y / squared], 1)


def _transport(cost: Floats, mass: Floats, goal: Floats, epsilon: float) -> Floats:
    """Unbalanced entropic transport plan (S * 16, M)."""
    kernel = np.exp(-np.minimum(cost / epsilon, 60)) + np.float32(1e-26)
    give = np.float32(_UNMATCHED / (_UNMATCHED + epsilon))
    right = np.ones(len(goal), np.float32)
    for _ in range(8):
        left = (mass / np.maximum(kernel @ right, 1e-26))**give
        right = (goal / np.maximum(left @ kernel, 1e-26))**give
    return left[:, None] * kernel * right


def _basis(source: Floats, count: int) -> tuple[Floats, int]:
    """Moves (S * 16, B) a point may make, and where the fine warp begins."""
    affine = np.concatenate([np.ones((len(source), 1)), (source - CANVAS / 2) / 32], 1)
    coarse, fine = _splines(source, _COARSE), _splines(source, _FINE)
    bend = np.zeros((len(source), DEGREES * count))
    for i in range(count):
        bend[i * POINTS:(i + 1) * POINTS, DEGREES * i:DEGREES * (i + 1)] = LEGENDRE
    return (np.concatenate([affine, coarse, fine, bend], 1).astype(np.float32),
            3 + coarse.shape[1])


def _stiffness(count: int, first_fine: int, soft: float) -> Floats:
    ridge = np.concatenate([
        _STIFF_AFFINE, np.full(first_fine - 3, _STIFF_COARSE * np.exp(soft)),
        np.full((_FINE + 2)**2, _STIFF_FINE * np.exp(2 * soft)),
        np.tile(_STIFF_BEND, count) * np.exp(2 * soft)])
    return (ridge * _RIDGE).astype(np.float32)


def _splines(points: Floats, cells: int) -> Floats:
    """Products of uniform cubic B-splines (N, (cells + 2)^2) at canvas points."""
    at = points / CANVAS * cells - 0.5
    u = np.abs(at[:, :, None] - np.arange(-1, cells + 1))
    each = np.where(u < 1, 2 / 3 - u**2 + u**3 / 2, np.clip(2 - u, 0, None)**3 / 6)
    return (each[:, 1, :, None] * each[:, 0, None, :]).reshape(len(points), -1)
