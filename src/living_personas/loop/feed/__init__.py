"""Is the feed sound? What jumps, what does not count, and whether browsers report what they were given."""
