"""How many people there are, as it may be told: in whole groups, so that no two numbers differ by a few people."""

from __future__ import annotations

__all__ = ["FLOOR", "SMALLEST", "head_count", "head_share", "head_words"]

SMALLEST, FLOOR = 50, 20
"""How many people a figure must be about unless somebody says otherwise, and the fewest that may be said."""


def head_count(people: int | None, *, smallest: int = SMALLEST) -> int | None:
    """How many, rounded down to a multiple of ``smallest``; None for fewer, for none at all, or if nobody counted.

    Sums and differences of such counts are multiples of ``smallest``, too: days, pages, or a total and its parts
    compared single nobody out.

    >>> head_count(31_907), head_count(49), head_count(0)
    (31900, None, None)
    """
    if people is None or people < smallest:
        return None
    return people // smallest * smallest


def head_share(share: float, *, of: int, smallest: int = SMALLEST) -> float | None:
    """A share of ``of`` people, as the share that a count in whole groups is of all in whole groups; None for fewer.

    >>> head_share(0.0533, of=4_012), head_share(0.0533, of=400)
    (0.05, None)
    """
    part, whole = head_count(round(share * of), smallest=smallest), head_count(of, smallest=smallest)
    return None if part is None or whole is None else round(part / whole, 4)


def head_words(people: int) -> str:
    """A number of people in words.

    >>> head_words(1_249), head_words(49)
    ('1,200', 'fewer than 50')
    """
    told = head_count(people)
    return f"fewer than {SMALLEST}" if told is None else f"{told:,}"
