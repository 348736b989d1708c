"""What became of everything that was ever received, day by day: every row is stored, a duplicate, or in quarantine."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from living_personas.domain.event import Receipt
from living_personas.loop.context import Context
from living_personas.memory.records import RECEIPTS

__all__ = ["count_receipt", "receipts_by_day"]

_COUNTED = ("stored", "duplicate", "quarantined")


def count_receipt(context: Context, receipt: Receipt, day: date) -> Receipt:
    """The receipt, added to those of its day; inside the transaction that recorded it, neither is without the other."""
    if receipt.received:
        total = _read(RECEIPTS.read(context.store, day.isoformat())) + receipt
        RECEIPTS.write(context.store, day.isoformat(), {fate: getattr(total, fate) for fate in _COUNTED})
    return receipt


def receipts_by_day(context: Context) -> Mapping[date, Receipt]:
    """The sum of the receipts of each day on which anything was received, oldest first."""
    return {date.fromisoformat(day): _read(counts) for day, counts in RECEIPTS.all(context.store).items()}


def _read(counts: dict[str, int] | None) -> Receipt:
    return Receipt(received=sum(counts.values()), **counts) if counts else Receipt()
