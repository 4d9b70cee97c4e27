"""A specimen page to send: one HTML file with a poem, a letter and favourite characters.

It carries those characters of the font that it shows and asks for nothing, so that it looks the
same anywhere, from a disk as from a mail. Its words are in the language of the font's region.
"""

from __future__ import annotations

import base64
import io
import json
from functools import lru_cache
from html import escape
from pathlib import Path
from string import Template
from typing import Any

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

from exporters.fontfile.info import ExportError
from fonts.charset import composed
from fonts.regions import script_of

MOST = 300_000          # bytes of a page
_HERE = Path(__file__).parent
_NAMES = {0x804: "zh-Hans", 0x404: "zh-Hant", 0xC04: "zh-Hant-HK", 0x411: "ja", 0x412: "ko"}
_PAGES_LANGUAGE = ((17, "ja"), (18, "zh-Hans"), (19, "ko"), (20, "zh-Hant"))
_REGIONS = {"cn": "zh-Hans", "tw": "zh-Hant", "hk": "zh-Hant", "jp": "ja", "kr": "ko"}
_LATIN = "AaBbCcDdEeFfGgHhIiJjKkLlMmNnOoPpQqRrSsTtUuVvWwXxYyZz 0123456789 &?!"
_SHOWING = {"GlyphOrder", "head", "hhea", "hmtx", "maxp", "name", "OS/2", "post", "cmap", "glyf",
            "loca", "CFF ", "CFF2", "fvar", "gvar", "avar", "HVAR", "vhea", "vmtx", "VORG", "GDEF",
            "GSUB", "GPOS", "BASE"}      # tables; old fonts have others that nothing reads
_LABELS = ("rows", "columns", "letters", "characters", "light", "has", "carries", "missing")
_LESS = (60, 24, 0)     # favourite characters, where the font is too heavy for more


def specimen_text(region: str) -> str:
    """All that the page of a font of this region may show when it is given no text."""
    kinds = (_words(_REGIONS[region]), _words("en"))
    return _LATIN + "".join(_poem(words) + "".join(words["letter"]) + words["favourites"]
                            + "".join(words[key] for key in _LABELS) for words in kinds)


def specimen_html(data: bytes, text: str | None = None, *, vertical: bool = False,
                  count: int | None = None) -> tuple[str, list[int]]:
    """The page of a font (TTF or OTF bytes), and the codepoints of `text` that the font lacks.

    `text` stands in for the poem and the letter; `vertical` sets columns before rows; `count` is
    how many characters the font has that this one is a part of, if it is.
    Raises ExportError for a text of nothing, and where the page would be over 300 KB.
    """
    if text is not None and not text.strip():
        raise ExportError("there is no text to preview: give some characters")
    font = TTFont(io.BytesIO(data))
    size = 0
    for most in _LESS:
        page = _Page(font, composed(text) if text else None, most)
        html = page.html(data, vertical, count)
        size = len(html.encode())
        if size <= MOST:
            return html, page.missing
    raise ExportError("the page would have {size} KB and {most} KB are the most: give less text",
                      size=-(-size // 1000), most=MOST // 1000)


class _Page:
    """What one page shows: `text` or, of the poem and the letter, those the font has whole."""

    def __init__(self, font: TTFont, text: str | None, most: int) -> None:
        self.font, self.text = font, text
        self.mapping: dict[int, str] = font.getBestCmap()
        self.seen = {chr(c) for c in self.mapping if chr(c).isprintable() and chr(c).strip()}
        self.language = _language(font)
        self.words = _words(self.language)
        kinds = (self.words, _words("en"))
        self.poem = next((w for w in kinds if not text and self._has(_poem(w))), None)
        self.letter = next((w["letter"] for w in kinds
                            if not text and self._has("".join(w["letter"]))), None)
        own = dict.fromkeys(c for c in text or "" if c.isprintable() and not c.isspace())
        usual = dict.fromkeys(self.words["favourites"])
        chosen = dict.fromkeys([*own, *usual, *_words("en")["favourites"],
                                *sorted(self.seen)])
        count = max(len(usual), min(len(own), most))
        self.favourites = "".join(c for c in chosen if c in self.seen
                                  and script_of(ord(c)) != "sign")[:min(most, count)]
        self.latin = _LATIN if self._has(_LATIN) and self.language != "en" else ""
        self.missing = sorted({ord(c) for c in own} - self.mapping.keys())

    def _has(self, text: str) -> bool:
        return all(ord(c) in self.mapping for c in text if not c.isspace())

    def html(self, data: bytes, vertical: bool, count: int | None) -> str:
        """The whole page."""
        family = _family(self.font)
        named = family if self._has(family) else ""
        shown = set("".join([self.text or "", _poem(self.poem) if self.poem else "",
                             *(self.letter or ()), self.favourites, self.latin, named, " ",
                             *(self.words[key] for key in _LABELS)]))
        names = self.font["name"]
        facts = [self.words["has"].format(n=f"{count or len(self.seen):,}"),
                 self.words["carries"].format(n=f"{len(self.seen & shown):,}"),
                 *(names.getDebugName(number) for number in (5, 9, 0, 13, 14))]
        return _template().substitute(
            language=self.language, family=escape(family),
            font=_woff2(data, "".join(sorted(shown))),
            name=escape(family) if named else f'<span lang="">{escape(family)}</span>',
            indent="0" if self.language in ("ko", "en") else
            "1em" if self.language == "ja" else "2em",
            light=self.words["light"], body="\n".join(self._sections(vertical)),
            facts=escape(" · ".join(fact for fact in facts if fact)))

    def _sections(self, vertical: bool) -> list[str]:
        set_text = self._marked(self.text) if self.text else ""
        if self.poem is not None:
            poem = self.poem["poem"]
            title = f'<span class="title">{poem["title"]} {poem["by"]}</span>'
            set_text = title + escape("\n".join(poem["lines"]))
        sections = []
        if set_text:
            two = [_section(self.words["rows"], f'<div class="text hand">{set_text}</div>')]
            if self.language != "en":
                inside = f'<div class="text hand upright" tabindex="0">{set_text}</div>'
                two.append(_section(self.words["columns"], inside))
            sections = ['<div class="both">', *(two[::-1] if vertical else two), "</div>"]
        if self.letter:
            lines = [f"<p>{escape(line)}</p>" for line in self.letter]
            if len(self.letter[-1]) < 12:
                lines[-1] = f'<p class="close">{escape(self.letter[-1])}</p>'
            sections.append(_section(self.words["letters"],
                                     f'<div class="letter hand">{"".join(lines)}</div>'))
        if self.favourites or self.latin:
            cells = "".join(f"<span>{escape(c)}</span>" for c in self.favourites)
            latin = f'<div class="latin hand">{escape(self.latin)}</div>' if self.latin else ""
            sections.append(_section(self.words["characters"],
                                     f'<div class="grid hand">{cells}</div>{latin}'))
        return [*self._lacking(), *sections]

    def _marked(self, text: str) -> str:
        """The text, with a box for every character that the font lacks."""
        return "".join(f'<span class="lack">{escape(c)}</span>' if ord(c) in self.missing
                       else escape(c) for c in text.strip("\r\n"))

    def _lacking(self) -> list[str]:
        listed = " ".join(f"{chr(c)} (U+{c:04X})" for c in self.missing)
        said = escape(self.words["missing"].format(chars=listed))
        return [f'<p class="missing">{said}</p>'] if self.missing else []


def _section(title: str, inside: str) -> str:
    return f"<section>\n<h2>{title}</h2>\n{inside}\n</section>"


@lru_cache
def _template() -> Template:
    return Template((_HERE / "specimen.html").read_text("utf-8"))


@lru_cache
def _all_words() -> dict[str, dict[str, Any]]:
    known: dict[str, dict[str, Any]] = json.loads((_HERE / "specimen.json").read_text("utf-8"))
    return known


def _words(language: str) -> dict[str, Any]:
    return _all_words()[language.removesuffix("-HK")]


def _poem(words: dict[str, Any]) -> str:
    poem = words["poem"]
    return "".join([poem["title"], poem["by"], *poem["lines"]])


def _woff2(data: bytes, text: str) -> str:
    """The characters of a text, with what joins, turns and spaces them, as base64."""
    options = Options(layout_features=["*"], name_IDs=["*"], name_languages=["*"],
                      notdef_outline=True, recalc_timestamp=False, hinting=False)
    font = TTFont(io.BytesIO(data), recalcTimestamp=False)
    for tag in set(font.keys()) - _SHOWING:
        del font[tag]
    subsetter = Subsetter(options)
    subsetter.populate(text=text)
    subsetter.subset(font)
    stream = io.BytesIO()
    font.flavor = "woff2"
    font.save(stream)
    return base64.b64encode(stream.getvalue()).decode("ascii")


def _family(font: TTFont) -> str:
    """The family name in the language of the region where there is one."""
    names = font["name"]
    for language in _NAMES:
        for identifier in (16, 1):
            record = names.getName(identifier, 3, 1, language)
            if record:
                return str(record)
    return str(names.getBestFamilyName() or "Font")


def _language(font: TTFont) -> str:
    """BCP 47 tag: of a name in a language, by the first East Asian code page, or English."""
    spoken = {record.langID for record in font["name"].names if record.platformID == 3}
    pages = getattr(font["OS/2"], "ulCodePageRange1", 0)
    named = [tag for language, tag in _NAMES.items() if language in spoken]
    paged = [tag for bit, tag in _PAGES_LANGUAGE if pages >> bit & 1]
    return next(iter([*named[:1], *paged]), "en")
