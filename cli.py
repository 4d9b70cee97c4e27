"""The command line: parse, call one function, say what was written."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from glyphgen import __version__
from glyphgen.cli_options import (
    DRAWING,
    INTAKE,
    config_of,
    drawing_options,
    font_of,
    font_options,
    intake_of,
    intake_options,
    kept_region_option,
    out_option,
    part_of,
    region_option,
    text_of,
)
from glyphgen.faults import STATUS, is_fault, line_of
from glyphgen.progress import Bars, counted

_PATH = click.Path(path_type=Path)
_SOURCE = click.Path(path_type=Path, exists=True)


def errors_as_messages(command: Callable[..., None]) -> Callable[..., None]:
    """Errors for people: one line, never a traceback; status 1, or 70 for a fault of ours."""

    @functools.wraps(command)
    def run(*args: Any, **kwargs: Any) -> None:
        try:
            command(*args, **kwargs)
        except KeyboardInterrupt:
            click.echo("\nStopped. What was drawn is kept: the same command goes on.", err=True)
            sys.exit(130)
        except (click.exceptions.Exit, click.Abort, click.ClickException):
            raise
        except Exception as error:
            click.echo(f"Error: {' '.join(line_of(error).split())}", err=True)
            sys.exit(STATUS if is_fault(error) else 1)

    return run


@click.group()
@click.version_option(__version__, prog_name="glyphgen")
def cli() -> None:
    """Draw a whole CJK font in a person's hand from about thirty characters."""


@cli.command()
@click.option("--out", required=True, type=_PATH, help="FILE.pdf, or .png for a tablet")
@click.option("--chars", default="recommended", metavar="recommended|mixed|TEXT|@FILE",
              help="What is to be written: about 30 characters of the region, or of several "
              "scripts, are recommended.")
@click.option("--paper", type=click.Choice(["a4", "letter"]), default="a4", show_default=True,
              help="Size of the paper.")
@click.option("--copies", default=1, show_default=True, help="Cells for each character.")
@region_option
@errors_as_messages
def template(out: Path, chars: str, paper: str, copies: int, region: str) -> None:
    """Write the sheet to print and fill in."""
    from fonts.charset import recommended
    from fonts.sheet.template import make_sheet

    sets = {"recommended": region, "mixed": "mixed"}
    text = recommended(sets[chars]) if chars in sets else text_of(chars)
    paths = make_sheet(text, out, paper=paper, region=region, copies=copies)
    click.echo(f"{', '.join(map(str, paths))}: written; print it at any size, fill it in, "
               "scan or photograph it")


@cli.command()
@click.argument("sources", nargs=-1, metavar="SOURCE...", type=_SOURCE)
@out_option
@click.option("--project", type=_PATH, help="Project file; beside the font by default.")
@region_option
@intake_options
@drawing_options
@font_options
@errors_as_messages
def make(sources: tuple[Path, ...], outs: tuple[Path, ...], project: Path | None, region: str,
         **options: Any) -> None:
    """Make a font of samples.

    SOURCE is a folder, images named by their character, scans or photographs of the sheet
    (images or PDF), or a font; none with --invent.
    """
    from glyphgen import pipeline

    if bool(sources) == (options["invent"] is not None):
        raise click.UsageError("give either a SOURCE of samples or --invent SEED")
    config = config_of(part_of(options, DRAWING), region)
    how = intake_of(region, **part_of(options, INTAKE))
    info, wanted = font_of(options, region, outs)
    path = project or outs[0].with_suffix(".glyphgen")
    with pipeline.opened(path) as opened:
        report = pipeline.make(opened, sources, outs, config, info, how, Bars(), wanted)
    _say(report)


@cli.command()
@click.argument("project", type=_PATH)
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...", type=_SOURCE)
@kept_region_option
@intake_options
@errors_as_messages
def ingest(project: Path, sources: tuple[Path, ...], region: str | None, **intake: Any) -> None:
    """Read samples into PROJECT; starts the project if there is none."""
    from glyphgen import pipeline

    with pipeline.opened(project) as opened:
        region = region or str(opened.get("region", "cn"))
        how = intake_of(region, **intake)
        count = pipeline.ingest(opened, sources, how, Bars())
    click.echo(f"{project}: {counted(count, 'sample')}")


@cli.command()
@click.argument("project", type=_PATH)
@kept_region_option
@drawing_options
@errors_as_messages
def generate(project: Path, region: str | None, **drawing: Any) -> None:
    """Draw the characters that PROJECT does not have yet.

    It goes on where it stopped.
    """
    from glyphgen import pipeline
    from glyphgen.project.document import Project

    with Project.open(project) as opened:
        kept = opened.settings()
        config = config_of(drawing, str(region or kept.get("region", "cn")), kept)
        count = pipeline.generate(opened, config, Bars())
    click.echo(f"{project}: {counted(count, 'glyph')} drawn")


@cli.command("export")
@click.argument("project", type=_PATH)
@out_option
@font_options
@errors_as_messages
def export_command(project: Path, outs: tuple[Path, ...], **font: Any) -> None:
    """Write PROJECT as font files."""
    from glyphgen import pipeline
    from glyphgen.project.document import Project

    with Project.open(project) as opened:
        info, wanted = font_of(font, str(opened.get("region", "cn")), outs)
        report = pipeline.export(opened, outs, info, Bars(), wanted)
    _say(report)


@cli.command()
@click.argument("source", type=click.Path(path_type=Path, exists=True))
@click.option("--text", metavar="TEXT|@FILE",
              help="What is set; FILE.html has a poem and a letter without it.")
@click.option("--out", required=True, type=_PATH, help="FILE.png, .pdf or .svg; FILE.html is a "
              "page to send, which carries the font.")
@click.option("--vertical", is_flag=True, help="In columns; on a page, columns before rows.")
@click.option("--size", default=64.0, show_default=True, help="Pixels per em.")
@errors_as_messages
def preview(source: Path, text: str | None, out: Path, vertical: bool, size: float) -> None:
    """Set TEXT in a font, or in the font that a project would give."""
    from exporters.preview.render import write_preview
    from glyphgen.export.preview import preview_font, specimen_font

    page = out.suffix.lower() == ".html"
    if text is None and not page:
        raise click.UsageError("give a --text to set; only FILE.html has texts of its own")
    words = None if text is None else text_of(text)
    font: Path | bytes = source
    count = None
    if source.suffix == ".glyphgen":
        font, count = specimen_font(source, words) if page else (
            preview_font(source, words or ""), None)
    missing = write_preview(font, words, out, vertical=vertical, size=size, count=count)
    lacking = f", not in the font: {''.join(map(chr, missing))}" if missing else ""
    click.echo(f"{out}: written{lacking}")


@cli.command()
@click.argument("paths", nargs=-1, required=True, metavar="FONT...", type=_PATH)
@errors_as_messages
def install(paths: tuple[Path, ...]) -> None:
    """Install FONT for this user, in place of an older revision."""
    from exporters.install.install import install as put
    from exporters.install.systems import this_system

    for done in put(paths, this_system()):
        click.echo(done.words)


@cli.command()
@click.argument("font", metavar="FONT|FAMILY")
@errors_as_messages
def uninstall(font: str) -> None:
    """Take FONT, or all fonts of FAMILY, away from this user's fonts."""
    from exporters.install.install import uninstall as remove
    from exporters.install.systems import this_system

    for path in remove(font, this_system()):
        click.echo(f"{path}: uninstalled")


@cli.command()
@click.argument("project", type=_PATH)
@click.option("--worst", default=50, show_default=True, help="How many to list.")
@click.option("--redo", metavar="CHARS", help="Draw these again from another seed.")
@click.option("--html", type=_PATH, help="Write the list as a page with pictures.")
@errors_as_messages
def review(project: Path, worst: int, redo: str | None, html: Path | None) -> None:
    """List the drawings least certain to be legible, worst first."""
    from glyphgen import review
    from glyphgen.project.document import Project

    with Project.open(project) as opened:
        if redo:
            count = review.redo(opened, text_of(redo), Bars())
            click.echo(f"{project}: {counted(count, 'glyph')} drawn again")
        rows = review.worst_rows(opened, worst)
        for line in review.lines(rows):
            click.echo(line)
        if html:
            review.write_html(rows, html, str(project))
            click.echo(f"{html}: {counted(len(rows), 'drawing')}, worst first")


@cli.command()
@click.argument("project", type=_PATH)
@click.option("--count", type=click.IntRange(1, 500), default=20, show_default=True,
              help="How many characters.")
@click.option("--out", type=_PATH, help="Write the sheet to fill in: FILE.pdf, or .png.")
@click.option("--paper", type=click.Choice(["a4", "letter"]), default="a4", show_default=True,
              help="Size of the paper.")
@errors_as_messages
def suggest(project: Path, count: int, out: Path | None, paper: str) -> None:
    """Name the characters that help this hand most when written next."""
    from fonts.sheet.template import make_sheet
    from glyphgen.project.document import Project
    from glyphgen.suggest import suggest_for

    with Project.open(project, read_only=True) as opened:
        found = suggest_for(opened, count)
        region = str(opened.get("region", "cn"))
    for one in found:
        click.echo(one.words)
    if out and found:
        paths = make_sheet([one.codepoint for one in found], out, paper=paper, region=region)
        click.echo(f"{', '.join(map(str, paths))}: written; fill it in, scan or photograph it, "
                   f"then `glyphgen ingest {project} PAGE`")


@cli.group()
def glyphs() -> None:
    """Write drawings to a folder of images, and read them back."""


@glyphs.command()
@click.argument("project", type=_PATH)
@click.argument("folder", type=_PATH)
@errors_as_messages
def pull(project: Path, folder: Path) -> None:
    """Write every drawing of PROJECT to FOLDER as U+XXXX.png."""
    from glyphgen.project.document import Project
    from glyphgen.project.folder import pull as write_folder

    with Project.open(project, read_only=True) as opened:
        click.echo(f"{folder}: {counted(write_folder(opened, folder), 'drawing')}")


@glyphs.command()
@click.argument("project", type=_PATH)
@click.argument("folder", type=click.Path(path_type=Path, exists=True))
@errors_as_messages
def push(project: Path, folder: Path) -> None:
    """Put the images of FOLDER that differ in place of PROJECT's drawings."""
    from glyphgen.project.document import Project
    from glyphgen.project.folder import push as read_folder

    with Project.open(project) as opened:
        pushed = read_folder(opened, folder)
    for warning in pushed.warnings:
        click.echo(warning, err=True)
    click.echo(f"{project}: {counted(len(pushed.replaced), 'drawing')} replaced, "
               f"{pushed.unchanged} unchanged")


@cli.command()
@click.option("--port", default=0, show_default=True, help="0 takes a free one.")
@click.option("--project", type=_PATH, help="Project file to open, made when absent.")
@click.option("--no-browser", is_flag=True, help="Only print the address.")
@click.option("--phone", is_flag=True,
              help="Write on a phone or tablet of the same network: its code is shown at once.")
@click.option("--phone-address", metavar="ADDRESS",
              help="Private address of this machine for the phone.")
@errors_as_messages
def studio(port: int, project: Path | None, no_browser: bool, phone: bool,
           phone_address: str | None) -> None:
    """Open the studio: all of this as a page in the browser."""
    from glyphgen.studio.app import serve

    serve(port, project, not no_browser, phone, phone_address)


@cli.command()
def charsets() -> None:
    """List the character sets: names, sizes and what each is."""
    from fonts.charset import all_charsets

    for charset in all_charsets():
        click.echo(f"{charset.name:14} {len(charset.codepoints):6}  {charset.description}")


@cli.command()
@errors_as_messages
def doctor() -> None:
    """Say what this machine has and how fast it draws."""
    from glyphgen.doctor import report

    for name, value in report():
        click.echo(f"{name:10} {value}")


def _say(report: Any) -> None:
    """What was written, and what FontBakery says of it: status 1 when a check fails."""
    for found in report.findings:
        click.echo(found.words)
    click.echo(report.words)
    if any(found.is_bad for found in report.findings):
        sys.exit(1)


if __name__ == "__main__":
    cli()
