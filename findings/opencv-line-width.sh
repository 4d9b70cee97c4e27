#!/bin/sh
# OpenCV 5.0.0 (opencv-python-headless 5.0.0.93) and 4.12.0 (4.12.0.88), cv2.line with `thickness`
# of 2 and more, on whole pixels: a level or upright line is wider than its thickness.
#
# Seen (8-bit picture, LINE_8, from (5, 30) to (55, 30) and from (30, 5) to (30, 55)): thickness
# 1 2 3 4 5 6 7 covers 1 3 5 5 7 7 9 rows or columns: the thickness, and two more of an odd one,
# one more of an even one. With LINE_AA as many are full, and one at either side is at a fifth.
# cv2.rectangle filled is as wide as it is asked to be. Known: opencv/opencv issue 15604, open.
#
# Who needs a line of n pixels draws a filled rectangle, or asks for n - 2 where n is odd.
#
# Ends with status 1 if any of these widths is another.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat > "$work/widths.py" <<'PYTHON'
import cv2
import numpy as np


def picture(draw, *arguments):
    made = np.zeros((60, 60), np.uint8)
    draw(made, *arguments)
    return made


widths = []
for thickness in range(1, 8):
    level = picture(cv2.line, (5, 30), (55, 30), 255, thickness)
    upright = picture(cv2.line, (30, 5), (30, 55), 255, thickness)
    widths.append((int(level.any(1).sum()), int(upright.any(0).sum())))
filled = int(picture(cv2.rectangle, (5, 29), (55, 31), 255, cv2.FILLED).any(1).sum())
print("OpenCV", cv2.__version__, "thickness 1 to 7:", widths, "a rectangle of 3 rows:", filled)
raise SystemExit(0 if widths == [(n, n) for n in (1, 3, 5, 5, 7, 7, 9)] and filled == 3 else 1)
PYTHON
for versions in "numpy==2.4.6 opencv-python-headless==5.0.0.93" \
                "numpy==2.2.6 opencv-python-headless==4.12.0.88"; do
    rm -rf "$work/venv"
    python3 -m venv "$work/venv"
    # shellcheck disable=SC2086
    "$work/venv/bin/pip" install --quiet $versions
    "$work/venv/bin/python" "$work/widths.py"
done
