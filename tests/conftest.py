"""What several test files share: the command run in this process, one font made once, a browser."""

from __future__ import annotations

import importlib.util
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from cli import cli

SAMPLES = Path(__file__).parent / "samples"
TEXT = "和平书写天地人间山川草木春夏秋冬东西南北花鸟风月日星云雨金土火石田车马牛羊Aあ。😀"
LACKING = "😀"          # not in the content font, so that it cannot be drawn
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))),
                None)

Run = Callable[..., Result]


@dataclass(frozen=True)
class Made:
    """A font and its project, as `glyphgen make` left them."""

    font: Path
    project: Path
    said: str


def run(*arguments: object, status: int = 0) -> Result:
    """The result of a command, which ends with `status`."""
    result = CliRunner().invoke(cli, [str(argument) for argument in arguments])
    if result.exit_code != status:
        raise AssertionError(f"status {result.exit_code}: {result.output}") from result.exception
    return result


@pytest.fixture(scope="session", name="run")
def _run() -> Run:
    return run


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """A font of the shipped samples; nobody changes its files."""
    font = tmp_path_factory.mktemp("made") / "Hand.ttf"
    result = run("make", SAMPLES, "--out", font, "--charset", TEXT, "--no-adapt", "--family",
                 "Test Hand")
    return Made(font, font.with_suffix(".glyphgen"), result.output)


def need(present: object, what: str) -> None:
    """Skip without `what`; where everything must be there, fail."""
    if present:
        return
    if os.environ.get("GLYPHGEN_CI") == "1":
        pytest.fail(f"{what} is missing, and here it must be there", pytrace=False)
    pytest.skip(f"{what} is missing")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium without a window."""
    need(importlib.util.find_spec("playwright"), "playwright")
    need(CHROMIUM, "chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        made = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield made
        made.close()
