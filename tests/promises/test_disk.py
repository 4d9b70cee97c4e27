"""A disk that is full and a folder that cannot be written, on file systems of their own."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from conftest import SAMPLES, Made, Run

from glyphgen.project.document import Project


@contextmanager
def mounted(folder: Path, *options: str) -> Iterator[Path]:
    """A file system mounted on `folder`; skips where this process may not mount one."""
    try:
        done = subprocess.run(["mount", *options, str(folder)], capture_output=True, text=True)
    except OSError:
        pytest.skip("there is no mount command here")
    if done.returncode:
        pytest.skip(f"no file system can be mounted here: {done.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def one_line(said: str, *words: str) -> None:
    errors = [line for line in said.splitlines() if line.startswith("Error:")]
    assert len(errors) == 1 and "Traceback" not in said, said
    assert all(word in errors[0] for word in words), said


def fill(folder: Path, leave: int) -> Path:
    """Take the room of a file system but for `leave` bytes."""
    filler = folder / "filler"
    with open(filler, "wb", buffering=0) as file:
        try:
            while file.write(bytes(4096)) == 4096:
                pass
        except OSError:
            pass
        file.truncate(max(0, file.tell() - leave))
    return filler


def test_a_disk_that_fills_up(run: Run, made: Made, tmp_path: Path) -> None:
    with mounted(tmp_path, "-t", "tmpfs", "-o", "size=1m", "tmpfs") as disk:
        project, font = disk / "hand.glyphgen", disk / "Hand.ttf"
        filler = fill(disk, 40_000)
        one_line(run("ingest", project, SAMPLES, status=1).output, "hand.glyphgen", "disk")
        filler.unlink()
        project.write_bytes(made.project.read_bytes())
        font.write_bytes(b"the font before")
        with Project.open(project) as opened:
            before = opened.contents()
        filler = fill(disk, 45_000 + made.font.stat().st_size // 4)     # SQLite takes its part
        one_line(run("export", project, "--out", font, status=1).output, "Hand.ttf", "space")
        assert font.read_bytes() == b"the font before"
        filler.unlink()
        with Project.open(project) as opened:
            assert opened.contents() == before
        run("export", project, "--out", font, "--family", "Test Hand")
        assert font.read_bytes() == made.font.read_bytes()
        assert sorted(path.name for path in disk.iterdir()) == ["Hand.ttf", "hand.glyphgen"]


def test_a_folder_that_cannot_be_written(run: Run, made: Made, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "hand.glyphgen").write_bytes(made.project.read_bytes())
    with mounted(folder, "-o", "bind,ro", str(folder)):
        project = folder / "hand.glyphgen"
        for command in (("ingest", project, SAMPLES), ("generate", project),
                        ("glyphs", "push", project, SAMPLES),
                        ("review", project, "--redo", "春"), ("export", project, "--out",
                                                             tmp_path / "A.ttf")):
            one_line(run(*command, status=1).output, "hand.glyphgen", "folder")
        one_line(run("make", SAMPLES, "--out", folder / "Hand.ttf", status=1).output, str(folder))
        run("preview", project, "--text", "春", "--out", tmp_path / "a.png")   # may be read
    assert [path.name for path in folder.iterdir()] == ["hand.glyphgen"]
