"""Who reads a table that is written as a file."""

from __future__ import annotations

from typing import Literal

__all__ = ["Reader"]

Reader = Literal["tools", "spreadsheet"]
"""Another tool, which must find ids as they are, or a person who opens the file in a spreadsheet."""
