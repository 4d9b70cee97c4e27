"""The person's samples: image files named by their character, or glyphs of a font file.

A square image is the em square. One that is not square is padded to a square, itself in the
middle. So ink keeps its size and place from image to image; a picture cropped to its ink does
not say where in the em square the ink belongs, and `fit=True` estimates one scale and one offset
from all samples together (`fonts.reading.placement`).
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import cv2

from fonts.charset import composed, recommended
from fonts.drawing import CANVAS, EM_PIXELS, Drawing, Field, from_coverage, reduced
from fonts.errors import Line, UserError
from fonts.packed import from_bytes, to_bytes
from fonts.reading.clean import CleanError
from fonts.reading.images import SUFFIXES, ImageError, read_picture
from fonts.reading.ink import ink_of
from fonts.reading.placement import Cut, frame_of, place, placements
from fonts.regions import REGIONS
from fonts.render import REGULAR, Face, FontError

SIZE = 4 * CANVAS                           # side of a sample's field
_WORK = SIZE * EM_PIXELS // CANVAS          # pixels that an image's longer side is cleaned at
_FONTS = (".ttf", ".otf", ".ttc", ".otc", ".woff", ".woff2")
_FOREIGN = (".heic", ".heif", ".avif", ".gif", ".bmp", ".svg", ".psd", ".jxl", ".raw", ".dng")
_SKIPPED = re.compile(r"\.glyphgen|^Thumbs\.db$|^desktop\.ini$")     # left out without a word
_NAMES = (
    re.compile(r"(?:U\+|uni|u|0x)(?P<hex>[0-9A-Fa-f]{4,6})(?:[ _-]+\d{1,3}| ?\(\d{1,3}\))?"),
    re.compile(r"(?P<char>.)(?:[ _-]+\d{1,3}| ?\(\d{1,3}\))?", re.DOTALL),
)
_INSTANCE = "a variable font; its instance {instance} is used"
_INSTANCE_OF_SEVERAL = ("a variable font; its instance {instance} is used, --sample-instance names "
                        "another")


class SamplesError(UserError):
    """A source that yields no sample; one line says which and why."""


@dataclass(frozen=True)
class Sample:
    """One character as the person wrote it.

    `packed` holds its field (`fonts.packed`), `digest` names that field, `source` says where it
    came from, `written` when (seconds since 1970).
    """

    codepoint: int
    packed: bytes = field(repr=False)
    source: str
    written: float
    digest: str

    @classmethod
    def of(cls, codepoint: int, drawn: Field, source: str, written: float) -> Sample:
        """The sample of a field (512, 512), (256, 256) or (128, 128)."""
        return cls.from_packed(codepoint, to_bytes(drawn), source, written)

    @classmethod
    def from_packed(cls, codepoint: int, packed: bytes, source: str, written: float) -> Sample:
        """The sample of a packed field, which is not looked into."""
        digest = hashlib.sha256(codepoint.to_bytes(4, "big") + packed).hexdigest()
        return cls(codepoint, packed, source, written, digest)

    @property
    def text(self) -> str:
        return chr(self.codepoint)

    @property
    def field(self) -> Field:
        """The field in its full size, canvas pixels."""
        return from_bytes(self.packed)

    @property
    def drawing(self) -> Drawing:
        """The field at the model's size."""
        return Drawing(self.codepoint, reduced(self.field))


@dataclass(frozen=True)
class Samples:
    """What was read: one sample a character, the older ones of the same, and what was odd."""

    samples: tuple[Sample, ...]
    older: tuple[Sample, ...] = ()
    warnings: tuple[str, ...] = ()


def read_samples(
    sources: Sequence[Path],
    *,
    fit: bool = False,
    sample_chars: str | None = None,
    sample_instance: str | None = None,
    region: str = "cn",
    content_field: Callable[[int], Field | None] | None = None,
    progress: Callable[[int, int], None] | None = None,
    already_read: Collection[Path] = (),
    read: Iterable[Sample] = (),
) -> Samples:
    """Samples of folders, image files and font files.

    Of several images of one character the newest counts. `sample_chars` picks a font's glyphs,
    `sample_instance` a variable font's instance (Regular by default),
    else those recommended for `region`; `fit` needs `content_field`, the content font's field
    (S, S) of a codepoint. `progress` is called with the files done and in all. `already_read` are
    files of another reader, `read` its samples, which take part. A bad file in a folder is
    left out with a warning; a bad file that was named, or nothing at all, raises SamplesError.
    """
    if fit and content_field is None:
        raise TypeError("fit needs content_field")
    images, fonts, odd = _files(sources, frozenset(already_read))
    found = [*read]
    found += [sample for path in fonts
              for sample in _of_font(path, sample_chars, sample_instance, region, odd)]
    cuts: list[Cut] = []
    for done, (path, named) in enumerate(images, 1):
        try:
            cuts.append(_cut(path, odd))
        except (SamplesError, ImageError, CleanError) as error:
            if named:
                raise SamplesError(error.line) from None
            odd.append(left_out(error.line))
        if progress is not None:
            progress(done, len(images))
    found += _placed(cuts, content_field if fit else None, odd)
    if not found:
        raise SamplesError(_nothing(sources, odd))
    return _newest(found, odd)


def codepoint_of(path: Path) -> int:
    """The codepoint that a file is named by: `永.png`, `U+6C38.png`, `uni6C38.png`, `永_2.png`.

    Raises SamplesError for a name that is no character.
    """
    stem = composed(path.stem)
    for pattern in _NAMES:
        match = pattern.fullmatch(stem)
        if match is None:
            continue
        parts = match.groupdict()
        point = int(parts["hex"], 16) if "hex" in parts else ord(parts["char"])
        if point <= 0x10FFFF and unicodedata.category(chr(point)) not in _NO_CHARACTER:
            return point
    raise SamplesError("the name is no character; name it like 永.png or U+6C38.png", path)


_NO_CHARACTER = ("Cc", "Cf", "Cs", "Cn", "Zs", "Zl", "Zp")


def _files(
    sources: Sequence[Path], taken: frozenset[Path]
) -> tuple[list[tuple[Path, bool]], list[Path], list[str]]:
    """Images with whether they were named themselves, fonts, and warnings about the rest."""
    images: list[tuple[Path, bool]] = []
    fonts: list[Path] = []
    odd: list[str] = []
    for source in map(Path, sources):
        if source.is_dir():
            images += [(path, False) for path in _listing(source, taken, odd)]
        elif source in taken:
            continue
        elif not source.exists():
            raise SamplesError("there is no such file or folder", source)
        elif source.suffix.lower() in _FONTS:
            fonts.append(source)
        elif (reason := _refusal(source)) is not None:
            raise SamplesError(reason)
        else:
            images.append((source, True))
    return images, fonts, odd


def _listing(folder: Path, taken: frozenset[Path], odd: list[str]) -> Iterator[Path]:
    try:
        paths = sorted(folder.iterdir())
    except OSError as error:
        raise SamplesError("cannot be read: {reason}",
                           folder, reason=error.strerror or error) from None
    for path in paths:
        if path in taken or path.name.startswith(".") or _SKIPPED.search(path.name):
            continue
        if path.is_dir():
            odd.append(left_out(Line("a folder inside a folder; name it as a source", path)))
        elif (reason := _refusal(path)) is not None:
            odd.append(left_out(reason))
        else:
            yield path


def _refusal(path: Path) -> Line | None:
    """Why a file is none of the kinds of image that are read; None where it may be."""
    suffix = path.suffix.lower()
    if suffix in SUFFIXES:
        return None
    if suffix in _FOREIGN:
        return Line("{kind} is not read here; save it as JPEG or PNG", path,
                    kind=suffix[1:].upper())
    return Line("not an image; JPEG, PNG, WebP and TIFF are read", path)


def _cut(path: Path, odd: list[str]) -> Cut:
    """One image's ink, its longer side at `_WORK` pixels; what is doubtful about it to `odd`."""
    point = codepoint_of(path)
    grey, colour = read_picture(path)
    height, width = grey.shape
    scale = _WORK / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    if min(size) < 12:
        raise SamplesError("{width} x {height} pixels is too narrow a strip", path, width=width,
                           height=height)
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    try:
        ink, doubts = ink_of(cv2.resize(grey, size, interpolation=way),
                             cv2.resize(colour, size, interpolation=way), point)
    except CleanError as error:
        raise CleanError(error.line, path) from None
    odd += [Line("{doubt}; look at it", path, doubt=doubt) for doubt in doubts]
    return Cut.of(point, ink, scale, str(path), path.stat().st_mtime)


def _placed(
    cuts: Sequence[Cut], content: Callable[[int], Field | None] | None, odd: list[str]
) -> Iterator[Sample]:
    if content is None:
        tight = sum(cut.is_tight for cut in cuts)
        if tight > len(cuts) / 2 and len(cuts) > 1:
            odd.append(Line("{n} of {all} images are cropped to their ink, which loses size and "
                            "place; --fit estimates them", n=tight, all=len(cuts)))
        frames: Iterable = (frame_of(cut) for cut in cuts)
    else:
        frames = placements(cuts, content, odd)
    for cut, frame in zip(cuts, frames):
        canvas = place(cut, frame, SIZE)
        yield Sample.of(cut.codepoint, from_coverage(canvas, SIZE), cut.source, cut.written)


def _of_font(
    path: Path, sample_chars: str | None, instance: str | None, region: str, odd: list[str]
) -> Iterator[Sample]:
    try:
        face = Face(path, instance=instance or REGULAR)
    except FontError as error:
        raise SamplesError(error.line) from None
    if face.instance:
        odd.append(Line(_INSTANCE if instance else _INSTANCE_OF_SEVERAL, path,
                        instance=face.instance))
    text = sample_chars if sample_chars is not None else _suggested(face, region)
    missing = []
    for point in dict.fromkeys(map(ord, composed("".join(text.split())))):
        drawn = face.field(point, SIZE, oversample=2)
        if drawn is None:
            missing.append(chr(point))
        else:
            yield Sample.of(point, drawn, f"{path} {chr(point)}", path.stat().st_mtime)
    if missing:
        odd.append(Line("has no glyph for {chars}", path, chars="".join(missing)))


def _suggested(face: Face, region: str) -> str:
    """The recommended text, of the region that the font knows best, this one first."""
    def known(candidate: str) -> int:
        return sum(ord(char) in face.cmap for char in recommended(candidate))
    return recommended(max((region, *REGIONS), key=known))


def _newest(found: Sequence[Sample], odd: list[str]) -> Samples:
    newest: dict[int, Sample] = {}
    older = []
    for sample in sorted(found, key=lambda one: (one.written, one.source)):
        if sample.codepoint in newest:
            older.append(newest[sample.codepoint])
        newest[sample.codepoint] = sample
    if older:
        chars = "".join(dict.fromkeys(sample.text for sample in older))
        odd.append(Line("several samples of {chars}: the newest of each is used", chars=chars))
    ordered = tuple(newest[point] for point in sorted(newest))
    return Samples(ordered, tuple(older), tuple(odd))


def left_out(cause: Line) -> Line:
    """The note about a file of a folder that is no good."""
    return Line("left out: {cause}", cause=cause)


def _nothing(sources: Sequence[Path], odd: Sequence[str]) -> Line:
    where = ", ".join(map(str, sources)) or "no source"
    if not odd:
        return Line("no sample was found; give images named by character", where)
    cause = odd[0].values.get("cause", odd[0]) if isinstance(odd[0], Line) else odd[0]
    return Line("no sample was found ({cause}); give images named by character", where, cause=cause)
