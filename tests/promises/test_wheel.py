"""The wheel, installed into a fresh environment, runs and finds its data from elsewhere."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import FEW

ROOT = Path(__file__).parent.parent.parent
READS_EVERY_FOLDER = """
from fonts.charset import resolve
from fonts.content import Content
from glyphgen.network.checkpoint import load_model
import training.corpus, glyphgen, sys
assert len(resolve("tongyong-8105").codepoints) == 8105
assert Content("jp").has(0x6C38)
model, codec = load_model()
assert training.corpus.read_manifest()
print(glyphgen.__file__)
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with only the wheel in it; dependencies come from the running one."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run([sys.executable, "-m", "pip", "wheel", str(ROOT), "--no-deps", "--quiet",
                    "--wheel-dir", str(folder)], check=True)
    wheel = next(folder.glob("glyphgen-*.whl"))
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder / "env")],
                   check=True)
    binaries = folder / "env" / ("Scripts" if os.name == "nt" else "bin")
    subprocess.run([sys.executable, "-m", "pip", "--python", str(binaries / "python"), "install",
                    "--no-deps", "--no-index", "--quiet", str(wheel)], check=True)
    return binaries


def _environment() -> dict[str, str]:
    """The dependencies' folder, but never the checkout's."""
    places = [p for p in sys.path if p.endswith(("site-packages", "dist-packages"))]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(places)}


def test_the_command_runs_from_elsewhere(installed: Path, tmp_path: Path) -> None:
    done = subprocess.run([installed / "glyphgen", "--version"], cwd=tmp_path, check=True,
                          capture_output=True, text=True, env=_environment())
    assert "glyphgen" in done.stdout


def test_every_data_folder_is_read(installed: Path, tmp_path: Path) -> None:
    done = subprocess.run([installed / "python", "-c", READS_EVERY_FOLDER], cwd=tmp_path,
                          check=True, capture_output=True, text=True, env=_environment())
    assert str(ROOT) not in done.stdout


def test_a_first_font_compiles_nothing(installed: Path, tmp_path: Path) -> None:
    kept = tmp_path / "numba"
    kept.mkdir()
    subprocess.run([installed / "glyphgen", "make", *FEW, "--out", tmp_path / "Hand.ttf",
                    "--charset", "春眠觉aアé", "--family", "Hand"], cwd=tmp_path, check=True,
                   capture_output=True, env=_environment() | {"NUMBA_CACHE_DIR": str(kept)})
    assert (tmp_path / "Hand.ttf").exists() and not [*kept.rglob("*.nbi")]
