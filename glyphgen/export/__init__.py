"""Exports: a project as fonts."""
