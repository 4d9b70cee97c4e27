"""The options that commands share, and what they ask for."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import fields
from pathlib import Path
from typing import Any

import click

from fonts.regions import REGIONS
from glyphgen.config import DEVICES, GenerateConfig, from_settings
from glyphgen.engine import ENGINES

_PATH = click.Path(path_type=Path)
_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


def text_of(value: str) -> str:
    """TEXT, or the content of @FILE."""
    if value.startswith("@") and len(value) > 1:
        try:
            return Path(value[1:]).read_text("utf-8-sig").strip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            raise click.ClickException(f"{value[1:]}: cannot be read as UTF-8 text "
                                       f"({error})") from error
    return value


def _grouped(*options: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def decorate(command: Any) -> Any:
        for option in reversed(options):
            command = option(command)
        return command
    return decorate


class Share(click.ParamType):
    """PROJECT:WEIGHT as a path and a number."""

    name = "PROJECT:WEIGHT"

    def convert(self, value: Any, param: Any, ctx: Any) -> tuple[str, float]:
        path, _, share = str(value).rpartition(":")
        try:
            return str(Path(path).resolve()), float(share)
        except ValueError:
            self.fail(f"{value!r} is not a project file, a colon and a weight like 0.3", param, ctx)


region_option = click.option("--region", type=click.Choice(REGIONS), default="cn",
                             show_default=True, help="Which regional forms.")
kept_region_option = click.option("--region", type=click.Choice(REGIONS),
                                  help="Which regional forms; by default the project's.")
intake_options = _grouped(
    click.option("--fit", is_flag=True,
                 help="Images are cropped to their ink: estimate one scale for all."),
    click.option("--sample-chars", metavar="TEXT", help="Which glyphs of a font are samples."),
    click.option("--sample-instance", metavar="NAME",
                 help="Which instance of a variable font; Regular by default."),
    click.option("--chars", metavar="TEXT|@FILE",
                 help="What is written, in rows or columns, on a picture that is not a sheet."),
    click.option("--overlay", type=_PATH, metavar="FOLDER",
                 help="Write pictures of the sheets there that show what was read."))
drawing_options = _grouped(
    click.option("--charset", help="Names by comma, @FILE or the characters themselves; by default "
                 "what is usual in the region."),
    click.option("--seed", type=int, help="Another number gives other drawings; 0 by default."),
    click.option("--adapt/--no-adapt", default=None,
                 help="Train on the samples before drawing; on by default."),
    click.option("--device", type=click.Choice(DEVICES), help="Where to draw; auto by default."),
    click.option("--engine", type=click.Choice(ENGINES), default="local", show_default=True,
                 help="Work on this machine or over a Ray cluster."),
    click.option("--blend", type=Share(), help="Mix in another project's hand: 0.3 is 30 %."),
    click.option("--invent", type=click.IntRange(0), metavar="SEED",
                 help="Make up a hand, another one for each number, without samples."))
font_options = _grouped(
    click.option("--family", default="My Hand", show_default=True, help="The font's name."),
    click.option("--localised-family", default="", help="The name in the region's language."),
    click.option("--designer", default="", help="Who made the font."),
    click.option("--copyright", default="", help="Like \"Copyright 2026 NAME\"; none by default."),
    click.option("--licence", default="", help="What others may do with it; nothing by default."),
    click.option("--licence-url", default="", help="Where the licence stands in full."),
    click.option("--vendor", default="NONE", help="Four-letter tag of the maker."),
    click.option("--metrics", type=click.Choice(["google", "legacy"]), default="google",
                 show_default=True, help="Line spacing of today, or of old Windows programs."),
    click.option("--weights", metavar="300,400,700", help="One file for each of these weights."),
    click.option("--alternates", type=click.IntRange(0, 9), default=0,
                 help="Give frequent characters up to so many more shapes, which take turns."),
    click.option("--base", type=_FILE,
                 help="Add what this .ttf lacks; what it has stays as it is."),
    click.option("--report", type=_PATH, help="List what is in the font: FILE.json or .txt"),
    click.option("--check", is_flag=True, help="Run FontBakery; status 1 if a check fails."))
out_option = click.option("--out", "outs", multiple=True, required=True, type=_PATH,
                          help="FILE.ttf, .otf, .woff2, .ufo or .mobileconfig; once for "
                               "each file.")

INTAKE = ("fit", "sample_chars", "sample_instance", "chars", "overlay")
DRAWING = tuple(one.name for one in fields(GenerateConfig) if one.name != "region")
_NAMES = ("family", "localised_family", "designer", "copyright", "licence", "licence_url",
          "vendor", "metrics")


def intake_of(region: str, **options: Any) -> Any:
    """How sources are read, by the options `INTAKE`."""
    from glyphgen.project.intake import Intake

    texts = {key: text_of(options[key]) for key in ("sample_chars", "chars") if options[key]}
    return Intake(region=region, **options | texts)


def config_of(drawing: dict[str, Any], region: str,
              kept: dict[str, Any] | None = None) -> GenerateConfig:
    """How to draw: as was asked, else as the project's settings say, else as is usual.

    Raises ValueError for a charset or a device that there is not.
    """
    from fonts.charset import resolve

    config = from_settings(kept or {}, **drawing | {"region": region})
    resolve(config.charset)
    if drawing["device"] not in (None, "auto", "cpu"):      # of a project's, auto takes the place
        from glyphgen.hand.painter import pick_device

        pick_device(config.device)
    return config


def part_of(options: dict[str, Any], keys: Iterable[str]) -> dict[str, Any]:
    """Take `keys` out of the options."""
    return {key: options.pop(key) for key in keys}


def font_of(font: dict[str, Any], region: str, outs: tuple[Path, ...]) -> tuple[Any, Any]:
    """Names of the font and what to write beside it, refused here where it cannot be done."""
    from exporters.checks.fontbakery import check_ready
    from exporters.fontfile.info import FontInfo
    from glyphgen.export.fonts import ExportConfig, check_target
    from glyphgen.export.weights import weights_of

    info = FontInfo(region=region, **{key: font[key] for key in _NAMES})
    wanted = ExportConfig(weights_of(font["weights"] or ""), font["alternates"], font["base"],
                          font["report"], check=font["check"])
    for path in outs:
        check_target(path, wanted)
    if wanted.check:
        check_ready(outs)
    return info, wanted
