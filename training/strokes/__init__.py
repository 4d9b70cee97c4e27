"""Strokes learnt: stroke-order data, faces laid on it, and batches of hands for the network."""
