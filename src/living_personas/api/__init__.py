"""The Python interface: a workspace that is open, its personas, and decisions from sums alone."""
