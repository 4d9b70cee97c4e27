"""A specimen page: one HTML file that carries the font, for looking, typing and printing."""

from __future__ import annotations

import base64
import io
from html import escape
from string import Template

from fontTools.ttLib import TTFont

_SHOWN = 4000           # characters in the table of the specimen
_LANGUAGES = {0x804: "zh-Hans", 0x404: "zh-Hant", 0xC04: "zh-Hant-HK", 0x411: "ja", 0x412: "ko"}
_WATERFALL = (16, 20, 24, 32, 48, 72)
_PAGES_LANGUAGE = ((17, "ja"), (18, "zh-Hans"), (19, "ko"), (20, "zh-Hant"))

_PAGE = Template("""<!DOCTYPE html>
<html lang="$language">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>$family</title>
<style>
@font-face { font-family: "specimen"; src: url(data:font/woff2;base64,$font) format("woff2"); }
:root { color-scheme: light; }
body { margin: 2rem auto; max-width: 60rem; padding: 0 1rem; background: #fff; color: #111;
  font: 16px/1.5 system-ui, sans-serif; }
h1, .text, .fall, .upright, .table { font-family: "specimen"; font-weight: normal; }
h1 { font-size: 3rem; margin: 0; line-height: 1.3; }
h2 { font-size: 1rem; color: #666; font-weight: normal; margin: 2.5rem 0 .5rem; }
.facts, .missing { color: #666; margin: .25rem 0; }
.missing { color: #a00; }
.text { font-size: 2.5rem; line-height: 1.5; white-space: pre-wrap; outline: 1px solid #ccc;
  padding: 1rem; min-height: 3em; font-feature-settings: "chws"; }
.fall p { margin: .2em 0; line-height: 1.4; white-space: nowrap; overflow: hidden; }
.upright { writing-mode: vertical-rl; height: 22rem; font-size: 2rem; line-height: 1.6;
  white-space: pre-wrap; font-feature-settings: "vchw"; overflow-x: auto; }
.table { font-size: 1.75rem; line-height: 1.4; word-break: break-all; letter-spacing: .15em; }
@media print { .text { outline: 0; } }
</style>
</head>
<body>
<h1>$family</h1>
<p class="facts">$facts</p>
$missing
<h2>Type here</h2>
<div class="text" contenteditable="true" spellcheck="false"$first>$text</div>
<h2>Sizes</h2>
<div class="fall">
$waterfall
</div>
<h2>Vertical</h2>
<div class="upright" contenteditable="true" spellcheck="false">$text</div>
<h2>$table_title</h2>
<div class="table">$table</div>
</body>
</html>
""")


def specimen_html(data: bytes, text: str, *, vertical: bool = False,
                  missing: list[int] | None = None) -> str:
    """HTML with the font (TTF or OTF bytes) inlined as WOFF2; `missing` codepoints are listed."""
    font = TTFont(io.BytesIO(data))
    names, mapping = font["name"], font.getBestCmap()
    shown = [c for c in sorted(mapping) if chr(c).isprintable() and not chr(c).isspace()]
    facts = [f"{len(mapping):,} characters", names.getDebugName(5), names.getDebugName(9),
             names.getDebugName(0), names.getDebugName(13), names.getDebugName(14)]
    line = text.strip().splitlines()[0]
    falls = [f'<p style="font-size:{size}px">{escape(line)}</p>' for size in _WATERFALL]
    title = ("Characters" if len(shown) <= _SHOWN
             else f"The first {_SHOWN:,} of {len(shown):,} characters")
    return _PAGE.substitute(
        language=_language(font), family=escape(_family(font)), font=_woff2(font),
        facts=escape(" · ".join(fact for fact in facts if fact)), missing=_missing(missing or []),
        first=' style="writing-mode:vertical-rl;height:24rem"' if vertical else "",
        text=escape(text), waterfall="\n".join(falls), table_title=title,
        table=escape("".join(map(chr, shown[:_SHOWN]))))


def _woff2(font: TTFont) -> str:
    stream = io.BytesIO()
    font.flavor = "woff2"
    font.save(stream)
    return base64.b64encode(stream.getvalue()).decode("ascii")


def _family(font: TTFont) -> str:
    """The family name in the language of the region where there is one."""
    names = font["name"]
    for language in _LANGUAGES:
        for identifier in (16, 1):
            record = names.getName(identifier, 3, 1, language)
            if record:
                return str(record)
    return str(names.getBestFamilyName() or "Font")


def _language(font: TTFont) -> str:
    """BCP 47 tag by the first East Asian code page of the font."""
    bits = getattr(font["OS/2"], "ulCodePageRange1", 0)
    return next((tag for bit, tag in _PAGES_LANGUAGE if bits >> bit & 1), "zh-Hans")


def _missing(codepoints: list[int]) -> str:
    if not codepoints:
        return ""
    listed = " ".join(f"{chr(c)} (U+{c:04X})" for c in codepoints)
    return f'<p class="missing">Not in the font: {escape(listed)}</p>'
