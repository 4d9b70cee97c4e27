"""Outlines: a drawing's field to closed curves in em units, few and smooth."""
