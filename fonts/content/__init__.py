"""The content source: what every target character looks like before it is in anybody's hand.

Two openly licensed sources (OFL-1.1, see `LICENSES.md` beside this file), cut down by
`fonts.content.build`: Hei is Noto Sans CJK with the forms of five regions, Kai is LXGW WenKai,
whose skeleton is closer to a hand, and Klee One, from which it was made, where a region writes as
Japan does. `hei-REGION.otf` and `kai-REGION.ttf` hold only what differs from `hei-cn.otf` and
`kai.ttf`. Kai stands in for the few signs that Hei lacks.
"""

from __future__ import annotations

import unicodedata
from functools import cached_property, lru_cache
from pathlib import Path
from threading import Lock

from fonts.drawing import Field
from fonts.errors import UserError
from fonts.regions import REGIONS
from fonts.render import Face

FOLDER = Path(__file__).parent
_INKLESS = ("Zs", "Zl", "Zp", "Cc", "Cf")
_COMMON = "cn"          # the region whose Hei has what is not written otherwise elsewhere
_OPENING = Lock()
_KEPT = 64              # characters whose drawings are kept, 128 KiB each
_FILLERS = (0x115F, 0x1160, 0x302A, 0x302B, 0x3164, 0xFFA0)     # no ink on the canvas


class MissingContent(UserError, LookupError):
    """A character that the content source does not have."""


class Content:
    """The content drawings of one region, rendered on demand."""

    def __init__(self, region: str = "cn") -> None:
        if region not in REGIONS:
            raise UserError(f"region {region!r} is unknown, choose one of {', '.join(REGIONS)}")
        self.region = region

    def __reduce__(self) -> tuple[type[Content], tuple[str]]:
        return Content, (self.region,)              # faces stay in their process

    @cached_property
    def _hei(self) -> list[Face]:
        """The region's own glyphs first, then the common ones, then Kai's."""
        names = [f"hei-{name}.otf" for name in dict.fromkeys((self.region, _COMMON))]
        return [*map(_face, names), _face("kai.ttf")]

    @cached_property
    def codepoints(self) -> frozenset[int]:
        """Everything that can be drawn: what the sources map, less what has no ink."""
        mapped = set().union(*(face.cmap for face in self._hei))
        return frozenset(c for c in mapped if c not in _FILLERS
                         and unicodedata.category(chr(c)) not in _INKLESS)

    @cached_property
    def _own_kai(self) -> list[Face]:
        """Kai's glyphs of the region's own forms, where it has such."""
        name = f"kai-{self.region}.ttf"
        return [_face(name)] if (FOLDER / name).exists() else []

    @property
    def own_kai(self) -> frozenset[int]:
        """What the region's Kai draws in a form of its own."""
        return frozenset(*(face.cmap for face in self._own_kai))

    def hei(self, codepoint: int) -> Field:
        """The Hei drawing (128, 128); MissingContent where there is none."""
        for face in self._hei:
            field = face.field(codepoint, oversample=2)
            if field is not None:
                return field
        raise MissingContent(f"U+{codepoint:04X} is not in the content font, it cannot be drawn")

    def lowered(self, codepoint: int, units: float) -> Field | None:
        """The Hei drawing, so far below its place; None where there is none."""
        for face in self._hei:
            field = face.field(codepoint, oversample=2, lift=-units)
            if field is not None:
                return field
        return None

    def is_regional(self, codepoint: int) -> bool:
        """Whether the Hei drawing is this region's own."""
        return self.region != _COMMON and codepoint in self._hei[0].cmap

    def has(self, codepoint: int) -> bool:
        """Whether the character has ink here."""
        try:
            return self.hei(codepoint) is not None
        except MissingContent:
            return False

    def pair(self, codepoint: int) -> tuple[Field, Field]:
        """The Hei and the Kai drawing; Hei twice where Kai lacks the character.

        Not to be changed: those of the last few dozen characters are kept, since a hand's samples
        are asked for again and again while it is learnt.
        """
        return _pair(self, codepoint)


@lru_cache(maxsize=_KEPT)
def _pair(content: Content, codepoint: int) -> tuple[Field, Field]:
    hei = content.hei(codepoint)
    faces = (*content._own_kai, _face("kai.ttf"))
    kai = (face.field(codepoint, oversample=2) for face in faces)
    return hei, next((field for field in kai if field is not None), hei)


def _face(name: str) -> Face:
    with _OPENING:                      # threads may draw; FreeType opens one file at a time
        return _opened(name)


@lru_cache(maxsize=16)
def _opened(name: str) -> Face:
    return Face(FOLDER / name)
