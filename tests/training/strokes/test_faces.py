"""Faces as strokes: kept whole, padded, never of a character that is held out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from exporters.strokes.curve import even_unless
from fonts.content import FOLDER
from fonts.render import Face
from glyphgen.strokes.corners.corner import CUTS
from glyphgen.strokes.laid.hooks import whole
from glyphgen.strokes.laid.lay import Laid
from glyphgen.strokes.library import Library
from glyphgen.strokes.network import USUAL
from training.corpus import is_held_out, read_manifest
from training.strokes.batches import BatchConfig, StrokeGroups
from training.strokes.faces import MOST, StrokeFace, chosen, face_of
from training.strokes.loop import StrokeTrainConfig, schedule


def face(category: str, count: int = 90, offset: float = 0.0) -> StrokeFace:
    """Characters of one bar each, of the usual width, a pixel lower from one to the next."""
    bars = [np.linspace((20 + offset, 10 + i), (100, 10 + i), 16)[None].astype(np.float32)
            for i in range(count)]
    wide = np.full((1, 16), USUAL, np.float32)
    ends = np.ones((1, 2, 13), np.float32)
    turned = np.zeros((0, 1 + len(CUTS)), np.float32)
    laid = {0x4E00 + i: Laid(bar, whole(1), bar, wide, ends, turned, even_unless(None, 1))
            for i, bar in enumerate(bars)}
    return face_of(category, category, laid, [bars])


def test_a_face_is_kept_as_it_is(tmp_path: Path) -> None:
    made = face("kai", 3)
    assert made.strokes.shape == (3, MOST, 16, 2) and made.content.shape == (1, 3, MOST, 16, 2)
    assert made.there.sum(1).tolist() == [1, 1, 1] and made.there[:, 0].all()
    assert np.abs(made.width[:, 0]).max() < 1e-5        # log of the usual width
    made.save(tmp_path / "f.npz")
    again = StrokeFace.load(tmp_path / "f.npz")
    assert (again.design, again.category) == ("kai", "kai")
    assert all(np.array_equal(getattr(again, name), getattr(made, name))
               for name in ("codepoints", "count", "content", "strokes", "width"))


@pytest.mark.parametrize("split", ["train", "valid"])
def test_held_out_characters_are_not_trained_on(split: str) -> None:
    row = read_manifest([split])[0]
    found = chosen(row, Face(FOLDER / "kai.ttf"), Library.load(), 400)
    assert len(found) == len(set(found)) == 400
    assert any(map(is_held_out, found)) is (split != "train")
    assert found == chosen(row, Face(FOLDER / "kai.ttf"), Library.load(), 400)


def test_a_batch_is_told_by_its_number() -> None:
    config = BatchConfig(groups=2, targets=4, samples=(6,))
    groups = StrokeGroups([face("handwriting"), face("print", offset=9), face("few", 20)],
                          config, 5)
    assert [one.category for one in groups.faces] == ["handwriting", "print"]
    np.testing.assert_allclose(groups.shares, np.array([1.6, 0.25]) / 1.85)
    (one, samples), (again, _), (other, _) = map(groups.batch, (3, 3, 4))
    assert samples == 6 and one.strokes.shape == (2, 10, 1, 16, 2) and one.there.all()
    assert np.array_equal(one.strokes, again.strokes)
    assert not np.array_equal(one.strokes, other.strokes)


@pytest.mark.parametrize("step, factor", [(0, 0.01), (99, 1.0), (10000, 0.515), (20000, 0.03),
                                          (30000, 0.03)])
def test_the_rate_warms_up_and_falls(step: int, factor: float) -> None:
    assert schedule(step, StrokeTrainConfig()) == pytest.approx(factor, abs=1e-3)
