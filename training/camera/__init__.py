"""The camera: virtual photographs and scans of filled-in sheets."""
