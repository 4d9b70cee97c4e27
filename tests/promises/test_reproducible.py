"""The same inputs, seed and version give the same font, byte for byte. (After a resume:
`test_make.py` and `benchmarks.kill`; over a cluster: `test_engine.py`.)"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import FEW, TEXT, Made, Run
from sharing import all_cores

from glyphgen import engine
from glyphgen.export import outlines
from glyphgen.project.document import Project

ROOT = Path(__file__).parent.parent.parent


def test_in_any_order_in_another_process(made: Made, run: Run, tmp_path: Path) -> None:
    """Samples and characters in another order, other batches, another seed of Python's hashes;
    by every core where the rest of the tests has fewer."""
    chance = random.Random(6)
    sources, chars = [*FEW], [*TEXT]
    chance.shuffle(sources)
    chance.shuffle(chars)
    project, font = tmp_path / "a.glyphgen", tmp_path / "Other.ttf"
    run("ingest", project, *sources)
    run("generate", project, "--charset", "".join(chars[:11]), "--no-adapt")
    command = ("make", *sources[:5], "--project", project, "--charset", "".join(chars),
               "--no-adapt", "--out", font, "--family", "Test Hand")
    with all_cores():
        subprocess.run([sys.executable, "-m", "cli", *map(str, command)], cwd=ROOT, check=True,
                       env=os.environ | {"PYTHONHASHSEED": "6", "TZ": "Asia/Tokyo"},
                       capture_output=True)
    assert font.read_bytes() == made.font.read_bytes()


def test_by_several_processes(made: Made, run: Run, tmp_path: Path,
                              monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outlines, "_SPREAD_OUT", 0)
    monkeypatch.setattr(engine, "cores", lambda: 2)
    shutil.copy(made.project, tmp_path / "a.glyphgen")
    run("export", tmp_path / "a.glyphgen", "--out", tmp_path / "A.ttf", "--family", "Test Hand")
    assert (tmp_path / "A.ttf").read_bytes() == made.font.read_bytes()


def test_again_and_again_until_something_changes(made: Made, run: Run, tmp_path: Path) -> None:
    """An export of the same is the same file; one of anything else has the next number."""
    project, font = tmp_path / "a.glyphgen", tmp_path / "A.ttf"
    shutil.copy(made.project, project)
    for _ in range(2):
        run("export", project, "--out", font, "--family", "Test Hand")
        assert font.read_bytes() == made.font.read_bytes()
    with Project.open(project) as opened:
        opened.put_back([ord("山")], ())
    run("export", project, "--out", font, "--family", "Test Hand")
    assert "Version 1.002".encode("utf-16-be") in font.read_bytes()
