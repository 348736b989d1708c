"""A number of things in words: one thing, several things."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["counted", "enumerated"]


def counted(number: int, one: str, several: str = "") -> str:
    """A number with what it counts, and with its verb if the words hold one; ``several`` is ``one`` with an s if empty.

    >>> counted(1, "row"), counted(2_000, "row"), counted(0, "row was", "rows were")
    ('1 row', '2,000 rows', '0 rows were')
    """
    return f"{number:,} {one if number == 1 else several or one + 's'}"


def enumerated(texts: Sequence[str]) -> str:
    """Some things in a sentence.

    >>> enumerated(["a"]), enumerated(["a", "b", "c"])
    ('a', 'a, b and c')
    """
    return " and ".join(filter(None, (", ".join(texts[:-1]), *texts[-1:])))
