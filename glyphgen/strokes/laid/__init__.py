"""Laying: a character's strokes brought to lie in a drawing of it, as its writer has them."""
