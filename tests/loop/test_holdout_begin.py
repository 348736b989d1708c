"""The first day of the holdout is what all units say, and a night reads no day again on which nobody was held."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest

from living_personas.domain.event import EXPOSED, Event, Exposure
from living_personas.loop import cycle
from living_personas.loop.holdout.holdout_comparison import holdout_since
from living_personas.loop.recording.record import record
from living_personas.memory.table import Table
from living_personas.memory.tables import UNITS
from living_personas.memory.worth_records import HOLDOUT_SUMS, NOBODY_HELD
from loop.shops import Shop, context_of, morning_after, noon


def nothing(_option: str, _day: int, _rng: np.random.Generator) -> dict[str, float | None]:
    return {}


@pytest.fixture
def shop() -> Shop:
    return Shop(context_of(), nothing, customers=4).live(3)


def meets(shop: Shop, day: int, *, holdout: bool) -> None:
    """Somebody met a decision on an old day, and it is told only now; a cycle runs."""
    exposure = Exposure(
        attribute="framing", option="a", persona="buyer", policy="logged", epoch=str(day), holdout=holdout
    )
    event = Event(message_id=f"{day}-{holdout}", customer="x", name=EXPOSED, time=noon(day), exposures=(exposure,))
    record(shop.context, [event], received=noon(shop.days))
    cycle.run(shop.context, now=morning_after(shop.days - 1), owner="w")


def asked(shop: Shop) -> tuple[date | None, list[tuple[date, date]]]:
    """Since when there is a holdout, and which days' units are read for that where no sums are kept."""
    read: list[tuple[date, date]] = []
    real = Table.read

    def told(table: Table, store: Any, first: date, last: date) -> Any:
        if table is UNITS:
            read.append((first, last))
        return real(table, store, first, last)

    HOLDOUT_SUMS.write(shop.context.store, "own", None)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Table, "read", told)
        return holdout_since(shop.context), read


def test_days_without_anybody_held_are_read_once(shop: Shop) -> None:
    assert NOBODY_HELD.read(shop.context.store) == dict(UNITS.etags(shop.context.store))
    assert asked(shop) == (None, [])
    meets(shop, 1, holdout=False)
    assert asked(shop) == (None, [])
    NOBODY_HELD.write(shop.context.store, None)
    assert asked(shop) == (None, [(noon(0).date(), noon(2).date())])


def test_who_is_held_on_an_old_day_begins_the_holdout_however_late_it_is_told(shop: Shop) -> None:
    meets(shop, 1, holdout=True)
    assert asked(shop)[0] == noon(1).date()
    meets(shop, 0, holdout=True)
    assert asked(shop)[0] == noon(0).date()
