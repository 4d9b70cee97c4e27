"""The studio: a local page where a person makes a font. `glyphgen.studio.app.serve` opens it."""
