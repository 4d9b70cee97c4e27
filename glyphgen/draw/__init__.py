"""Drawing: one glyph after another, each judged before it is kept."""
