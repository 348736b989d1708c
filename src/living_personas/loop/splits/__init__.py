"""Whether one value suits everybody: personas in parts, and effects in parts."""
