"""What tests of training share: a shard of made-up characters."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from fonts.drawing import CANVAS, from_coverage, pack


def strokes(rng: np.random.Generator, slant: float) -> np.ndarray:
    """A random pattern of bars, moved sideways by height as a slanted hand would."""
    ink = np.zeros((CANVAS, CANVAS), np.float32)
    for _ in range(4):
        x, y = rng.integers(20, 90, 2)
        ink[y : y + 4, x : x + 30] = 1
        ink[y : y + 30, x : x + 4] = 1
    rows = np.arange(CANVAS)
    return np.stack([np.roll(ink[r], round(slant * (64 - r))) for r in rows])


@pytest.fixture(scope="module")
def shard(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two faces of 70 made-up characters: the content is upright, the faces lean."""
    folder = tmp_path_factory.mktemp("shard")
    rng = np.random.default_rng(0)
    plain = [strokes(rng, 0.0) for _ in range(70)]
    content = np.stack([[pack(from_coverage(p))] * 2 for p in plain])
    glyphs = [pack(from_coverage(np.stack([np.roll(p[r], round(lean * (64 - r)))
                                           for r in range(CANVAS)])))
              for lean in (0.2, -0.2) for p in plain]
    np.stack(glyphs).tofile(folder / "glyphs.i8")
    content.tofile(folder / "content.i8")
    np.savez(folder / "index.npz", face=np.repeat(np.arange(2, dtype=np.int16), 70),
             codepoint=np.tile(np.arange(0x4E00, 0x4E46, dtype=np.int32), 2),
             content=np.tile(np.arange(70, dtype=np.int32), 2))
    faces = [{"design": f"lean {i}", "category": "handwriting", "region": "cn",
              "split": "train"} for i in range(2)]
    (folder / "faces.json").write_text(json.dumps(faces), encoding="utf-8")
    return folder
