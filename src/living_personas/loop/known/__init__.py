"""What was known of customers before a moment: what they did, said, and are called."""
