"""Rows on their way into a batch: columns by kind of event, put together once a day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from living_personas.domain.batch import EVENT_SCHEMA
from living_personas.domain.value import value
from living_personas.stats.arrays import Ints

__all__ = ["DAY_MICROS", "WorldRows", "event_table", "message_ids", "midnight", "money_text", "stamped"]

DAY_MICROS = 86_400_000_000
_HOUR_MICROS = 3_600_000_000
_EPOCH = date(1970, 1, 1)


@value
class WorldRows:
    """Events of one name: whose (customers by number), when (microseconds), where, and with what properties."""

    name: str
    customer: Ints
    time: Ints
    channel: str | pa.Array = ""
    properties: str | pa.Array = "{}"

    def __len__(self) -> int:
        return int(self.customer.size)


def midnight(day: date) -> int:
    """The first microsecond of a day.

    >>> midnight(date(1970, 1, 2))
    86400000000
    """
    return (day - _EPOCH).days * DAY_MICROS


def event_table(rows: Sequence[WorldRows], *, ids: pa.Array, day: date) -> pa.Table:
    """All rows as events (``EVENT_SCHEMA``); ids of messages are ``sim/<day>/<number>``, in this order."""
    kept = [each for each in rows if len(each)] or [_NONE]
    customer = np.concatenate([each.customer for each in kept])
    time = np.concatenate([each.time for each in kept])
    names = pa.concat_arrays([pa.repeat(each.name, len(each)) for each in kept])
    columns = {
        "message_id": message_ids(day, customer.size),
        "customer": ids.take(pa.array(customer)),
        "also": pa.repeat("", customer.size),
        "name": names,
        **stamped(time),
        "channel": pa.concat_arrays([_column(each.channel, len(each)) for each in kept]),
        "properties": pa.concat_arrays([_column(each.properties, len(each)) for each in kept]),
    }
    return pa.table({name: columns[name] for name in EVENT_SCHEMA.names}, schema=EVENT_SCHEMA)


def stamped(time: Ints) -> dict[str, pa.Array]:
    """The columns ``time``, ``day`` and ``hour`` of moments in microseconds, in UTC."""
    return {
        "time": pa.array(time).cast(pa.timestamp("us", tz="UTC")),
        "day": pa.array((time // DAY_MICROS).astype(np.int32)).cast(pa.date32()),
        "hour": pa.array((time % DAY_MICROS // _HOUR_MICROS).astype(np.int8)),
    }


def message_ids(day: date, count: int) -> pa.Array:
    """The ids of a day's messages."""
    numbers = pa.array(np.arange(count)).cast(pa.string())
    return pc.binary_join_element_wise(f"sim/{day.isoformat()}", numbers, "/")


def money_text(amounts: pa.Array) -> pa.Array:
    """Cents as a text with two decimals.

    >>> money_text(pa.array([5, 1234])).to_pylist()
    ['0.05', '12.34']
    """
    whole = pc.divide(amounts, 100)
    cents = pc.subtract(amounts, pc.multiply(whole, 100))
    return pc.binary_join_element_wise(
        whole.cast(pa.string()), pc.utf8_lpad(cents.cast(pa.string()), width=2, padding="0"), "."
    )


_NONE = WorldRows(name="", customer=np.zeros(0, dtype=np.int64), time=np.zeros(0, dtype=np.int64))


def _column(text: str | pa.Array, size: int) -> pa.Array:
    return pa.repeat(text, size) if isinstance(text, str) else text
