"""Checks: whether a font file is sound, and what is in it."""
