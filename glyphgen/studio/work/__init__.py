"""Work apart from the studio's server: processes that can be ended at any time."""
