"""Image files as grey arrays, defended against what people and attackers put in folders."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from fonts.errors import UserError

Grey = NDArray[np.uint8]
Colour = NDArray[np.uint8]

FORMATS = ("JPEG", "PNG", "WEBP", "TIFF")
SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff")
MOST_PIXELS = 80_000_000
LEAST_SIDE = 16
_SOLID = 160        # of 255, alpha of what is no edge
_LIGHT = 150        # of 255: ink is light where almost all of it is lighter
_LUMA = np.array([77, 150, 29], np.uint32)
_SPARSE = 0.6       # of the picture: writing is less of it
_ONE_COLOUR = 48    # levels that the ink of one pen differs by
_RIM = 0.02         # of the shorter side: the picture's rim
_MOST_RIM = 0.1     # of the rim that white writing on black may reach
_APART = 60         # levels between the light and the dark of a picture with writing
_THICKEST = 0.3     # of the shorter side: no stroke is thicker
_SHEET = 0.7        # of its hull that a light sheet on a dark desk fills, writing on it left out
_THUMB = 160        # pixels of the shorter side that this is looked at
_ENOUGH = 1600      # pixels of the longer side that a JPEG is decoded to at least


class ImageError(UserError):
    """An image file that cannot be used; one line says which and why."""


class Picture(NamedTuple):
    """An image in grey (H, W) and in colour (H, W, 3)."""

    grey: Grey
    colour: Colour


def read_grey(path: Path) -> Grey:
    """The image (H, W) in grey; see `read_picture`."""
    return read_picture(path).grey


def read_picture(path: Path) -> Picture:
    """The image, upright, with ink dark on light paper.

    Light writing on a dark ground, or of one light colour on transparency, is made dark. Raises
    ImageError for a file that is none of `FORMATS`, is broken, over `MOST_PIXELS` or under
    `LEAST_SIDE` pixels wide or high.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path, formats=FORMATS) as image:
                return _picture(_decode(image, path))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _too_large(path) from None
    except UnidentifiedImageError:
        raise ImageError("no image of a kind that is read here; save it as JPEG, PNG, WebP or TIFF",
                         path) from None
    except ImageError:
        raise
    except MemoryError:
        raise _too_large(path) from None
    except OSError as error:
        reason = error.strerror or "the image is cut short or damaged"
        raise ImageError("cannot be read: {reason}", path, reason=reason) from None
    except Exception as error:      # decoders raise of every kind on a damaged file
        raise ImageError("a damaged image ({kind}); save it anew as PNG", path,
                         kind=type(error).__name__) from None


def _too_large(path: Path) -> ImageError:
    return ImageError("over {n} megapixels; make it smaller", path, n=MOST_PIXELS // 1_000_000)


def _decode(image: Image.Image, path: Path) -> Image.Image:
    width, height = image.size
    if width * height > MOST_PIXELS:
        raise _too_large(path)
    if min(width, height) < LEAST_SIDE:
        raise ImageError("{width} x {height} pixels are too few; {least} are the least, 300 are "
                         "good", path, width=width, height=height, least=LEAST_SIDE)
    if image.format == "JPEG":
        shrink = max(1, min(width, height) // _ENOUGH)
        image.draft(None, (width // shrink, height // shrink))
    image.load()
    return ImageOps.exif_transpose(image)


def _picture(image: Image.Image) -> Picture:
    if image.mode.startswith("I;16") or image.mode in ("I", "F"):
        grey = _deep(np.asarray(image, np.float32))
        return dark_on_light(grey, np.repeat(grey[..., None], 3, -1))
    image = over_paper(image)
    return dark_on_light(np.asarray(image.convert("L")), np.asarray(image.convert("RGB")))


def dark_on_light(grey: Grey, colour: Colour) -> Picture:
    """The picture, turned to its negative where its writing is light on a dark ground."""
    return Picture(255 - grey, 255 - colour) if is_light_on_dark(grey) else Picture(grey, colour)


def is_light_on_dark(grey: Grey) -> bool:
    """Whether a picture (H, W) is dark to its rim, and what is light in it has a stroke's form."""
    scale = min(1.0, _THUMB / min(grey.shape))
    small = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    split, mask = cv2.threshold(small, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    light = mask > 0
    if not light.any() or light.mean() > 0.5:
        return False
    rim = max(1, round(_RIM * min(small.shape)))
    inner = light[rim:-rim, rim:-rim]
    at_rim = (light.sum() - inner.sum()) / (light.size - inner.size)
    if at_rim > _MOST_RIM or inner.sum() < 0.8 * light.sum():
        return False
    if float(small[light].mean()) - float(small[~light].mean()) < _APART:
        return False
    thick = 2 * float(cv2.distanceTransform(mask, cv2.DIST_L2, 3).max())
    hull = cv2.convexHull(np.argwhere(light)[:, ::-1].astype(np.int32))
    is_sheet = (light.sum() > _SHEET * cv2.contourArea(hull)
                and min(cv2.minAreaRect(hull)[1]) > _THICKEST * min(small.shape))
    return thick < _THICKEST * min(small.shape) and not is_sheet


def over_paper(image: Image.Image) -> Image.Image:
    """The image on white paper where parts of it are transparent, else as it is.

    Ink of one light colour on transparency (white chalk on a layer) would be lost on white: it
    becomes black.
    """
    if not image.has_transparency_data:
        return image
    image = image.convert("RGBA")
    pixels = np.asarray(image)
    solid = pixels[..., 3] > _SOLID
    if solid.any() and not solid.all():
        darkest, lightest = np.percentile(pixels[solid][:, :3] @ _LUMA >> 8, [2, 98])
        alone = solid.mean() < _SPARSE or lightest - darkest < _ONE_COLOUR
        if darkest > _LIGHT and alone:
            black = np.zeros_like(pixels)
            black[..., 3] = pixels[..., 3]
            image = Image.fromarray(black)
    paper = Image.new("RGBA", image.size, (255, 255, 255, 255))
    return Image.alpha_composite(paper, image)


def _deep(values: NDArray[np.float32]) -> Grey:
    """Of integers of 9 to 16 bits or floats; the range is told from the largest value."""
    values = np.nan_to_num(values, posinf=0, neginf=0)
    top = float(values.max(initial=0))
    full = 1.0 if top <= 1 else max(255.0, top)
    scaled = values * (255.0 / full)
    return np.clip(np.rint(scaled), 0, 255).astype(np.uint8)
