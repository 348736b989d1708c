"""What a column of customers is: a count, a rate with its exposures, or an amount; and what it means, if known."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from living_personas.domain.meaning import Meaning

__all__ = ["Amount", "Column", "Count", "Rate", "needs"]


@dataclass(frozen=True, slots=True)
class Count:
    """How often something happened: whole numbers from 0; NULL says nothing.

    >>> Count("sessions_28d").name
    'sessions_28d'
    """

    name: str
    means: Meaning | None = field(default=None, kw_only=True)


@dataclass(frozen=True, slots=True)
class Rate:
    """How many of how many: 1 of 2 says less than 50 of 100, so a ratio alone is not enough.

    With ``ratio`` the column holds the ratio of the two, NULL where there was no occasion.

    >>> Rate("opened", of="received").of
    'received'
    """

    name: str
    of: str = field(kw_only=True)
    ratio: bool = field(default=False, kw_only=True)
    means: Meaning | None = field(default=None, kw_only=True)


@dataclass(frozen=True, slots=True)
class Amount:
    """Money, days or sizes, compared by their logs; NULL or 0 says nothing (whether there was any is a ``Count``).

    >>> Amount("order_value").name
    'order_value'
    """

    name: str
    means: Meaning | None = field(default=None, kw_only=True)


Column: TypeAlias = Count | Rate | Amount


def needs(column: Column) -> tuple[str, ...]:
    """The columns of a frame that it reads.

    >>> needs(Rate("opened", of="received"))
    ('opened', 'received')
    """
    return (column.name, column.of) if isinstance(column, Rate) else (column.name,)
