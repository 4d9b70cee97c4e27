"""The network: what training learnt and ships as weights."""
