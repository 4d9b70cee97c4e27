"""Strokes that were written on glass: small, the same every time, and never believed."""

from __future__ import annotations

import sqlite3
import zlib
from contextlib import closing
from itertools import chain
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fonts.content import Content
from fonts.reading.samples import Sample
from glyphgen.project.document import Project, ProjectError
from glyphgen.project.schema import MIGRATIONS
from glyphgen.project.strokes import (
    HIGHEST,
    LOWEST,
    MOST_POINTS,
    MOST_STROKES,
    Stroke,
    StrokesError,
    check_strokes,
    pack_strokes,
    unpack_strokes,
)


def stroke(points: int, seed: int = 0) -> Stroke:
    """Points anywhere, in time's order."""
    made = np.random.default_rng(seed).integers(LOWEST, HIGHEST + 1, (points, 6))
    made[:, 3].sort()
    return made.astype(np.int32)


@given(st.lists(st.integers(1, 300), min_size=1, max_size=20), st.integers(0, 99))
def test_strokes_come_back(lengths: list[int], seed: int) -> None:
    written = [stroke(points, seed + i) for i, points in enumerate(lengths)]
    packed = pack_strokes(written)
    assert packed == pack_strokes(written)
    for ours, theirs in zip(written, unpack_strokes(packed), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_the_most_that_is_kept_comes_back() -> None:
    written = [stroke(MOST_POINTS // MOST_STROKES)] * MOST_STROKES
    assert len(unpack_strokes(pack_strokes(written))) == MOST_STROKES


def test_what_nobody_wrote_is_refused() -> None:
    late = stroke(3)
    late[:, 3] = 5, 9, 8
    outside = [np.where(np.arange(6) == column, beyond, stroke(2)).astype(np.int32)
               for column in range(6) for beyond in (LOWEST[column] - 1, HIGHEST[column] + 1)]
    odd = [[], [stroke(1)] * (MOST_STROKES + 1), [stroke(MOST_POINTS), stroke(1)],
           [stroke(2)[:, :5]], [stroke(0)], [late], *([one] for one in outside)]
    for strokes in odd:
        with pytest.raises(StrokesError):
            check_strokes(strokes)


@given(st.binary(max_size=200))
def test_bytes_of_others_are_strokes_or_refused(data: bytes) -> None:
    for tried in (data, zlib.compress(data), zlib.compress(b"\1\0\2\0" + data)):
        try:
            check_strokes(unpack_strokes(tried))
        except StrokesError:
            pass


def test_a_bomb_is_not_inflated() -> None:
    with pytest.raises(StrokesError):
        unpack_strokes(zlib.compress(bytes(1 << 26)))


def test_strokes_stay_with_their_sample(tmp_path: Path) -> None:
    path, content = tmp_path / "Hand.glyphgen", Content("cn")
    glass, paper = (Sample.of(ord(c), content.hei(ord(d)), c, 1.0) for c, d in ("永永", "永水"))
    with Project.open(path, create=True) as project:
        project.add_samples([glass], {glass.digest: [stroke(9)]})
        project.add_samples([paper])
        assert project.strokes() == {}              # the newer sample has none
        project.add_samples([glass])
        np.testing.assert_array_equal(project.strokes()[ord("永")][0], stroke(9))
        project.remove_samples([ord("永")])
        project.add_samples([glass])
        assert project.strokes() == {}              # they went with it


def test_damaged_strokes_are_told(tmp_path: Path) -> None:
    path = tmp_path / "Hand.glyphgen"
    sample = Sample.of(ord("永"), Content("cn").hei(ord("永")), "永", 1.0)
    with Project.open(path, create=True) as project:
        project.add_samples([sample], {sample.digest: [stroke(9)]})
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("UPDATE strokes SET points = x'00'")
    with Project.open(path) as project, pytest.raises(ProjectError, match=r"U\+6C38"):
        project.strokes()
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("UPDATE strokes SET points = 'text'")
    with pytest.raises(ProjectError, match="is damaged"):
        Project.open(path)


def test_later_versions_only_make_tables_but_for_one_column() -> None:
    """What an older project lacks is made empty where it is only read."""
    others = [s for s in chain(*MIGRATIONS[1:]) if not s.startswith("CREATE TABLE ")]
    assert others == ["ALTER TABLE drawings ADD COLUMN strokes BLOB"]
