"""Every row that was ever received has a named fate, and the days add up."""

from __future__ import annotations

from living_personas import loop
from living_personas.domain.event import Quarantined, Receipt
from living_personas.steps.fates import fates_by_day
from living_personas.steps.record import record_all
from steps.shops import history, noon, parts_of

BAD = Quarantined(source="shop", row=7, reason="bad time", detail="no time", payload="{}")


def test_every_fate_is_counted_on_the_day_of_its_arrival() -> None:
    parts = parts_of()
    assert fates_by_day(parts) == {}
    events = history([0], units=5, rates=dict.fromkeys("abc", 0.0))
    first = loop.record(parts, events, quarantined=[BAD], received=noon(1))
    again = loop.record(parts, events[:2], quarantined=[BAD], received=noon(1))
    record_all(parts, history([1], units=3, rates=dict.fromkeys("abc", 0.0)), [BAD], received=noon(2))
    assert (first.stored, first.quarantined, again.duplicate) == (5, 1, 3)
    assert fates_by_day(parts) == {
        noon(1).date(): first + again,
        noon(2).date(): Receipt(received=4, stored=3, duplicate=1),
    }
    assert all(receipt.balanced for receipt in fates_by_day(parts).values())


def test_nothing_received_is_nothing_counted() -> None:
    parts = parts_of()
    loop.record(parts, [], received=noon(1))
    assert fates_by_day(parts) == {}
