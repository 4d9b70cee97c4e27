"""What is fast is also right: exact distances, any precision, any number of workers."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from conftest import FEW, SAMPLES, Made, written
from scipy.ndimage import distance_transform_edt

from fonts.content import Content
from fonts.drawing import CANVAS, SPREAD, coverage, from_coverage
from glyphgen.draw.draw import draw_batch
from glyphgen.draw.judge import Judge
from glyphgen.draw.tries import Batch
from glyphgen.engine import spread
from glyphgen.hand.painter import Painter
from glyphgen.hand.prepare import Finish
from glyphgen.hand.prepared import PreparedHand
from glyphgen.network.checkpoint import load_model

ROOT = Path(__file__).parent.parent.parent
TRIAL = [ord(c) for c in "永和九年岁在癸丑暮春之初会于山阴兰亭修禊事也群贤毕至少长咸集此地有崇"]
IMPORTS = """
import sys
from cli import cli
for line in sys.stdin.read().splitlines():
    try:
        cli(line.split("|"), standalone_mode=False)
    except SystemExit:
        pass
    print(f"{line}: {'torch' in sys.modules}", file=sys.stderr)
"""
DRAW = """
import sys
import numpy as np
from tests.promises.test_speed import painted
np.save(sys.argv[1], painted())
"""


@pytest.mark.parametrize("size", [128, 256, 384, 512])
def test_distances_are_exact_up_to_the_spread(size: int) -> None:
    ink = coverage(Content("cn").hei(ord("鹰")), size)
    inside = ink >= 0.5
    within, without = distance_transform_edt(inside), distance_transform_edt(~inside)
    apart = np.maximum(within - 0.5, 0) - np.maximum(without - 0.5, 0)
    expected = np.where(np.abs(apart) == 0.5, ink - 0.5, apart) * (CANVAS / size)
    np.testing.assert_allclose(from_coverage(ink, size), np.clip(expected, -SPREAD, SPREAD),
                               atol=1e-6)



def painted() -> np.ndarray:
    """The characters of TRIAL in the hand of shipped samples, as the network leaves them."""
    painter = Painter(*load_model())
    hand, size = painter.learn(written(FEW)), painter.config.batch
    drawn = [painter.draw(hand, painter.framed(hand, part), part)[0]
             for part in (TRIAL[:size], TRIAL[size : 2 * size])]
    return np.concatenate(drawn)


def iou(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Of the ink of fields (N, 128, 128)."""
    both, either = (one > 0) & (other > 0), (one > 0) | (other > 0)
    return both.sum((1, 2)) / either.sum((1, 2))


def test_a_machine_without_bfloat16_and_avx512_draws_the_same(tmp_path: Path) -> None:
    plain = {"ATEN_CPU_CAPABILITY": "avx2", "ONEDNN_MAX_CPU_ISA": "AVX2"}
    subprocess.run([sys.executable, "-c", DRAW, tmp_path / "drawn.npy"], cwd=ROOT, check=True,
                   env=os.environ | plain | {"PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}"})
    alike = iou(painted(), np.load(tmp_path / "drawn.npy"))
    assert alike.mean() > 0.995 and alike.min() > 0.985


def test_bits_depend_neither_on_the_cores_nor_on_the_batch() -> None:
    painter = Painter(*load_model())
    samples = {c: painter.content.pair(c)[1] for c in TRIAL[:12]}
    hand = PreparedHand(painter, painter.learn(samples), Finish())
    ready = hand, Judge(hand, samples)
    many = spread(draw_batch, ready, map(Batch, [TRIAL[:7], TRIAL[7:8], TRIAL[8:20]]), workers=3)
    alone = spread(draw_batch, ready, map(Batch, [TRIAL[10:20], TRIAL[:10]]), workers=1)
    fields = [{made.codepoint: made.field.tobytes() for part in parts for made in part}
              for parts in (many, alone)]
    assert len(fields[0]) == 20 and fields[0] == fields[1]


def test_torch_is_imported_only_to_draw(made: Made, tmp_path: Path) -> None:
    project = tmp_path / "hand.glyphgen"
    shutil.copy(made.project, project)
    lines = ["--help", "charsets", f"template|--out|{tmp_path / 'sheet.pdf'}",
             f"ingest|{project}|{SAMPLES / '永.png'}", f"review|{project}",
             f"preview|{project}|--text|山川|--out|{tmp_path / 'words.png'}",
             f"export|{project}|--out|{tmp_path / 'hand.ttf'}",
             f"glyphs|pull|{project}|{tmp_path / 'glyphs'}",
             f"glyphs|push|{project}|{tmp_path / 'glyphs'}"]
    done = subprocess.run([sys.executable, "-c", IMPORTS], cwd=ROOT, input="\n".join(lines),
                          capture_output=True, text=True, encoding="utf-8", check=True)
    said = [line for line in done.stderr.splitlines() if line.endswith((": True", ": False"))]
    assert said == [f"{line}: False" for line in lines]


def test_tracing_does_not_need_its_compiler() -> None:
    """NUMBA_DISABLE_JIT leaves the same outlines, made slowly."""
    code = ("import numpy as np; from exporters.outlines.trace import trace; "
            "field = np.full((32, 32), -4, np.float32); field[9:20, 12:22] = 4; "
            "print(trace(field, 0x4E00).to_bytes().hex())")
    outlines = {subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, text=True,
                               capture_output=True, env=os.environ | {"NUMBA_DISABLE_JIT": off}
                               ).stdout for off in "01"}
    assert len(outlines) == 1
