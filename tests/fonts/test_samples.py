import os
import unicodedata
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

import fonts.content
from fonts.drawing import Field, to_em
from fonts.reading.clean import CleanError, clean
from fonts.reading.images import is_light_on_dark
from fonts.reading.placement import HAND, Box, Cut, frame_of, place
from fonts.reading.samples import Sample, Samples, SamplesError, codepoint_of, read_samples
from fonts.render import Face

CONTENT = Path(fonts.content.__file__).parent
KAI, HEI = Face(CONTENT / "kai.ttf"), Face(CONTENT / "hei-cn.otf")
CHARS = "永国鹰一。"


def em_square(char: str, side: int = 896, face: Face = KAI) -> Field:
    """Ink (side, side) of the em square, nothing raised."""
    canvas = face.coverage(ord(char), 1024)
    assert canvas is not None
    inner = canvas[64:-64, 64:-64]
    return inner if side == 896 else cv2.resize(inner, (side, side), interpolation=cv2.INTER_AREA)


def page(ink: Field, kind: str = "clean", seed: int = 0) -> np.ndarray:
    """The ink on paper (H, W), photographed in one of several ways."""
    height, width = ink.shape
    y, x = np.mgrid[:height, :width] / max(height, width)
    paper, pen, light = 235.0, 45.0, np.ones_like(ink)
    if kind == "clean":
        return np.rint(255 - 255 * ink).astype(np.uint8)
    if kind == "pencil":
        pen = 140.0
    if kind == "gradient":
        light = 1 - 0.7 * (0.6 * x + 0.4 * y)
    if kind == "shadow":
        light = cv2.GaussianBlur(np.where(x + 0.3 * y < 0.6, 1, 0.4), (0, 0), width / 40)
    grey = (paper + (pen - paper) * ink) * light
    grey = cv2.GaussianBlur(grey, (0, 0), 0.6)
    grey += np.random.default_rng(seed).normal(0, 5, grey.shape)
    return np.clip(grey, 0, 255).astype(np.uint8)


def save(path: Path, grey: np.ndarray, mtime: float | None = None) -> Path:
    Image.fromarray(grey).save(path)
    if mtime is not None:
        os.utime(path, (mtime, mtime))
    return path


def overlap(one: np.ndarray, other: np.ndarray) -> float:
    return float((one & other).sum() / (one | other).sum())


def truth(char: str, face: Face = KAI) -> np.ndarray:
    drawn = face.field(ord(char), 512, oversample=2)
    assert drawn is not None
    return drawn > 0


# names

@pytest.mark.parametrize("name, char", [
    ("永.png", "永"), ("U+6C38.png", "永"), ("uni6C38.jpg", "永"), ("u6c38.webp", "永"),
    ("u20B9F.tif", "𠮟"), ("永_2.png", "永"), ("永 (1).png", "永"), ("U+6C38-3.png", "永"),
    (unicodedata.normalize("NFD", "が") + ".png", "が"), ("が.png", "が"),
    (unicodedata.normalize("NFD", "한") + ".PNG", "한"), (unicodedata.normalize("NFD", "é"), "é"),
    ("豈.png", "豈"), ("\uFA1B_2.png", "\uFA1B"), ("\uFA26 (1).png", "\uFA26"),
    ("A.png", "A"), ("5.png", "5"), ("u.png", "u"), ("!.png", "!"),
])
def test_names(name: str, char: str) -> None:
    assert codepoint_of(Path("folder") / name) == ord(char)


@pytest.mark.parametrize("name", ["scan0001.png", "永远.png", "U+110000.png", "U+D800.png", " .png",
                                  "10.png", "\u200b.png", "U+FFFF.png", "永a.png"])
def test_names_that_are_no_character(name: str) -> None:
    with pytest.raises(SamplesError, match="no character"):
        codepoint_of(Path(name))


@given(st.text(min_size=1, max_size=6).filter(lambda t: "/" not in t and "\0" not in t))
def test_any_name_is_a_character_or_refused(name: str) -> None:
    try:
        assert unicodedata.category(chr(codepoint_of(Path(name)))) != "Cn"
    except SamplesError:
        pass


# cleaning

@pytest.mark.parametrize("kind, side, least", [
    ("clean", 896, 0.985), ("clean", 300, 0.97), ("clean", 100, 0.94),
    ("ink", 300, 0.97), ("gradient", 300, 0.97), ("shadow", 300, 0.96), ("pencil", 500, 0.95),
])
def test_ink_survives(tmp_path: Path, kind: str, side: int, least: float) -> None:
    for char in CHARS:
        save(tmp_path / f"{char}.png", page(em_square(char, side), kind))
    read = read_samples([tmp_path])
    assert not read.warnings
    for sample in read.samples:
        assert sample.field.shape == (512, 512) and sample.drawing.field.shape == (128, 128)
        assert overlap(sample.field > 0, truth(sample.text)) > least, sample.text


def test_jpeg_specks_and_pinholes(tmp_path: Path) -> None:
    grey = page(em_square("国", 448), "ink")
    rng = np.random.default_rng(0)
    for _ in range(40):
        y, x = rng.integers(2, 446, 2)
        grey[y : y + 2, x : x + 2] = rng.choice([60, 235])
    Image.fromarray(grey).save(tmp_path / "国.jpg", quality=40)
    (sample,) = read_samples([tmp_path]).samples
    ink = (sample.field > 0).astype(np.uint8)
    assert overlap(ink > 0, truth("国")) > 0.97
    assert cv2.connectedComponents(ink)[0] == cv2.connectedComponents(truth("国").astype("u1"))[0]


def test_latin_is_raised_like_a_font_s_glyph(tmp_path: Path) -> None:
    lowered = np.roll(page(em_square("A", face=HEI)), round(896 * 0.09), axis=0)
    save(tmp_path / "A.png", lowered)
    (sample,) = read_samples([tmp_path]).samples
    assert overlap(sample.field > 0, truth("A", HEI)) > 0.97


BARE = np.zeros((300, 300), np.float32)


@pytest.mark.parametrize("grey", [
    np.full((300, 300), 255, np.uint8), np.zeros((300, 300), np.uint8),
    page(BARE, "ink"), page(BARE, "gradient"), page(BARE, "shadow"),
], ids=["white", "black", "paper", "gradient", "shadow"])
def test_nothing_is_written(grey: np.ndarray) -> None:
    with pytest.raises(CleanError, match="nothing is written"):
        clean(grey)


def test_light_ink_is_read_as_dark(tmp_path: Path) -> None:
    grey = page(em_square("永", 300))
    clear = np.full((300, 300, 4), 255, np.uint8)
    clear[..., 3] = 255 - grey
    yellow = clear.copy()
    yellow[..., :3] = 250, 220, 60
    save(tmp_path / "black.png", 255 - grey)
    save(tmp_path / "board.png", np.stack([230 - grey // 2, 235 - grey // 2, 200 - grey // 2], -1))
    save(tmp_path / "clear.png", clear)
    save(tmp_path / "yellow.png", yellow)
    for path in sorted(tmp_path.iterdir()):
        (tmp_path / path.stem).mkdir()
        path.rename(tmp_path / path.stem / "永.png")
        read = read_samples([tmp_path / path.stem])
        assert not read.warnings
        assert overlap(read.samples[0].field > 0, truth("永")) > 0.97, path.stem


def test_paper_on_a_dark_desk_is_not_taken_for_light_ink(tmp_path: Path) -> None:
    grey = np.full((600, 600), 30, np.uint8)
    grey[150:450, 150:450] = page(em_square("永", 300))
    assert not is_light_on_dark(grey)
    assert not is_light_on_dark(page(em_square("一", 300)))
    assert not is_light_on_dark(page(em_square("鹰", 300), "shadow"))


# frames

def test_a_picture_that_is_not_square_is_padded(tmp_path: Path) -> None:
    grey = page(em_square("一", 400))
    save(tmp_path / "一.png", grey[100:300])
    save(tmp_path / "永.png", page(em_square("永", 400)))
    for sample in read_samples([tmp_path]).samples:
        assert overlap(sample.field > 0, truth(sample.text)) > 0.97


def test_place_is_exact() -> None:
    ink = np.zeros((448, 448), np.float32)
    ink[112:336, 112:336] = 1
    for size in (128, 512):
        for scale in (1.0, 0.5, 3.0):
            big = cv2.resize(ink, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
            cut = Cut.of(0x4E00, big, 1, "", 0)
            canvas = place(cut, frame_of(cut), size)
            assert canvas.sum() == pytest.approx((56 * size / 128) ** 2, rel=0.01)
            inside = np.argwhere(canvas > 0.5)
            left_top = inside.min(0)[::-1][None] + 0.0
            assert to_em(left_top, 0x4E00, size)[0] == pytest.approx([250, 630], abs=4 * 128 / size)


def tight(char: str, grey: np.ndarray) -> np.ndarray:
    rows, columns = np.flatnonzero((grey < 128).any(1)), np.flatnonzero((grey < 128).any(0))
    return grey[max(rows[0] - 1, 0) : rows[-1] + 2, max(columns[0] - 1, 0) : columns[-1] + 2]


FIT = "永国鹰一我心风马酬凶"


def middles(read: Samples) -> np.ndarray:
    boxes = []
    for sample in read.samples:
        for ink in (sample.field > 0, truth(sample.text)):
            rows, columns = np.flatnonzero(ink.any(1)), np.flatnonzero(ink.any(0))
            boxes.append([columns[0], rows[0], columns[-1] + 1, rows[-1] + 1])
    return np.array(boxes, float).reshape(-1, 2, 4) * 1000 / 448


def test_tight_crops_are_fitted_together(tmp_path: Path) -> None:
    for char in FIT:
        save(tmp_path / f"{char}.png", tight(char, page(em_square(char, 400))))
    loose = read_samples([tmp_path])
    assert any("--fit" in line for line in loose.warnings)
    read = read_samples([tmp_path], fit=True, content_field=lambda point: HEI.field(point))
    assert not read.warnings
    boxes = middles(read)
    sizes = boxes[:, :, 2:] - boxes[:, :, :2]
    ratio = sizes[:, 0] / sizes[:, 1]
    assert np.ptp(ratio[1:]) < 0.05 and abs(np.median(ratio) - 1) < 0.08    # one scale for all
    shift = (boxes[:, :, 2:] + boxes[:, :, :2]) / 2
    assert np.abs(shift[:, 0] - shift[:, 1]).mean() < 35        # units of 1000


def type_of(point: int) -> Field | None:
    """The Kai drawing as much larger as type is than handwriting, about the em's middle."""
    drawn = KAI.field(point, 512)
    assert drawn is not None
    matrix = cv2.getRotationMatrix2D((255.5, 255.5), 0, 1 / HAND)
    return cv2.warpAffine(drawn, matrix, (512, 512), borderValue=-4)


def test_equal_frames_are_fitted_by_one_map(tmp_path: Path) -> None:
    """Cells with a margin, written low: the em square is found back."""
    for char in FIT:
        cell = np.full((600, 500), 255, np.uint8)
        cell[180:480, 60:360] = page(em_square(char, 300))
        save(tmp_path / f"{char}.png", cell)
    read = read_samples([tmp_path], fit=True, content_field=type_of)
    for sample in read.samples:
        assert overlap(sample.field > 0, truth(sample.text)) > 0.9, sample.text


def test_fit_of_too_few_says_so(tmp_path: Path) -> None:
    save(tmp_path / "永.png", page(em_square("永", 300)))
    read = read_samples([tmp_path], fit=True, content_field=lambda point: KAI.field(point))
    assert any("too few" in line for line in read.warnings)
    assert overlap(read.samples[0].field > 0, truth("永")) > 0.97


def bomb(path: Path, side: int) -> Path:
    """A one-bit PNG of side x side zeros."""
    def chunk(kind: bytes, data: bytes) -> bytes:
        head = len(data).to_bytes(4, "big") + kind + data
        return head + zlib.crc32(kind + data).to_bytes(4, "big")
    header = side.to_bytes(4, "big") * 2 + bytes([1, 0, 0, 0, 0])
    deflate = zlib.compressobj(9)
    rows = b"".join([deflate.compress(bytes(side // 8 + 1)) for _ in range(side)])
    data = rows + deflate.flush()
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data)
                     + chunk(b"IEND", b""))
    return path


# folders

def test_bad_files_in_a_folder_are_left_out_with_a_line_each(tmp_path: Path) -> None:
    save(tmp_path / "永.png", page(em_square("永", 200)))
    save(tmp_path / "国.png", page(em_square("国", 200)))
    save(tmp_path / "scan.png", page(em_square("国", 200)))
    save(tmp_path / "空.png", np.full((200, 200), 255, np.uint8))
    save(tmp_path / "小.png", np.full((9, 9), 255, np.uint8))
    save(tmp_path / "窄.png", np.full((20, 2000), 255, np.uint8))
    (tmp_path / "坏.png").write_bytes(b"GIF89a nothing")
    (tmp_path / "苹.heic").write_bytes(b"x")
    (tmp_path / "notes.txt").write_text("hello")
    (tmp_path / ".DS_Store").write_bytes(b"x")
    (tmp_path / "more").mkdir()
    bomb(tmp_path / "弹.png", 20000)
    read = read_samples([tmp_path])
    assert [sample.text for sample in read.samples] == ["国", "永"]
    assert len(read.warnings) == 9 and not [line for line in read.warnings if "\n" in line]
    assert any("HEIC is not read here; save it as JPEG" in line for line in read.warnings)
    for path, hint in [("scan.png", "no character"), ("空.png", "nothing is written"),
                       ("小.png", "too few"), ("窄.png", "narrow"), ("坏.png", "no image"),
                       ("苹.heic", "JPEG"), ("notes.txt", "not an image"), ("弹.png", "80 mega"),
                       ("none.png", "no such file")]:
        with pytest.raises(SamplesError, match=hint) as caught:
            read_samples([tmp_path / path])
        assert "\n" not in str(caught.value) and path in str(caught.value)


def test_nothing_found(tmp_path: Path) -> None:
    with pytest.raises(SamplesError, match="no sample was found"):
        read_samples([tmp_path])
    with pytest.raises(SamplesError, match="no source"):
        read_samples([])


def test_newest_of_one_character_is_used(tmp_path: Path) -> None:
    save(tmp_path / "永.png", page(em_square("永", 200)), mtime=2_000)
    save(tmp_path / "U+6C38.png", page(em_square("一", 200)), mtime=3_000)
    save(tmp_path / "永_2.png", page(em_square("国", 200)), mtime=1_000)
    save(tmp_path / "国.png", page(em_square("国", 200)), mtime=1_000)
    read = read_samples([tmp_path])
    assert [sample.written for sample in read.samples] == [1_000, 3_000]
    assert [sample.written for sample in read.older] == [1_000, 2_000]
    assert overlap(read.samples[1].field > 0, truth("一")) > 0.9
    assert any("several samples of 永" in line for line in read.warnings)


def test_reading_is_deterministic(tmp_path: Path) -> None:
    path = save(tmp_path / "永.png", page(em_square("永", 200), "ink"))
    first, second = read_samples([path]), read_samples([tmp_path])
    assert not first.warnings
    assert first.samples == second.samples and len(first.samples[0].digest) == 64


def test_progress_and_sample_digest(tmp_path: Path) -> None:
    for char in "永国":
        save(tmp_path / f"{char}.png", page(em_square(char, 200)))
    seen: list[tuple[int, int]] = []
    read_samples([tmp_path], progress=lambda done, total: seen.append((done, total)))
    assert seen == [(1, 2), (2, 2)]
    drawn = KAI.field(0x6C38)
    assert drawn is not None
    one, other = Sample.of(0x6C38, drawn, "a", 0), Sample.of(0x6C39, drawn, "a", 0)
    assert one.digest != other.digest
    assert one.digest == Sample.of(0x6C38, drawn, "b", 1).digest
    assert Box(0, 0, 2, 4).middle == (1, 2)
