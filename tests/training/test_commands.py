"""The small commands of training: what they choose and count, without running them whole."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from conftest import SAMPLES

from fonts.drawing import unpack
from training.corpus import read_manifest
from training.demo_samples import CHARACTERS, SIDE, scan
from training.few_steps import SAMPLINGS
from training.strokes.data import _designs
from training.styles import _is_read
from training.synthesise import _write_hand


def test_the_shipped_samples_are_scans_of_the_chosen_characters() -> None:
    assert {path.stem for path in SAMPLES.glob("*.png")} <= set(CHARACTERS)
    ink = np.zeros((SIDE, SIDE), np.float32)
    ink[100:200, 100:200] = 1
    page = scan(ink, np.random.default_rng(0))
    assert page.dtype == np.uint8 and page[:50].mean() > 200 > 90 > page[120:180, 120:180].mean()


def test_guidance_doubles_the_calls_of_a_step() -> None:
    assert [how.calls for how in SAMPLINGS] == [1, 2, 4, 8, 3, 7, 4, 8, 16]


def test_one_face_a_design_is_laid_and_that_the_regular(tmp_path: Path) -> None:
    rows = [row for row in read_manifest(["train"]) if row.design == "Klee One"]
    for row in rows:
        (tmp_path / row.file_name).touch()
    assert {row.weight for row in rows} == {400, 600}
    assert [row.weight for row in _designs("train", tmp_path)] == [400]


@pytest.mark.parametrize("misread, verdict", [(1, True), (2, False)])
def test_a_hand_is_kept_where_nine_tenths_are_read(misread: int, verdict: bool) -> None:
    margins = np.array([1.0] * misread + [-1.0] * 14)[:15]
    painter = SimpleNamespace(config=SimpleNamespace(batch=15), framed=lambda *given: None,
                              draw=lambda *given: [np.zeros((15, 128, 128), np.float32)])
    reader = SimpleNamespace(confusion_margin=lambda *given: margins)
    hand = SimpleNamespace(hand=None, finish=lambda field: field)
    assert _is_read(painter, reader, hand) is verdict       # type: ignore[arg-type]


def test_a_synthetic_hand_writes_what_its_seed_says(tmp_path: Path) -> None:
    for char in "十口":
        medians = [[[150, 400], [870, 400]], [[510, 800], [510, 0]]]
        (tmp_path / f"{char}.json").write_text(json.dumps({"medians": medians}), "utf-8")
    chosen, packed = _write_hand((tmp_path, 7, 1))
    assert "".join(map(chr, chosen)) in "十口" and (unpack(packed[0]) > 0).any()
    np.testing.assert_array_equal(_write_hand((tmp_path, 7, 1))[1], packed)
