"""Measures: what a drawn font is worth beside a true one and beside plain baselines."""
