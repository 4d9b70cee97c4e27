"""The project: one file with samples, drawings and settings, and the ways in and out of it."""
