"""The six steps of the loop."""
