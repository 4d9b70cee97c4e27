"""Virtual photographs and scans of a filled-in sheet, with the truth for every cell.

A page is printed through the same PDF as a real one, glyphs of a font are its ink, and a pinhole
camera with a curved lens looks at the slightly crumpled paper under uneven light. Blur and light
act on linear light, noise and JPEG on what the camera writes.
"""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO

import cv2
import numpy as np
import pypdfium2
from numpy.typing import NDArray
from PIL import Image

from fonts.drawing import Field, Points
from fonts.render import Face
from fonts.sheet.layout import PAPERS, Identity
from training.camera.lens import STEP, Camera, Conditions

Picture = NDArray[np.uint8]

PENS = {"black": (28, 28, 32), "blue": (30, 52, 140), "red": (186, 36, 44),
        "green": (24, 104, 60), "grey": (78, 78, 84)}
TRUTH = 512                       # side of a truth canvas, pixels
GAMMA = 2.2

_BAND, _HALO = 512, 48            # rows of a picture made at once, and those around them


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
    camera = Camera.aim(PAPERS[page.paper], megapixels, spec, rng)
    sigma = float(np.hypot(rng.uniform(*spec.blur), 0.4 / camera.density))
    soft = cv2.GaussianBlur(page.light, (0, 0), sigma * page.scale)
    mesh = camera.look()
    lighting = _lighting(mesh, page, spec, rng)
    desk = tuple((rng.uniform(0.03, 0.5, 3) * rng.uniform(0.3, 1)).tolist())
    kernel = _smear(rng.uniform(0, spec.motion) * camera.density * rng.integers(2), rng)
    develop = _Developer.draw(spec, rng)
    width, height = camera.size
    picture = np.empty((height, width, 3), np.uint8)
    for top in range(0, height, _BAND):
        first, last = max(0, top - _HALO), min(height, top + _BAND + _HALO)
        where = _rows(mesh, first, last, width)
        light = cv2.remap(soft, where * page.scale - 0.5, None, cv2.INTER_LINEAR,
                          borderMode=cv2.BORDER_CONSTANT, borderValue=desk)
        light *= develop.grain(where)
        light *= _rows(lighting, first, last, width)
        if kernel is not None:
            light = cv2.filter2D(light, -1, kernel)
        picture[top:top + _BAND] = develop(light, first)[top - first:top - first + _BAND]
    data = _jpeg(picture, int(rng.integers(*spec.quality)))
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
    develop = _Developer(0.006, 0.3, _noise(rng), _texture(rng))
    data = _jpeg(develop(light * 0.93, 0), quality)
    corners = _canvases(page) @ rows[:, :2].T + rows[:, 2]
    return Photograph(data, page, corners, float(np.prod(frame)) / 1e6, 0.0)


def _rows(coarse: Field, first: int, last: int, width: int) -> Field:
    """Rows `first` to `last`, multiples of STEP or the end, of a mesh at full size."""
    before, after = max(0, first // STEP - 1), min(len(coarse), -(-last // STEP) + 1)
    part = coarse[before:after]
    full = cv2.resize(part, (part.shape[1] * STEP, len(part) * STEP))
    return np.ascontiguousarray(full[first - before * STEP:last - before * STEP, :width])


def _lighting(mesh: NDArray[np.float32], page: Page, spec: Conditions,
              rng: np.random.Generator) -> Field:
    """Light (..., 3) falling on the paper points of a mesh."""
    unit = (mesh - np.array(PAPERS[page.paper]) / 2) / 150
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
    return (light[..., None] * rng.uniform(0.86, 1.05, 3)).astype(np.float32)


def _smear(length: float, rng: np.random.Generator) -> Field | None:
    """Kernel of a movement of `length` pixels while the picture was taken."""
    if length <= 0:
        return None
    size = int(length) * 2 + 3
    kernel = np.zeros((size, size), np.float32)
    way, middle = rng.uniform(0, np.pi), size / 2 - 0.5
    reach = np.array([np.cos(way), np.sin(way)]) * length / 2
    ends = np.rint((middle + np.outer((-1, 1), reach)) * 256).astype(int).tolist()
    cv2.line(kernel, ends[0], ends[1], (1.0,), 1, cv2.LINE_AA, 8)
    return kernel / kernel.sum() if kernel.sum() > 0 else None


@dataclass(frozen=True)
class _Developer:
    """Linear light to levels: photon noise, the camera's curve, its sharpening."""

    noise: float
    sharpen: float
    tile: Field                # (M, N, 3) of noise
    texture: Field             # (512, 512) of paper

    @classmethod
    def draw(cls, spec: Conditions, rng: np.random.Generator) -> _Developer:
        """One camera's."""
        return cls(rng.uniform(*spec.noise), rng.uniform(0, 0.8), _noise(rng), _texture(rng))

    def grain(self, where: Field) -> Field:
        """Factor (H, W, 1) of the paper's texture."""
        grain = cv2.remap(self.texture, np.mod(where * 6, 511), None, cv2.INTER_LINEAR)
        return (1 + 0.04 * grain)[..., None]

    def __call__(self, light: Field, first: int) -> Picture:
        """Levels (H, W, 3) of a band of light whose first row is `first`."""
        height, width = light.shape[:2]
        rows = (first + np.arange(height)) % len(self.tile)
        grain = np.tile(self.tile, (1, -(-width // self.tile.shape[1]), 1))[rows, :width]
        light = np.clip(light, 0, 1)
        light += self.noise * grain * np.sqrt(light + 0.05)
        levels = cv2.pow(np.clip(light, 0, 1), 1 / GAMMA)
        soft = cv2.GaussianBlur(levels, (0, 0), 1.2)
        levels = cv2.addWeighted(levels, 255 * (1 + self.sharpen), soft, -255 * self.sharpen, 0)
        return np.clip(levels, 0, 255).astype(np.uint8)


def _noise(rng: np.random.Generator) -> Field:
    return rng.standard_normal((613, 617, 3), np.float32)


def _texture(rng: np.random.Generator) -> Field:
    grain = rng.standard_normal((512, 512), np.float32)
    return np.asarray(cv2.GaussianBlur(grain, (0, 0), 2))


def _jpeg(picture: Picture, quality: int) -> bytes:
    out = BytesIO()
    Image.fromarray(picture).save(out, "JPEG", quality=quality)
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
