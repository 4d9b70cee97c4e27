"""How glyphs change and move in text: full-width signs, vertical forms, quotes, rows of dashes."""
