"""Commands killed at a few moments; the long run is `python -m benchmarks.kill`."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
from pathlib import Path

import pytest

from glyphgen.project.document import Project, ProjectError

ROOT = Path(__file__).parent.parent.parent


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
def test_killed_commands_lose_nothing_and_go_on_to_the_same_bytes() -> None:
    done = subprocess.run([sys.executable, "-m", "benchmarks.kill", "--moments", "2",
                           "--commands", "make,studio"], cwd=ROOT,
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count(" 0 faults") == 2


def _count_up(path: str, times: int) -> int:
    """Open a project again and again and add one to a number in it; how often that was done."""
    done = 0
    while done < times:
        try:
            with Project.open(path) as project:
                project.set("number", project.get("number", 0) + 1)
                done += 1
        except ProjectError as error:
            assert "in use by another" in str(error), error
    return done


def test_processes_take_turns_on_one_project(tmp_path: Path) -> None:
    path = tmp_path / "shared.glyphgen"
    Project.open(path, create=True).close()
    with multiprocessing.get_context("spawn").Pool(3) as pool:
        done = sum(pool.starmap(_count_up, [(str(path), 20)] * 3))
    with Project.open(path) as project:
        assert project.get("number") == done == 60
    assert list(tmp_path.iterdir()) == [path]
