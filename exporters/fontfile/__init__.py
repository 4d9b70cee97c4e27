"""Font files: outlines to tables, in every format, each checked before it is kept."""
