"""The recogniser: reads content and hands, holds confusions against drawings, fails in words."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch
from conftest import written

from fonts.content import Content
from glyphgen.network.checkpoint import CheckpointError
from glyphgen.network.recogniser import RECOGNISER, Recogniser

TEXT = "天地玄黄宇宙洪荒日月盈昃辰宿列张寒来暑往秋收冬藏閏餘成歲律呂"
ALIKE = (("己", "已"), ("土", "士"), ("拨", "拔"), ("贫", "贪"), ("候", "侯"), ("인", "안"))


@cache
def reader() -> Recogniser:
    return Recogniser.load()


def kai(text: str) -> np.ndarray:
    content = Content("cn")
    return np.stack([content.pair(ord(char))[1] for char in text])


def test_content_is_read_as_itself() -> None:
    assert "".join(map(chr, reader().read(kai(TEXT)))) == TEXT


def test_a_hand_is_read() -> None:
    samples = written()
    read = reader().read(np.stack([*samples.values()]))
    right = [own == codepoint for own, codepoint in zip(samples, read)]
    # of 33,000 characters, in a hand of the test split
    assert len(right) == 30 and np.mean(right) >= 0.9


def test_japan_s_forms_are_read_where_they_are_written() -> None:
    text, content = "芦茎捨杓酋将刃滞", Content("jp")     # each is another by China's forms
    fields = np.stack([content.pair(ord(char))[1] for char in text])
    japan = Recogniser.load(region="jp")
    assert "".join(map(chr, japan.read(fields))) == text
    codepoints = [*map(ord, text)]
    assert (japan.confusion_margin(fields, codepoints) < 0).all()
    assert (reader().confusion_margin(fields, codepoints) > 0).all()
    assert "".join(map(chr, japan.read(kai(TEXT)))) == TEXT


@pytest.mark.parametrize("one, other", ALIKE)
def test_a_similar_character_is_mistaken(one: str, other: str) -> None:
    own, wrong = reader().confusion_margin(kai(one + other), [ord(one), ord(one)])
    assert own < 0 < wrong


def test_strangers_are_not_judged() -> None:
    assert reader().confusion_margin(kai("永"), [0xE000]).tolist() == [0.0]
    assert reader().confusion_margin(kai("永"), [0x10FFFF]).tolist() == [0.0]


def test_a_reading_does_not_depend_on_its_batch() -> None:
    many = reader().embed(kai(TEXT * 2))
    assert torch.equal(reader().embed(kai(TEXT[:1]))[0], many[0])
    assert len(many) == 2 * len(TEXT)


def test_what_is_saved_is_loaded(tmp_path: Path) -> None:
    path = tmp_path / "reader.safetensors"
    reader().save(path)
    again = Recogniser.load(path)
    assert torch.allclose(again.gallery, reader().gallery, atol=0.01)
    assert again.read(kai(TEXT)) == reader().read(kai(TEXT))


def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    damaged = bytearray(RECOGNISER.read_bytes())
    damaged[-1000] ^= 1
    path = tmp_path / "reader.safetensors"
    path.write_bytes(damaged)
    with pytest.raises(CheckpointError, match="reader.safetensors: the weights are damaged"):
        Recogniser.load(path)
