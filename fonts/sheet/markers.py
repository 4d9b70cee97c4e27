"""The four markers of a sheet in a picture: found, refined, and missed by name."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from fonts.errors import Line, UserError
from fonts.sheet.layout import CORNERS

Gray = NDArray[np.uint8]
Corners = dict[int, NDArray[np.float64]]

DICTIONARY = cv2.aruco.DICT_4X4_50
FEWEST = 3                        # markers that a page can be read from
NO_MARKER = "no marker of a glyphgen sheet found"

_SEARCH = (1600, 2600, 4000)      # long sides, pixels, that markers are looked for at


class MarkerError(UserError):
    """A page whose markers are not enough; one line says which is missing and what to do."""


def find_markers(gray: Gray) -> Corners:
    """Corners (4, 2) of each marker 0 to 3, clockwise from its top left, in pixel centres.

    At least three are returned; raises MarkerError with advice otherwise.
    """
    best: Corners = {}
    for long_side in _SEARCH:
        found = _detected(gray, long_side)
        best = found if len(found) > len(best) else best
        if len(best) == len(CORNERS):
            break
        if long_side >= max(gray.shape):
            break
    if len(best) < FEWEST:
        raise MarkerError(_advice(gray, best))
    return {index: _refined(gray, corners) for index, corners in best.items()}


def missing(found: Corners) -> list[str]:
    """Names of the markers that are not there, as "top left"."""
    return [name for index, name in enumerate(CORNERS) if index not in found]


def _detected(gray: Gray, long_side: int) -> Corners:
    scale = min(1.0, long_side / max(gray.shape))
    small = gray if scale == 1 else cv2.resize(gray, None, fx=scale, fy=scale,
                                               interpolation=cv2.INTER_AREA)
    params = cv2.aruco.DetectorParameters()
    params.cornerRefinementMethod = cv2.aruco.CORNER_REFINE_SUBPIX
    params.adaptiveThreshWinSizeMin, params.adaptiveThreshWinSizeMax = 13, 53
    params.adaptiveThreshWinSizeStep = 20
    params.minMarkerPerimeterRate = 0.04
    detector = cv2.aruco.ArucoDetector(cv2.aruco.getPredefinedDictionary(DICTIONARY), params)
    quads, ids, _ = detector.detectMarkers(small)
    if ids is None:
        return {}
    found: Corners = {}
    for quad, index in sorted(zip(quads, ids.ravel()), key=lambda pair: cv2.contourArea(pair[0])):
        if index < len(CORNERS):        # the largest of each wins: it was sorted last
            found[int(index)] = (quad.reshape(4, 2).astype(np.float64) + 0.5) / scale - 0.5
    return found


def _refined(gray: Gray, corners: NDArray[np.float64]) -> NDArray[np.float64]:
    side = np.linalg.norm(corners - np.roll(corners, 1, axis=0), axis=1).min()
    window = int(np.clip(side / 14, 2, 24))
    points = corners.astype(np.float32).reshape(-1, 1, 2)
    stop = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_COUNT, 40, 0.005)
    refined = cv2.cornerSubPix(gray, points, (window, window), (-1, -1), stop).reshape(4, 2)
    moved = np.linalg.norm(refined - corners, axis=1, keepdims=True)
    return np.where(moved < 2 * window, refined, corners).astype(np.float64)


def _advice(gray: Gray, found: Corners) -> Line:
    if len(_detected(cv2.flip(gray, 1), _SEARCH[0])) >= FEWEST:
        return Line("the picture is mirrored; switch off mirroring in the camera or scanner and "
                    "take it again")
    if not found:
        return Line(f"{NO_MARKER}; photograph the whole page from above in even light, sharp and "
                    "large in the picture")
    names = " and ".join(missing(found))
    return Line("the {names} markers are missing; take the picture again with all four corners of "
                "the page in it, without glare or a finger over them", names=names)
