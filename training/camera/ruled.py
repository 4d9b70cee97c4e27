"""Virtual pictures of writing on ruled paper of eight kinds, photographed or scanned.

A page is light (H, W, 3) at `SCALE` pixels a mm; rules are printed on it, glyphs of a font are its
ink, and a camera that is held almost squarely, or a scanner, looks at a part of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fonts.drawing import CANVAS, EM_PIXELS, Field
from fonts.render import Face
from training.camera.photograph import GAMMA, PENS

Picture = NDArray[np.uint8]
Box = tuple[float, float, float, float]     # left, top, width and height, mm
Ends = tuple[float, float, float, float]    # x and y of both, mm

SCALE = 20              # pixels a mm
MARGIN = 8.0            # mm of paper around the cells
INKS = ("black", "blue", "grey")
LIGHT = {"red": (226, 120, 110), "green": (120, 190, 140), "blue": (140, 180, 226),
         "grey": (170, 170, 170), "orange": (240, 170, 110)}
DARK = {"black": (50, 50, 52), "red": (196, 40, 46), "green": (30, 110, 70), "blue": (40, 60, 150)}
TINTS = {"white": (250, 250, 250), "cream": (248, 238, 206), "green": (222, 238, 216),
         "pink": (250, 226, 224)}


@dataclass(frozen=True)
class Ruled:
    """Ruled paper: what is printed and where one writes."""

    kind: str
    light: Field                 # (H, W, 3), linear
    cells: tuple[Box, ...]       # row by row
    columns: int


@dataclass(frozen=True)
class Taken:
    """A picture (H, W, 3) of a part of a page, and the same of the page without its rules."""

    picture: Picture
    plain: Picture


class _Print:
    """Rules on paper: `lines` are rows of x0, y0, x1, y1 in mm."""

    def __init__(self, size: tuple[float, float], tint: str) -> None:
        self.size = size
        shape = round(size[1] * SCALE), round(size[0] * SCALE)
        self.cover = np.zeros(shape, np.uint8)
        self.tint = tint

    def line(self, ends: Ends, width: float,
             dash: float = 0.0) -> None:
        """A line from (x0, y0) to (x1, y1); dashes of `dash` mm where it is not 0."""
        start, stop = np.array(ends[:2]), np.array(ends[2:])
        corner = np.maximum(np.floor(np.minimum(start, stop) * SCALE) - SCALE, 0).astype(int)
        far = np.ceil(np.maximum(start, stop) * SCALE).astype(int) + SCALE
        part = self.cover[corner[1]:far[1], corner[0]:far[0]]
        mask = np.zeros(part.shape[:2], np.uint8)
        length = float(np.linalg.norm(stop - start))
        pieces = [(0.0, 1.0)] if not dash else [
            (at / length, min(1, (at + dash) / length))
            for at in np.arange(0, length, 1.7 * dash)]
        for piece in pieces:
            one, other = (np.rint(((start + (stop - start) * at) * SCALE - corner) * 16)
                          .astype(int).tolist() for at in piece)
            cv2.line(mask, one, other, (255,), max(1, round(width * SCALE)), cv2.LINE_AA, 4)
        np.maximum(part, mask, out=part)

    def light(self, colour: tuple[int, int, int] | None) -> Field:
        """Linear light (H, W, 3) of the page, its lines in a colour; without lines for None."""
        paper = ((np.array(TINTS[self.tint]) / 255) ** GAMMA).astype(np.float32)
        light = np.broadcast_to(paper, (*self.cover.shape, 3)).copy()
        if colour is not None:
            ink = ((np.array(colour) / 255) ** GAMMA).astype(np.float32)
            light *= 1 - self.cover[..., None] / np.float32(255) * (1 - ink)
        return light


def _squares(pen: _Print, cells: list[Box], width: float, inner: Callable[[Box], list[Ends]],
             dash: float) -> None:
    """A frame around each cell, and thinner lines in it."""
    frames: set[Ends] = set()               # those that two cells share are printed once
    for x, y, w, h in (map(lambda v: round(v, 3), cell) for cell in cells):
        right, bottom = round(x + w, 3), round(y + h, 3)
        frames |= {(x, y, right, y), (x, bottom, right, bottom), (x, y, x, bottom),
                   (right, y, right, bottom)}
    for ends in sorted(frames):
        pen.line(ends, width)
    for cell in cells:
        for ends in inner(cell):
            pen.line(ends, width * 0.7, dash)


def _cross(box: Box) -> list[Ends]:
    x, y, w, h = box
    return [(x, y + h / 2, x + w, y + h / 2), (x + w / 2, y, x + w / 2, y + h)]


def _rice(box: Box) -> list[Ends]:
    x, y, w, h = box
    return [*_cross(box), (x, y, x + w, y + h), (x, y + h, x + w, y)]


def _nine(box: Box) -> list[Ends]:
    x, y, w, h = box
    return [line for part in (1 / 3, 2 / 3) for line in
            ((x, y + h * part, x + w, y + h * part), (x + w * part, y, x + w * part, y + h))]


def _nothing(box: Box) -> list[Ends]:
    return []


KINDS = ("field", "dashed field", "rice", "nine", "lines", "columns", "graph", "manuscript")


def rule(kind: str, rows: int, columns: int, rng: np.random.Generator) -> tuple[Ruled, Ruled]:
    """Paper of a kind with room for rows and columns of characters, and the same without rules."""
    side = rng.uniform(11, 20)
    gap = {"manuscript": rng.uniform(2, 4)}.get(kind, 0.0)
    cells = [(MARGIN + column * (side + gap), MARGIN + row * side, side, side)
             for row in range(rows) for column in range(columns)]
    size = (2 * MARGIN + columns * (side + gap) - gap, 2 * MARGIN + rows * side)
    tint = str(rng.choice(["white", "white", "cream", "green", "pink"]))
    dark = rng.random() < 0.35
    inks = DARK if dark else LIGHT
    colour = inks[str(rng.choice(list(inks)))]
    width = rng.uniform(0.15, 0.3 if dark else 0.5)
    pen = _Print(size, tint)
    dash = rng.uniform(0.6, 1.6)
    inner = {"field": (_cross, 0.0), "dashed field": (_cross, dash), "rice": (_rice, dash),
             "nine": (_nine, dash), "manuscript": (_nothing, 0.0)}
    if kind in inner:
        _squares(pen, cells, width, *inner[kind])
    else:
        pitch = rng.uniform(4, 7) if kind == "graph" else side
        _ruled(pen, kind, pitch, width)
    return (Ruled(kind, pen.light(colour), tuple(cells), columns),
            Ruled(kind, pen.light(None), tuple(cells), columns))


def _ruled(pen: _Print, kind: str, pitch: float, width: float) -> None:
    """Lines across the whole page, down, or both."""
    wide, high = pen.size
    if kind in ("lines", "graph"):
        for y in np.arange(MARGIN, high, pitch):
            pen.line((0, y, wide, y), width)
    if kind in ("columns", "graph"):
        for x in np.arange(MARGIN, wide, pitch):
            pen.line((x, 0, x, high), width)


def write(page: Ruled, face: Face, chars: str, pen: str, rng: np.random.Generator,
          order: Callable[[int], int] = lambda index: index) -> Ruled:
    """The page with `chars` in its cells, `order` telling the cell of each."""
    light = page.light.copy()
    colour = ((np.array(PENS[pen]) / 255) ** GAMMA).astype(np.float32)
    em = page.cells[0][2] * rng.uniform(0.74, 0.92)
    side = round(em * CANVAS / EM_PIXELS * SCALE / 8) * 8
    for index, char in enumerate(chars):
        glyph = face.coverage(ord(char), side)
        if glyph is None:
            continue
        x, y, w, h = page.cells[order(index)]
        middle = np.array([x + w / 2, y + h / 2]) + rng.normal(0, 0.02 * w, 2)
        left, top = np.rint(middle * SCALE - side / 2).astype(int)
        part = light[max(top, 0):top + side, max(left, 0):left + side]
        glyph = glyph[max(-top, 0):, max(-left, 0):][:part.shape[0], :part.shape[1]]
        part *= 1 - glyph[..., None] * (1 - colour)
    return Ruled(page.kind, light, page.cells, page.columns)


def take(pages: tuple[Ruled, Ruled], box: Box, density: float, turn: float, lean: float,
         rng: np.random.Generator) -> Taken:
    """Pictures of the part `box` (mm) of a page and of its twin without rules, in one light.

    `density` pixels a mm, turned by `turn` degrees, `lean` the share by which one side is
    farther away. Every other condition is drawn by `rng`.
    """
    x, y, w, h = box
    size = round(w * density), round(h * density)
    corners = np.array([[0, 0], [1, 0], [1, 1], [0, 1]]) - 0.5
    angle = np.deg2rad(turn)
    spin = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    way = rng.normal(0, 1, 2)
    far = 1 + lean * (corners @ (way / np.linalg.norm(way)))
    seen = (corners * [w, h]) @ spin.T * far[:, None] + (x + w / 2, y + h / 2)
    first = np.maximum(np.floor((seen.min(0) - 1) * SCALE), 0).astype(int)
    last = np.ceil((seen.max(0) + 1) * SCALE).astype(int)
    matrix = cv2.getPerspectiveTransform(((corners + 0.5) * size).astype(np.float32),
                                         (seen * SCALE - first).astype(np.float32))
    blur = rng.uniform(0.02, 0.08)
    shade = _shade(size, rng)
    noise = rng.uniform(0.004, 0.02) * rng.standard_normal((size[1], size[0], 3), np.float32)
    quality = int(rng.integers(75, 96))
    pictures = []
    for page in pages:
        part = page.light[first[1]:last[1], first[0]:last[0]]
        soft = cv2.GaussianBlur(part, (0, 0), float(np.hypot(blur, 0.4 / density)) * SCALE)
        light = shade * cv2.warpPerspective(
            soft, matrix, size, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REPLICATE)
        levels = np.clip(np.clip(light, 0, 1) ** (1 / GAMMA) + noise, 0, 1)
        pictures.append(_jpeg((levels * 255).astype(np.uint8), quality))
    return Taken(*pictures)


def _shade(size: tuple[int, int], rng: np.random.Generator) -> Field:
    """Light (H, W, 1) over the picture: a slope, and sometimes a soft shadow."""
    x, y = np.meshgrid(np.linspace(-1, 1, size[0]), np.linspace(-1, 1, size[1]))
    way = rng.uniform(0, 2 * np.pi)
    along = x * np.cos(way) + y * np.sin(way)
    light = rng.uniform(0.75, 1.0) * (1 + rng.uniform(0, 0.25) * along)
    if rng.random() < 0.3:
        light *= 1 - rng.uniform(0.2, 0.5) / (1 + np.exp(-8 * (along - rng.uniform(-0.5, 0.8))))
    return light[..., None].astype(np.float32)


def _jpeg(picture: Picture, quality: int) -> Picture:
    """The picture, written as JPEG and read again."""
    out = BytesIO()
    Image.fromarray(picture).save(out, "JPEG", quality=quality)
    return np.asarray(Image.open(out))
