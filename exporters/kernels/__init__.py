"""Where what numba compiled is kept, so that nobody waits for it twice, nor once."""
