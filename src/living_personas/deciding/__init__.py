"""What to show whom: allocate, assign, decide."""
