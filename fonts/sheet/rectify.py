"""From a picture of a sheet to its page: the identity, and where every millimetre went.

Four markers give a homography. The dots around the cells then say how far lens, curl and creases
moved the paper from it: a cubic in x and y for the whole page, and for what is left over a thin
plate through the dots (Bookstein 1989).
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from fonts.drawing import Points
from fonts.errors import UserError
from fonts.sheet.layout import LAYOUTS, VERSION, Identity, IdentityError, Layout, parse_identity
from fonts.sheet.markers import Corners, Gray

_DENSITY = 12.0         # pixels a mm of the patches that dots are looked for in
_FAR, _NEAR = 5.0, 1.2  # mm about its expected place that a dot is looked for, first and then
_ALIKE = 0.6            # least correlation of a dot
_ENOUGH = 0.6           # share of the dots that must be found where paper can have moved them
_STRAY = 0.25           # mm that a dot may be off the smooth paper
_SURE = 0.85            # correlation from which it may be anywhere that it is looked for
_BEND = 30.0            # mm: unit of length of the plate
_GIVE = 0.01            # how far it may miss a dot, for smoothness


class RectifyError(UserError):
    """A page that cannot be laid flat; one line says why and how to retake it."""


@dataclass(frozen=True)
class Warp:
    """Where page millimetres are in the picture, in pixel centres."""

    homography: Points                # (3, 3)
    cubic: Points                     # (10, 2), mm of displacement
    dots: Points                      # (N, 2), mm
    plate: Points                     # (N + 3, 2), mm: what the cubic leaves over
    frame: tuple[float, float]

    def __call__(self, points: Points) -> Points:
        """Pixels (..., 2) of page points (..., 2)."""
        flat = points.reshape(-1, 2)
        moved = (flat + _terms(flat, self.frame) @ self.cubic
                 + _bends(flat, self.dots) @ self.plate)
        return np.asarray(cv2.perspectiveTransform(moved[:, None], self.homography)
                          ).reshape(points.shape)


def page_homography(found: Corners, layout: Layout | None = None) -> Points:
    """Page millimetres to pixels by the marker corners alone."""
    places = (layout or LAYOUTS[VERSION]).markers()
    page = np.concatenate([places[index] for index in found])
    pixels = np.concatenate([found[index] for index in found])
    homography, _ = cv2.findHomography(page, pixels)
    if homography is None:
        raise RectifyError("its markers lie on one line; photograph the page from above")
    return np.asarray(homography)


def read_identity(gray: Gray, homography: Points, layout: Layout | None = None) -> Identity:
    """What the page's code says. Raises IdentityError."""
    layout = layout or LAYOUTS[VERSION]
    x, y, side = layout.code
    reach = 6.0
    patch = _patch(gray, homography, np.array([x, y]) + side / 2, side / 2 + reach)
    density = patch.shape[0] / (side + 2 * reach)
    seen = None
    for text in _decodings(patch, reach * density, side * density / layout.modules,
                           layout.modules):
        try:
            return parse_identity(text)
        except IdentityError as error:
            seen = error
    raise seen or IdentityError("the square code at its top right cannot be read; take the "
                                "picture again, sharper and without glare")


def lay_flat(gray: Gray, homography: Points, identity: Identity) -> tuple[Warp, float]:
    """The page's warp, and the share of its dots found. Raises RectifyError."""
    layout = identity.layout
    flat = layout.dots(len(identity.chars)).reshape(-1, 2)
    corners = layout.markers().reshape(-1, 2)
    cubic = np.zeros((10, 2))
    found, good = np.zeros_like(flat), np.zeros(len(flat), bool)
    for reach in (_FAR, 2 * _NEAR, _NEAR):
        guess = flat + _terms(flat, layout.frame) @ cubic
        found, alike = _dots(gray, homography, guess, reach, layout.dot)
        cubic, off = _fitted(flat, found - flat, alike > _ALIKE, corners, layout.frame)
        good = (alike > _ALIKE) & (off < 2 * _STRAY) | (alike > _SURE) & (off < _NEAR)
    if good.mean() < _ENOUGH:
        raise RectifyError("only {n} of its {all} printed dots can be found; lay the page flat "
                           "and photograph it from above in even light", n=good.sum(),
                           all=len(good))
    left = found - flat - _terms(flat, layout.frame) @ cubic
    return Warp(homography, cubic, flat[good], _plate(flat[good], left[good]),
                layout.frame), float(good.mean())


def _patch(gray: Gray, homography: Points, middle: Points, half: float,
           density: float = _DENSITY) -> Gray:
    """Picture of the page square of half side `half` mm about `middle`."""
    size = round(2 * half * density)
    to_page = np.array([[1 / density, 0, middle[0] - half + 0.5 / density],
                        [0, 1 / density, middle[1] - half + 0.5 / density], [0, 0, 1]])
    return np.asarray(cv2.warpPerspective(
        gray, homography @ to_page, (size, size), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE))


def _dots(gray: Gray, homography: Points, guess: Points, reach: float,
          diameter: float) -> tuple[Points, NDArray[np.float64]]:
    """Page points (N, 2) of the dots near `guess`, and how alike each is to a dot, -1 to 1."""
    half = round(diameter * _DENSITY)
    grid = np.hypot(*np.meshgrid(*[np.arange(-half, half + 1)] * 2))
    edge = np.clip(grid - diameter / 2 * _DENSITY + 0.5, 0, 1)
    template = cv2.GaussianBlur(edge.astype(np.float32), (0, 0), 0.1 * _DENSITY)
    template = np.rint(template * 255).astype(np.uint8)
    found, alike = np.empty_like(guess), np.empty(len(guess))
    for index, middle in enumerate(guess):
        span = reach + diameter + 1 / _DENSITY
        patch = _patch(gray, homography, middle, span)
        score = cv2.matchTemplate(patch, template, cv2.TM_CCOEFF_NORMED)
        row, column = np.unravel_index(np.argmax(score), score.shape)
        alike[index] = score[row, column]
        peak = np.array([column + _vertex(score[row], column),
                         row + _vertex(score[:, column], row)])
        found[index] = middle - span + (peak + half + 0.5) / _DENSITY
    return found, alike


def _vertex(line: NDArray[np.float32], at: np.intp) -> float:
    """Offset of a parabola's top through the samples about `at`."""
    if not 0 < at < len(line) - 1:
        return 0.0
    before, here, after = map(float, line[at - 1:at + 2])
    bend = before - 2 * here + after
    return 0.0 if bend >= 0 else 0.5 * (before - after) / bend


def _terms(points: Points, frame: tuple[float, float]) -> Points:
    """Monomials (N, 10) to the third degree of points scaled to -1..1."""
    x, y = (points / np.array(frame) * 2 - 1).T
    one = np.ones_like(x)
    return np.stack([one, x, y, x * x, x * y, y * y, x ** 3, x * x * y, x * y * y, y ** 3], -1)


def _fitted(points: Points, moved: Points, seen: NDArray[np.bool_], anchors: Points,
            frame: tuple[float, float]) -> tuple[Points, NDArray[np.float64]]:
    """Cubic (10, 2) through the displacements, and how far each is off it."""
    terms = np.concatenate([_terms(points, frame), _terms(anchors, frame)])
    target = np.concatenate([moved, np.zeros_like(anchors)])
    weight = np.concatenate([seen.astype(float), np.full(len(anchors), 0.5)])
    ridge = np.eye(terms.shape[1]) * 1e-4
    cubic = np.zeros((terms.shape[1], 2))
    for spread in (3.0, 1.5, 0.8, 0.5, _STRAY, _STRAY):
        cubic = np.linalg.solve(terms.T @ (terms * weight[:, None]) + ridge,
                                terms.T @ (target * weight[:, None]))
        off = np.linalg.norm(target - terms @ cubic, axis=1)
        closeness = np.clip(1 - (off / (2 * spread)) ** 2, 0, None) ** 2
        weight = closeness * np.concatenate([seen, np.full(len(anchors), 0.5)])
    return cubic, np.linalg.norm(moved - _terms(points, frame) @ cubic, axis=1)


def _bends(points: Points, dots: Points) -> Points:
    """Basis (N, M + 3) at points (N, 2) of a thin plate that rests on dots (M, 2)."""
    square = ((points[:, None] - dots) ** 2).sum(-1) / _BEND ** 2
    plane = np.column_stack([np.ones(len(points)), points / _BEND])
    return np.hstack([square * np.log(np.maximum(square, 1e-12)), plane])


def _plate(dots: Points, moved: Points) -> Points:
    """Weights (M + 3, 2) of the thin plate that moves each dot as told."""
    basis = _bends(dots, dots)
    plane = basis[:, len(dots):]
    matrix = np.vstack([basis, np.hstack([plane.T, np.zeros((3, 3))])])
    matrix[:len(dots), :len(dots)] += np.eye(len(dots)) * _GIVE
    return np.linalg.solve(matrix, np.vstack([moved, np.zeros((3, 2))]))


def _decodings(patch: Gray, margin: float, module: float, count: int) -> list[str]:
    """Texts that the code in a patch may have, the likelier first."""
    texts = []
    corners = _finders(patch, margin, module, count)
    detector = cv2.QRCodeDetector()
    for modules in _sampled(patch, corners, count):
        clean = np.kron(modules, np.ones((4, 4), np.uint8))
        clean = cv2.copyMakeBorder(clean, 16, 16, 16, 16, cv2.BORDER_CONSTANT, value=255)
        square = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], np.float32) * (4 * count) + 16
        texts.append(_decoded(detector, clean, square[None]))
        if texts[-1]:
            return texts
    texts.append(_decoded(detector, patch, None))
    return [text for text in texts if text]


def _decoded(detector: cv2.QRCodeDetector, image: Gray, square: NDArray | None) -> str:
    try:
        if square is not None:
            text = detector.decode(image, square)[0]
            return text or detector.detectAndDecode(image)[0]
        return str(detector.detectAndDecode(image)[0])
    except (cv2.error, UnicodeDecodeError):
        return ""


def _finders(patch: Gray, margin: float, module: float, count: int) -> Points:
    """Centres (3, 2) of the code's three finder patterns: top left, top right, bottom left."""
    ring = np.full((9, 9), 255, np.uint8)
    ring[1:8, 1:8], ring[2:7, 2:7], ring[3:6, 3:6] = 0, 255, 0
    side = round(9 * module)
    template = cv2.GaussianBlur(cv2.resize(ring, (side, side), interpolation=cv2.INTER_AREA),
                                (0, 0), module * 0.2)
    score = cv2.matchTemplate(patch, template, cv2.TM_CCOEFF_NORMED)
    far = (count - 7) * module
    first = margin + 3.5 * module
    reach = margin * 0.75
    centres = []
    for x, y in ((first, first), (first + far, first), (first, first + far)):
        left, top = (max(round(v - side / 2 - reach), 0) for v in (x, y))
        part = score[top:round(y - side / 2 + reach) + 1, left:round(x - side / 2 + reach) + 1]
        row, column = np.unravel_index(np.argmax(part), part.shape)
        centres.append((left + column + _vertex(part[row], column) + side / 2,
                        top + row + _vertex(part[:, column], row) + side / 2))
    return np.array(centres)


def _sampled(patch: Gray, finders: Points, count: int) -> list[NDArray[np.uint8]]:
    """The code's modules (count, count), 0 or 255, read under three ways of thresholding."""
    span = count - 7
    matrix = cv2.getAffineTransform(
        np.array([[3.5, 3.5], [3.5 + span, 3.5], [3.5, 3.5 + span]], np.float32) * 3 - 0.5,
        (finders - 0.5).astype(np.float32))
    fine = cv2.warpAffine(patch, matrix, (3 * count, 3 * count),
                          flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)
    middle = fine[1::3, 1::3].astype(np.float32) * 0.5
    middle += cv2.resize(fine, (count, count), interpolation=cv2.INTER_AREA) * 0.5
    kernel = np.ones((9, 9), np.uint8)
    light = cv2.GaussianBlur(cv2.dilate(middle, kernel), (0, 0), 4)
    dark = cv2.GaussianBlur(cv2.erode(middle, kernel), (0, 0), 4)
    mean = cv2.GaussianBlur(middle, (0, 0), 5)
    return [np.where(middle > (1 - share) * dark + share * light, 255, 0).astype(np.uint8)
            for share in (0.5, 0.4, 0.6)] + [np.where(middle > mean, 255, 0).astype(np.uint8)]
