"""Virtual photographs and scans of a filled-in sheet, with the truth for every cell.

A page is printed through the same PDF as a real one, glyphs of a font are its ink, and a pinhole
camera with a curved lens looks at the slightly crumpled paper under uneven light. Blur and light
act on linear light, noise and JPEG on what the camera writes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from io import BytesIO

import cv2
import numpy as np
import pypdfium2
from numpy.typing import NDArray
from PIL import Image

from fonts.drawing import Field
from fonts.layout import PAPERS, Identity
from fonts.render import Face

Picture = NDArray[np.uint8]
Points = NDArray[np.float64]

PENS = {"black": (28, 28, 32), "blue": (30, 52, 140), "red": (186, 36, 44),
        "green": (24, 104, 60), "grey": (78, 78, 84)}
TRUTH = 512                       # side of a truth canvas, pixels
GAMMA = 2.2


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
class Page:
    """A filled-in page: linear light (H, W, 3) at `scale` pixels a mm, and its truth."""

    identity: Identity
    paper: str
    scale: float
    light: Field
    ink: dict[int, Field]              # cell: coverage (TRUTH, TRUTH)


@dataclass(frozen=True)
class Photograph:
    """A JPEG of a page. `corners` (cells, 4, 2): canvas corners, pixel edges at integers."""

    data: bytes
    page: Page
    corners: Points
    megapixels: float
    tilt: float


def print_page(pdf: bytes, page: int, scale: int = 24) -> Picture:
    """Page `page`, from 1, of a PDF in print: (H, W, 3), `scale` pixels a mm."""
    fine = 2                # pdfium widens filled rectangles to whole pixels
    document = pypdfium2.PdfDocument(pdf)
    exact = scale * fine * 25.4 / 72 * (1 - 1e-7)       # it rounds the page's size up
    printed = document[page - 1].render(scale=exact).to_numpy()[..., ::-1]
    document.close()
    return np.asarray(cv2.resize(printed, None, fx=1 / fine, fy=1 / fine,
                                 interpolation=cv2.INTER_AREA), np.uint8)


def fill_page(printed: Picture, identity: Identity, face: Face, *, paper: str = "a4",
              pen: str = "black", scale: int = 24, skip: tuple[int, ...] = (),
              mono: bool = False) -> Page:
    """Page `identity` of a sheet, as `print_page` gives it, written in the glyphs of `face`.

    Cells in `skip` and characters that `face` lacks stay empty. `mono` prints on a black and
    white laser printer: everything coloured becomes a dither of black dots.
    """
    layout = identity.layout
    light = _linear(_dithered(printed) if mono else printed)
    colour = _linear(np.array([[PENS[pen]]], np.uint8))[0, 0]
    offset = (np.array(PAPERS[paper]) - layout.frame) / 2
    side = round(layout.canvas * scale)
    ink = {}
    for index, char in enumerate(identity.chars):
        glyph = None if index in skip else face.coverage(ord(char), side)
        if glyph is None:
            continue
        ink[index] = face.coverage(ord(char), TRUTH)
        _stamp(light, glyph, (offset + layout.canvas_square(index)) * scale, colour)
    return Page(identity, paper, scale, light, {k: v for k, v in ink.items() if v is not None})


def take_photograph(page: Page, rng: np.random.Generator,
                    conditions: Conditions | None = None) -> Photograph:
    """Photograph `page` under conditions drawn by `rng`."""
    spec = conditions or Conditions()
    megapixels = float(np.exp(rng.uniform(*np.log(spec.megapixels))))
    camera = _Camera.aim(page, megapixels, spec, rng)
    sigma = rng.uniform(*spec.blur)
    where = camera.look()
    light = _seen(page, where, camera, sigma, rng)
    light *= _lighting(where, page, spec, rng)
    if rng.random() < 0.5:
        light = _smeared(light, rng.uniform(0, spec.motion) * camera.density, rng)
    data = _developed(light, rng.uniform(*spec.noise), int(rng.integers(*spec.quality)), rng)
    return Photograph(data, page, camera.project(_canvases(page)), megapixels, camera.tilt)


def scan_page(page: Page, rng: np.random.Generator, dpi: float = 300, turn: float = 0.0,
              quality: int = 92) -> Photograph:
    """Scan `page` flat, turned by `turn` degrees."""
    density = dpi / 25.4
    height, width = page.light.shape[:2]
    size = np.array([width, height]) / page.scale * density
    angle = np.deg2rad(turn)
    matrix = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    frame = np.ceil(np.abs(matrix) @ size).astype(int)
    rows = np.hstack([matrix * density, (frame / 2 - matrix @ size / 2)[:, None]])
    ratio = density / page.scale
    light = cv2.GaussianBlur(page.light, (0, 0), 0.45 / ratio)
    warp = np.hstack([rows[:, :2] / page.scale,
                      (rows[:, 2] + rows[:, :2].sum(1) * 0.5 / page.scale - 0.5)[:, None]])
    light = cv2.warpAffine(light, warp, tuple(map(int, frame)), flags=cv2.INTER_LINEAR,
                           borderMode=cv2.BORDER_CONSTANT, borderValue=(0.85, 0.85, 0.85))
    data = _developed(light * 0.93, 0.006, quality, rng, sharpen=0.3)
    corners = _canvases(page) @ rows[:, :2].T + rows[:, 2]
    return Photograph(data, page, corners, float(np.prod(frame)) / 1e6, 0.0)


@dataclass(frozen=True)
class _Camera:
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
    def aim(cls, page: Page, megapixels: float, spec: Conditions,
            rng: np.random.Generator) -> _Camera:
        """A camera that has the page in its frame."""
        paper = np.array(PAPERS[page.paper])
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

    def _stand_back(self, paper: Points, filled: float) -> _Camera:
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

    def look(self, step: int = 8) -> NDArray[np.float32]:
        """Paper point (height, width, 2) of every pixel."""
        width, height = self.size
        grid = np.meshgrid((np.arange(-(-width // step)) + 0.5) * step,
                           (np.arange(-(-height // step)) + 0.5) * step)
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
        coarse = point.reshape(*grid[0].shape, 2).astype(np.float32)
        full = (coarse.shape[1] * step, coarse.shape[0] * step)
        return cv2.resize(coarse, full)[:height, :width]


def _seen(page: Page, where: NDArray[np.float32], camera: _Camera, sigma: float,
          rng: np.random.Generator) -> Field:
    """Linear light of paper and desk through the lens."""
    alias = 0.4 / camera.density
    soft = cv2.GaussianBlur(page.light, (0, 0), float(np.hypot(sigma, alias)) * page.scale)
    texture = cv2.GaussianBlur(rng.standard_normal((512, 512)).astype(np.float32), (0, 0), 2)
    at = where * page.scale - 0.5
    desk = rng.uniform(0.03, 0.5, 3) * rng.uniform(0.3, 1)
    seen = cv2.remap(soft, at, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT,
                     borderValue=tuple(map(float, desk)))
    grain = cv2.remap(texture, np.mod(where * 6, 511), None, cv2.INTER_LINEAR)
    return np.asarray(seen * (1 + 0.04 * grain)[..., None])


def _lighting(where: NDArray[np.float32], page: Page, spec: Conditions,
              rng: np.random.Generator) -> Field:
    """Light (H, W, 3) falling on each pixel's paper point."""
    small = where[::4, ::4]
    unit = (small - np.array(PAPERS[page.paper]) / 2) / 150
    way = rng.uniform(0, 2 * np.pi)
    light = 1 + rng.uniform(0, spec.gradient) * (unit @ np.array([np.cos(way), np.sin(way)]))
    light *= 1 - rng.uniform(0, 0.15) * (unit ** 2).sum(-1)
    for _ in range(2 if rng.random() < 0.3 else 1):
        if rng.random() < spec.shadows:
            way, reach, soft = rng.uniform(0, 2 * np.pi), rng.uniform(-0.6, 0.9), rng.uniform(1, 25)
            depth = (unit @ np.array([np.cos(way), np.sin(way)]) - reach) * 150 / soft
            depth += 0.4 * np.sin(unit @ np.array([-np.sin(way), np.cos(way)]) * 6)
            left = rng.uniform(*spec.shadow)
            light *= left + (1 - left) / (1 + np.exp(np.clip(4 * depth, -30, 30)))
    light = np.clip(light, 0.06, 1.5) * rng.uniform(0.5, 0.8)
    tint = rng.uniform(0.86, 1.05, 3)
    shape = (where.shape[1], where.shape[0])
    return np.asarray(cv2.resize((light[..., None] * tint).astype(np.float32), shape))


def _smeared(light: Field, length: float, rng: np.random.Generator) -> Field:
    size = int(length) * 2 + 3
    kernel = np.zeros((size, size), np.float32)
    way, middle = rng.uniform(0, np.pi), size / 2 - 0.5
    reach = np.array([np.cos(way), np.sin(way)]) * length / 2
    ends = np.rint((middle + np.outer((-1, 1), reach)) * 256).astype(int).tolist()
    cv2.line(kernel, ends[0], ends[1], (1.0,), 1, cv2.LINE_AA, 8)
    total = kernel.sum()
    return light if total <= 0 else np.asarray(cv2.filter2D(light, -1, kernel / total))


def _developed(light: Field, noise: float, quality: int, rng: np.random.Generator,
               sharpen: float = 0.6) -> bytes:
    """JPEG of linear light: photon noise, the camera's curve, its sharpening."""
    tile = rng.standard_normal((1031, 1033, 3)).astype(np.float32)
    rows, columns = (-(-size // part) for size, part in zip(light.shape[:2], tile.shape))
    grain = np.tile(tile, (rows, columns, 1))[: light.shape[0], : light.shape[1]]
    cv2.multiply(grain, np.sqrt(np.clip(light, 0, 1) + 0.05), grain, noise)
    levels = cv2.pow(np.clip(light + grain, 0, 1), 1 / GAMMA)
    soft = cv2.GaussianBlur(levels, (0, 0), 1.2)
    levels = cv2.addWeighted(levels, 255 * (1 + sharpen), soft, -255 * sharpen, 0)
    out = BytesIO()
    Image.fromarray(np.clip(levels, 0, 255).astype(np.uint8)).save(out, "JPEG", quality=quality)
    return out.getvalue()


def _canvases(page: Page) -> Points:
    """Canvas corners (cells, 4, 2) on the paper, in mm."""
    layout = page.identity.layout
    offset = (np.array(PAPERS[page.paper]) - layout.frame) / 2
    square = np.array([[0, 0], [1, 0], [1, 1], [0, 1]]) * layout.canvas
    return np.array([square + layout.canvas_square(index) + offset
                     for index in range(len(page.identity.chars))])


def _stamp(light: Field, glyph: Field, place: Points, colour: NDArray[np.float32]) -> None:
    """Lay ink on the page in place, exact to a fraction of a pixel."""
    whole = np.floor(place).astype(int)
    padded = cv2.copyMakeBorder(glyph, 0, 1, 0, 1, cv2.BORDER_CONSTANT, value=0)
    shift = np.hstack([np.eye(2), (place - whole)[:, None]])
    moved = cv2.warpAffine(padded, shift, padded.shape[::-1], flags=cv2.INTER_LINEAR)
    part = light[whole[1]:whole[1] + len(moved), whole[0]:whole[0] + len(moved)]
    part *= 1 - moved[..., None] * (1 - colour)


def _linear(levels: NDArray[np.uint8]) -> Field:
    table = ((np.arange(256) / 255) ** GAMMA).astype(np.float32)
    return table[levels]


def _dithered(printed: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Ordered dither as a laser printer does it, 4 pixels a dot cell."""
    grey = printed.mean(-1)
    bayer = np.array([[0, 8, 2, 10], [12, 4, 14, 6], [3, 11, 1, 9], [15, 7, 13, 5]])
    rows, columns = (-(-size // 8) for size in grey.shape)
    screen = np.tile(np.kron(bayer, np.ones((2, 2))) * 16 + 8, (rows, columns))
    screen = screen[: grey.shape[0], : grey.shape[1]]
    return np.where((grey < screen) & (grey < 250), 0, 255).astype(np.uint8)[..., None].repeat(3, 2)
