"""The studio's words, one plain JSON file a language."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from fonts.errors import Line

Said = str | dict[str, Any]
FOLDER = Path(__file__).parent / "locales"
LANGUAGES = {"en": "English", "zh-Hans": "简体中文", "zh-Hant": "繁體中文", "ja": "日本語",
             "ko": "한국어"}
COOKIE = "glyphgen-language"
_BY_PREFIX = {"zh-tw": "zh-Hant", "zh-hk": "zh-Hant", "zh-mo": "zh-Hant", "zh-hant": "zh-Hant",
              "zh": "zh-Hans", "ja": "ja", "ko": "ko", "en": "en"}


@lru_cache
def words(language: str) -> Mapping[str, str]:
    """Every word of a language by its key."""
    known: dict[str, str] = json.loads((FOLDER / f"{language}.json").read_text("utf-8"))
    return known


@lru_cache
def causes() -> Mapping[str, str]:
    """The keys of what the program says, by the English sentences that its errors carry."""
    return {line: key for key, line in words("en").items() if key.startswith("cause.")}


def translatable(line: str) -> Said:
    """A line as the pages get it, which say it in the reader's language: the key, what is
    filled in, what it is about, and the English; as it is where no language knows it."""
    key = causes().get(line.text) if isinstance(line, Line) else None
    if not isinstance(line, Line) or key is None:
        return str(line)
    values = {name: translatable(value if isinstance(value, str) else str(value))
              for name, value in line.values.items()}
    return {"key": key, "values": values, "at": line.at, "text": str(line)}


def chosen(cookie: str | None, accepted: str) -> str:
    """The language of a request: what was chosen, else the first accepted that there is."""
    if cookie in LANGUAGES:
        return str(cookie)
    for part in accepted.lower().split(","):
        tag = part.split(";")[0].strip()
        for prefix, language in _BY_PREFIX.items():
            if tag.startswith(prefix):
                return language
    return "en"
