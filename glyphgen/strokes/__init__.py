"""Characters as strokes: an ordered list of lines of 16 points each, canvas pixels.

`library` has those of the content, `register` and `refine` lay them on what a person wrote,
`network` says where the person puts those of another character, `ink` draws them.
"""
