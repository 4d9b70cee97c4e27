"""Letters in: charsets, samples, the content source, and the raster every stage shares."""
