"""What several test files share: the command run in this process, one font made once, a browser."""

from __future__ import annotations

import importlib.util
import io
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import sharing

if "PYTEST_XDIST_WORKER" in os.environ:     # read before numpy and torch
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    sharing.take_a_share()

import numpy as np
import pytest
from click.testing import CliRunner, Result
from PIL import Image
from starlette.testclient import TestClient

from cli import cli
from fonts.content import Content
from fonts.drawing import CANVAS, SPREAD, Field
from fonts.reading.samples import Sample, read_samples
from glyphgen.project.document import Drawn
from glyphgen.studio.app import build
from glyphgen.studio.security import Session
from glyphgen.studio.studio import Studio

SAMPLES = Path(__file__).parent / "samples"
# fewer of them learn faster: enough to adapt to, and to draw by their strokes
SOME = [SAMPLES / f"{char}.png" for char in "永国霜水我清打猫箭心女道"]
FEW = SOME[:8]
TEXT = "和平书写天地人间山川草木春夏秋冬东西南北花鸟风月日星云雨金土火石田车马牛羊Aあ。😀"
STUDIO_TEXT = "天地玄黄宇宙洪荒日月盈昃辰宿列张寒来暑往秋收冬藏"
HERE = "http://127.0.0.1:4321"
ORIGIN = {"origin": HERE}
LACKING = "😀"          # not in the content font, so that it cannot be drawn
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))),
                None)

ROOT = Path(__file__).parent.parent
SERVE = "import sys; from pathlib import Path; from glyphgen.studio.app import serve; " \
        "serve(0, Path(sys.argv[1]), False, sys.argv[2] != '', sys.argv[2] or None)"

Run = Callable[..., Result]


@dataclass(frozen=True)
class Made:
    """A font and its project, as `glyphgen make` left them."""

    font: Path
    project: Path
    said: str


@cache
def _read(path: Path) -> Sample:
    return read_samples([path]).samples[0]


def written(paths: Sequence[Path] = ()) -> dict[int, Field]:
    """Fields (128, 128) of shipped samples, all of them by default; each is read once."""
    read = [_read(path) for path in paths or sorted(SAMPLES.glob("*.png"))]
    return {sample.codepoint: sample.drawing.field for sample in read}


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
    """A font of some of the shipped samples; nobody changes its files."""
    font = tmp_path_factory.mktemp("made") / "Hand.ttf"
    result = run("make", *FEW, "--out", font, "--charset", TEXT, "--no-adapt", "--family",
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


class Server:
    """`serve` in a process of its own, as a person starts it; `phone` is the address for one."""

    def __init__(self, project: Path, phone: str = "") -> None:
        self.folder = project.parent
        self.cookies: list[Any] = []            # of a browser that is in
        self.process = subprocess.Popen([sys.executable, "-c", SERVE, str(project), phone],
                                        cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        found = re.fullmatch(r"glyphgen studio: ((http://127\.0\.0\.1:\d+)/\?token=\S+)\n", line)
        assert found, line
        self.address, self.base = found[1], found[2]

    def end(self, how: signal.Signals = signal.SIGTERM) -> None:
        self.process.send_signal(how)
        self.process.wait(30)
        if self.process.stdout is not None:
            self.process.stdout.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One for all tests of a file: each opens a project of its own in the folder."""
    made = Server(tmp_path_factory.mktemp("studio") / "First.glyphgen")
    yield made
    if made.process.poll() is None:
        made.end()


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Studio]:
    made = Studio(tmp_path)
    yield made
    made.close()


@pytest.fixture
def session() -> Session:
    return Session(4321)


@pytest.fixture
def stranger(studio: Studio, session: Session) -> TestClient:
    """A browser that has not been let in."""
    return TestClient(build(studio, session), base_url=HERE, raise_server_exceptions=False)


@pytest.fixture
def client(stranger: TestClient, session: Session) -> TestClient:
    """The person's browser, in."""
    stranger.get(f"/?token={session.token}")
    stranger.headers.update(ORIGIN)
    return stranger


@pytest.fixture
def drawn(client: TestClient, studio: Studio) -> Studio:
    """A project with one sample and drawings that are the content's own."""
    answer = client.post("/api/project/new", json={"name": "Hand", "charset": STUDIO_TEXT,
                                                   "family": "Test Hand"})
    assert answer.status_code == 200, answer.text
    content = Content("cn")
    fields = {ord(c): content.hei(ord(c)) for c in STUDIO_TEXT}
    scores = np.linspace(0.2, 0.9, len(fields))
    studio.project.change(
        ("add_samples", ([Sample.of(ord("永"), content.hei(ord("永")), "永.png", 1.0)],)),
        ("put_back", ([*fields], [Drawn(c, f, 7, "model", "style", float(s),
                                        state="doubtful" if s < 0.4 else "drawn")
                                  for (c, f), s in zip(fields.items(), scores)])))
    return studio


def put(client: TestClient, path: str, data: bytes) -> int:
    return client.put(path, content=data).status_code


def english(line: str | dict[str, Any]) -> str:
    """A line as pages get it, in English."""
    return line if isinstance(line, str) else str(line["text"])


def refusal(answer: Any) -> str:
    """The line of an error, in English."""
    return english(answer.json()["error"])


def png(ink: np.ndarray) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(ink).save(stream, "PNG")
    return stream.getvalue()


def until(condition: object, seconds: float = 60) -> None:
    """Wait for a condition, a minute at most."""
    end = time.monotonic() + seconds
    while not condition():      # type: ignore[operator]
        assert time.monotonic() < end
        time.sleep(0.02)


def disc(radius: float, size: int = CANVAS) -> Field:
    """A field of a round blot in the middle of the canvas."""
    y, x = (np.mgrid[:size, :size] + 0.5) * (CANVAS / size)
    distance = radius - np.hypot(x - 64, y - 64)
    return np.clip(distance, -SPREAD, SPREAD).astype(np.float32)
