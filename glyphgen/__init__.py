"""glyphgen draws a whole CJK font from a few handwritten characters."""

import os

__version__ = "0.1.0"

# Read when numpy is loaded. What it solves here is too small to share between threads, and those
# that wait for work would spin.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
