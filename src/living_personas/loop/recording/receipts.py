"""What became of everything that was ever received: every row is stored, a duplicate, in quarantine, or refused."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from living_personas.domain.event import Receipt
from living_personas.loop.context import Context
from living_personas.memory.records import RECEIPTS, ROBOTS

__all__ = ["count_receipt", "count_robots", "receipts_by_day", "robots_since"]

_DAYS_OF_ROBOTS = 60
_COUNTED = ("stored", "duplicate", "quarantined")


def count_receipt(context: Context, receipt: Receipt, day: date) -> Receipt:
    """The receipt, added to those of its day; inside the transaction that recorded it, neither is without the other."""
    if receipt.received:
        total = _read(RECEIPTS.read(context.store, day.isoformat())) + receipt
        RECEIPTS.write(context.store, day.isoformat(), _counts(total))
    return receipt


def receipts_by_day(context: Context) -> Mapping[date, Receipt]:
    """The sum of the receipts of each day on which anything was received, oldest first."""
    return {date.fromisoformat(day): _read(counts) for day, counts in RECEIPTS.all(context.store).items()}


def count_robots(context: Context, count: int, *, received: datetime) -> None:
    """Count events that robots sent with the key of a page; they are kept nowhere."""
    if count:
        day = context.today(received).isoformat()
        known = ROBOTS.read(context.store) or {}
        now = {**known, day: known.get(day, 0) + count}
        ROBOTS.write(context.store, dict(sorted(now.items())[-_DAYS_OF_ROBOTS:]))


def robots_since(context: Context, day: date) -> int:
    """How many events of robots came since a day, of the last days on which any did."""
    return sum(count for on, count in (ROBOTS.read(context.store) or {}).items() if date.fromisoformat(on) >= day)


def _counts(receipt: Receipt) -> dict[str, int]:
    """As versions before this one read it, unless something was refused."""
    return {fate: getattr(receipt, fate) for fate in (*_COUNTED, *(("refused",) if receipt.refused else ()))}


def _read(counts: dict[str, int] | None) -> Receipt:
    return Receipt(received=sum(counts.values()), **counts) if counts else Receipt()
