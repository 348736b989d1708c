"""Segments that no persona explains, their lives, and the upkeep of personas."""
