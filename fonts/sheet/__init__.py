"""The writing sheet: laid out, printed, found in a picture, laid flat, cut and judged."""
