"""Outlines of a project, traced in this process or in several."""

from __future__ import annotations

import pytest

from exporters.outlines.trace import GENERATED, trace_all
from fonts.content import Content
from fonts.drawing import Drawing
from glyphgen import engine
from glyphgen.export import outlines


def test_processes_give_the_same_outlines_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    content = Content("cn")
    drawings = [Drawing(ord(c), content.hei(ord(c))) for c in "天地玄黄宇"]
    monkeypatch.setattr(engine, "cores", lambda: 2)
    monkeypatch.setattr(outlines, "_CHUNK", 2)
    expected = list(trace_all(drawings, 0.25, GENERATED))
    assert [code for code, _ in expected] == [d.codepoint for d in drawings]
    assert list(outlines.traced(drawings, 0.25)) == expected
    assert list(outlines.traced(iter(drawings), 0.25, many=True)) == expected
