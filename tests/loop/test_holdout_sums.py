"""What a cycle kept of the holdout's comparison is what all units and events say, whatever changed since."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from living_personas.domain.event import Event
from living_personas.domain.goal import Goal
from living_personas.engines.sql_customer_tables import SqlCustomerTables
from living_personas.loop import cycle, days
from living_personas.loop.closing import closed_through
from living_personas.loop.context import Context
from living_personas.loop.holdout import holdout_comparison
from living_personas.loop.holdout.holdout_comparison import compare_holdout
from living_personas.loop.recording.record import record, register_policies
from living_personas.memory.record import Records
from living_personas.memory.tables import ENTRIES
from living_personas.memory.worth_records import ENTRIES_MADE, HOLDOUT_SUMS
from loop.shops import PERSONA, SETTINGS, Shop, context_of, edited, noon

HALF = replace(SETTINGS, holdout=0.5)

changes = st.lists(
    st.tuples(st.sampled_from(["night", "late order", "link", "goal", "policy", "cycle"]), st.integers(0, 9)),
    min_size=1,
    max_size=5,
)


def bought(_option: str, _day: int, rng: np.random.Generator) -> dict[str, float | None]:
    return {"Bought": None} if rng.random() < 0.4 else {}


def shop(days: int) -> Shop:
    return Shop(context_of(settings=HALF), bought, customers=10).live(days)


def numbers(context: Context) -> dict[tuple[str, str], Any]:
    """Each number that is compared, to the bit."""
    return {
        (name, side): (found.customers, found.outcomes, found.sums.tolist(), found.products.tolist())
        for name, both in compare_holdout(context).items()
        for side, found in both._asdict().items()
        if found is not None
    }


def counted(context: Context) -> list[tuple[date, bool]]:
    """From which days on customers are counted for a page that finds no sums, and whether some alone."""
    found: list[tuple[date, bool]] = []
    entries = SqlCustomerTables.entries

    def told(tables: Any, first: date, through: date, **given: Any) -> Any:
        found.append((first, given["only"] is not None))
        return entries(tables, first, through, **given)

    HOLDOUT_SUMS.write(context.store, "own", None)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SqlCustomerTables, "entries", told)
        compare_holdout(context)
    return found


def directly(context: Context) -> dict[tuple[str, str], Any]:
    """The same, of all that there is."""
    records: tuple[Records[Any], ...] = (HOLDOUT_SUMS, ENTRIES_MADE)
    kept = [(each, each.all(context.store)) for each in records]
    for each, found in kept:
        each.write_all(context.store, dict.fromkeys(found))
    try:
        return numbers(context)
    finally:
        for each, found in kept:
            each.write_all(context.store, found)


@pytest.mark.long
@settings(max_examples=8)
@given(changes=changes)
def test_what_was_kept_is_what_all_rows_say(changes: Sequence[tuple[str, int]]) -> None:
    """Nights pass; orders come late, ids are joined, goals are edited and policies met; a cycle ran since, or not."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(days, "WEEK", 1)
        _change(changes)


def _change(changes: Sequence[tuple[str, int]]) -> None:
    lived = shop(3)
    assert ENTRIES_MADE.all(lived.context.store)
    for number, (what, who) in enumerate(changes):
        if what == "night":
            lived.live(1)
        elif what == "late order":
            order = Event(message_id=f"late-{number}", customer=f"u{who}", name="Bought", time=noon(0, hours=6))
            record(lived.context, [order], received=noon(lived.days))
        elif what == "link":
            joined = Event(message_id=f"l-{number}", customer=f"u{who}", also="u3", name="Alias", time=noon(1, hours=1))
            record(lived.context, [joined], received=noon(lived.days))
        elif what == "goal":
            lived.context = edited(lived.context, replace(PERSONA, goal=Goal(event="Left", within=timedelta(days=1))))
        elif what == "policy":
            register_policies(lived.context, {f"elsewhere-{number}": {"a": 1.0}})
        else:
            cycle.run(lived.context, now=noon(lived.days, hours=-6), owner="w")
        assert numbers(lived.context) == directly(lived.context)


def test_a_page_reads_no_history_that_a_cycle_has_summed(monkeypatch: pytest.MonkeyPatch) -> None:
    lived = shop(3)
    expected = directly(lived.context)
    assert {side for _, side in expected} == {"living", "static"}

    def opened(*_: object) -> None:
        raise AssertionError("all units and events were read")

    monkeypatch.setattr(holdout_comparison, "_summed", opened)
    assert numbers(lived.context) == expected


def test_a_night_goes_on_from_the_entries_of_a_week_ago(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is older is read where a late row changed it, and of those alone who are known by other ids now."""
    monkeypatch.setattr(days, "WEEK", 2)
    lived = shop(6)
    store, closed = lived.context.store, closed_through(lived.context)
    assert closed is not None
    kept = {date.fromisoformat(name.removeprefix("own/")) for name in ENTRIES_MADE.names(store)}
    assert kept == set(ENTRIES.of("own").days(store))
    day = days.week_old(closed)
    assert max(kept) == day <= closed - timedelta(days=2)
    assert counted(lived.context) == [(day + timedelta(days=1), False)]
    joined = Event(message_id="joined", customer="u1", also="u3", name="Alias", time=noon(lived.days, hours=-1))
    record(lived.context, [joined], received=noon(lived.days))
    assert counted(lived.context) == [(noon(0).date(), True), (day + timedelta(days=1), False)]
    late = Event(message_id="late", customer="u2", name="Bought", time=noon(1))
    record(lived.context, [late], received=noon(lived.days))
    made = ENTRIES_MADE.all(store)
    cycle.run(lived.context, now=noon(lived.days), owner="w")
    assert ENTRIES_MADE.all(store)[f"own/{day}"].made_of != made[f"own/{day}"].made_of
    assert counted(lived.context) == [(day + timedelta(days=1), False)]
    assert numbers(lived.context) == directly(lived.context)


def test_what_happens_on_a_day_that_is_not_over_changes_nothing_kept() -> None:
    lived = shop(2)
    kept = HOLDOUT_SUMS.all(lived.context.store)
    record(
        lived.context, [Event(message_id="m", customer="u1", name="Bought", time=noon(lived.days))], received=noon(9)
    )
    cycle.run(lived.context, now=noon(lived.days), owner="w")
    assert HOLDOUT_SUMS.all(lived.context.store) == kept
