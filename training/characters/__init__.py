"""What the recommended characters are chosen by: `components` and `words` of characters."""
