"""How often browsers said something of customers whom a server named, day by day: nothing is passed over in silence."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Literal

from living_personas.loop.context import Context
from living_personas.memory.records import FROM_STRANGERS
from living_personas.stats.quality import jumped

__all__ = ["SaidBy", "burst_of_noes", "count_strangers", "strangers_since"]

SaidBy = Literal["claimed", "no", "yes"]
"""Events that were taken as a visitor's; noes, which count; yeses, which do not."""

_DAYS, _WEEK, _FEW = 60, 7, 20


def count_strangers(context: Context, found: Mapping[SaidBy, int], *, received: datetime) -> None:
    """Count what browsers said, on the day on which it was received."""
    if any(found.values()):
        day = context.today(received).isoformat()
        known = FROM_STRANGERS.read(context.store) or {}
        before = known.get(day, {})
        added: dict[str, int] = {what: before.get(what, 0) + count for what, count in found.items() if count}
        now = {**before, **added}
        FROM_STRANGERS.write(context.store, dict(sorted({**known, day: now}.items())[-_DAYS:]))


def strangers_since(context: Context, what: SaidBy, day: date) -> int:
    """How often browsers said it since a day, of the last days on which any did."""
    known = FROM_STRANGERS.read(context.store) or {}
    return sum(counts.get(what, 0) for on, counts in known.items() if date.fromisoformat(on) >= day)


def burst_of_noes(context: Context, day: date) -> int:
    """How many noes browsers said on a day that is nothing like the week before; 0 on any other day."""
    known = FROM_STRANGERS.read(context.store) or {}
    count = known.get(day.isoformat(), {}).get("no", 0)
    before = [known.get((day - timedelta(days=back)).isoformat(), {}).get("no", 0) for back in range(1, _WEEK + 1)]
    return count if count >= _FEW and jumped(count, sum(before) / _WEEK, days=_WEEK) else 0
