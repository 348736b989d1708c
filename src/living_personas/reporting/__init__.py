"""What is believed, what is proven, and what is still unknown, as values and as text."""
