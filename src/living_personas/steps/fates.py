"""What became of everything that was ever received, day by day: every row is stored, a duplicate, or in quarantine."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date

from living_personas.domain.event import Receipt
from living_personas.steps.parts import Parts

__all__ = ["FATES", "count_fates", "fates_by_day"]

FATES = "fates/"
"""Facts of this prefix hold how many rows of each fate were received on a day, as JSON."""

_COUNTED = ("stored", "duplicate", "quarantined")


def count_fates(parts: Parts, receipt: Receipt, day: date) -> Receipt:
    """The receipt, added to those of its day; inside the transaction that recorded it, neither is without the other."""
    if receipt.received:
        key = FATES + day.isoformat()
        total = _read(parts.store.facts.get(key)) + receipt
        counts = {fate: getattr(total, fate) for fate in _COUNTED}
        parts.store.facts.set({key: json.dumps(counts).encode()})
    return receipt


def fates_by_day(parts: Parts) -> Mapping[date, Receipt]:
    """The sum of the receipts of each day on which anything was received, oldest first."""
    days = ((key.removeprefix(FATES), parts.store.facts.get(key)) for key in parts.store.facts.keys(FATES))
    return {date.fromisoformat(day): _read(block) for day, block in days}


def _read(block: bytes | None) -> Receipt:
    counts: dict[str, int] = json.loads(block) if block else {}
    return Receipt(received=sum(counts.values()), **counts)
