"""``python -m living_personas`` is the command ``personas``, for where that is not on the path."""

from __future__ import annotations

from living_personas.cli import main

__all__ = ["main"]

if __name__ == "__main__":
    main()
