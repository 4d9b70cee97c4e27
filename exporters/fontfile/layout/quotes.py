"""The quotes ‘ ’ “ ” in both widths: full where hanzi are written, a letter's own beside letters.

As in Noto CJK and Source Han: the region decides what a quote is by default, `locl` what it is in
text of another language, `pwid` and `fwid` what it is on demand. Beyond them an apostrophe
between two letters is narrow by itself (`calt`), since few programs say what language it is in.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping

QUOTES = tuple(map(ord, "‘’“”"))
NARROW, WIDE = "pwid", "fwid"

_APOSTROPHE = ord("’")
_LANGUAGES = {NARROW: ("KOR",), WIDE: ("JAN", "ZHS", "ZHT", "ZHH")}
_SCRIPTS = ("hang", "hani", "kana", "latn")


def other_width(region: str) -> str:
    """The feature that brings the width which quotes don't have in this region."""
    return WIDE if region == "kr" else NARROW


def languages(region: str) -> tuple[str, ...]:
    """OpenType tags of the languages in which quotes have the other width."""
    return _LANGUAGES[other_width(region)]


def features(names: Mapping[int, str], forms: Iterable[int], region: str,
             alternates: Iterable[str] = ()) -> str:
    """`locl`, `pwid` or `fwid`, and `calt`, in feature-file syntax.

    `names` is by codepoint; `forms` are the quotes that have a glyph NAME.pwid or NAME.fwid;
    `alternates` are further glyphs of letters.
    """
    there = frozenset(forms)
    if not there:
        return ""
    tag = other_width(region)
    rows = [f"    sub {names[c]} by {names[c]}.{tag};" for c in QUOTES if c in there]
    lines = ["lookup quotes {", *rows, "} quotes;", "feature locl {"]
    for script in _SCRIPTS:
        lines.append(f"    script {script};")
        lines += [f"    language {language}; lookup quotes;" for language in languages(region)]
    lines += ["} locl;", f"feature {tag} {{ lookup quotes; }} {tag};"]
    letters = [name for c, name in names.items() if _is_letter(c)]
    if tag == NARROW and _APOSTROPHE in there and letters:
        quote, beside = names[_APOSTROPHE], " ".join([*letters, *alternates])
        lines += [f"@letters = [{beside}];", "lookup apostrophe {",
                  f"    sub @letters {quote}' lookup quotes @letters;", "} apostrophe;",
                  "feature calt { lookup apostrophe; } calt;"]
    return "\n".join(lines)


def _is_letter(codepoint: int) -> bool:
    """Of an alphabet that writes apostrophes."""
    character = chr(codepoint)
    return unicodedata.category(character) in ("Lu", "Ll") and unicodedata.east_asian_width(
        character) not in "WF"
