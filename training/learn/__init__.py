"""Learning: batches, objectives and optimisers of the trainer."""
