"""Whom a segment's rule holds: everybody and nobody are no segment, and much of a persona is half of that persona."""

from __future__ import annotations

from collections.abc import Sequence

from living_personas.domain.head_count import head_words
from living_personas.domain.names import named
from living_personas.domain.told_number import share_words
from living_personas.stats.arrays import Ints

__all__ = ["out_of_reach", "two_kinds"]

MUCH_OF_A_PERSONA = 1 / 3
"""The share of a persona's customers from which it is two kinds of customers."""

MOST_HELD = 0.6
"""The share of all customers beyond which a person must look first."""


def out_of_reach(size: int, *, of: int, least: int) -> tuple[str, ...]:
    """A reason for review if a rule holds most customers, or fewer than ``least``.

    >>> out_of_reach(70, of=100, least=50), out_of_reach(55, of=100, least=50)
    (('its rule holds 70 % of all customers',), ())
    """
    if size / of > MOST_HELD:
        return (f"its rule holds {share_words(size / of)} of all customers",)
    return (f"its rule holds {head_words(size)} customers only",) if size < least else ()


def two_kinds(personas: Sequence[str], held: Ints, everybody: Ints) -> tuple[str, ...]:
    """A reason for review for each persona of whose customers the segment holds a third or more: adopting it splits.

    ``held`` are how many customers of each persona the segment holds, ``everybody`` how many there are.
    """
    found: list[str] = []
    for persona, inside, mine in zip(personas, held.tolist(), everybody.tolist(), strict=False):  # nobody's are last
        if inside >= MUCH_OF_A_PERSONA * mine:
            found.append(
                f"persona {named(persona)} is two kinds of customers: {head_words(inside)} of this kind, "
                f"{head_words(mine - inside)} others; adopting it splits the persona"
            )
    return tuple(found)
