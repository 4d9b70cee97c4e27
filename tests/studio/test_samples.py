"""The same files give the same samples, whichever way they come in."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import SAMPLES, Run, english, put
from PIL import Image
from starlette.testclient import TestClient

from fonts.content import FOLDER as CONTENT
from fonts.render import Face
from fonts.sheet.layout import paginate
from fonts.sheet.template import sheet_pdf
from glyphgen.project.document import Project
from glyphgen.studio.studio import Studio
from training.camera.photograph import fill_page, print_page, scan_page

CHARS = "东国酬爱"
KAI = CONTENT / "kai.ttf"


def folder(place: Path) -> tuple[list[Path], list[str], dict[str, Any]]:
    """Pictures named by their character, one of them twice and one of no use."""
    for char in "水心九":
        shutil.copy(SAMPLES / f"{char}.png", place)
    shutil.copy(SAMPLES / "心.png", place / "心_2.png")
    (place / "木.png").write_bytes((SAMPLES / "九.png").read_bytes()[:400])
    return [place], [], {}


def sheet(place: Path) -> tuple[list[Path], list[str], dict[str, Any]]:
    page = fill_page(print_page(sheet_pdf(CHARS), 1, 12), paginate(CHARS, "cn")[0], Face(KAI),
                     scale=12, pen="blue", skip=(3,))
    (place / "scan.png").write_bytes(scan_page(page, np.random.default_rng(0), dpi=200).data)
    return [place], [], {}


def rows(place: Path) -> tuple[list[Path], list[str], dict[str, Any]]:
    """Characters in two rows on blank paper."""
    ink = np.full((700, 1000), 255, np.uint8)
    face = Face(KAI)
    for place_of, char in enumerate("东国酬爱水心"):
        drawn = face.coverage(ord(char), 256)
        top, left = 60 + place_of // 3 * 300, 60 + place_of % 3 * 300
        ink[top:top + 256, left:left + 256] = np.rint(255 - 225 * drawn)
    Image.fromarray(ink).save(place / "rows.png")
    return [place], ["--chars", "东国酬爱水心"], {"chars": "东国酬爱水心"}


def font(place: Path) -> tuple[list[Path], list[str], dict[str, Any]]:
    shutil.copy(KAI, place / "Hand.ttf")
    return [place / "Hand.ttf"], ["--sample-chars", "东国"], {"sample_chars": "东国"}


@pytest.mark.parametrize("source", [folder, sheet, rows, font])
def test_the_studio_reads_as_the_command_does(source: Any, run: Run, studio: Studio,
                                              client: TestClient, tmp_path: Path) -> None:
    place = tmp_path / "given"
    place.mkdir()
    sources, options, asked = source(place)
    run("ingest", tmp_path / "command.glyphgen", *sources, *options)
    with Project.open(tmp_path / "command.glyphgen", read_only=True) as project:
        expected = {s.codepoint: s.digest for s in project.samples()}
    assert client.post("/api/project/new", json={"name": "New", "charset": "日"}).status_code == 200
    for path in sorted(place.iterdir()):
        assert put(client, f"/api/inbox?name={path.name}", path.read_bytes()) == 200
    answer = client.post("/api/samples/read", json=asked).json()
    read = studio.project.read(lambda p: {s.codepoint: s.digest for s in p.samples()})
    assert len(expected) >= 2 and read == expected and answer["read"] == len(expected)
    notes = "\n".join(map(english, answer["notes"]))
    assert "/tmp" not in notes and str(place) not in notes
    assert source is not folder or "left out: 木.png" in notes
