"""Every row that was ever received has a named fate, and the days add up."""

from __future__ import annotations

import pytest

from living_personas.domain.event import Quarantined, Receipt
from living_personas.loop.recording.receipts import receipts_by_day
from living_personas.loop.recording.record import record
from loop.shops import context_of, history, noon

BAD = Quarantined(source="shop", row=7, reason="bad time", detail="no time", payload="{}")


@pytest.mark.promise("P4")
def test_every_fate_is_counted_on_the_day_of_its_arrival() -> None:
    context = context_of()
    assert receipts_by_day(context) == {}
    events = history([0], units=5, rates=dict.fromkeys("abc", 0.0))
    first = record(context, events, [BAD], received=noon(1)).receipt
    again = record(context, events[:2], [BAD], received=noon(1)).receipt
    record(context, history([1], units=3, rates=dict.fromkeys("abc", 0.0)), [BAD], received=noon(2))
    assert (first.stored, first.quarantined, again.duplicate) == (5, 1, 3)
    assert receipts_by_day(context) == {
        noon(1).date(): first + again,
        noon(2).date(): Receipt(received=4, stored=3, duplicate=1),
    }
    assert all(receipt.balanced for receipt in receipts_by_day(context).values())


def test_nothing_received_is_nothing_counted() -> None:
    context = context_of()
    record(context, [], received=noon(1))
    assert receipts_by_day(context) == {}
