"""The Python interface: a workspace that is open, and its personas."""
