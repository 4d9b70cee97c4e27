"""Requests about the font as a whole: its tuning, a base font, export, download."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response

from exporters.checks.fontbakery import check_ready
from exporters.fontfile.formats import SUFFIXES
from exporters.fontfile.info import FontInfo
from exporters.install.install import Installed
from exporters.install.install import install as put_in
from exporters.install.systems import this_system
from exporters.outlines.tuning import LIMITS, Tuning
from glyphgen.export.fonts import ExportConfig, check_target
from glyphgen.export.weights import STROKES
from glyphgen.studio.security import StudioError
from glyphgen.studio.studio import Base, Studio, file_name
from glyphgen.studio.views.request import body_of, flag, number, studio_of, text
from glyphgen.studio.views.samples import receive
from glyphgen.studio.work.uploads import base_size

NAMES = ("family", "localised_family", "designer", "copyright", "licence", "licence_url", "vendor",
         "metrics")
_MOST_ALTERNATES = 9


async def tune(request: Request) -> Response:
    """Keep the changes to the whole font."""
    body, studio = await body_of(request), studio_of(request)
    tuning = Tuning(**{name: number(body, name, *limits, getattr(Tuning, name))
                       for name, limits in LIMITS.items()})
    await run_in_threadpool(studio.project.change, ("set", ("tuning", tuning.settings)))
    studio.events.publish("tuned", tuning.settings)
    return JSONResponse(tuning.settings)


async def base(request: Request) -> Response:
    """Take in the font whose gaps are to be filled; nothing in the body gives it up."""
    studio = studio_of(request)
    path, name = await receive(request, picture=False)

    def keep() -> None:
        old, studio.base = studio.base, None
        if old is not None:
            old.path.unlink(missing_ok=True)
        if not path.stat().st_size:
            path.unlink()
            return
        size = studio.reader.ask(base_size, str(path), name)
        studio.base = Base(path, name, size)

    await run_in_threadpool(keep)
    held = studio.base
    return JSONResponse({"name": held.name, "size": held.size} if held else {"name": None})


async def export(request: Request) -> Response:
    """Begin to write fonts."""
    body, studio = await body_of(request), studio_of(request)
    await run_in_threadpool(_export, studio, body)
    return JSONResponse({})


def _export(studio: Studio, body: dict[str, Any]) -> None:
    formats = _chosen(body, "formats", SUFFIXES)
    if not formats:
        raise StudioError("choose formats among {list}", list=" ".join(SUFFIXES))
    names: dict[str, Any] = {name: text(body, name, getattr(FontInfo, name)) for name in NAMES}
    info = FontInfo(**names, region=str(studio.state()["region"]))
    given = text(body, "folder", "").strip()
    folder = Path(given).expanduser() if given else studio.project.path.parent
    if not folder.is_absolute():
        raise StudioError("give the whole path of the folder", folder)
    stem = file_name(info.family).replace(" ", "")
    paths = [folder / f"{stem}{suffix}" for suffix in formats]
    config = ExportConfig(
        tuple(int(weight) for weight in _chosen(body, "weights", [str(w) for w in STROKES])),
        int(number(body, "alternates", 0, _MOST_ALTERNATES, 0)),
        studio.base.path if studio.base and flag(body, "fill", False) else None,
        folder / f"{stem}-report.txt" if flag(body, "report", False) else None,
        check=flag(body, "check", False))
    if config.check:
        check_ready(paths)
    for path in paths:
        check_target(path, config)
    studio.project.change(("set", ("family", info.family)), ("set", ("studio_export", names)))
    studio.jobs.start(studio.project.path, "export", paths, info, config)


def _chosen(body: dict[str, Any], key: str, allowed: Any) -> list[str]:
    """Those of a list of names, in the order of `allowed`."""
    given = body.get(key, [])
    if not isinstance(given, list) or not all(one in list(allowed) for one in given):
        raise StudioError(f"{key}: choose among {' '.join(allowed)}")
    return [one for one in allowed if one in given]


def download(request: Request) -> Response:
    """A file of the last export of this session."""
    written = studio_of(request).jobs.results.get("export", {}).get("paths", [])
    found = {Path(path).name: Path(path) for path in written}
    path = found.get(request.query_params.get("name", ""))
    if path is None or not path.exists():
        raise StudioError("that was not exported in this session: export again")
    if path.is_dir():
        return Response(_zipped(path), media_type="application/zip", headers={
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(path.name)}.zip"})
    return FileResponse(path, filename=path.name, media_type="application/octet-stream")


async def install(request: Request) -> Response:
    """Install the fonts of the last export of this session for the person of this computer."""
    done = await run_in_threadpool(_install, studio_of(request))
    return JSONResponse({"installed": [
        {"name": one.face.full_name, "revision": f"{one.face.revision:.3f}"} for one in done]})


def _install(studio: Studio) -> list[Installed]:
    written = [Path(path) for path in studio.jobs.results.get("export", {}).get("paths", [])]
    paths = next(filter(None, ([path for path in written if path.suffix == suffix]
                               for suffix in (".ttf", ".otf"))), [])
    if not paths:
        raise StudioError("export a .ttf or .otf first: these are what can be installed")
    return list(put_in(paths, this_system()))


def _zipped(folder: Path) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            archive.write(path, path.relative_to(folder.parent))
    return stream.getvalue()
