"""Rows of a file that are items of orders, or take an order back, while each would count as an order."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from living_personas.domain.event import IDENTIFY, Event
from living_personas.domain.names import named
from living_personas.domain.settings import Source

__all__ = ["order_rows"]

_HOW_MANY = re.compile(
    r"qty|quantit|menge|anzahl|cantidad|aantal|antal|ilo[sś][cć]|количество|数量|수량", re.IGNORECASE
)
"""How columns are called that hold a number of pieces: below 0 they came back."""


def order_rows(source: Source, events: Sequence[Event]) -> Iterator[str]:
    """What makes rows count as more orders than there were; of those that name no id, and are no days."""
    happened = [event for event in events if not event.exposures and event.name != IDENTIFY]
    if source.message_id is None and source.time.column and not source.explode:
        alike = Counter((event.customer, event.name, event.time) for event in happened)
        shared = sum(count for count in alike.values() if count > 1)
        if 2 * shared > len(happened):
            yield (
                f"{shared:,} of {len(happened):,} rows say the same customer, event and time as another row. Is each "
                "an item of an order? Then an order counts once for each of its items: with its number as `message_id` "
                "the first item stands for it."
            )
    for name in sorted({name for event in happened for name in event.properties or {} if _HOW_MANY.search(name)}):
        below = sum(_is_below(event, name) for event in happened)
        if below:
            yield (
                f"{below:,} of {len(happened):,} rows say a {named(name)} below 0, and count as any other: if they "
                "take an order back, bring them as an event of their own, or leave them out by `where`."
            )


def _is_below(event: Event, name: str) -> bool:
    said = (event.properties or {}).get(name)
    return isinstance(said, int | float) and said < 0
