"""The pages: one template each, in the reader's language."""

from __future__ import annotations

import functools
import html
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from exporters.fontfile.formats import SUFFIXES
from exporters.fontfile.info import METRICS, WEIGHT_NAMES, FontInfo
from exporters.outlines.tuning import LIMITS
from fonts.charset import all_charsets, default_for, recommended
from fonts.regions import REGIONS
from glyphgen import __version__
from glyphgen.studio.security import StudioError
from glyphgen.studio.views.request import body_of, studio_of, text
from glyphgen.studio.words import COOKIE, LANGUAGES, chosen, words
from glyphgen.studio.work.typing_font import at_hand

PAGES = {"start": "/", "samples": "/samples", "draw": "/draw", "review": "/review",
         "tune": "/tune", "export": "/export"}
_TYPING = ("draw", "tune")      # pages that do
# pages that show nothing without samples, or without a drawing; and which page leads on
_DRAWN = {"samples": "samples", "drawn": "draw"}
_NEEDS = {"draw": {"samples": "samples"}, "review": _DRAWN, "tune": _DRAWN, "export": _DRAWN}
_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent.parent / "templates"), autoescape=True,
    undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
_SPEECH = {"cn": "zh-Hans", "tw": "zh-Hant", "hk": "zh-Hant-HK", "jp": "ja", "kr": "ko"}
# beginnings that are old enough to belong to everybody
TEXTS = {
    "cn": ("床前明月光，疑是地上霜。举头望明月，低头思故乡。",
           "道可道，非常道。名可名，非常名。无名天地之始，有名万物之母。"),
    "tw": ("床前明月光，疑是地上霜。舉頭望明月，低頭思故鄉。",
           "學而時習之，不亦說乎？有朋自遠方來，不亦樂乎？"),
    "hk": ("床前明月光，疑是地上霜。舉頭望明月，低頭思故鄉。",
           "學而時習之，不亦說乎？有朋自遠方來，不亦樂乎？"),
    "jp": ("古池や蛙飛びこむ水の音", "春はあけぼの。やうやう白くなりゆく山ぎは、すこしあかりて、"
           "紫だちたる雲のほそくたなびきたる。"),
    "kr": ("동해물과 백두산이 마르고 닳도록",
           "모든 사람은 태어날 때부터 자유로우며 그 존엄과 권리에 있어 동등하다."),
}


def language_of(request: Request) -> str:
    return chosen(request.cookies.get(COOKIE), request.headers.get("accept-language", ""))


def _theme_of(request: Request) -> str:
    theme = request.cookies.get("glyphgen-theme", "")
    return theme if theme in ("light", "dark") else ""


def page(name: str, request: Request) -> Response:
    """One page; what needs a project leads to the start while there is none."""
    studio = studio_of(request)
    if name != "start" and studio.store is None:
        return RedirectResponse("/", 303)
    if studio.store is not None and name not in _TYPING:
        studio.typesetter.begin(at_hand)        # the next page may ask for a font at once
    language = language_of(request)
    known = words(language)
    state = studio.state()
    region = str(state.get("region", "cn"))
    return HTMLResponse(_TEMPLATES.get_template(f"{name}.html").render(
        page=name, pages=PAGES, needs=_NEEDS, theme=_theme_of(request), language=language,
        languages=LANGUAGES, t=_translator(known), known=dict(known),
        state=state, version=__version__, regions=REGIONS, charsets=all_charsets(),
        defaults={r: default_for(r) for r in REGIONS}, projects=studio.projects(),
        folder=studio.folder, recommended=recommended(region),
        asked={r: recommended(r) for r in REGIONS}, texts=TEXTS[region],
        speech=_SPEECH[region], limits=LIMITS, usual=FontInfo(), suffixes=SUFFIXES,
        weights=WEIGHT_NAMES, metrics=METRICS, base=studio.base,
        checker=find_spec("fontbakery") is not None))


def phone_page(request: Request) -> Response:
    """The page of a phone: nothing of the project but what is to be written."""
    studio, language = studio_of(request), language_of(request)
    known = words(language)
    region = studio.project.read(lambda p: str(p.get("region", "cn")))
    return HTMLResponse(_TEMPLATES.get_template("phone.html").render(
        theme=_theme_of(request), language=language, languages=LANGUAGES, t=_translator(known),
        known=dict(known), recommended=recommended(region), texts=TEXTS[region],
        speech=_SPEECH[region]))


def _translator(known: Mapping[str, str]) -> functools.partial[str]:
    return functools.partial(_word, known)


def _word(known: Mapping[str, str], key: str) -> str:
    return known[key]


def refusal(request: Request, said: Any, status: int) -> Response:
    """Why a request came to nothing: a page for a person, JSON for a page."""
    if request.method not in ("GET", "HEAD") or not _is_shown(request):
        return JSONResponse({"error": said}, status)
    language = language_of(request)
    known = words(language)
    return HTMLResponse(_TEMPLATES.get_template("error.html").render(
        page="error", pages=PAGES, theme=_theme_of(request), language=language,
        languages=LANGUAGES, t=_translator(known), known=dict(known),
        state={"project": None}, speech="", version=__version__,
        said=known["error.404"] if status == 404 else said), status)


def _is_shown(request: Request) -> bool:
    """Whether a browser shows the answer, for which it asks otherwise than a page's code."""
    return "text/html" in request.headers.get("accept", "")


async def set_language(request: Request) -> Response:
    """Remember a language."""
    language = text(await body_of(request), "language")
    if language not in LANGUAGES:
        raise StudioError(f"no language {html.escape(language)!r}; there are "
                          f"{', '.join(LANGUAGES)}")
    response = JSONResponse({})
    response.set_cookie(COOKIE, language, max_age=31_536_000, httponly=True, samesite="strict")
    return response
