"""glyphgen draws a whole CJK font from a few handwritten characters."""

__version__ = "0.1.0"
