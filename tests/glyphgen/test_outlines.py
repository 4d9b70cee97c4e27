"""Outlines of a project, traced in this process or in several."""

from __future__ import annotations

import numpy as np
import pytest

from exporters.outlines.trace import GENERATED, trace, trace_all
from exporters.strokes.outline import stroked
from fonts.content import Content
from fonts.drawing import Drawing, Strokes
from glyphgen import engine
from glyphgen.export import outlines
from glyphgen.strokes.ink import ink


def stroke() -> Drawing:
    """A drawing with the stroke that it was inked from."""
    line = np.linspace((36, 64), (92, 64), 16, dtype=np.float32)[None]
    wide = np.full((1, 16), 2.8, np.float32)
    return Drawing(0x4E00, ink(line, wide), Strokes(line, wide))


def test_drawings_with_strokes_are_not_traced(monkeypatch: pytest.MonkeyPatch) -> None:
    drawing = stroke()
    half = outlines.Cut(0.5)
    expected = stroked(drawing.strokes, 0x4E00, 0.5) if drawing.strokes else None
    assert list(outlines.traced([drawing], half)) == [(0x4E00, expected)]
    forms = [*outlines.forms_traced(0x4E00, ([drawing.field], [drawing]), half)]
    assert forms == [trace(drawing.field, 0x4E00, 0.5), expected]
    monkeypatch.setattr(outlines, "stroked", lambda *_: None)           # but where that fails
    assert list(outlines.traced([drawing], half)) == list(trace_all([drawing], 0.5, GENERATED))


def test_processes_give_the_same_outlines_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    content = Content("cn")
    drawings = [Drawing(ord(c), content.hei(ord(c))) for c in "天地玄黄宇"]
    monkeypatch.setattr(engine, "cores", lambda: 2)
    monkeypatch.setattr(outlines, "_CHUNK", 2)
    quarter = outlines.Cut(0.25)
    expected = list(trace_all(drawings, 0.25, GENERATED))
    assert [code for code, _ in expected] == [d.codepoint for d in drawings]
    drawings.append(stroke())
    expected.append((0x4E00, outlines.outlined(drawings[-1], quarter)))
    assert list(outlines.traced(drawings, quarter)) == expected
    assert list(outlines.traced(iter(drawings), quarter, many=True)) == expected
