"""Letters out: drawings to outlines, outlines to font files."""
