"""The command line: parse, call one function, say what was written."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from glyphgen import __version__
from glyphgen.engine import ENGINES

REGIONS = ("cn", "tw", "hk", "jp", "kr")
_PATH = click.Path(path_type=Path)
_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
_SOURCE = click.Path(path_type=Path, exists=True)


class Bars:
    """Progress as click's bars, on standard error."""

    @contextmanager
    def stage(self, name: str, total: int) -> Iterator[Callable[[int], None]]:
        """One bar with rate and remaining time."""
        with click.progressbar(length=total, label=f"{name:10}", file=sys.stderr,
                               show_pos=total > 1) as bar:
            yield bar.update

    def note(self, line: str) -> None:
        """A line beside the bars."""
        click.echo(line, err=True)


def told(command: Callable[..., None]) -> Callable[..., None]:
    """Errors for people: one line and exit status 1, never a traceback."""

    @functools.wraps(command)
    def run(*args: Any, **kwargs: Any) -> None:
        try:
            command(*args, **kwargs)
        except KeyboardInterrupt:
            click.echo("\nStopped. What was drawn is kept: the same command goes on.", err=True)
            sys.exit(130)
        except OSError as error:
            where = f"{error.filename}: " if error.filename else ""
            raise click.ClickException(f"{where}{error.strerror or error}") from error
        except (ValueError, LookupError) as error:
            raise click.ClickException(" ".join(str(error).split())) from error
        except MemoryError as error:
            raise click.ClickException("out of memory: ask for fewer characters") from error

    return run


def _text(value: str) -> str:
    """TEXT, or the content of @FILE."""
    if value.startswith("@") and len(value) > 1:
        try:
            return Path(value[1:]).read_text("utf-8-sig").strip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            raise click.ClickException(f"{value[1:]}: cannot be read as UTF-8 text "
                                       f"({error})") from error
    return value


def _options(*options: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def decorate(command: Any) -> Any:
        for option in reversed(options):
            command = option(command)
        return command
    return decorate


class _Share(click.ParamType):
    """PROJECT:WEIGHT as a path and a number."""

    name = "PROJECT:WEIGHT"

    def convert(self, value: Any, param: Any, ctx: Any) -> tuple[str, float]:
        path, _, share = str(value).rpartition(":")
        try:
            return str(Path(path).resolve()), float(share)
        except ValueError:
            self.fail(f"{value!r} is not a project file, a colon and a weight like 0.3", param, ctx)


_region = click.option("--region", type=click.Choice(REGIONS), default="cn", show_default=True,
                       help="Which regional forms.")
_region_kept = click.option("--region", type=click.Choice(REGIONS),
                            help="Which regional forms; by default the project's.")
_intake = _options(
    click.option("--fit", is_flag=True, help="Images are tight crops: estimate one scale."),
    click.option("--sample-chars", metavar="TEXT", help="Which glyphs of a font are samples."),
    click.option("--chars", metavar="TEXT|@FILE",
                 help="What is written, row by row, on a picture that is not a sheet."),
    click.option("--overlay", type=_PATH, metavar="FOLDER",
                 help="Write pictures of the sheets there that show what was read."))
_drawing = _options(
    click.option("--charset", help="Names by comma, @FILE or the characters themselves."),
    click.option("--seed", type=int, help="Another seed, other drawings; 0 unless it was told."),
    click.option("--adapt/--no-adapt", default=None,
                 help="Learn from the samples first, which is usual."),
    click.option("--device", type=click.Choice(["auto", "cpu", "cuda", "mps"]), default="auto"),
    click.option("--engine", type=click.Choice(list(ENGINES)), default="local", show_default=True,
                 help="Work on this machine or over a Ray cluster."),
    click.option("--blend", type=_Share(), help="Blend in another project's hand: 0.3 is a third."),
    click.option("--invent", type=click.IntRange(0), metavar="SEED",
                 help="A hand that nobody has, instead of samples."))
_font = _options(
    click.option("--family", default="My Hand", show_default=True, help="The font's name."),
    click.option("--localised-family", default="", help="The name in the region's language."),
    click.option("--designer", default=""), click.option("--licence", default=""),
    click.option("--licence-url", default=""),
    click.option("--vendor", default="NONE", help="Four-letter tag of the maker."),
    click.option("--metrics", type=click.Choice(["google", "legacy"]), default="google",
                 show_default=True, help="Line spacing of today, or of old Windows programs."),
    click.option("--weights", metavar="300,400,700", help="One file for each of these weights."),
    click.option("--alternates", type=click.IntRange(0, 9), default=0,
                 help="Let so many further forms of frequent characters take turns."),
    click.option("--base", type=_FILE, help="Fill the gaps of this .ttf, which stays as it is."),
    click.option("--report", type=_PATH, help="Say what is in the font: FILE.json or .txt"),
    click.option("--check", is_flag=True, help="Ask FontBakery; status 1 when a check fails."))
_out = click.option("--out", "outs", multiple=True, required=True, type=_PATH,
                    help="FILE.ttf, .otf, .woff2, .ufo or .mobileconfig; several may be given.")

_DRAWING_KEYS = ("charset", "seed", "adapt", "device", "engine", "blend", "invent")
_FONT_KEYS = ("family", "localised_family", "designer", "licence", "licence_url", "vendor",
              "metrics")


@click.group()
@click.version_option(__version__, prog_name="glyphgen")
def cli() -> None:
    """Draw a whole CJK font in a person's hand from about thirty characters."""


@cli.command()
@click.option("--out", required=True, type=_PATH, help="FILE.pdf, or .png for a tablet")
@click.option("--chars", default="recommended", metavar="recommended|TEXT|@FILE",
              help="What is to be written; about 30 characters are recommended.")
@click.option("--paper", type=click.Choice(["a4", "letter"]), default="a4", show_default=True)
@click.option("--copies", default=1, show_default=True, help="Cells for each character.")
@_region
@told
def template(out: Path, chars: str, paper: str, copies: int, region: str) -> None:
    """Write the sheet to print and fill in."""
    from fonts.charset import recommended
    from fonts.template import make_sheet

    text = recommended(region) if chars == "recommended" else _text(chars)
    paths = make_sheet(text, out, paper=paper, region=region, copies=copies)
    click.echo(f"{', '.join(map(str, paths))}: written; print it at any size, fill it in, "
               "scan or photograph it")


@cli.command()
@click.argument("sources", nargs=-1, metavar="SOURCE...", type=_SOURCE)
@_out
@click.option("--project", type=_PATH, help="Project file; beside the font by default.")
@_region
@_intake
@_drawing
@_font
@told
def make(sources: tuple[Path, ...], outs: tuple[Path, ...], project: Path | None, region: str,
         fit: bool, sample_chars: str | None, chars: str | None, overlay: Path | None,
         **options: Any) -> None:
    """Samples to font.

    SOURCE is a folder, images named by their character, scans or photographs of the sheet
    (images or PDF), or a font; none with --invent.
    """
    from glyphgen import pipeline

    if bool(sources) == (options["invent"] is not None):
        raise click.UsageError("give either a SOURCE of samples or --invent SEED")
    config = _config(_part(options, _DRAWING_KEYS), region)
    info, wanted = _info(options, region, outs)
    path = project or outs[0].with_suffix(".glyphgen")
    with pipeline.opened(path) as opened:
        report = pipeline.make(opened, sources, outs, config, info,
                               _how(region, fit, sample_chars, chars, overlay), Bars(), wanted)
    _say(report)


@cli.command()
@click.argument("project", type=_PATH)
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...", type=_SOURCE)
@_region_kept
@_intake
@told
def ingest(project: Path, sources: tuple[Path, ...], region: str | None, fit: bool,
           sample_chars: str | None, chars: str | None, overlay: Path | None) -> None:
    """Read samples into PROJECT, which is made when absent."""
    from glyphgen import pipeline

    with pipeline.opened(project) as opened:
        region = region or str(opened.get("region", "cn"))
        how = _how(region, fit, sample_chars, chars, overlay)
        count = pipeline.ingest(opened, sources, how, Bars())
    click.echo(f"{project}: {count} samples")


@cli.command()
@click.argument("project", type=_PATH)
@_region_kept
@_drawing
@told
def generate(project: Path, region: str | None, **drawing: Any) -> None:
    """Draw what PROJECT still lacks; goes on where it stopped."""
    from glyphgen import pipeline
    from glyphgen.project import Project

    with Project.open(project) as opened:
        kept = opened.settings()
        config = _config(drawing, str(region or kept.get("region", "cn")), kept)
        count = pipeline.generate(opened, config, Bars())
    click.echo(f"{project}: {count} glyphs drawn")


@cli.command()
@click.argument("project", type=_PATH)
@_out
@_font
@told
def export(project: Path, outs: tuple[Path, ...], **font: Any) -> None:
    """Write PROJECT as font files."""
    from glyphgen import pipeline
    from glyphgen.project import Project

    with Project.open(project) as opened:
        info, wanted = _info(font, str(opened.get("region", "cn")), outs)
        report = pipeline.export(opened, outs, info, Bars(), wanted)
    _say(report)


@cli.command()
@click.argument("source", type=click.Path(path_type=Path, exists=True))
@click.option("--text", required=True, metavar="TEXT|@FILE")
@click.option("--out", required=True, type=_PATH, help="FILE.png, .pdf, .html or .svg")
@click.option("--vertical", is_flag=True)
@click.option("--size", default=64.0, show_default=True, help="Pixels an em.")
@told
def preview(source: Path, text: str, out: Path, vertical: bool, size: float) -> None:
    """Set TEXT in a font, or in the font that a project would give."""
    from exporters.preview import write_preview
    from glyphgen import pipeline

    words = _text(text)
    font: Path | bytes = source
    if source.suffix == ".glyphgen":
        font = pipeline.preview_font(source, words)
    missing = write_preview(font, words, out, vertical=vertical, size=size)
    lacking = f", not in the font: {''.join(map(chr, missing))}" if missing else ""
    click.echo(f"{out}: written{lacking}")


@cli.command()
@click.argument("project", type=_PATH)
@click.option("--worst", default=50, show_default=True, help="How many to list.")
@click.option("--redo", metavar="CHARS", help="Draw these again from another seed.")
@click.option("--html", type=_PATH, help="Write the list as a page with pictures.")
@told
def review(project: Path, worst: int, redo: str | None, html: Path | None) -> None:
    """List the drawings that the legibility gate likes least, worst first."""
    from glyphgen import reviewing
    from glyphgen.project import Project

    with Project.open(project) as opened:
        if redo:
            count = reviewing.redo(opened, _text(redo), Bars())
            click.echo(f"{project}: {count} glyphs drawn again")
        rows = reviewing.worst_rows(opened, worst)
        for line in reviewing.lines(rows):
            click.echo(line)
        if html:
            reviewing.write_html(rows, html, str(project))
            click.echo(f"{html}: {len(rows)} drawings, worst first")


@cli.group()
def glyphs() -> None:
    """Drawings to and from a folder of images."""


@glyphs.command()
@click.argument("project", type=_PATH)
@click.argument("folder", type=_PATH)
@told
def pull(project: Path, folder: Path) -> None:
    """Write every drawing of PROJECT to FOLDER as U+XXXX.png."""
    from glyphgen.folder import pull as write_folder
    from glyphgen.project import Project

    with Project.open(project, read_only=True) as opened:
        click.echo(f"{folder}: {write_folder(opened, folder)} drawings")


@glyphs.command()
@click.argument("project", type=_PATH)
@click.argument("folder", type=click.Path(path_type=Path, exists=True))
@told
def push(project: Path, folder: Path) -> None:
    """Put the images of FOLDER that differ in place of PROJECT's drawings."""
    from glyphgen.folder import push as read_folder
    from glyphgen.project import Project

    with Project.open(project) as opened:
        pushed = read_folder(opened, folder)
    for warning in pushed.warnings:
        click.echo(warning, err=True)
    click.echo(f"{project}: {len(pushed.replaced)} drawings replaced, "
               f"{pushed.unchanged} unchanged")


@cli.command()
@click.option("--port", default=0, show_default=True, help="0 takes a free one.")
@click.option("--project", type=_PATH, help="Project file to open, made when absent.")
@click.option("--no-browser", is_flag=True, help="Only print the address.")
@told
def studio(port: int, project: Path | None, no_browser: bool) -> None:
    """Open the studio: the whole road as a local web page."""
    from glyphgen.studio.app import serve

    serve(port, project, not no_browser)


@cli.command()
def charsets() -> None:
    """Names, sizes and what each is."""
    from fonts.charset import all_charsets

    for charset in all_charsets():
        click.echo(f"{charset.name:14} {len(charset.codepoints):6}  {charset.description}")


@cli.command()
@told
def doctor() -> None:
    """Versions, device, weights, and how fast this machine draws."""
    from glyphgen.doctor import report

    for name, value in report():
        click.echo(f"{name:10} {value}")


def _how(region: str, fit: bool, sample_chars: str | None, chars: str | None,
         overlay: Path | None) -> Any:
    from glyphgen.intake import Intake

    return Intake(region, fit, sample_chars and _text(sample_chars), chars and _text(chars),
                  overlay)


def _config(drawing: dict[str, Any], region: str, kept: dict[str, Any] | None = None) -> Any:
    """How to draw: as was asked, else as the project's settings say, else as is usual."""
    from fonts.charset import default_for, resolve
    from glyphgen.pipeline import config_from

    settings = (kept or {}) | {key: value for key, value in drawing.items() if value is not None}
    resolve(str(settings.setdefault("charset", default_for(region))))
    return config_from(settings | {"region": region})


def _part(options: dict[str, Any], keys: Iterable[str]) -> dict[str, Any]:
    """Take `keys` out of the options."""
    return {key: options.pop(key) for key in keys}


def _say(report: Any) -> None:
    """What was written, and what FontBakery says of it: status 1 when a check fails."""
    for found in report.findings:
        click.echo(found.words)
    click.echo(report.words)
    if any(found.is_bad for found in report.findings):
        sys.exit(1)


def _info(font: dict[str, Any], region: str, outs: tuple[Path, ...]) -> tuple[Any, Any]:
    """Names of the font and what to write beside it, refused here where it cannot be done."""
    from exporters.info import FontInfo
    from exporters.universal import check_ready
    from glyphgen.exporting import ExportConfig, check_target, weights_of

    info = FontInfo(region=region, **{key: font[key] for key in _FONT_KEYS})
    wanted = ExportConfig(weights_of(font["weights"] or ""), font["alternates"], font["base"],
                          font["report"], check=font["check"])
    for path in outs:
        check_target(path, wanted)
    if wanted.check:
        check_ready(outs)
    return info, wanted


if __name__ == "__main__":
    cli()
