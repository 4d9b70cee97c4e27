"""Letters learnt: corpus, trainer, evaluation."""
