"""Every command does what its line of help says."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
import uharfbuzz
from conftest import SAMPLES, Made, Run
from fontTools.ttLib import TTFont
from PIL import Image

from fonts.charset import all_charsets
from fonts.content import FOLDER
from fonts.render import Face
from fonts.sheet.layout import paginate
from fonts.sheet.template import sheet_pdf
from glyphgen.project.document import Project
from training.camera.photograph import fill_page, print_page, scan_page

MAGIC = {".ttf": b"\0\1\0\0", ".otf": b"OTTO", ".woff2": b"wOF2", ".mobileconfig": b"<?xml"}
CHARS = "永东国酬爱我说你"


@pytest.fixture
def project(made: Made, tmp_path: Path) -> Path:
    path = tmp_path / "hand.glyphgen"
    shutil.copy(made.project, path)
    return path


def pixels(path: Path) -> np.ndarray:
    with Image.open(path) as picture:
        return np.asarray(picture.convert("L"), float)


def test_charsets_are_listed(run: Run) -> None:
    said = run("charsets").output.splitlines()
    assert len(said) == len(all_charsets())
    assert any(line.split()[:2] == ["gb2312", "6763"] for line in said)


def test_doctor_says_what_is_here(run: Run) -> None:
    said = dict(line.split(maxsplit=1) for line in run("doctor").output.splitlines())
    assert "Python" in said["glyphgen"] and "cpu" in said["device"]
    assert float(said["speed"].split()[0]) > 0 and "MB" in said["weights"]


@pytest.mark.parametrize("name, options, start", [
    ("sheet.pdf", (), b"%PDF"), ("sheet.png", ("--chars", "永和"), b"\x89PNG"),
    ("mixed.png", ("--chars", "mixed"), b"\x89PNG"),
    ("letter.pdf", ("--paper", "letter", "--region", "jp", "--copies", "2"), b"%PDF"),
])
def test_template(run: Run, tmp_path: Path, name: str, options: tuple[str, ...],
                  start: bytes) -> None:
    run("template", "--out", tmp_path / name, *options)
    assert (tmp_path / name).read_bytes().startswith(start)


def test_template_of_a_file(run: Run, tmp_path: Path) -> None:
    (tmp_path / "chars.txt").write_text("永和九年\n", "utf-8")
    run("template", "--out", tmp_path / "a.pdf", "--chars", f"@{tmp_path / 'chars.txt'}")
    run("template", "--out", tmp_path / "b.pdf", "--chars", "永和九年")
    assert (tmp_path / "a.pdf").read_bytes() == (tmp_path / "b.pdf").read_bytes()


def test_a_filled_sheet_is_read_whatever_its_name(run: Run, tmp_path: Path) -> None:
    printed = print_page(sheet_pdf(CHARS), 1, 12)
    page = fill_page(printed, paginate(CHARS, "cn")[0], Face(FOLDER / "kai.ttf"), scale=12,
                     skip=(3,))
    scanned = scan_page(page, np.random.default_rng(0), dpi=200, turn=181.5).data
    for name in ("scan 0001.jpg", "1.jpg"):
        (tmp_path / name).write_bytes(scanned)
        result = run("ingest", tmp_path / f"{name}.glyphgen", tmp_path / name)
        assert "7 of 8 cells read" in result.output and "empty: 酬" in result.output
        with Project.open(tmp_path / f"{name}.glyphgen") as opened:
            assert {s.text for s in opened.samples()} == set(CHARS) - {"酬"}


def test_rows_are_read_with_the_characters_told(run: Run, tmp_path: Path) -> None:
    picture = Image.new("L", (4 * 200, 2 * 200), 255)
    for i, char in enumerate("永国我清打猫霜箭"):
        with Image.open(SAMPLES / f"{char}.png") as one:
            small = one.convert("L").resize((170, 170))
        picture.paste(small, (200 * (i % 4) + 15, 200 * (i // 4) + 15))
    picture.save(tmp_path / "rows.png")
    said = run("ingest", tmp_path / "p.glyphgen", tmp_path / "rows.png", status=1).output
    assert "--chars" in said
    run("ingest", tmp_path / "p.glyphgen", tmp_path / "rows.png", "--chars", "永国我清打猫霜箭")
    with Project.open(tmp_path / "p.glyphgen") as opened:
        assert {s.text for s in opened.samples()} == set("永国我清打猫霜箭")


def test_a_region_once_chosen_stays(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "p.glyphgen"
    run("ingest", path, SAMPLES / "永.png", "--region", "jp")
    run("ingest", path, SAMPLES / "水.png")
    with Project.open(path) as opened:
        assert opened.get("region") == "jp"


def test_export_writes_every_format_and_counts(run: Run, project: Path, tmp_path: Path) -> None:
    outs = [tmp_path / f"Hand{suffix}" for suffix in MAGIC] + [tmp_path / "Hand.ufo"]
    options = [part for out in outs for part in ("--out", out)]
    run("export", project, *options, "--report", tmp_path / "report.json")
    for out in outs[:-1]:
        assert out.read_bytes().startswith(MAGIC[out.suffix])
    assert (outs[-1] / "metainfo.plist").is_file()
    report = json.loads((tmp_path / "report.json").read_text("utf-8"))
    assert report["missing"] == ["U+1F600"] and report["version"] == "1.002"
    assert set(report["files"]) == {f"Hand{suffix}" for suffix in MAGIC}


def test_weights_are_files_of_their_own(run: Run, project: Path, tmp_path: Path) -> None:
    run("export", project, "--out", tmp_path / "Hand.ttf", "--weights", "300,400,700")
    faces = {name: tmp_path / f"Hand-{name}.ttf" for name in ("Light", "Regular", "Bold")}
    ink = [float(np.mean([np.clip(Face(path).field(ord(c), 128) + 0.5, 0, 1).sum()
                          for c in "永国霜"])) for path in faces.values()]
    assert ink[0] < 0.9 * ink[1] and ink[1] < 0.85 * ink[2]
    assert [TTFont(path)["OS/2"].usWeightClass for path in faces.values()] == [300, 400, 700]


def test_repeated_characters_differ(run: Run, project: Path, tmp_path: Path) -> None:
    out = tmp_path / "Hand.ttf"
    shutil.copy(SAMPLES / "水.png", tmp_path / "永.png")
    run("ingest", project, tmp_path / "永.png")
    run("export", project, "--out", out, "--alternates", "1")
    font = uharfbuzz.Font(uharfbuzz.Face(out.read_bytes()))

    def forms(text: str) -> list[int]:
        buffer = uharfbuzz.Buffer()
        buffer.add_str(text)
        buffer.guess_segment_properties()
        uharfbuzz.shape(font, buffer)
        return [info.codepoint for info in buffer.glyph_infos]

    first, second, again = forms("人人人")
    assert first == again != second                             # drawn by the model once more
    assert forms("永山永")[0] != forms("永山永")[2]             # written twice
    assert forms("人永人")[2] == second and len(set(forms("山山"))) == 1
    shapes = TTFont(out)["glyf"]
    names = TTFont(out).getGlyphOrder()
    one, other = (shapes[names[index]] for index in (first, second))
    assert one != other and abs(one.yMax - other.yMax) < 120


def test_a_base_font_keeps_its_glyphs_and_gets_the_lacking(run: Run, project: Path, made: Made,
                                                           tmp_path: Path) -> None:
    base, out = tmp_path / "Base.ttf", tmp_path / "Filled.ttf"
    with Project.open(project) as opened:
        opened.put_back([ord(c) for c in "山川"], ())
    run("export", project, "--out", base)
    shutil.copy(made.project, project)
    run("export", project, "--out", out, "--base", base)
    before, after = TTFont(base), TTFont(out)
    assert set(after.getBestCmap()) - set(before.getBestCmap()) == set(map(ord, "山川"))
    assert after["glyf"]["uni6C38"] == before["glyf"]["uni6C38"]


@pytest.mark.parametrize("suffix, start", [
    (".png", b"\x89PNG"), (".pdf", b"%PDF"), (".svg", b"<"), (".html", b"<!DOCTYPE html>"),
])
def test_preview(run: Run, made: Made, tmp_path: Path, suffix: str, start: bytes) -> None:
    out = tmp_path / f"preview{suffix}"
    said = run("preview", made.font, "--text", "永和山川龘", "--out", out).output
    assert out.read_bytes().startswith(start) and "not in the font: 龘" in said


def test_preview_of_a_project_is_that_of_its_font(run: Run, made: Made, project: Path,
                                                  tmp_path: Path) -> None:
    for name, source in (("font", made.font), ("project", project)):
        run("preview", source, "--text", "永和山川", "--out", tmp_path / f"{name}.png")
    font, other = (pixels(tmp_path / f"{name}.png") for name in ("font", "project"))
    assert font.shape == other.shape
    assert np.abs(font - other).mean() < 1
    run("preview", project, "--text", "永和山川", "--out", tmp_path / "v.png", "--vertical")
    height, width = pixels(tmp_path / "v.png").shape
    assert height > width


def test_a_page_to_send_has_texts_of_its_own(run: Run, made: Made, project: Path,
                                              tmp_path: Path) -> None:
    for name, source in (("font", made.font), ("project", project)):
        run("preview", source, "--out", tmp_path / f"{name}.html")
    font, other = ((tmp_path / f"{name}.html").read_text("utf-8") for name in ("font", "project"))
    assert "<h1>Test Hand</h1>" in font or 'lang="">Test Hand' in font
    grids = [re.findall("<span>(.)</span>", page) for page in (font, other)]
    assert grids[0][:3] == ["永", "和", "山"] and grids[0][:3] == grids[1][:3]
    said = run("preview", made.font, "--out", tmp_path / "a.png", status=2).output
    assert "--text" in said and not (tmp_path / "a.png").exists()


def test_drawings_go_out_are_edited_and_come_back(run: Run, project: Path, tmp_path: Path) -> None:
    folder = tmp_path / "drawings"
    said = run("glyphs", "pull", project, folder).output
    pictures = sorted(folder.iterdir())
    assert f"{len(pictures)} drawings" in said and folder / "U+5C71.png" in pictures
    shutil.copy(folder / "U+5DDD.png", folder / "U+5C71.png")
    assert "1 drawing replaced" in run("glyphs", "push", project, folder).output
    with Project.open(project) as opened:
        assert opened.states()[ord("山")] == "replaced"


def test_suggested_characters_are_written_on_their_sheet_and_read_back(
        run: Run, project: Path, tmp_path: Path) -> None:
    said = run("suggest", project, "--count", "8", "--out", tmp_path / "next.pdf").output
    chars = "".join(line[0] for line in said.splitlines() if "  U+" in line)
    assert len(set(chars)) == 8 and "component" in said and "next.pdf: written" in said
    printed = print_page((tmp_path / "next.pdf").read_bytes(), 1, 12)
    page = fill_page(printed, paginate(chars, "cn")[0], Face(FOLDER / "hei-cn.otf"), scale=12)
    scanned = scan_page(page, np.random.default_rng(0), dpi=200).data
    (tmp_path / "scan.jpg").write_bytes(scanned)
    assert "8 of 8 cells read" in run("ingest", project, tmp_path / "scan.jpg").output
    again = run("suggest", project, "--count", "8").output
    assert not set(chars) & {line[0] for line in again.splitlines() if "  U+" in line}
    assert "no such project" in run("suggest", tmp_path / "none.glyphgen", status=1).output


def test_review_lists_shows_and_draws_again(run: Run, project: Path, tmp_path: Path) -> None:
    page = tmp_path / "review.html"
    said = run("review", project, "--worst", "5", "--html", page).output
    lines = [line for line in said.splitlines() if "U+" in line]
    scores = [float(line.split()[3]) for line in lines]
    assert len(lines) == 5 and scores == sorted(scores)
    text = page.read_text("utf-8")
    assert text.count("<figure") == 5 and "data:image/png" in text and "http" not in text
    with Project.open(project) as opened:
        opened.lock([ord("川")])
        before = {d.codepoint: d for d in opened.drawings(map(ord, "山川木"))}
    said = run("review", project, "--redo", "山川", "--worst", "1").output
    assert "left as they are: 川" in said and "1 glyph drawn again" in said
    with Project.open(project) as opened:
        after = {d.codepoint: d for d in opened.drawings(map(ord, "山川木"))}
    assert after[ord("山")].seed != before[ord("山")].seed
    assert after[ord("山")].recipe_tag == before[ord("山")].recipe_tag
    for same in "川木":
        np.testing.assert_array_equal(after[ord(same)].field, before[ord(same)].field)
    assert "0 glyphs drawn" in run("generate", project).output
    assert "has not drawn 龘" in run("review", project, "--redo", "龘", status=1).output
