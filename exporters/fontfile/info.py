"""What a font says about itself: names, version, vendor, licence, region."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass

from fonts.errors import UserError
from fonts.regions import REGIONS

METRICS = ("google", "legacy")
MAX_GLYPHS = 65_535         # maxp.numGlyphs is a uint16
MAX_FAMILY = 31             # GDI's LF_FACESIZE without its NUL

WEIGHT_NAMES = {
    100: "Thin", 200: "ExtraLight", 300: "Light", 400: "Regular", 500: "Medium",
    600: "SemiBold", 700: "Bold", 800: "ExtraBold", 900: "Black",
}
LANGUAGES = {"cn": 0x804, "tw": 0x404, "hk": 0xC04, "jp": 0x411, "kr": 0x412}


class ExportError(UserError):
    """A font that cannot be made or written; one line says which and what to do."""


@dataclass(frozen=True)
class FontInfo:
    """Names and settings of one font file.

    `version` counts exports: 1.000, 1.001, ... `vendor` is the four-letter tag of OS/2;
    `localised_family` is the family name in the region's language; `tracking` is what every
    advance is changed by, `bearings` the white that single glyphs of their own width get beyond
    the usual: (codepoint, left, right), units.
    Raises ExportError for what no system would install.
    """

    family: str = "My Hand"
    localised_family: str = ""
    weight: int = 400
    version: int = 0
    designer: str = ""
    vendor: str = "NONE"
    copyright: str = ""
    licence: str = ""
    licence_url: str = ""
    region: str = "cn"
    metrics: str = "google"
    tracking: int = 0
    bearings: tuple[tuple[int, int, int], ...] = ()

    def __post_init__(self) -> None:
        for what, value, allowed in (("region", self.region, REGIONS),
                                     ("metrics", self.metrics, METRICS),
                                     ("weight", self.weight, tuple(WEIGHT_NAMES))):
            if value not in allowed:
                names = ", ".join(map(str, allowed))
                raise ExportError(f"{what} {value!r} is unknown: choose one of {names}")
        for name in filter(None, (self.family, self.localised_family)):
            _check_family(name, self.linked_style(name)[0])
        if not self.family:
            raise ExportError("the family name is empty: give the font a name")
        if not 0 <= self.version <= 64_999:
            raise ExportError(f"version {self.version} is out of range: 0 to 64999")
        if not re.fullmatch(r"[\x20-\x7e]{1,4}", self.vendor):
            raise ExportError("vendor {name} must be 1 to 4 ASCII characters",
                              name=repr(self.vendor))

    @property
    def style(self) -> str:
        """Style name of the weight."""
        return WEIGHT_NAMES[self.weight]

    @property
    def revision(self) -> str:
        """Version number as text, 1.000 at the first export."""
        return f"{1 + self.version // 1000}.{self.version % 1000:03d}"

    @property
    def postscript_family(self) -> str:
        """Family part of the PostScript name: unreserved ASCII, unique per family."""
        plain = re.sub(r"[^A-Za-z0-9]", "", self.family)
        if plain and self.family.isascii():
            return plain
        digest = hashlib.sha256(self.family.encode()).hexdigest()[:8]
        return f"{plain or 'Hand'}{digest}"

    @property
    def postscript_name(self) -> str:
        """`Family-Style`, at most 46 characters."""
        return f"{self.postscript_family}-{self.style}"

    @property
    def language(self) -> int:
        """Windows language identifier of the region."""
        return LANGUAGES[self.region]

    def linked_style(self, family: str) -> tuple[str, str]:
        """Name IDs 1 and 2: only Regular and Bold link, other weights are families of their own."""
        if self.weight in (400, 700):
            return family, self.style
        return f"{family} {self.style}", "Regular"


def _check_family(name: str, linked: str) -> None:
    if name != name.strip() or not name.isprintable():
        raise ExportError("family name {name} has blanks around it or control characters: remove "
                          "them", name=repr(name))
    if len(linked.encode("utf-16-be")) // 2 > MAX_FAMILY:
        raise ExportError("family name {name} is longer than {n} characters, which Windows "
                          "refuses: shorten it", name=repr(linked), n=MAX_FAMILY)


def check_count(glyphs: int, codepoints: Iterable[int]) -> None:
    """Refuse more glyphs than a font file can number; say which block to leave out."""
    if glyphs <= MAX_GLYPHS:
        return
    largest: dict[int, int] = {}
    for codepoint in codepoints:
        largest[codepoint >> 12] = largest.get(codepoint >> 12, 0) + 1
    block = max(largest, key=lambda key: (largest[key], key))
    raise ExportError("{n} glyphs are more than the {most} a font file holds: leave out {over}, "
                      "for instance from U+{start} to U+{end} ({size} characters)",
                      n=f"{glyphs:,}", most=f"{MAX_GLYPHS:,}", over=f"{glyphs - MAX_GLYPHS:,}",
                      start=f"{block << 12:04X}", end=f"{(block << 12) + 0xFFF:04X}",
                      size=f"{largest[block]:,}")
