"""Strokes to outlines: each a ribbon of its own, all of them one shape, its edges few curves."""
