"""A hand: what is known of one person's writing, learnt from the samples."""
