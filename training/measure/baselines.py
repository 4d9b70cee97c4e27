"""What a generated font is measured against: fonts that cost no model, and a drawing gone wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from fonts.content import FOLDER, Content, MissingContent
from fonts.drawing import CANVAS, EM_PIXELS, SPREAD, Field, coverage
from fonts.errors import UserError
from fonts.regions import HANGUL
from glyphgen.network.frame import estimate, warp
from training.corpus import SPLITS, WRITTEN, FaceRow, read_manifest
from training.measure.metrics import EM, SIZE, Picture, Typeset

Pictures = Callable[[str], Picture]

DISTRACTORS = Path(__file__).with_name("distractors.txt")
RIVALS = Path(__file__).with_name("rivals.txt")
_LEVELS = np.linspace(-2.5, 1.5, 81)
_COVERED = 0.95                 # share of the characters that a nearest font must have


class EvaluationError(UserError):
    """An evaluation that cannot be run as asked; one line says why and what to do."""


def is_hangul(codepoint: int) -> bool:
    """Whether it is a modern Hangul syllable."""
    return codepoint in HANGUL


def script_of(text: str) -> str:
    """`hangul` or `han`, by the first character."""
    return "hangul" if is_hangul(ord(text[0])) else "han"


@dataclass(frozen=True)
class Library:
    """The corpus fonts in `folder` that a run may open: those of `splits`, and no others."""

    folder: Path
    splits: tuple[str, ...]
    _open: dict[FaceRow, Typeset] = field(default_factory=dict)
    _seen: dict[tuple[FaceRow, str], NDArray[np.uint8] | None] = field(default_factory=dict)

    def path(self, row: FaceRow) -> Path:
        """Where the row's font lies. EvaluationError for a split that is not allowed."""
        if row.split not in self.splits:
            raise EvaluationError(f"{row.design} is of the {row.split} split, this run may open "
                                  f"{' and '.join(self.splits)} only")
        path = self.folder / row.file_name
        if not path.is_file():
            raise EvaluationError(f"{path}: not there, run `python -m training.corpus fetch "
                                  f"{self.folder}`")
        return path

    def typeset(self, row: FaceRow) -> Typeset:
        """The row's font, opened once."""
        if row not in self._open:
            self._open[row] = Typeset((self.path(row), row.face_index))
        return self._open[row]

    def distractors(self, script: str) -> list[FaceRow]:
        """The fixed faces of distractors.txt for `han` or `hangul`, which must be of `train`."""
        return _listed(DISTRACTORS, script)

    def rivals(self, row: FaceRow, script: str) -> list[FaceRow]:
        """The faces of rivals.txt for `han` or `hangul`, of other designs, the most alike first:
        of one category, then hands or prints both, then of one region, then by name."""
        def unlike(other: FaceRow) -> tuple[bool, bool, bool, str]:
            return (other.category != row.category,
                    (other.category in WRITTEN) != (row.category in WRITTEN),
                    other.region != row.region, other.file_name)
        return sorted((r for r in _listed(RIVALS, script) if r.design != row.design), key=unlike)

    def nearest(self, true: Typeset, references: str, chars: Sequence[str],
                without: str) -> FaceRow | None:
        """The training face whose references look most like the true ones (lowest nl1).

        Faces of the design `without`, and faces that lack the characters, are passed over.
        """
        wanted = np.stack([true.picture(c) for c in references])
        scores = []
        for row in read_manifest(["train"]):
            if (row.region == "kr") != (script_of(references) == "hangul"):
                continue
            if row.design == without or not (self.folder / row.file_name).is_file():
                continue
            if (pictures := self._references(row, references)) is not None:
                error = np.abs(pictures.astype(np.float32) / 255 - wanted).sum((1, 2))
                scores.append((float((error / wanted.sum((1, 2))).mean()), row))
        for _, row in sorted(scores, key=lambda pair: pair[0]):
            held = self.typeset(row).codepoints
            if sum(ord(c) in held for c in chars) >= _COVERED * len(chars):
                return row
        return None

    def _references(self, row: FaceRow, references: str) -> NDArray[np.uint8] | None:
        """Pictures of the references (N, 128, 128); None where the face cannot draw all of them."""
        key = (row, references)
        if key not in self._seen:
            font = Typeset((self.path(row), row.face_index))
            drawn = np.stack([np.rint(font.picture(c) * 255) for c in references])
            complete = drawn.any((1, 2)).all()
            self._seen[key] = drawn.astype(np.uint8) if complete else None
        return self._seen[key]


def _listed(path: Path, script: str) -> list[FaceRow]:
    """The faces that a list names for a script. EvaluationError for one that is not of `train`."""
    rows = {row.file_name: row for row in read_manifest(SPLITS)}
    names = [line.split()[1] for line in path.read_text(encoding="utf-8").splitlines()
             if line.startswith(f"{script} ")]
    for name in names:
        if name not in rows or rows[name].split != "train":
            raise EvaluationError(f"{name} in {path.name} is no face of the train split")
    return [rows[name] for name in names]


def hei_font(region: str) -> Typeset:
    """The Hei content of a region, as a font."""
    names = dict.fromkeys((f"hei-{region}.otf", "hei-cn.otf"))
    return Typeset(*((FOLDER / name, 0) for name in names))


def kai_font(region: str) -> Typeset:
    """The Kai content, as a font; Hei where it lacks a character."""
    own = [] if region == "cn" else [f"kai-{region}.ttf"]
    names = dict.fromkeys((*own, "kai.ttf", f"hei-{region}.otf", "hei-cn.otf"))
    return Typeset(*((FOLDER / name, 0) for name in names))


def content_font(name: str, region: str) -> Typeset:
    """The content font `hei` or `kai` of a region."""
    return {"hei": hei_font, "kai": kai_font}[name](region)


@dataclass(frozen=True)
class Fitted:
    """A content font under the affine and the level that bring it nearest to the references."""

    content: Content
    source: int                 # 0 Hei, 1 Kai
    theta: torch.Tensor         # (2, 3), for `glyphgen.network.frame.warp`
    level: float

    def field(self, char: str) -> Field | None:
        """The fitted drawing (128, 128), in the canvas's framing; None where content is missing."""
        try:
            pair = self.content.pair(ord(char))
        except MissingContent:
            return None
        fitted: Field = _warped(pair[self.source][None], self.theta)[0] - np.float32(self.level)
        return fitted

    def __call__(self, char: str) -> Picture:
        """The fitted drawing, in the figures' framing; blank where content is missing."""
        drawing = self.field(char)
        return np.zeros((SIZE, SIZE), np.float32) if drawing is None else _reframed(drawing)


def fit_content(content: Content, references: Mapping[int, Field]) -> Fitted:
    """Hei or Kai, whichever fits the reference fields (128, 128) better; ink matched by level."""
    wanted = np.stack(list(references.values()))
    true = np.stack([coverage(f) for f in wanted])
    pairs = np.stack([np.stack(content.pair(c)) for c in references])
    fits = []
    for source in (0, 1):
        drawn = np.ascontiguousarray(pairs[:, source])
        theta = estimate(torch.from_numpy(wanted), torch.from_numpy(drawn))
        moved = _warped(drawn, theta)
        ink = np.array([np.clip(moved - level + 0.5, 0, 1).sum() for level in _LEVELS])
        level = float(_LEVELS[np.abs(ink - true.sum()).argmin()])
        error = np.abs(np.clip(moved - level + 0.5, 0, 1) - true).sum((1, 2)) / true.sum((1, 2))
        fits.append((float(error.mean()), Fitted(content, source, theta, level)))
    return min(fits, key=lambda pair: pair[0])[1]


def _warped(fields: Field, theta: torch.Tensor) -> Field:
    batch = torch.from_numpy(fields)[:, None]
    moved: Field = warp(batch, theta.expand(len(fields), 2, 3))[:, 0].numpy()
    return moved.clip(-SPREAD, SPREAD)


def _reframed(drawing: Field) -> Picture:
    """A field in the canvas's framing as ink in the figures' framing."""
    shrink = EM / EM_PIXELS
    shift = (0.5 - SIZE / 2) / shrink + CANVAS / 2 - 0.5
    matrix = np.array([[1 / shrink, 0, shift], [0, 1 / shrink, shift]])
    moved = cv2.warpAffine(drawing, matrix, (SIZE, SIZE), borderValue=-SPREAD,
                           flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP)
    return np.clip(moved * shrink + 0.5, 0, 1)


def blank(char: str) -> Picture:
    """Nothing at all: what every figure must be better than."""
    return np.zeros((SIZE, SIZE), np.float32)


def dilated(pictures: Pictures) -> Pictures:
    """Adversary: every stroke a pixel wider on each side, which tolerant figures do not see."""
    kernel = np.ones((3, 3), np.uint8)
    return lambda char: cv2.dilate(pictures(char), kernel)
