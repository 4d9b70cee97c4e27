"""Pages from files: pictures of an allowed kind, many-page TIFFs, PDFs; bounded in every way."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
import pypdfium2
from numpy.typing import NDArray
from PIL import Image, ImageSequence, UnidentifiedImageError

from fonts.reading.images import FORMATS, MOST_PIXELS, ImageError, over_paper

Picture = NDArray[np.uint8]

MOST_PAGES = 60           # of one file
MOST_BYTES = 400_000_000
PDF_DPI = 300

_LONGEST = 5000           # pixels of a PDF page's longer side
_HALVED = 50_000_000      # pixels from which a picture is halved: finer than any pen
_TURNS: dict[int, Callable[[Picture], Picture]] = {       # by EXIF orientation
    2: np.fliplr, 3: lambda a: np.rot90(a, 2), 4: np.flipud, 5: lambda a: a.swapaxes(0, 1),
    6: lambda a: np.rot90(a, 3), 7: lambda a: np.rot90(a, 2).swapaxes(0, 1), 8: np.rot90}
_TAKEN, _EXIF, _CHANGED = 36867, 0x8769, 306
_HEIF = (b"ftypheic", b"ftypheix", b"ftyphevc", b"ftypmif1", b"ftypmsf1", b"ftypavif")


@dataclass(frozen=True)
class Page:
    """One picture (H, W, 3), RGB, upright; `taken` in seconds tells newer from older."""

    name: str
    picture: Picture
    taken: float


def read_file(path: str | Path) -> Iterator[Page]:
    """The pages of one file, in order. Raises ImageError, with one line, where it cannot go on."""
    path = Path(path)
    try:
        with path.open("rb") as file:
            head = file.read(1024)
        size, changed = path.stat().st_size, path.stat().st_mtime
    except OSError as error:
        raise ImageError("cannot be read: {reason}", path, reason=error.strerror or error) from None
    if size > MOST_BYTES:
        raise ImageError("over {n} MB; save it smaller", path, n=MOST_BYTES // 1_000_000)
    if b"%PDF-" in head:
        yield from _pdf_pages(path, changed)
    elif head[4:12] in _HEIF:
        raise ImageError("HEIC and AVIF are not read here; save it as JPEG, or set the camera to "
                         "take JPEG", path)
    else:
        yield from _image_pages(path, changed)


def _image_pages(path: Path, changed: float) -> Iterator[Page]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path, formats=FORMATS) as image:
                frames = getattr(image, "n_frames", 1) if image.format == "TIFF" else 1
                _check_count(path, frames)
                if frames > 1:
                    for number, frame in enumerate(ImageSequence.Iterator(image), 1):
                        name = f"{path} page {number}"
                        yield Page(name, _decoded(frame, name), _taken(frame, changed))
                    return
                page = Page(str(path), _decoded(image, str(path)), _taken(image, changed))
            yield page          # by now the decoder's own copy is gone
    except (Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError):
        raise _too_large(path) from None
    except UnidentifiedImageError:
        raise ImageError("not a picture or PDF; save it as JPEG, PNG, WebP, TIFF or PDF",
                         path) from None
    except ImageError:
        raise
    except Exception as error:      # decoders raise of every kind on a damaged file
        raise ImageError("the picture is cut short or damaged ({kind}); take or save it again",
                         path, kind=type(error).__name__) from None


def _pdf_pages(path: Path, changed: float) -> Iterator[Page]:
    try:
        document = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower():
            raise ImageError("the PDF is encrypted; save it without a password", path) from None
        raise ImageError("a damaged PDF; scan or save it again", path) from None
    try:
        _check_count(path, len(document))
        for number, page in enumerate(document, 1):
            long_side = max(*page.get_size(), 1.0)
            scale = min(PDF_DPI / 72, _LONGEST / long_side)
            picture = page.render(scale=scale, rev_byteorder=True).to_numpy()
            yield Page(f"{path} page {number}", np.ascontiguousarray(picture[..., :3]), changed)
    except pypdfium2.PdfiumError:
        raise ImageError("a page of the PDF is damaged; scan or save it again", path) from None
    finally:
        document.close()


def _check_count(path: Path, count: int) -> None:
    if count > MOST_PAGES:
        raise ImageError("{n} pages; {most} are the most, split the file", path, n=count,
                         most=MOST_PAGES)


def _too_large(path: str | Path) -> ImageError:
    return ImageError("over {n} megapixels; make it smaller, or scan at 300 dpi", path,
                      n=MOST_PIXELS // 1_000_000)


def _decoded(image: Image.Image, name: str) -> Picture:
    if image.width * image.height > MOST_PIXELS:
        raise _too_large(name)
    image.load()
    orientation = image.getexif().get(274, 1)
    if image.mode.startswith("I") or image.mode == "F":
        levels = np.asarray(image, np.float32)
        top = 65535 if levels.max(initial=0) > 255 else 255
        image = Image.fromarray(np.clip(levels * (255 / top), 0, 255).astype(np.uint8))
    image = over_paper(image)
    if image.mode != "RGB":
        image = image.convert("RGB")
    if image.width * image.height > _HALVED:
        image = image.reduce(2)
    picture = np.asarray(image)
    turned = _TURNS.get(orientation)
    return picture if turned is None else np.ascontiguousarray(turned(picture))


def _taken(image: Image.Image, changed: float) -> float:
    """When the picture was taken; when its file was changed where it does not say."""
    exif = image.getexif()
    text = exif.get_ifd(_EXIF).get(_TAKEN) or exif.get(_CHANGED)
    try:
        return datetime.strptime(str(text), "%Y:%m:%d %H:%M:%S").timestamp()
    except (ValueError, OverflowError, OSError):
        return changed
