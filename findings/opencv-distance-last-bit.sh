#!/bin/sh
# OpenCV 5.0.0 (opencv-python-headless 5.0.0.93), cv2.distanceTransform with DIST_L2 and
# DIST_MASK_PRECISE, one thread: the same mask gives distances that differ in their last bits
# with where the output array begins in memory.
#
# Seen (x86-64 with AVX2): an ellipse of 96 x 96 pixels, its distances written to arrays that begin
# 0 to 15 floats after a multiple of 64 bytes: 8 different results, equal again from 32 bytes on.
# Against the first, 158 to 223 of 9,216 distances differ, by at most 1.9e-6 (two units in the last
# place of a number between 16 and 32). NumPy begins arrays at multiples of 16 bytes, so that what
# a program computes twice can differ between two calls.
#
# The squares of exact distances are whole numbers: rounded, they are the same in all results, and
# the root of the rounded square is the correctly rounded distance every time.
#
# Ends with status 1 if every alignment gives the same bits, or the rounded squares differ.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet numpy==2.4.6 opencv-python-headless==5.0.0.93
"$work/venv/bin/python" - <<'PYTHON'
import cv2
import numpy as np

SIDE = 96
cv2.setNumThreads(1)
y, x = np.mgrid[:SIDE, :SIDE]
mask = (((x - 47.3) / 40)**2 + ((y - 45.1) / 29)**2 < 1).astype(np.uint8)


def distances(shift):
    """The distances, written `shift` floats after a multiple of 64 bytes."""
    memory = np.zeros(SIDE * SIDE + 32, np.float32)
    first = -(memory.ctypes.data // 4) % 16 + shift
    out = memory[first:first + SIDE * SIDE].reshape(SIDE, SIDE)
    return cv2.distanceTransform(mask, cv2.DIST_L2, cv2.DIST_MASK_PRECISE, dst=out).copy()


results = [distances(shift) for shift in range(16)]
bits = {result.tobytes() for result in results}
squares = {np.rint(result * result).tobytes() for result in results}
changed = [int((result != results[0]).sum()) for result in results]
apart = max(float(np.abs(result - results[0]).max()) for result in results)
print("OpenCV", cv2.__version__, "NumPy", np.__version__)
print(len(bits), "different results of 16 places in memory")
print("distances that differ from the first:", changed, "by at most", apart)
print(len(squares), "different arrays of rounded squares")
raise SystemExit(0 if len(bits) > 1 and len(squares) == 1 else 1)
PYTHON
