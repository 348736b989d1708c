"""Exports that people have, ready-made: how each is recognised, and how its rows become events."""
