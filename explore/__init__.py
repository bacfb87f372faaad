"""Analysis pages: timeline, network, positions, wording, contact gaps."""
