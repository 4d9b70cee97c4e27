import io
import warnings
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from fonts.reading.images import ImageError, read_grey
from tests.fonts.test_samples import bomb, em_square, overlap, page


def test_modes_and_orientation(tmp_path: Path) -> None:
    grey = page(em_square("永", 300))
    wide = (grey.astype(np.uint16) * 257)
    Image.fromarray(wide).save(tmp_path / "deep.png")
    Image.fromarray(wide // 16).save(tmp_path / "twelve.tif")
    clear = np.zeros((300, 300, 4), np.uint8)
    clear[..., 3] = 255 - grey
    Image.fromarray(clear, "RGBA").save(tmp_path / "clear.png")
    Image.fromarray(clear, "RGBA").save(tmp_path / "clear.webp", lossless=True)
    Image.fromarray(grey).convert("P").save(tmp_path / "palette.png")
    Image.fromarray(grey).convert("1").save(tmp_path / "bits.tif")
    Image.fromarray(grey).convert("RGB").convert("CMYK").save(tmp_path / "print.jpg", quality=95)
    exif = Image.Exif()
    exif[0x0112] = 6
    turned = Image.fromarray(np.rot90(grey).copy())
    turned.save(tmp_path / "turned.jpg", exif=exif, quality=95)
    for path in tmp_path.iterdir():
        found = read_grey(path)
        assert found.shape == grey.shape
        assert overlap(found < 128, grey < 128) > (0.9 if path.stem == "bits" else 0.97), path.name


@pytest.mark.parametrize("side", [9400, 20000])
def test_bombs(tmp_path: Path, side: int) -> None:
    with pytest.raises(ImageError, match="over 80 megapixels"):
        read_grey(bomb(tmp_path / "永.png", side))


def encoded(kind: str) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(page(em_square("永", 100))).save(stream, kind)
    return stream.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "TIFF"])
def test_damaged_images_are_refused_or_read(tmp_path: Path, kind: str) -> None:
    whole = encoded(kind)
    rng = np.random.default_rng(0)
    path = tmp_path / f"永.{kind.lower()}"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for turn in range(60):
            data = bytearray(whole[: rng.integers(1, len(whole))] if turn % 2 else whole)
            for place_ in rng.integers(0, len(data), 3):
                data[place_] = rng.integers(0, 256)
            path.write_bytes(data)
            try:
                assert read_grey(path).ndim == 2
            except ImageError as error:
                assert "\n" not in str(error)
