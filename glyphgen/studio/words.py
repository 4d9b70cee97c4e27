"""The studio's words, one plain JSON file a language."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

FOLDER = Path(__file__).parent / "locales"
LANGUAGES = {"en": "English", "zh-Hans": "简体中文", "zh-Hant": "繁體中文", "ja": "日本語",
             "ko": "한국어"}
_FILLED = re.compile(r"\{\w+\}")
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
    """What the program says in English, by key: the pages know it by that and say it in theirs."""
    known = {key: line for key, line in words("en").items() if key.startswith("cause.")}
    return dict(sorted(known.items(), key=lambda item: -len(_FILLED.sub("", item[1]))))


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
