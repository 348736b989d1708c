"""What the search for segments finds, misses and makes up."""
