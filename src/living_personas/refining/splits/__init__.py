"""Splits by response: whether one value suits everybody in a persona, or two parts of it want two."""
