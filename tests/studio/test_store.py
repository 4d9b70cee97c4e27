"""The open project: who reads, who changes, and the way back."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from glyphgen.project.document import Drawn, Project
from glyphgen.studio.events import Events
from glyphgen.studio.security import StudioError
from glyphgen.studio.store import Mark, Store
from glyphgen.studio.work.jobs import Jobs

BLANK = np.full((128, 128), -4, np.float32)


def test_changes_are_taken_back_the_last_one_first(tmp_path: Path) -> None:
    jobs = Jobs(Events())
    with Project.open(tmp_path / "a.glyphgen", create=True) as project:
        project.put_drawings([Drawn(ord("三"), BLANK, 7, score=0.25), Drawn(
            ord("永"), BLANK, 8, score=0.75, scores={"ink": 0.5}, state="doubtful")])
    store = Store(tmp_path / "a.glyphgen", jobs)
    assert store.read(lambda p: p.marks()) == [
        Mark(ord("永"), "doubtful", 0.75, 8), Mark(ord("三"), "drawn", 0.25, 7)]
    assert store.read(lambda p: p.scores_of(ord("永"))) == {
        "state": "doubtful", "score": 0.75, "seed": 8, "scores": {"ink": 0.5}, "recipe": ""}
    assert store.read(lambda p: p.scores_of(ord("国"))) is None
    for point in map(ord, "三永"):
        store.remember([point])
        store.change(("lock", ([point],)))
    assert store.undo() == [ord("永")] and store.undo() == [ord("三")] and store.undo() == []
    assert store.read(lambda p: p.states()) == {ord("三"): "drawn", ord("永"): "doubtful"}
    with pytest.raises(StudioError, match="no change to a project"):
        store.change(("put_drawings", ([],)))
    store.close()


def test_no_order_goes_to_nobody() -> None:
    jobs = Jobs(Events())
    assert not jobs.running and not jobs.edit([]) and jobs.status == {"state": "idle"}
    with pytest.raises(StudioError, match="nothing is being drawn"):
        jobs.order("pause")
    jobs.wait()
    jobs.stop()
