"""Corners as a hand turns them: a stroke's own, and those where the ends of two strokes meet."""
