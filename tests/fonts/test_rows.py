"""Rows of characters, written without a sheet, are read in the order they were written in."""

import cv2
import numpy as np
import pytest
from PIL import Image

from fonts.content import Content
from fonts.drawing import coverage
from fonts.reading.grid import ORDERS, Grid, places
from fonts.reading.images import ImageError
from fonts.reading.rows import GridError, read_grid
from fonts.reading.samples import SamplesError
from glyphgen.network.recogniser import Recogniser
from glyphgen.progress import Silent
from glyphgen.project.intake import Intake, read_sources

CHARS = "永东国酬爱我说你一清打猫"


def written_grid(hand, columns, pitch, ruled):
    rows = -(-len(CHARS) // columns)
    light = np.ones((rows * pitch + 160, columns * pitch + 160), np.float32)
    side = pitch * 9 // 80 * 8
    gap = 80 + (pitch - side) // 2
    for index, char in enumerate(CHARS):
        y, x = (gap + pitch * place for place in divmod(index, columns))
        light[y:y + side, x:x + side] *= 1 - 0.85 * hand.coverage(ord(char), side)
    if ruled:
        for line in range(max(rows, columns) + 1):
            at = slice(78 + line * pitch, 82 + line * pitch)
            light[at, 80:80 + columns * pitch] *= 0.7 if line <= rows else 1
            light[80:80 + rows * pitch, at] *= 0.7 if line <= columns else 1
    middle = light.shape[1] / 2, light.shape[0] / 2
    turned = cv2.warpAffine(light, cv2.getRotationMatrix2D(middle, 3, 1), light.shape[::-1],
                            borderValue=(1.0,))
    shade = np.linspace(0.6, 1, light.shape[1])[None]
    return np.clip(turned * shade * 235, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("columns, ruled", [(4, False), (5, True), (12, False)])
def test_free_grid(tmp_path, hand, columns, ruled):
    Image.fromarray(written_grid(hand, columns, 200, ruled)).save(tmp_path / "grid.png")
    samples = read_grid(tmp_path / "grid.png", CHARS, Content("cn").hei)
    assert [sample.codepoint for sample in samples] == [ord(char) for char in CHARS]
    for sample in samples:
        truth = hand.coverage(sample.codepoint, 512) >= 0.5
        drawn = coverage(sample.field, 512) >= 0.5
        near = cv2.dilate(truth.astype(np.uint8), np.ones((25, 25), np.uint8)) > 0
        assert (drawn & near).sum() / drawn.sum() > 0.85
        assert 0.7 < drawn.sum() / truth.sum() < 1.4


@pytest.mark.parametrize("order", ORDERS)
def test_rows_in_any_order(tmp_path, hand, order):
    grid = Grid(3, 4, 0, 0, 200, 200)
    light = np.full((3 * 200 + 160, 4 * 200 + 160), 235, np.uint8)
    for char, (row, column) in zip(CHARS, places(order, grid, len(CHARS))):
        ink = hand.coverage(ord(char), 176)
        y, x = 92 + 200 * row, 92 + 200 * column
        light[y:y + 176, x:x + 176] = np.rint(235 - 200 * ink)
    Image.fromarray(light).save(tmp_path / "grid.png")
    likeness = Recogniser.load().likeness
    odd = []
    samples = read_grid(tmp_path / "grid.png", CHARS, Content("cn").hei, odd, likeness)
    near = likeness(np.stack([s.drawing.field for s in samples]), [*map(ord, CHARS)])
    assert (near.argmax(1) == np.arange(len(CHARS))).mean() > 0.9
    assert bool(odd) == (order != "rows from the left")
    with pytest.raises(GridError, match="in no order") as refused:
        read_grid(tmp_path / "grid.png", CHARS[6:] + CHARS[:6], Content("cn").hei, [], likeness)
    assert refused.value.found is not None


def test_rows_in_a_pdf_are_read_and_a_refusal_shows_what_was_found(tmp_path, hand):
    Image.fromarray(written_grid(hand, 4, 200, False)).save(tmp_path / "rows.pdf")
    read = read_sources([tmp_path / "rows.pdf"], Intake(chars=CHARS), Silent())
    assert {sample.text for sample in read.samples} == set(CHARS)
    intake = Intake(chars=CHARS[6:] + CHARS[:6], overlay=tmp_path / "seen")
    with pytest.raises(SamplesError, match="rows-found.png shows what was found"):
        read_sources([tmp_path / "rows.pdf"], intake, Silent())
    with Image.open(tmp_path / "seen" / "rows-found.png") as image:
        assert max(image.size) >= 700


def test_free_grid_with_other_characters_is_refused(tmp_path, hand):
    Image.fromarray(written_grid(hand, 4, 200, False)).save(tmp_path / "grid.png")
    content = Content("cn").hei
    for chars, words in ((CHARS[:7], "no rows and columns"), ("", "0 characters"),
                         (CHARS + "永", "no rows and columns")):
        with pytest.raises(GridError, match=words):
            read_grid(tmp_path / "grid.png", chars, content)
    Image.new("L", (300, 300), 255).save(tmp_path / "blank.png")
    with pytest.raises(GridError, match="nothing is written"):
        read_grid(tmp_path / "blank.png", "永", content)
    (tmp_path / "grid.png").write_bytes(b"junk")
    with pytest.raises(ImageError):
        read_grid(tmp_path / "grid.png", CHARS, content)
