"""Samples out of a font file."""

from pathlib import Path

import numpy as np
import pytest

import fonts.content
from fonts.reading.samples import SamplesError, read_samples
from fonts.render import Face

CONTENT = Path(fonts.content.__file__).parent
KAI = Face(CONTENT / "kai.ttf")


def test_a_font_s_glyphs_are_exact() -> None:
    read = read_samples([CONTENT / "kai.ttf"], sample_chars="永 国永\ue000")
    assert [sample.text for sample in read.samples] == ["国", "永"]
    assert any("has no glyph" in line for line in read.warnings)
    for sample in read.samples:
        drawn = KAI.field(sample.codepoint, 512, oversample=2)
        assert drawn is not None
        assert np.abs(sample.field - drawn).max() < 0.02
    assert len(read_samples([CONTENT / "kai.ttf"]).samples) == 30


def test_compatibility_ideographs_of_a_font_are_not_changed_to_others() -> None:
    text = "\uF979\u1100\u1161"
    read = read_samples([CONTENT / "hei-cn.otf"], sample_chars=text + "\uFA1B")
    assert [sample.codepoint for sample in read.samples] == [0xAC00, 0xF979]
    assert read.warnings == (f"{CONTENT / 'hei-cn.otf'}: has no glyph for \uFA1B",)


def test_a_font_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "a.ttf").write_bytes(b"nothing")
    with pytest.raises(SamplesError, match="not a usable font"):
        read_samples([tmp_path / "a.ttf"])
    with pytest.raises(SamplesError, match="no sample was found"):
        read_samples([CONTENT / "kai.ttf"], sample_chars="\ue000")
