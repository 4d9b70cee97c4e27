"""Faces as strokes: the characters of a font laid on the content's, kept in one file a face."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from fonts.charset import named, recommended
from fonts.regions import script_of
from fonts.render import Face
from glyphgen.strokes.ink import THIN
from glyphgen.strokes.laid.lay import Laid
from glyphgen.strokes.library import Library
from glyphgen.strokes.network import PROJECT_WIDTH, USUAL
from training.corpus import FaceRow, is_held_out

MOST = 24               # strokes of a character that is trained on
_COMMON = 0.85          # share of characters that most fonts have
_KANJI = 3000           # of JIS X 0208 that count as common


@dataclass(frozen=True)
class StrokeFace:
    """N characters of one face; only the first `count` strokes of each are there."""

    design: str
    category: str
    codepoints: NDArray[np.int32]       # (N,)
    count: NDArray[np.int16]            # (N,)
    content: NDArray[np.float32]        # (V, N, MOST, 16, 2) canvas pixels, V times otherwise
    strokes: NDArray[np.float32]        # (N, MOST, 16, 2)
    width: NDArray[np.float32]          # (N, MOST, 4) terms of log(half-width / USUAL)

    @property
    def there(self) -> NDArray[np.bool_]:
        """Which strokes there are (N, MOST)."""
        return np.arange(MOST) < self.count[:, None]

    def save(self, path: Path) -> None:
        """Write an .npz file."""
        with path.open("wb") as file:
            np.savez_compressed(file, **vars(self))

    @classmethod
    def load(cls, path: Path) -> StrokeFace:
        """Read what `save` wrote."""
        with np.load(path, allow_pickle=False) as arrays:
            parts = {name: arrays[name] for name in cls.__dataclass_fields__}
        return cls(str(parts.pop("design")), str(parts.pop("category")), **parts)


def chosen(row: FaceRow, face: Face, library: Library, most: int) -> list[int]:
    """The characters of a face to lay: of `train` never a held-out one, of others the recommended
    ones first."""
    pool = sorted(c for c in library.codepoints if c in face.cmap and script_of(c) == "han"
                  and c not in library.split)
    if row.split == "train":
        pool = [c for c in pool if not is_held_out(c)]
    rng = np.random.default_rng(sum(map(ord, row.design)))
    rng.shuffle(pool)
    usual = set(named("gb2312").codepoints) | set(named("jis0208").codepoints[:_KANJI])
    common = [c for c in pool if c in usual]
    rest = [c for c in pool if c not in usual]
    order = common[: round(most * _COMMON)] + rest[:most]
    if row.split != "train":
        asked = [ord(c) for c in recommended(row.region) if ord(c) in pool]
        order = asked + [c for c in common if c not in asked]
    return order[:most]


def face_of(design: str, category: str, laid: Mapping[int, Laid],
            bases: Sequence[Sequence[NDArray[np.float32]]]) -> StrokeFace:
    """A face of laid characters; bases: V times, where each one's strokes were expected."""
    width = np.stack([_padded(one.half_width) for one in laid.values()])
    logs = np.log(np.maximum(width, THIN) / USUAL).astype(np.float32)
    return StrokeFace(
        design, category, np.array([*laid], np.int32),
        np.array([len(one.strokes) for one in laid.values()], np.int16),
        np.stack([np.stack([_padded(base) for base in one]) for one in bases]),
        np.stack([_padded(one.strokes) for one in laid.values()]),
        (torch.from_numpy(logs) @ PROJECT_WIDTH.T).numpy())


def _padded(strokes: NDArray[np.float32]) -> NDArray[np.float32]:
    """(S, ...) as (MOST, ...)."""
    return np.pad(strokes, ((0, MOST - len(strokes)),) + ((0, 0),) * (strokes.ndim - 1))
