"""Requests of the studio's pages, and what answers them."""
