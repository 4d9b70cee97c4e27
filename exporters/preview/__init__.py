"""Previews: text set in a font, as a picture or a page."""
