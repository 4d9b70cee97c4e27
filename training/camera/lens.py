"""A pinhole camera with a curved lens that looks at slightly crumpled paper."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from fonts.drawing import Points

STEP = 8                          # pixels between the points that geometry is known at


@dataclass(frozen=True)
class Conditions:
    """Extremes that a photograph is drawn from; lengths in mm on the paper, angles in degrees."""

    megapixels: tuple[float, float] = (8.0, 48.0)
    tilt: tuple[float, float] = (0.0, 35.0)
    filled: tuple[float, float] = (0.86, 0.97)     # of the frame by the page
    curl: float = 6.0
    crumple: float = 1.2
    lens: tuple[float, float] = (-0.06, 0.04)
    blur: tuple[float, float] = (0.03, 0.11)       # sigma
    motion: float = 0.15
    gradient: float = 0.3
    shadow: tuple[float, float] = (0.35, 0.75)     # light left inside a shadow
    shadows: float = 0.6                           # share of photographs with one
    noise: tuple[float, float] = (0.004, 0.02)
    quality: tuple[int, int] = (70, 95)
    anyhow: float = 0.3                            # share turned by any angle, not a quarter


@dataclass(frozen=True)
class Camera:
    """Looks from +z at paper around z = 0; paper points are mm from its top left."""

    size: tuple[int, int]                # of the picture, pixels
    focal: float
    rotation: Points                     # (3, 3), world to camera
    at: Points                           # (3,): where the middle of the paper is, camera axes
    lens: float
    middle: Points                       # of the paper
    bumps: Points                        # (N, 4): x, y, spread, height
    curl: tuple[float, float, float]     # direction x, y, sag
    tilt: float

    @classmethod
    def aim(cls, size: tuple[float, float], megapixels: float, spec: Conditions,
            rng: np.random.Generator) -> Camera:
        """A camera that has paper of `size` mm in its frame."""
        paper = np.array(size)
        long = int(np.sqrt(megapixels * 1e6 * 4 / 3))
        short = long * 3 // 4
        turn = float(rng.integers(4) * 90 + rng.normal(0, 5))
        if rng.random() < spec.anyhow:
            turn = rng.uniform(0, 360)
        across = abs(np.sin(np.deg2rad(turn))) > np.sqrt(0.5)
        tilt, toward = rng.uniform(*spec.tilt), rng.uniform(0, 2 * np.pi)
        axis = np.deg2rad(tilt) * np.array([np.cos(toward), np.sin(toward), 0])
        roll = np.deg2rad(turn) * np.array([0, 0, 1.0])
        rotation = cv2.Rodrigues(axis)[0] @ cv2.Rodrigues(roll)[0]
        count = int(rng.integers(2, 6))
        bumps = np.column_stack([rng.uniform(0, paper, (count, 2)), rng.uniform(25, 60, count),
                                 rng.uniform(-1, 1, count) * spec.crumple])
        way = rng.uniform(0, 2 * np.pi)
        curl = (np.cos(way), np.sin(way), rng.uniform(-1, 1) * spec.curl)
        camera = cls((long, short) if across else (short, long), long * rng.uniform(0.7, 1.0),
                     rotation, np.zeros(3), rng.uniform(*spec.lens), paper / 2, bumps, curl, tilt)
        return camera._stand_back(paper, rng.uniform(*spec.filled))

    def _stand_back(self, paper: Points, filled: float) -> Camera:
        edge = np.array([[0, 0], [1, 0], [1, 1], [0, 1], [0.5, 0], [0.5, 1], [0, 0.5], [1, 0.5]])
        near, far, camera = 150.0, 2000.0, self
        for _ in range(30):
            distance = float(near + far) / 2
            camera = replace(camera, at=np.array([*camera.at[:2], distance]))
            span = np.array([f(camera.project(edge * paper), 0) for f in (np.min, np.max)])
            drift = (span.mean(0) - np.array(self.size) / 2) * distance / self.focal
            camera = replace(camera, at=camera.at - (*drift, 0))
            widest = (np.diff(span, axis=0) / self.size).max()
            near, far = (near, distance) if widest < filled else (distance, far)
        return camera

    @property
    def density(self) -> float:
        """Pixels a mm about the middle of the page."""
        return float(self.focal / self.at[2])

    def height(self, points: Points) -> Points:
        """z of the paper at points (N, 2)."""
        along = (points - self.middle) @ np.array(self.curl[:2]) / 150
        z = self.curl[2] * along ** 2
        for x, y, spread, rise in self.bumps:
            z = z + rise * np.exp(-((points - (x, y)) ** 2).sum(-1) / (2 * spread * spread))
        return z

    def project(self, points: Points) -> Points:
        """Pixels (..., 2) of paper points (..., 2)."""
        flat = points.reshape(-1, 2)
        world = np.column_stack([flat - self.middle, -self.height(flat)])
        seen = world @ self.rotation.T + self.at
        x = seen[:, :2] / seen[:, 2:]
        x = x * (1 + self.lens * (x ** 2).sum(1, keepdims=True))
        return (x * self.focal + np.array(self.size) / 2).reshape(points.shape)

    def look(self) -> NDArray[np.float32]:
        """Paper points (height / STEP, width / STEP, 2) of the middles of squares of pixels."""
        width, height = self.size
        grid = np.meshgrid((np.arange(-(-width // STEP)) + 0.5) * STEP,
                           (np.arange(-(-height // STEP)) + 0.5) * STEP)
        seen = (np.stack(grid, -1).reshape(-1, 2) - np.array(self.size) / 2) / self.focal
        x = seen
        for _ in range(8):
            x = seen / (1 + self.lens * (x ** 2).sum(1, keepdims=True))
        ray = np.column_stack([x, np.ones(len(x))]) @ self.rotation
        eye = -self.at @ self.rotation
        point = np.zeros((len(x), 2))
        z = np.zeros(len(x))
        for _ in range(6):
            reach = (z - eye[2]) / ray[:, 2]
            point = eye[:2] + ray[:, :2] * reach[:, None] + self.middle
            inside = np.clip(point, -30, 2 * self.middle + 30)
            z = -self.height(inside)
        return point.reshape(*grid[0].shape, 2).astype(np.float32)
