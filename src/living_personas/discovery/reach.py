"""Whom a segment's rule holds: everybody and nobody are no segment, and much of a persona is half of that persona."""

from __future__ import annotations

from living_personas.discovery.feature_matrix import Sheet
from living_personas.domain.head_count import head_words
from living_personas.stats.arrays import Bools

__all__ = ["out_of_reach", "two_kinds"]

MUCH_OF_A_PERSONA = 1 / 3
"""The share of a persona's customers from which it is two kinds of customers."""

MOST_HELD = 0.6
"""The share of all customers beyond which a person must look first."""


def out_of_reach(held: Bools, *, least: int) -> tuple[str, ...]:
    """A reason for review if the rule holds most customers, or fewer than ``least``.

    >>> import numpy as np
    >>> out_of_reach(np.arange(100) < 70, least=50), out_of_reach(np.arange(100) < 55, least=50)
    (('its rule holds 70% of all customers',), ())
    """
    if held.mean() > MOST_HELD:
        return (f"its rule holds {held.mean():.0%} of all customers",)
    return (f"its rule holds {head_words(int(held.sum()))} customers only",) if held.sum() < least else ()


def two_kinds(sheet: Sheet, held: Bools) -> tuple[str, ...]:
    """A reason for review for each persona of whose customers the segment holds a third or more: adopting it splits."""
    found: list[str] = []
    for number, persona in enumerate(sheet.personas):
        mine = sheet.filed == number
        inside = int((mine & held).sum())
        if inside >= MUCH_OF_A_PERSONA * mine.sum():
            rest = int(mine.sum()) - inside
            found.append(
                f"persona {persona!r} is two kinds of customers: {head_words(inside)} of this kind, "
                f"{head_words(rest)} others; adopting it splits the persona"
            )
    return tuple(found)
