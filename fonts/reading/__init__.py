"""Pictures to samples: images, pages and rows of writing, cleaned and placed in the em square."""
