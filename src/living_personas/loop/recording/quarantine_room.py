"""How much quarantine holds: beyond it the newest rows are refused, told so and counted; what is held stays."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from living_personas.domain.event import Quarantined
from living_personas.domain.stranger import is_browser_id
from living_personas.domain.value import value
from living_personas.loop.context import Context
from living_personas.memory.records import NO_ROOM

__all__ = ["FULL", "MOST_HELD", "MOST_OF_BROWSERS", "Room", "hold", "no_room_alarms"]

FULL = "quarantine full"
"""Why a row is refused that quarantine has no room for."""

_DAYS = 60
_DAYS_OF_ALARMS = 7


@value
class Room:
    """The most that quarantine holds."""

    rows: int
    size: int


MOST_HELD = Room(rows=1_000_000, size=256 << 20)
"""In all; ``size`` in bytes."""
MOST_OF_BROWSERS = Room(rows=50_000, size=16 << 20)
"""What is held already, from whomever, once rows of browsers are refused: anybody can send those."""


def hold(
    context: Context, rows: Sequence[Quarantined], *, received: datetime, day: date
) -> tuple[tuple[bool, ...], tuple[bool, ...]]:
    """Put rows in quarantine: which are new, and which of the others are refused as there is no room for them.

    What is held already stays; the newest of the new rows are refused, and counted under the ``day``.
    """
    if not rows:
        return (), ()
    new = context.store.quarantine.put(rows, received=received)
    held, size = context.store.quarantine.size()
    refused = [False] * len(rows)
    for index in reversed(range(len(rows))):
        most = MOST_OF_BROWSERS if is_browser_id(rows[index].message_id) else MOST_HELD
        if new[index] and (held > most.rows or size > most.size):
            refused[index] = True
            held, size = held - 1, size - _bytes(rows[index])
    if any(refused):
        context.store.quarantine.release([row for row, gone in zip(rows, refused, strict=True) if gone])
        _count(context, sum(refused), day.isoformat())
    return tuple(is_new and not gone for is_new, gone in zip(new, refused, strict=True)), tuple(refused)


def no_room_alarms(context: Context) -> tuple[str, ...]:
    """What quarantine had no room for on the last days on which that happened, in a sentence."""
    refused = NO_ROOM.read(context.store) or {}
    last = dict(sorted(refused.items())[-_DAYS_OF_ALARMS:])
    if not last:
        return ()
    told = (
        f"Quarantine had no room for {sum(last.values()):,} bad rows (the last on {max(last)}): they were refused, and "
        "are kept nowhere. Mend and replay what waits (`personas quarantine list`), or drop it."
    )
    return (told,)


def _count(context: Context, refused: int, day: str) -> None:
    known = NO_ROOM.read(context.store) or {}
    now = {**known, day: known.get(day, 0) + refused}
    NO_ROOM.write(context.store, dict(sorted(now.items())[-_DAYS:]))


def _bytes(row: Quarantined) -> int:
    return sum(len(text.encode(errors="surrogatepass")) for text in (row.detail, row.payload, row.message_id))
