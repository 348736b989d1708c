"""Segments that are there: found in one half of the customers, proven in the other, or not published."""
