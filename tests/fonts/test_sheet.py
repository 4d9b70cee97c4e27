"""Filled-in sheets in virtual photographs and scans, read back and held against the truth."""

import os
import warnings
from dataclasses import replace
from io import BytesIO

import cv2
import numpy as np
import pytest
from fpdf import FPDF
from PIL import Image

from fonts.content import Content
from fonts.drawing import coverage
from fonts.reading.pages import Page as Picture
from fonts.reading.pages import read_file
from fonts.reading.samples import SamplesError
from fonts.sheet.layout import paginate
from fonts.sheet.reader import SheetError, merge, overlay, read_page, read_pages, report
from fonts.sheet.template import sheet_pdf
from fonts.sheet.verdict import (
    BLURRED,
    DOUBLE,
    EDGE,
    EMPTY,
    FAINT,
    OTHER,
    OUTSIDE,
    THIN,
    judge,
    measure,
    overwritten,
)
from glyphgen.progress import Silent
from glyphgen.project.intake import Intake, read_sources
from training.camera.lens import Conditions
from training.camera.photograph import TRUTH, fill_page, print_page, scan_page, take_photograph

CHARS = "永东国酬爱我说你一清打猫"
IDENTITY = paginate(CHARS, "cn")[0]
SCALE = 12
EIGHT = Conditions(megapixels=(8.0, 9.0))


@pytest.fixture(scope="module")
def printed():
    return print_page(sheet_pdf(CHARS), 1, SCALE)


@pytest.fixture(scope="module")
def page(printed, hand):
    return fill_page(printed, IDENTITY, hand, scale=SCALE, pen="blue", skip=(3,))


@pytest.fixture(scope="module")
def scan(page):
    return scan_page(page, np.random.default_rng(0), dpi=200, turn=181.5)


def decoded(data):
    return np.asarray(Image.open(BytesIO(data)).convert("RGB"))


@pytest.fixture(scope="module")
def upright(page):
    """A straight scan at 150 dpi as an array, to spoil."""
    return decoded(scan_page(page, np.random.default_rng(0), dpi=150).data)


def read(picture, taken=0.0):
    return read_page(Picture("test", picture, taken))


def check(shot, least_iou):
    reading = read(decoded(shot.data))
    assert reading.identity == IDENTITY and not reading.notes
    assert [chr(cell.codepoint) for cell in reading.cells] == list(CHARS)
    ious = []
    for cell in reading.cells:
        truth = shot.corners[cell.index]
        density = np.linalg.norm(truth[1] - truth[0]) / IDENTITY.layout.canvas
        off = np.linalg.norm(cell.corners - truth, axis=1).max()
        assert off / density * 300 / 25.4 < 1.5
        if cell.index not in shot.page.ink:
            assert cell.verdicts == (EMPTY,) and cell.sample is None
            continue
        assert cell.verdicts == ()
        ink, drawn = shot.page.ink[cell.index] >= 0.5, coverage(cell.sample.field, TRUTH) >= 0.5
        ious.append((ink & drawn).sum() / (ink | drawn).sum())
    assert np.mean(ious) > least_iou


@pytest.mark.parametrize("seed", range(4))
def test_photographs(printed, hand, seed):
    pen = ("black", "red", "green", "grey")[seed]
    written = fill_page(printed, IDENTITY, hand, scale=SCALE, pen=pen, skip=(seed,),
                        mono=seed % 2 == 1)
    check(take_photograph(written, np.random.default_rng(seed), EIGHT), 0.88)


def test_guides_that_a_scanner_made_black_are_taken_out(page):
    levels = np.clip(page.light.mean(-1), 0, 1) ** (1 / 2.2) * 255
    size = 200 / 25.4 / SCALE
    small = cv2.resize(levels, None, fx=size, fy=size, interpolation=cv2.INTER_AREA)
    bits = np.where(small < 250, 0, 255).astype(np.uint8)
    for cell in read(np.repeat(bits[..., None], 3, -1)).cells:
        if cell.index in page.ink:
            ink, drawn = page.ink[cell.index] >= 0.5, coverage(cell.sample.field, TRUTH) >= 0.5
            count = [len(cv2.findContours(mask.astype(np.uint8), cv2.RETR_LIST,
                                          cv2.CHAIN_APPROX_NONE)[0]) for mask in (ink, drawn)]
            assert abs(count[0] - count[1]) <= 1, chr(cell.codepoint)


def test_upside_down_scan(scan):
    check(scan, 0.93)


def test_report_and_overlay(scan):
    reading = read(decoded(scan.data))
    lines = report([reading])
    assert lines == ["1 cells are empty: 酬", "11 of 12 cells read from 1 of 1 pages"]
    framed = np.asarray(overlay(decoded(scan.data), reading))
    assert framed.shape[0] == 1600
    green = (framed == (40, 150, 60)).all(-1)
    assert green.sum() > 1000
    assert np.flatnonzero(green.any(1)).max() < 800     # two rows of six: the page is upright


def test_overlays_are_written_a_picture_a_page(tmp_path, scan):
    (tmp_path / "scan.jpg").write_bytes(scan.data)
    Image.new("RGB", (900, 1200), "white").save(tmp_path / "blank.png")
    intake = Intake(overlay=tmp_path / "seen" / "here")
    read = read_sources([tmp_path], intake, Silent())
    assert len(read.samples) == 11
    assert [path.name for path in intake.overlay.iterdir()] == ["01-scan.jpg"]
    with Image.open(intake.overlay / "01-scan.jpg") as image:
        assert max(image.size) == 1600


def test_every_bad_page_is_told_at_once(tmp_path, scan, upright):
    noted = Silent()
    (tmp_path / "scan.jpg").write_bytes(scan.data)
    Image.fromarray(upright[:600]).save(tmp_path / "half.png")
    Image.new("RGB", (900, 1200), "white").save(tmp_path / "blank.png")
    paths = [tmp_path / name for name in ("blank.png", "scan.jpg", "half.png")]
    with pytest.raises(SamplesError, match="no marker .* named by it"):
        read_sources(paths, Intake("jp"), noted)
    assert noted.notes[-1].startswith(f"{tmp_path / 'half.png'}: the bottom right and bottom left")
    assert "named" not in noted.notes[-1]
    assert "11 of 12 cells read from 1 of 1 pages" in noted.notes
    assert sum("give --region cn" in line for line in noted.notes) == 1


def test_the_newer_page_wins_only_where_it_has_ink(printed, hand, page):
    newer = fill_page(printed, IDENTITY, hand, scale=SCALE, pen="black",
                      skip=tuple(set(range(12)) - {3, 5}))
    rng = np.random.default_rng(0)
    old = read(decoded(scan_page(page, rng, 150).data), taken=1.0)
    new = read(decoded(scan_page(newer, rng, 150).data), taken=2.0)
    cells = merge([new, old])
    assert [cell.taken for cell in cells] == [2.0 if index in (3, 5) else 1.0
                                              for index in range(12)]
    assert all(cell.sample for cell in cells)


def test_swapped_characters_are_warned_of_and_used(printed, hand):
    swapped = replace(IDENTITY, chars=CHARS[1] + CHARS[0] + CHARS[2:])
    written = fill_page(printed, swapped, hand, scale=SCALE)
    reading = read(decoded(scan_page(written, np.random.default_rng(0), 150).data))
    assert reading.cells[0].verdicts == (f"{OTHER}: 东",) and reading.cells[0].sample
    assert reading.cells[1].verdicts == (f"{OTHER}: 永",) and reading.cells[1].sample
    assert not any(cell.verdicts for cell in reading.cells[2:])
    assert f"永 (test): {OTHER}: 东" in report([reading])


def marker_box(picture, corner):
    gap = 12.0, 23.5                # of A4 about the frame
    side = 150 / 25.4
    width, height = IDENTITY.layout.frame
    x = gap[0] + (width - 12 if "right" in corner else 0)
    y = gap[1] + (height - 12 if "bottom" in corner else 0)
    return (slice(round((y - 1) * side), round((y + 13) * side)),
            slice(round((x - 1) * side), round((x + 13) * side)))


def test_glare_over_one_marker_is_noted_and_over_two_refused(upright):
    spoilt = upright.copy()
    spoilt[marker_box(spoilt, "top left")] = 255
    reading = read(spoilt)
    assert len(reading.notes) == 1 and "top left" in reading.notes[0]
    assert sum(cell.sample is not None for cell in reading.cells) == 11
    spoilt[marker_box(spoilt, "bottom right")] = 255
    with pytest.raises(SheetError, match="top left and bottom right markers are missing"):
        read(spoilt)


def test_pages_that_cannot_be_read_say_why(upright):
    rng = np.random.default_rng(0)
    with pytest.raises(SheetError, match="mirrored"):
        read(np.ascontiguousarray(upright[:, ::-1]))
    with pytest.raises(SheetError, match="bottom right and bottom left markers"):
        read(upright[: len(upright) // 2])
    with pytest.raises(SheetError, match="no marker"):
        read(rng.integers(0, 255, (900, 1200, 3), np.uint8))
    blind = upright.copy()
    x, y, side = np.array(IDENTITY.layout.code)
    at = [round((v + g) * 150 / 25.4) for v, g in ((y, 23.5), (x, 12.0))]
    size = round(side * 150 / 25.4)
    blind[at[0]:at[0] + size // 2, at[1]:at[1] + size] = 255
    with pytest.raises(SheetError, match="code"):
        read(blind)
    torn = upright.copy()
    torn[round(58 * 150 / 25.4):round(240 * 150 / 25.4)] = 255
    with pytest.raises(SheetError, match="printed dots"):
        read(torn)


def test_another_version_is_refused(upright):
    text = IDENTITY.text().replace("glyphgen 1", "glyphgen 9")
    params = cv2.QRCodeEncoder.Params()
    params.version = IDENTITY.layout.code_version
    code = cv2.QRCodeEncoder.create(params).encode(text)[2:-2, 2:-2]
    x, y, side = IDENTITY.layout.code
    size = round(side * 150 / 25.4)
    big = cv2.resize(code, (size, size), interpolation=cv2.INTER_AREA)
    other = upright.copy()
    top, left = round((y + 23.5) * 150 / 25.4), round((x + 12) * 150 / 25.4)
    other[top:top + size, left:left + size] = big[..., None]
    with pytest.raises(SheetError, match="version 9"):
        read(other)


def stroke(width, blur=0.0):
    ink = np.zeros((512, 512), np.float32)
    cv2.line(ink, (120, 140), (400, 360), (1.0,), width, cv2.LINE_AA)
    return cv2.GaussianBlur(ink, (0, 0), blur) if blur else ink


@pytest.mark.parametrize("ink, darkness, whole, verdicts", [
    (stroke(20, 1.5), 0.9, True, ()),
    (stroke(20, 1.5), 0.9, False, (OUTSIDE,)),
    (stroke(20, 1.5), 0.2, True, (FAINT,)),
    (stroke(4), 0.9, True, (THIN,)),
    (stroke(20, 9.0), 0.9, True, (BLURRED,)),
    (np.roll(stroke(20, 1.5), 125, axis=1), 0.9, True, (EDGE,)),
    (np.zeros((512, 512), np.float32), 0.0, True, (EMPTY,)),
])
def test_verdicts(ink, darkness, whole, verdicts):
    assert judge(measure(ink, darkness, IDENTITY.layout.canvas), whole) == verdicts


def test_what_was_written_twice_is_seen(hand):
    content = Content("cn")
    inks = [hand.coverage(ord(char), 512) for char in CHARS]
    inks[2] = np.maximum(inks[2], np.roll(inks[2], (30, 40), (0, 1)))
    inks[5] = cv2.dilate(inks[5], np.ones((33, 33), np.uint8))
    measures = [measure(ink, 0.9, IDENTITY.layout.canvas) for ink in inks]
    doubled = overwritten(measures, [content.hei(ord(char)) for char in CHARS])
    assert [index for index, holds in enumerate(doubled) if holds] == [2, 5]
    assert DOUBLE not in judge(measures[2], True)


def pdf_of(count, password=None, image=None):
    pdf = FPDF()
    for _ in range(count):
        pdf.add_page()
        if image is not None:
            pdf.image(image, 0, 0, 210, 297)
    if password:
        pdf.set_encryption(owner_password=password, user_password=password)
    return bytes(pdf.output())


def bomb():
    out = BytesIO()
    Image.new("1", (20000, 20000)).save(out, "PNG")
    return out.getvalue()


@pytest.mark.parametrize("name, make, words", [
    ("cut.jpg", lambda scan: scan.data[: len(scan.data) // 2], "cut short or damaged"),
    ("photo.heic", lambda scan: b"\0\0\0\x18ftypheic" + bytes(40), "HEIC"),
    ("notes.jpg", lambda scan: b"no picture at all", "not a picture"),
    ("empty.png", lambda scan: b"", "not a picture"),
    ("cut.pdf", lambda scan: b"%PDF-1.6 nothing more", "damaged PDF"),
    ("locked.pdf", lambda scan: pdf_of(1, "secret"), "encrypted"),
    ("long.pdf", lambda scan: pdf_of(500), "500 pages"),
    ("bomb.png", lambda scan: bomb(), "megapixels"),
])
def test_bad_files_get_one_clear_line(tmp_path, scan, name, make, words):
    (tmp_path / name).write_bytes(make(scan))
    (reading,) = read_pages([tmp_path / name])
    assert words in reading.problem and name in reading.problem
    assert "\n" not in reading.problem and not reading.cells


def test_a_bad_page_loses_no_other(tmp_path, scan, upright):
    Image.fromarray(upright).save(tmp_path / "page.png")
    os.rename(tmp_path / "page.png", tmp_path / "really_png.jpg")
    frames = [Image.fromarray(np.full((300, 200, 3), 255, np.uint8)), Image.fromarray(upright)]
    frames[0].save(tmp_path / "two.tiff", save_all=True, append_images=frames[1:])
    (tmp_path / "page.pdf").write_bytes(pdf_of(1, image=BytesIO(scan.data)))
    names = ["absent.jpg", "two.tiff", "really_png.jpg", "page.pdf"]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        readings = list(read_pages([tmp_path / name for name in names]))
    assert [bool(reading.problem) for reading in readings] == [True, True, False, False, False]
    assert readings[2].source.endswith("two.tiff page 2")
    assert len(merge(readings)) == 12
    assert report(readings)[-1] == "11 of 12 cells read from 3 of 5 pages"


def test_exif_turn_and_time(tmp_path, upright):
    image = Image.fromarray(upright).rotate(90, expand=True)
    exif = image.getexif()
    exif[274], exif[306] = 6, "2024:05:06 07:08:09"
    image.save(tmp_path / "turned.jpg", exif=exif)
    (page,) = read_file(tmp_path / "turned.jpg")
    assert page.picture.shape == upright.shape
    assert page.taken != pytest.approx((tmp_path / "turned.jpg").stat().st_mtime, abs=1e6)
    assert np.abs(page.picture.astype(int) - upright).mean() < 3


def test_blank_sheet_has_no_samples(printed, hand, tmp_path):
    blank = fill_page(printed, IDENTITY, hand, scale=SCALE, skip=tuple(range(12)))
    shot = take_photograph(blank, np.random.default_rng(9), replace(EIGHT, shadows=1.0))
    reading = read(decoded(shot.data))
    assert all(cell.verdicts == (EMPTY,) for cell in reading.cells)
    path = tmp_path / "blank.jpg"
    path.write_bytes(shot.data)
    with pytest.raises(SamplesError, match="blank.jpg: nothing is written on it"):
        read_sources([path], Intake(), Silent())
