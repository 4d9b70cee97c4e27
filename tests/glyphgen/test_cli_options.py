"""What the options of the command line ask for."""

from __future__ import annotations

from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from glyphgen.cli_options import Share, font_of, font_options, intake_of, part_of, text_of


def test_a_text_comes_from_a_file_without_its_last_line_break(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("\ufeff永\n", "utf-8")
    assert text_of(f"@{tmp_path / 'a.txt'}") == "永" and text_of("@") == "@"
    with pytest.raises(click.ClickException, match="cannot be read"):
        text_of(f"@{tmp_path / 'none.txt'}")


def test_a_share_is_a_project_and_a_weight(tmp_path: Path) -> None:
    assert Share().convert(f"{tmp_path}/a:b.glyphgen:0.3", None, None) == (
        str(tmp_path / "a:b.glyphgen"), 0.3)
    with pytest.raises(click.BadParameter, match="not a project file"):
        Share().convert("a.glyphgen", None, None)


def test_options_are_parted_and_read() -> None:
    given = {"chars": "永", "sample_chars": None, "seed": 5}
    assert part_of(given, ["seed"]) == {"seed": 5} and "seed" not in given
    assert intake_of("jp", **given).chars == "永"


def test_the_names_of_a_font_reach_it(tmp_path: Path) -> None:
    @click.command()
    @font_options
    def names(**font: object) -> None:
        info, wanted = font_of(font, "jp", (tmp_path / "a.ttf",))
        click.echo(f"{info.family}|{info.copyright}|{info.region}|{wanted.alternates}")

    said = CliRunner().invoke(names, ["--family", "Mine", "--copyright", "Copyright 2026 Me",
                                      "--alternates", "2"])
    assert said.output == "Mine|Copyright 2026 Me|jp|2\n"
