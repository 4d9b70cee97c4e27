"""Figures of a drawn glyph against the true one, on pixels of an exported font file.

Every font is drawn by Pillow with the em square at 110 of 128 pixels, so that the figures are those
of the file a person installs, hinting and rounding included.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from fontTools.pens.recordingPen import DecomposingRecordingPen
from fontTools.ttLib import TTFont
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from skimage.morphology import skeletonize

from fonts.drawing import distance_inside
from fonts.render import Face

Picture = NDArray[np.float32]     # (128, 128), ink 1, paper 0

SIZE, EM = 128, 110
FIGURES = ("l1", "rmse", "ssim", "skill", "iou", "nl1", "chamfer", "breaks", "ink_drawn",
           "ink_true")
FINE_EM = 400                     # pixels of the em where single strokes are measured
_FINE, _FINE_AT = 640, (120, 472)  # the canvas for that, and where the baseline begins on it
_LARGE, _BOX = 330, 112           # pixels of the em, and of the longer side, for style retrieval
_NOWHERE = 500.0                  # chamfer of a drawing without a skeleton, 1/1000 em
_BREAK = 4                        # pixels of ink that make a part


class _Source:
    """One face of a font file, set up for Pillow."""

    def __init__(self, path: Path, index: int) -> None:
        face = Face(path, index)
        self.path, self.index = path, index
        self.codepoints = frozenset(face.cmap)
        self.font = ImageFont.truetype(path, EM, index, layout_engine=ImageFont.Layout.BASIC)
        self._sized = {EM: self.font}
        self.baseline = (SIZE - EM) / 2 + EM * face.em_top

    def sized(self, size: int) -> ImageFont.FreeTypeFont:
        """Pillow's font at `size` pixels an em, opened once."""
        if size not in self._sized:
            self._sized[size] = self.font.font_variant(size=size)
        return self._sized[size]

    @cached_property
    def _tables(self) -> TTFont:
        return TTFont(BytesIO(self.path.read_bytes()), lazy=True, fontNumber=self.index)

    @cached_property
    def names(self) -> dict[int, str]:
        """Codepoint to glyph name."""
        return self._tables.getBestCmap()

    @cached_property
    def glyphs(self) -> Any:
        """fontTools' outlines by glyph name."""
        return self._tables.getGlyphSet()


class Typeset:
    """A font as pictures of its characters; where a file lacks one, the next file is asked.

    files: (path, face index) each. Raises FontError for what is no font.
    """

    def __init__(self, *files: tuple[Path, int]) -> None:
        self.sources = [_Source(path, index) for path, index in files]

    @cached_property
    def codepoints(self) -> frozenset[int]:
        """What the character maps hold, with ink or without."""
        return frozenset().union(*(source.codepoints for source in self.sources))

    def _source(self, char: str) -> _Source | None:
        return next((s for s in self.sources if ord(char) in s.codepoints), None)

    def has(self, char: str) -> bool:
        """Whether the character is there and has ink."""
        return ord(char) in self.codepoints and bool(self.picture(char).any())

    def picture(self, char: str) -> Picture:
        """The character in the em square; blank where there is none."""
        return self._framed(char, 1)

    def large(self, char: str) -> Picture:
        """The character in the em square at twice the size (256, 256), for people to look at."""
        return self._framed(char, 2)

    def _framed(self, char: str, times: int) -> Picture:
        side, source = times * SIZE, self._source(char)
        if source is None:
            return np.zeros((side, side), np.float32)
        at = (side / 2, times * source.baseline)
        return _ink(_written(side, at, char, source.sized(times * EM), "ms"))

    def fine(self, char: str) -> Picture:
        """The character at 400 pixels an em (640, 640), where single strokes can be measured."""
        source = self._source(char)
        if source is None:
            return np.zeros((_FINE, _FINE), np.float32)
        return _ink(_written(_FINE, _FINE_AT, char, source.sized(FINE_EM), "ls"))

    def points(self, char: str) -> int:
        """Points of the character's outline as the file stores them, components resolved."""
        source = self._source(char)
        if source is None:
            return 0
        pen = DecomposingRecordingPen(source.glyphs)
        source.glyphs[source.names[ord(char)]].draw(pen)
        return sum(len(points) for operator, points in pen.value if operator != "closePath")

    def boxed(self, char: str) -> Picture:
        """The character's ink alone, centred, its longer side at 112 pixels."""
        out, source = Image.new("L", (SIZE, SIZE), 0), self._source(char)
        if source is not None:
            image = _written(640, (320, 460), char, source.sized(_LARGE), "ms")
            if (box := image.getbbox()) is not None:
                image = image.crop(box)
                scale = _BOX / max(image.size)
                width, height = (max(1, round(side * scale)) for side in image.size)
                image = image.resize((width, height), Image.Resampling.LANCZOS)
                out.paste(image, ((SIZE - width) // 2, (SIZE - height) // 2))
        return _ink(out)

    def line(self, char: str) -> NDArray[np.uint8]:
        """The character black on white (64, 80, 3), as a text recogniser expects a line."""
        image, source = Image.new("RGB", (80, 64), (255, 255, 255)), self._source(char)
        if source is not None:
            font = source.sized(52)
            ImageDraw.Draw(image).text((40, 54), char, font=font, fill=0, anchor="ms")
        return np.array(image)


def _written(side: int, at: tuple[float, float], char: str, font: ImageFont.FreeTypeFont,
             anchor: str) -> Image.Image:
    """The character on a square of `side` pixels; blank where its instructions do not run."""
    image = Image.new("L", (side, side), 0)
    with contextlib.suppress(OSError):
        ImageDraw.Draw(image).text(at, char, font=font, fill=255, anchor=anchor)
    return image


def _ink(image: Image.Image) -> Picture:
    return np.asarray(image, np.float32) / np.float32(255)


def ssim(a: Picture, b: Picture) -> float:
    """Structural similarity, mean over 7 x 7 windows that lie wholly inside (Wang et al. 2004)."""
    x, y = a.astype(np.float64), b.astype(np.float64)
    mean_x, mean_y = (cv2.blur(v, (7, 7)) for v in (x, y))
    unbiased = 49 / 48
    var_x, var_y, cov = (unbiased * (cv2.blur(v, (7, 7)) - m) for v, m in (
        (x * x, mean_x * mean_x), (y * y, mean_y * mean_y), (x * y, mean_x * mean_y)))
    low, high = 0.01**2, 0.03**2
    score = ((2 * mean_x * mean_y + low) * (2 * cov + high)
             / ((mean_x**2 + mean_y**2 + low) * (var_x + var_y + high)))
    return float(score[3:-3, 3:-3].mean())


def distance_to(mask: NDArray[np.bool_]) -> Picture:
    """Distance of every pixel to the nearest one of `mask`."""
    return distance_inside((~mask).astype(np.uint8))


def _parts(ink: NDArray[np.bool_]) -> int:
    """Connected parts of the ink, specks left out."""
    stats = cv2.connectedComponentsWithStats(ink.astype(np.uint8), connectivity=8)[2]
    return int((stats[1:, cv2.CC_STAT_AREA] >= _BREAK).sum())


@dataclass(frozen=True)
class Target:
    """A true glyph, and what every comparison with it needs."""

    picture: Picture

    @cached_property
    def ink(self) -> NDArray[np.bool_]:
        return self.picture > 0.5

    @cached_property
    def skeleton(self) -> NDArray[np.bool_]:
        return skeletonize(self.ink)

    @cached_property
    def distance(self) -> Picture:
        return distance_to(self.skeleton)

    @cached_property
    def blank_ssim(self) -> float:
        return ssim(np.zeros_like(self.picture), self.picture)

    @cached_property
    def parts(self) -> int:
        return _parts(self.ink)

    def chamfer(self, ink: NDArray[np.bool_]) -> float:
        """Mean distance between the skeletons both ways, 1/1000 em."""
        other = skeletonize(ink)
        if not other.any() or not self.skeleton.any():
            return _NOWHERE
        there = distance_to(other)[self.skeleton].mean(dtype=np.float64)
        back = self.distance[other].mean(dtype=np.float64)
        return float((there + back) / 2 * 1000 / EM)

    def figures(self, drawn: Picture) -> NDArray[np.float64]:
        """The values of FIGURES for one drawing of this glyph.

        `skill` is SSIM on a scale where a blank scores 0; `nl1` is L1 over the true ink, 1 for a
        blank; `breaks` counts the parts that the drawing has more than the truth.
        """
        true, ink = self.picture, drawn > 0.5
        error = np.abs(drawn - true).astype(np.float64)
        similar, union = ssim(drawn, true), int((ink | self.ink).sum())
        return np.array([
            error.mean(), np.sqrt((error**2).mean()), similar,
            (similar - self.blank_ssim) / (1 - self.blank_ssim),
            int((ink & self.ink).sum()) / max(1, union), error.sum() / max(true.sum(), 1e-6),
            self.chamfer(ink), max(0, _parts(ink) - self.parts), drawn.sum(), true.sum(),
        ])


def summarise(figures: NDArray[np.float64]) -> dict[str, float]:
    """Means of rows of FIGURES (N, 10); `ink` is the ratio of all ink drawn to all true ink."""
    means = dict(zip(FIGURES, figures.mean(0).tolist()))
    means["ink"] = means.pop("ink_drawn") / max(means.pop("ink_true"), 1e-9)
    return {name: round(value, 4) for name, value in means.items()}


def style_hits(drawn: Typeset, true: Typeset, others: Sequence[Typeset],
               chars: Iterable[str]) -> NDArray[np.bool_]:
    """Per character, whether the drawing lies nearer to the true glyph than to any other font's.

    Distance is L1 on ink boxes; a missing drawing is no hit, a font that lacks the character does
    not take part.
    """
    hits = []
    for char in chars:
        glyph = drawn.boxed(char)
        own = np.abs(true.boxed(char) - glyph).sum()
        rivals = (other.boxed(char) for other in others)
        hits.append(bool(glyph.any()) and all(
            np.abs(rival - glyph).sum() > own for rival in rivals if rival.any()))
    return np.array(hits, bool)


class Reader:
    """A text recogniser that sees one character at a time; needs `glyphgen[judge]`."""

    def __init__(self) -> None:
        try:
            from rapidocr_onnxruntime import RapidOCR
        except ImportError:
            raise ValueError("reading needs rapidocr-onnxruntime: install glyphgen[judge], "
                             "or give --no-ocr") from None
        self._engine = RapidOCR(intra_op_num_threads=1, inter_op_num_threads=1)

    def reads(self, font: Typeset, char: str) -> bool:
        """Whether the character is there and is read as itself."""
        if ord(char) not in font.codepoints:
            return False
        result, _ = self._engine(font.line(char), use_det=False, use_cls=False, use_rec=True)
        return bool(result) and result[0][0][:1] == char


def interval(values: NDArray[np.float64], repeats: int = 1000) -> list[float]:
    """95 % bootstrap interval of the mean of (N,) values."""
    rng = np.random.default_rng(0)
    means = rng.choice(values, (repeats, len(values))).mean(1)
    return [round(float(x), 3) for x in np.percentile(means, (2.5, 97.5))]
