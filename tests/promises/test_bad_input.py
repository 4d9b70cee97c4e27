"""Bad input gets one clear line, a status, and leaves nothing behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import FEW, SAMPLES, Made, Run
from PIL import Image

ROOT = Path(__file__).parent.parent.parent
LIMITED = """
import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]),) * 2)
from cli import cli
cli(sys.argv[2:])
"""


def tree(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def one_line(said: str, *words: str) -> None:
    """The last line is the only error, and holds the words."""
    assert "Traceback" not in said
    errors = [line for line in said.splitlines() if line.startswith("Error:")]
    assert len(errors) == 1 and said.rstrip().endswith(errors[0]), said
    for word in words:
        assert word in errors[0]


def blank(path: Path) -> None:
    Image.new("L", (300, 300), 255).save(path)


def bomb(path: Path) -> None:
    Image.new("1", (20_000, 20_000)).save(path)


def text(path: Path) -> None:
    path.write_text("no picture at all")


SOURCES: list[tuple[str, Callable[[Path], None] | None, tuple[str, ...]]] = [
    ("", None, ("no sample was found", "name")),
    ("永.png", text, ("永.png", "save it as")),
    ("notes.txt", text, ("notes.txt", "not an image")),
    ("永.png", blank, ("永.png", "nothing")),
    ("hello.png", blank, ("hello.png", "no marker", "like 永.png")),
    ("永.png", bomb, ("永.png", "megapixels")),
    ("scan.png", bomb, ("scan.png", "megapixels")),
    ("永.heic", text, ("HEIC", "JPEG")),
    ("scan.pdf", text, ("scan.pdf", "not a picture or PDF")),
    ("hand.ttf", text, ("hand.ttf",)),
]


@pytest.mark.parametrize("inside", [False, True], ids=["named", "in a folder"])
@pytest.mark.parametrize("name, make, words", SOURCES)
def test_a_bad_source(run: Run, tmp_path: Path, name: str, make: Callable[[Path], None] | None,
                      words: tuple[str, ...], inside: bool) -> None:
    folder = tmp_path / "hand"
    folder.mkdir()
    if make is not None:
        make(folder / name)
    source = folder if inside or not name else folder / name
    before = tree(tmp_path)
    result = run("make", source, "--out", tmp_path / "Hand.ttf", status=1)
    assert "Traceback" not in result.output
    last = result.output.strip().splitlines()[-1]
    assert last.startswith("Error:") and result.output.count("Error:") == 1
    if source != folder:
        one_line(result.output, *words)
    else:
        one_line(result.output, "no sample was found")
    assert tree(tmp_path) == before


def test_a_bad_file_among_good_ones_is_left_out_with_a_line(run: Run, tmp_path: Path) -> None:
    for name in ("永.png", "水.png"):
        (tmp_path / name).write_bytes((SAMPLES / name).read_bytes())
    text(tmp_path / "火.png")
    blank(tmp_path / "hello.png")       # and the project beside them is no sample
    result = run("ingest", tmp_path / "p.glyphgen", tmp_path)
    left_out = [line for line in result.output.splitlines() if line.startswith("left out:")]
    assert len(left_out) == 2 and result.output.strip().endswith("2 samples")


OPTIONS: list[tuple[tuple[str, ...], int, tuple[str, ...]]] = [
    (("--charset", "gb2313"), 1, ("gb2313", "did you mean 'gb2312'")),
    (("--charset", "@none.txt"), 1, ("none.txt",)),
    (("--region", "fr"), 2, ("fr", "cn")),
    (("--device", "tpu"), 2, ("tpu",)),
    (("--family", "x" * 60), 1, ("31 characters",)),
    (("--vendor", "glyphgen"), 1, ("vendor",)),
    (("--weights", "400,450"), 1, ("450", "300, 400")),
    (("--alternates", "-1"), 2, ("-1",)),
    (("--base", "none.ttf"), 2, ("none.ttf",)),
    (("--base", __file__), 1, ("test_bad_input.py", "no font")),
    (("--unheard-of",), 2, ("--unheard-of",)),
]


@pytest.mark.parametrize("options, status, words", OPTIONS)
def test_a_bad_option(run: Run, tmp_path: Path, options: tuple[str, ...], status: int,
                      words: tuple[str, ...]) -> None:
    result = run("make", SAMPLES, "--out", tmp_path / "Hand.ttf", *options, status=status)
    one_line(result.output, *words)
    assert tree(tmp_path) == []


@pytest.mark.parametrize("target, words", [
    ("Hand.doc", (".doc", ".ttf")), ("Hand", ("suffix",)), ("none/Hand.ttf", ("no folder",)),
    ("file/Hand.ttf", ("no folder",)), ("folder.ttf", ("is a folder",)),
])
def test_a_path_that_cannot_be_written(run: Run, tmp_path: Path, target: str,
                                       words: tuple[str, ...]) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "folder.ttf").mkdir()
    before = tree(tmp_path)
    result = run("make", SAMPLES, "--out", tmp_path / target, status=1)
    one_line(result.output, *words)
    assert tree(tmp_path) == before


@pytest.mark.skipif(os.name == "nt", reason="folders of Windows have no mode")
def test_a_folder_that_cannot_be_written(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "locked"
    folder.mkdir(0o500)
    if os.geteuid() == 0:           # who may write everywhere but here
        folder = Path("/proc")
    one_line(run("make", SAMPLES, "--out", folder / "Hand.ttf", status=1).output, str(folder))
    one_line(run("template", "--out", folder / "sheet.pdf", status=1).output, str(folder))


def test_what_is_no_project(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "p.glyphgen"
    one_line(run("export", path, "--out", tmp_path / "A.ttf", status=1).output, "no such project")
    one_line(run("generate", path, status=1).output, "no such project")
    text(path)
    for command in (("generate", path), ("review", path), ("ingest", path, SAMPLES),
                    ("export", path, "--out", tmp_path / "A.ttf"),
                    ("glyphs", "pull", path, tmp_path / "out"),
                    ("preview", path, "--text", "永", "--out", tmp_path / "a.png")):
        one_line(run(*command, status=1).output, "p.glyphgen")
    assert path.read_text() == "no picture at all"
    assert tree(tmp_path) in (["p.glyphgen"], ["out", "p.glyphgen"])


def test_previews_that_cannot_be_made(run: Run, made: Made, tmp_path: Path) -> None:
    for source, name, words in ((made.font, "a.gif", ".gif"), (SAMPLES / "永.png", "a.png", "永"),
                                (made.font, "none/a.png", "none")):
        result = run("preview", source, "--text", "永", "--out", tmp_path / name, status=1)
        one_line(result.output, words)
    one_line(run("preview", made.font, "--text", "@none", "--out", tmp_path / "a.png",
                 status=1).output, "none")
    assert tree(tmp_path) == []


def limited(most: int, *arguments: object) -> subprocess.CompletedProcess[str]:
    """A command that cannot write a file of over `most` bytes, as on a disk that fills up."""
    return subprocess.run([sys.executable, "-c", LIMITED, str(most), *map(str, arguments)],
                          cwd=ROOT, capture_output=True, text=True)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no limit on file sizes to fill a disk by")
def test_a_full_disk(made: Made, tmp_path: Path) -> None:
    font = tmp_path / "Hand.ttf"
    font.write_bytes(b"the font before")
    sheet = limited(2000, "template", "--out", tmp_path / "sheet.pdf")
    project = limited(20_000, "ingest", tmp_path / "p.glyphgen", *FEW)
    copy = tmp_path / "hand.glyphgen"
    copy.write_bytes(made.project.read_bytes())
    # room for the project's own files, not for a font of that size
    export = limited(1_000_000, "export", copy, "--base", ROOT / "fonts/content/kai-jp.ttf",
                     "--out", font)
    for done, words in ((sheet, "File too large"), (project, "p.glyphgen"), (export, "Hand.ttf")):
        assert done.returncode == 1, done.stderr
        one_line(done.stderr, words)
    assert font.read_bytes() == b"the font before"
    left = [name for name in tree(tmp_path) if not name.startswith("p.glyphgen")]
    assert left == ["Hand.ttf", "hand.glyphgen"]
    subprocess.run([sys.executable, "-m", "cli", "ingest", str(tmp_path / "p.glyphgen"),
                    *map(str, FEW)], cwd=ROOT, check=True)        # with room again it goes on


@pytest.mark.skipif(os.name == "nt", reason="Windows sends no interrupt to one process")
def test_ctrl_c_keeps_what_was_drawn(tmp_path: Path) -> None:
    from glyphgen.project.document import Project

    (tmp_path / "hand").mkdir()
    for name in ("永.png", "水.png", "国.png"):
        (tmp_path / "hand" / name).write_bytes((SAMPLES / name).read_bytes())
    # whoever started the suite in the background may have had SIGINT ignored
    start = ("import signal; signal.signal(signal.SIGINT, signal.default_int_handler);"
             "from cli import cli; cli()")
    command = [sys.executable, "-c", start, "make", str(tmp_path / "hand"), "--no-adapt",
               "--out", str(tmp_path / "Hand.ttf"), "--charset", "gb2312-1"]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) as running:
        assert running.stderr is not None
        for line in running.stderr:
            if line.startswith("glyphs"):
                break
        time.sleep(0.2)
        running.send_signal(signal.SIGINT)
        rest = running.stderr.read()
    assert running.returncode == 130
    assert rest.split() and "Traceback" not in rest and rest.strip().startswith("Stopped.")
    assert len(rest.strip().splitlines()) == 1
    assert tree(tmp_path) == ["Hand.glyphgen", "hand", *sorted(
        f"hand/{name}" for name in ("永.png", "水.png", "国.png"))]
    with Project.open(tmp_path / "Hand.glyphgen", read_only=True) as project:
        assert len(project.samples()) == 3
