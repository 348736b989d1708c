"""Step 3: cells become evidence, what a value counts for at most is fixed, and accounts are kept."""
