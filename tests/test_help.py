"""Help answers at once, and the README names every command."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from cli import cli
from training.corpus import read_manifest
from training.credits import CREDITS, credits

ROOT = Path(__file__).parent.parent
HEAVY = ("torch", "numpy", "cv2", "fontTools", "scipy", "starlette")
LOADED = """
import sys
from cli import cli
try:
    cli(["--help"])
finally:
    print(*sys.modules.keys() & set(sys.argv[1:]), file=sys.stderr)
"""


def test_help_loads_nothing_heavy() -> None:
    done = subprocess.run([sys.executable, "-c", LOADED, *HEAVY], cwd=ROOT, capture_output=True,
                          text=True, check=True)
    assert "make" in done.stdout and done.stderr.split() == []


def commands(group: click.Group, before: str = "glyphgen") -> list[tuple[str, click.Command]]:
    found = []
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            found += commands(command, f"{before} {name}")
        else:
            found.append((f"{before} {name}", command))
    return found


def test_the_list_of_commands_cuts_no_sentence_short() -> None:
    listed = CliRunner().invoke(cli, ["--help"]).output.split("Commands:")[1]
    assert "charsets" in listed and "..." not in listed


@pytest.mark.parametrize("name, command", commands(cli))
def test_the_readme_and_the_help_say_every_command(name: str, command: click.Command) -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    assert name in readme
    assert command.help and command.help[0].isupper()
    for option in command.params:
        if isinstance(option, click.Option):
            assert option.opts[0] in readme, f"{name} {option.opts[0]}"


def test_the_readme_links_to_files_that_are_there() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    linked = [path for path in re.findall(r"\]\(([^)]+)\)", readme) if "//" not in path]
    assert linked and [path for path in linked if not (ROOT / path).is_file()] == []


def test_every_package_of_the_corpus_is_credited() -> None:
    assert CREDITS.read_text("utf-8") == credits()
    assert all(f"`{row.package}`" in credits() for row in read_manifest())
