"""How many further drawings are asked for."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from fonts.regions import frequent
from glyphgen.draw import alternates
from glyphgen.progress import Silent
from glyphgen.project.document import Drawn, Project


def test_samples_take_the_place_of_drawings(tmp_path: Path,
                                            monkeypatch: pytest.MonkeyPatch) -> None:
    """Of three more forms 是 has two by hand; what the gate doubts is left out."""
    one, two = frequent("cn")[:2]
    asked: list[tuple[str, int]] = []

    def draw(hand: object, judge: object, points: list[int], redraw: int, engine: str) -> Any:
        asked.append(("".join(map(chr, points)), redraw))
        yield [Drawn(c, np.full((128, 128), len(asked), np.float32),
                     state="doubtful" if len(asked) == 3 else "drawn") for c in points]

    monkeypatch.setattr(alternates, "open_hand", lambda *given: (SimpleNamespace(), {}))
    monkeypatch.setattr(alternates, "Judge", lambda *given: None)
    monkeypatch.setattr(alternates, "draw_batches", draw)
    with Project.open(tmp_path / "a.glyphgen", create=True) as project:
        found = alternates.draw_alternates(project, [ord(one), ord(two), ord("龘")],
                                           {ord(two): 2}, 3, Silent())
        assert [(set(points), redraw) for points, redraw in asked] == [
            ({one, two}, 0x7A1), ({one}, 2 * 0x7A1), ({one}, 3 * 0x7A1)]
        assert {c: [int(form.field[0, 0]) for form in forms] for c, forms in found.items()} == {
            ord(one): [1, 2], ord(two): [1]}
        assert alternates.draw_alternates(project, [ord(one)], {ord(one): 3}, 3, Silent()) == {
            ord(one): []}
