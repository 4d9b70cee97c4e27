"""The phone's page without a browser: what a device may do, and what it may not."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pytest
from conftest import SAMPLES, png
from phoning import CROSS, kept, write
from PIL import Image
from starlette.testclient import TestClient

from fonts.content import FOLDER
from fonts.drawing import coverage
from fonts.render import Face
from fonts.sheet.layout import paginate
from fonts.sheet.template import sheet_pdf
from glyphgen.hand.glass import glass_field
from glyphgen.studio.studio import Studio
from training.camera.photograph import fill_page, print_page, scan_page


@pytest.mark.parametrize("name", ["x.ttf", "x.pdf", "x.svg", "x.tif"])
def test_only_photographs_are_taken(drawn: Studio, phone: TestClient, name: str) -> None:
    data = {"x.ttf": b"\0\1\0\0" + bytes(99), "x.pdf": b"%PDF-1.7\n", "x.svg": b"<svg/>",
            "x.tif": b"II*\0" + bytes(99)}[name]
    before = kept(drawn)
    assert phone.put("/api/photo", content=data).status_code == 400
    assert not [*drawn.inbox.path().parent.iterdir()] and kept(drawn) == before


def test_errors_name_no_files(drawn: Studio, phone: TestClient) -> None:
    Path(drawn.project.path).write_bytes(b"")
    for answer in (write(phone), phone.get("/api/written"), phone.get("/api/font?chars=6c38")):
        assert answer.status_code in (200, 400, 500)
        assert str(drawn.folder) not in answer.text and "Hand" not in answer.text


# what a device may do


def test_strokes_become_the_sample_and_stay(drawn: Studio, phone: TestClient) -> None:
    assert write(phone).status_code == 200
    samples, strokes, style = drawn.project.read(
        lambda p: ({s.codepoint: s for s in p.samples()}, p.strokes(), p.style()))
    sample = samples[ord("十")]
    assert sample.source == "glass" and sample.field.shape == (512, 512)
    assert [stroke.tolist() for stroke in strokes[ord("十")]] == CROSS
    ink = coverage(sample.drawing.field) > 0.5
    rows, columns = np.nonzero(ink)
    assert abs(rows.min() - 8000 / 256) < 3 and abs(rows.max() - 24000 / 256) < 4
    assert abs(columns.min() - 8000 / 256) < 3 and abs(columns.max() - 24000 / 256) < 3
    assert ink[88].sum() > 1.5 * ink[36].sum()                      # pressed harder at its end
    assert {row["c"] for row in phone.get("/api/written").json()} == {ord("永"), ord("十")}
    heard = [entry for entry in drawn.events._log if entry[1] == "samples"]
    assert json.loads(heard[-1][2]) == [ord("十")]


def test_a_dot_and_a_fast_line_are_ink() -> None:
    dot = np.array([[16384, 16384, 500, 0, 0, 0]], np.int32)
    ink = coverage(glass_field([dot]))
    assert 3 < np.sqrt((ink > 0.5).sum()) < 4                 # its pen's width, 4 of 128
    corner = np.array([[8000, 8000, 0, 0, 0, 0], [24000, 8000, 0, 1, 0, 0],
                       [24000, 24000, 0, 2, 0, 0]], np.int32)
    field = glass_field([corner, dot])
    assert field[125, 200] > 0 and field[300, 375] > 0 and field[200, 200] < 0


def test_a_photograph_of_one_character(drawn: Studio, phone: TestClient) -> None:
    data = (SAMPLES / "永.png").read_bytes()
    stream = io.BytesIO()
    Image.open(io.BytesIO(data)).convert("L").save(stream, "JPEG")
    answer = phone.put("/api/photo", params={"chars": "水"}, content=stream.getvalue()).json()
    assert [(cell["c"], cell["has"]) for cell in answer["cells"]] == [(ord("水"), True)]
    assert drawn.state()["samples"] == 2
    blank = phone.put("/api/photo", content=png(np.full((600, 600), 255, np.uint8))).json()
    assert blank["cells"] == [] and blank["notes"] and drawn.state()["samples"] == 2


def test_a_photograph_of_the_sheet_tells_which_cells_are_good(drawn: Studio,
                                                              phone: TestClient) -> None:
    chars, scale = "永东国酬爱我", 8
    filled = fill_page(print_page(sheet_pdf(chars), 1, scale), paginate(chars, "cn")[0],
                       Face(FOLDER / "kai.ttf"), scale=scale, skip=(3,))
    picture = scan_page(filled, np.random.default_rng(0), dpi=150, turn=90.5).data
    cells = phone.put("/api/photo", content=picture).json()["cells"]
    assert {chr(cell["c"]) for cell in cells if cell["has"] and not cell["verdicts"]} \
        == set(chars) - {chars[3]}
    assert [cell["verdicts"] for cell in cells if not cell["has"]] == [["empty"]]
    assert drawn.state()["samples"] == 5


def test_previews_are_shown(phone: TestClient) -> None:
    write(phone)
    assert phone.get("/api/content.png?chars=5341").headers["content-type"] == "image/png"
    answer = phone.get("/api/font?chars=5341.9f98")
    assert answer.content[:4] == b"\0\1\0\0" and answer.headers["x-missing"] == "9f98"


@pytest.mark.parametrize("language", ["en", "zh-Hans", "zh-Hant", "ja", "ko"])
def test_the_page_is_in_every_language(phone: TestClient, language: str) -> None:
    assert phone.post("/api/language", json={"language": language}).status_code == 200
    page = phone.get("/").text
    assert f'lang="{language}"' in page and "<script>" not in page and " style=" not in page
    assert "Hand" not in page                                       # nothing of the project
