"""A world with known truth, going through the real pipeline, told as a story."""
