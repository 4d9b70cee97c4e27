"""Image files as grey arrays, defended against what people and attackers put in folders."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

Grey = NDArray[np.uint8]

FORMATS = ("JPEG", "PNG", "WEBP", "TIFF")
SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff")
MOST_PIXELS = 80_000_000
LEAST_SIDE = 16
_ENOUGH = 1600      # pixels of the longer side that a JPEG is decoded to at least


class ImageError(ValueError):
    """An image file that cannot be used; one line says which and why."""


def read_grey(path: Path) -> Grey:
    """The image (H, W) in grey, 255 for white, upright, transparency over white.

    Raises ImageError for a file that is none of `FORMATS`, is broken, over `MOST_PIXELS` or
    under `LEAST_SIDE` pixels wide or high.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path, formats=FORMATS) as image:
                return _decode(image, path)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _too_large(path) from None
    except UnidentifiedImageError:
        raise ImageError(f"{path}: no image of a kind that is read here; "
                         "save it as JPEG, PNG, WebP or TIFF") from None
    except ImageError:
        raise
    except MemoryError:
        raise _too_large(path) from None
    except OSError as error:
        reason = error.strerror or "the image is cut short or damaged"
        raise ImageError(f"{path}: cannot be read: {reason}") from None
    except Exception as error:      # decoders raise of every kind on a damaged file
        raise ImageError(f"{path}: a damaged image ({type(error).__name__}); "
                         "save it anew as PNG") from None


def _too_large(path: Path) -> ImageError:
    return ImageError(f"{path}: over {MOST_PIXELS // 1_000_000} megapixels; make it smaller")


def _decode(image: Image.Image, path: Path) -> Grey:
    width, height = image.size
    if width * height > MOST_PIXELS:
        raise _too_large(path)
    if min(width, height) < LEAST_SIDE:
        raise ImageError(f"{path}: {width} x {height} pixels are too few; "
                         f"{LEAST_SIDE} are the least, 300 are good")
    if image.format == "JPEG":
        shrink = max(1, min(width, height) // _ENOUGH)
        image.draft(None, (width // shrink, height // shrink))
    image.load()
    upright = ImageOps.exif_transpose(image)
    return _grey(upright)


def _grey(image: Image.Image) -> Grey:
    if image.mode.startswith("I;16") or image.mode in ("I", "F"):
        return _deep(np.asarray(image, np.float32))
    if image.has_transparency_data:
        image = image.convert("RGBA")
        paper = Image.new("RGBA", image.size, (255, 255, 255, 255))
        image = Image.alpha_composite(paper, image)
    return np.asarray(image.convert("L"))


def _deep(values: NDArray[np.float32]) -> Grey:
    """Of integers of 9 to 16 bits or floats; the range is told from the largest value."""
    values = np.nan_to_num(values, posinf=0, neginf=0)
    top = float(values.max(initial=0))
    full = 1.0 if top <= 1 else max(255.0, top)
    scaled = values * (255.0 / full)
    return np.clip(np.rint(scaled), 0, 255).astype(np.uint8)
