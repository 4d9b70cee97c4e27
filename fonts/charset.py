"""Character sets by name, derived from codecs by explicit row, or read from `fonts/charsets`."""

from __future__ import annotations

import contextlib
import difflib
import itertools
import re
import unicodedata
from collections.abc import Callable, Iterable
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from fonts import signs
from fonts.errors import UserError
from fonts.regions import HANGUL, REGIONS, SAMPLES

_LISTS = Path(__file__).parent / "charsets"
_FILE_LIMIT = 16 << 20      # bytes of an @FILE
_NO_COMPATIBILITY = re.compile(r"[^\uF900-\uFAFF\U0002F800-\U0002FA1F]+")
_HIGH = range(0xA1, 0xFF)   # second bytes of the EUC codecs
_LOW = (*range(0x40, 0x7F), *range(0x80, 0xA1))     # further second bytes of GBK
_GBK_PLACES = {     # hanzi of FE50 to FEA0 that the codec of GB 18030-2000 leaves in private use
    0xE816: 0x20087, 0xE817: 0x20089, 0xE818: 0x200CC, 0xE81E: 0x9FB4, 0xE826: 0x9FB5,
    0xE82B: 0x9FB6, 0xE82C: 0x9FB7, 0xE831: 0x215D7, 0xE832: 0x9FB8, 0xE83B: 0x2298F,
    0xE843: 0x9FB9, 0xE854: 0x9FBA, 0xE855: 0x241FE, 0xE864: 0x9FBB,
}


class CharsetError(UserError):
    """A charset that cannot be resolved; one line says what and what to do."""


class Charset(NamedTuple):
    """A named, duplicate-free tuple of codepoints, in the order natural to the set."""

    name: str
    codepoints: tuple[int, ...]
    description: str


def _rows(codec: str, lead: Iterable[int], trail: Iterable[int]) -> list[int]:
    """Codepoints of a two-byte codec's rows, cells that it leaves empty skipped."""
    return _cells(codec, itertools.product(lead, tuple(trail)))


def _cells(codec: str, cells: Iterable[tuple[int, int]]) -> list[int]:
    points = []
    for cell in cells:
        with contextlib.suppress(UnicodeDecodeError):
            points.append(ord(bytes(cell).decode(codec)))
    return points


def _big5() -> list[int]:
    """The 5,401 + 7,652 hanzi of A440 to C67E and C940 to F9D5, without vendors' additions."""
    cells = itertools.product(range(0xA4, 0xFA), (*range(0x40, 0x7F), *_HIGH))
    levels = (c for c in cells if c <= (0xC6, 0x7E) or (0xC9, 0x40) <= c <= (0xF9, 0xD5))
    return _cells("big5", levels)


def _gbk() -> list[int]:
    """The 21,003 hanzi of GBK/2, GBK/3 and GBK/4, the last 80 (FE50 to FEA0) as of GB 18030."""
    blocks = (
        (range(0xB0, 0xF8), _HIGH),
        (range(0x81, 0xA1), (*_LOW, *_HIGH)),
        (range(0xAA, 0xFE), _LOW),
    )
    points = [point for lead, trail in blocks for point in _rows("gbk", lead, trail)]
    last = _rows("gb18030", (0xFE,), _LOW)
    return points + _rows("gbk", (0xFE,), range(0x40, 0x50)) + [
        _GBK_PLACES.get(point, point) for point in last[0x10:]]


def _gbk_signs() -> list[int]:
    """The 883 characters of GBK/1 and GBK/5, rows A1 to A9."""
    points = _rows("gbk", range(0xA1, 0xAA), _HIGH) + _rows("gbk", (0xA8, 0xA9), _LOW)
    return [*points, *map(ord, signs.GBK_LATER)]


def _listed(name: str) -> list[int]:
    text = (_LISTS / f"{name}.txt").read_text(encoding="utf-8")
    return [ord(char) for char in text if char != "\n"]


def _kana() -> list[int]:
    return [*range(0x3041, 0x3097), *range(0x309B, 0x309F), *range(0x30A1, 0x30FF)]


def _latin() -> list[int]:
    latin_1 = (point for point in range(0xA0, 0x100) if point != 0xAD)
    return [*range(0x20, 0x7F), *latin_1, *map(ord, signs.LATIN_MORE)]


def _punctuation() -> list[int]:
    general = "‐–—―‘’“”†‡•‥…‰′″※℃№"
    return [
        *map(ord, general),
        *range(0x3000, 0x3004), *range(0x3005, 0x3012), *range(0x3014, 0x3016),
        0x301C, 0x301D, 0x301F, *range(0xFF01, 0xFF5F), 0xFFE0, 0xFFE1, 0xFFE5,
    ]


def _jamo() -> list[int]:
    """The 93 Hangul letters of KS X 1001 that stand alone, without their filler."""
    return [*range(0x3131, 0x3164), *range(0x3165, 0x318F)]


def _sample() -> list[int]:
    return [ord(char) for char in SAMPLES["cn"]]


def _gb2312(first: int, last: int) -> list[int]:
    return _rows("gb2312", range(first, last + 1), _HIGH)


def _jis(first: int, last: int) -> list[int]:
    """Kanji of JIS X 0208 from row `first` to row `last`."""
    return _rows("euc_jp", range(0xA0 + first, 0xA1 + last), _HIGH)


_SETS: dict[str, tuple[Callable[[], list[int]], str]] = {
    "gb2312": (lambda: _gb2312(0xB0, 0xF7), "hanzi of GB 2312, both levels (China)"),
    "gb2312-1": (lambda: _gb2312(0xB0, 0xD7), "hanzi of GB 2312 level 1, the frequent ones"),
    "gb2312-2": (lambda: _gb2312(0xD8, 0xF7), "hanzi of GB 2312 level 2"),
    "tongyong-8105": (lambda: _listed("tongyong-8105"), "通用规范汉字表, China's table of 2013"),
    "gbk": (_gbk, "hanzi of GBK, simplified and traditional"),
    "uro": (lambda: list(range(0x4E00, 0xA000)),
            "Unicode's block CJK Unified Ideographs; all but its last 16 can be drawn"),
    "gbk-signs": (_gbk_signs, "signs of GBK, rows A1 to A9, with boxes and vertical forms"),
    "big5": (_big5, "hanzi of Big5, both levels (Taiwan, Hong Kong)"),
    "hkscs-common": (lambda: _listed("hkscs-common"),
                     "what Hong Kong and Cantonese write beyond Big5, the frequent ones"),
    "tw4808": (lambda: _listed("tw4808"), "常用國字標準字體表, Taiwan's common characters"),
    "jis1": (lambda: _jis(16, 47), "kanji of JIS X 0208 level 1"),
    "jis0208": (lambda: _jis(16, 84), "kanji of JIS X 0208, both levels (Japan)"),
    "joyo": (lambda: _listed("joyo"), "常用漢字, Japan's regular-use kanji of 2010"),
    "ksx1001": (lambda: _rows("euc_kr", range(0xB0, 0xC9), _HIGH), "Hangul of KS X 1001 (Korea)"),
    "hangul": (lambda: list(HANGUL), "all modern Hangul syllables"),
    "kana": (_kana, "hiragana and katakana"),
    "jamo": (_jamo, "Hangul letters that stand alone"),
    "latin": (_latin, "ASCII, Latin-1 and what Windows adds: letters, digits, signs, spaces"),
    "punctuation": (_punctuation, "CJK, general and full-width punctuation and full-width ASCII"),
    "signs": (lambda: [*map(ord, signs.SIGNS)],
              "arrows, shapes, mathematics, numbers in circles, Roman numerals, units"),
    "pinyin": (lambda: [*map(ord, signs.PINYIN)], "letters of Pinyin with tones"),
    "bopomofo": (lambda: [*map(ord, signs.BOPOMOFO)], "注音符號 and their tones"),
    "greek": (lambda: [*map(ord, signs.GREEK)], "Greek letters"),
    "cyrillic": (lambda: [*map(ord, signs.CYRILLIC)], "Russian letters"),
    "hanzi-signs": (lambda: [*map(ord, signs.HANZI_SIGNS)],
                    "hanzi that Big5 and JIS X 0208 keep among their signs"),
    "sample": (_sample, "the characters that are recommended for writing (China)"),
}
NAMES = tuple(_SETS)

_DEFAULTS = {
    "cn": "gb2312,kana,latin,punctuation,signs,pinyin,bopomofo,greek,cyrillic",
    "tw": "big5,hanzi-signs,kana,latin,punctuation,signs,bopomofo,greek",
    "hk": "big5,hkscs-common,kana,latin,punctuation,signs,greek",
    "jp": "jis0208,hanzi-signs,joyo,kana,latin,punctuation,signs,greek,cyrillic",
    "kr": "hangul,jamo,latin,punctuation,signs,greek",
}


@lru_cache
def named(name: str) -> Charset:
    """The charset of one name. Raises CharsetError for an unknown name."""
    if name not in _SETS:
        raise CharsetError(f"no charset is named {name!r}; names: {' '.join(NAMES)}")
    build, description = _SETS[name]
    return Charset(name, tuple(dict.fromkeys(build())), description)


def all_charsets() -> tuple[Charset, ...]:
    """Every named charset, in the order of the documentation."""
    return tuple(named(name) for name in _SETS)


def default_for(region: str) -> str:
    """The default charset of a region, as a spec for `resolve`."""
    return _region(_DEFAULTS, region)


def recommended(region: str) -> str:
    """The characters that a person of the region is asked to write, about 30, as text."""
    return _region(SAMPLES, region)


def _region(table: dict[str, str], region: str) -> str:
    if region not in table:
        raise CharsetError(f"no region is named {region!r}; regions: {' '.join(REGIONS)}")
    return table[region]


def resolve(spec: str) -> Charset:
    """The charset of `spec`: names joined by commas, `@FILE` (UTF-8 text) among them, or a text.

    A spec without a name or file is text, of which every character is taken but controls and
    white space. Raises CharsetError for a misspelt name, an unreadable file or an empty set.
    """
    parts = [part.strip() for part in spec.split(",") if part.strip()]
    if not any(part in _SETS or part.startswith("@") for part in parts):
        for part in parts:
            _refuse_misspelt(part)
        return Charset("text", _nonempty(_points(spec), spec), "the characters of a text")
    sets = [_part(part) for part in parts]
    if len(sets) == 1:
        return sets[0]
    points = dict.fromkeys(point for charset in sets for point in charset.codepoints)
    return Charset(
        ",".join(charset.name for charset in sets), tuple(points),
        "; ".join(charset.description for charset in sets),
    )


def names_file(spec: str) -> bool:
    """Whether a charset's spec has an `@FILE` in it."""
    return any(part.strip().startswith("@") for part in spec.split(","))


def composed(text: str) -> str:
    """The text in NFC, but compatibility ideographs (豈, 福) stay what they are.

    This is the one normalisation of all that a person types or names a file by: NFC would change
    a compatibility ideograph to another character, whose glyph was not asked for.
    """
    return _NO_COMPATIBILITY.sub(lambda match: unicodedata.normalize("NFC", match[0]), text)


def _part(part: str) -> Charset:
    if part in _SETS:
        return named(part)
    if part.startswith("@"):
        points = _nonempty(_points(_read(Path(part[1:]).expanduser())), part)
        return Charset(part, points, f"the characters of {part[1:]}")
    _refuse_misspelt(part)
    return Charset("text", _nonempty(_points(part), part), "the characters of a text")


def _refuse_misspelt(part: str) -> None:
    near = difflib.get_close_matches(part.lower(), _SETS, n=1, cutoff=0.75)
    if near:
        raise CharsetError("no charset is named {name}; did you mean {near}? (a text that looks "
                           "like a name goes into a file: @FILE)", name=repr(part),
                           near=repr(near[0]))


def _read(path: Path) -> str:
    try:
        if not path.is_file():
            raise CharsetError(f"{path}: cannot be read: there is no such file")
        if path.stat().st_size > _FILE_LIMIT:
            raise CharsetError(f"{path}: over {_FILE_LIMIT >> 20} MiB; give a shorter text file")
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise CharsetError(f"{path}: not UTF-8 text; save it as UTF-8") from None
    except OSError as error:
        raise CharsetError("cannot be read: {reason}",
                           path, reason=error.strerror or error) from None


def _points(text: str) -> tuple[int, ...]:
    """Codepoints of a text in order, composed (NFC), compatibility ideographs as they are."""
    return tuple(dict.fromkeys(
        ord(char) for char in composed(text)
        if not char.isspace() and unicodedata.category(char) not in ("Cc", "Cf", "Cs")
        and not _is_selector(ord(char))
    ))


def _is_selector(point: int) -> bool:
    return 0xFE00 <= point <= 0xFE0F or 0xE0100 <= point <= 0xE01EF


def _nonempty(points: tuple[int, ...], where: str) -> tuple[int, ...]:
    if not points:
        raise CharsetError("charset {name} holds no character; give a name, @FILE or a text",
                           name=repr(where))
    return points
