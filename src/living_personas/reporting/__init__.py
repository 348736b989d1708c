"""What is known, as values and in words: believed, proven, still unknown."""
