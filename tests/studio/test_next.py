"""What the Samples page proposes to write next, and the scores of the hand so far."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pytest
from conftest import STUDIO_TEXT
from starlette.testclient import TestClient

from fonts.components import Part, parts
from fonts.content import Content
from fonts.reading.samples import Sample
from glyphgen.hand.opened import _remember
from glyphgen.hand.prepare import Prepared
from glyphgen.project.document import Project
from glyphgen.project.schema import ProjectError
from glyphgen.project.settings import MOST_LEARNT
from glyphgen.studio.studio import Studio
from glyphgen.suggest import suggest_for


def test_the_page_proposes_what_the_command_does(drawn: Studio, client: TestClient) -> None:
    hei = Content("cn").hei             # with these, components are wanted most, not strokes
    drawn.project.change(("add_samples", ([Sample.of(ord(c), hei(ord(c)), f"{c}.png", 1.0)
                                           for c in "来宿"],)))
    rows = client.get("/api/samples/next").json()
    said = drawn.project.read(lambda p: suggest_for(p, 12))
    assert [(row["c"], row["reason"], row["n"]) for row in rows] == [
        (one.codepoint, one.reason, one.count) for one in said] and len(rows) == 12
    named = [row for row in rows if row["reason"] == "component"]
    assert named and all(row["part"] in {part.name for part in parts(row["c"])} for row in named)
    assert any(isinstance(one.part, Part) for one in said)
    assert rows[3]["reason"] == "doubtful" and chr(rows[3]["c"]) in STUDIO_TEXT


@dataclass
class Scored:
    """A hand of which only the score matters."""

    scores: dict[str, float] | None


def remember(project: Project, samples: int, iou: float | None) -> None:
    scores = None if iou is None else {"iou": iou, "nl1": 1 - iou, "chamfer": 2.0}
    _remember(project, samples, cast(Prepared, Scored(scores)))


def test_each_batch_of_samples_has_its_score(drawn: Studio, client: TestClient,
                                             tmp_path: Path) -> None:
    with Project.open(tmp_path / "Other.glyphgen", create=True) as project:
        for samples, iou in ((30, 0.375), (30, 0.5), (1, None), (42, 0.5)):
            remember(project, samples, iou)
        kept = project.get("learnt")
        assert [(one["samples"], one["iou"]) for one in kept] == [(30, 0.5), (42, 0.5)]
        for samples in range(100, 100 + 2 * MOST_LEARNT):
            remember(project, samples, 0.5)
        assert [one["samples"] for one in project.get("learnt")] == [
            *range(100 + MOST_LEARNT, 100 + 2 * MOST_LEARNT)]
    assert client.get("/api/state").json()["learnt"] == []
    drawn.project.change(("set", ("learnt", kept)))
    assert client.get("/api/state").json()["learnt"] == kept


@pytest.mark.parametrize("value", [
    3, ["x"], [{}], [{"samples": 1.5, "iou": 0.5, "nl1": 0.5}], [{"samples": 30, "iou": 0.5}],
    [{"samples": 30, "iou": "0.5", "nl1": 0.5}],
    [{"samples": 30, "iou": 0.5, "nl1": 0.5}] * (MOST_LEARNT + 1)])
def test_scores_of_a_stranger_are_not_taken_on_trust(tmp_path: Path, value: Any) -> None:
    with Project.open(tmp_path / "Other.glyphgen", create=True) as project:
        project.set("learnt", value)
        with pytest.raises(ProjectError, match="'learnt' is not of its kind"):
            project.get("learnt")
