"""Late data: the days they change are folded again, no others; what no day can feel costs nothing."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from living_personas.domain.event import EXPOSED, IDENTIFY, Event, Exposure
from living_personas.loop import closing, cycle
from living_personas.loop.context import Context
from living_personas.loop.folding.fold import fold_days
from living_personas.loop.recording.record import record
from living_personas.loop.relations import table_of
from living_personas.memory.records import CLOSED, DIRTY, REFOLD
from living_personas.memory.table import Table
from living_personas.memory.tables import CELLS, UNITS
from loop.shops import DAY_ZERO, context_of, history, morning_after, noon

DAYS = 6
LAST = DAY_ZERO + timedelta(days=DAYS - 1)

rows = st.lists(
    st.tuples(
        st.sampled_from(["met", "met", "bought", "left", "no", "links"]),
        st.sampled_from(["ann", "bob", "a1"]),
        st.integers(0, DAYS - 1),
        st.integers(0, 20),
        st.sampled_from(["", "one", "two"]),
    ),
    min_size=2,
    max_size=24,
)


def event(number: int, row: tuple[str, str, int, int, str]) -> Event:
    what, who, day, hour, epoch = row
    met = (Exposure(attribute="framing", option="ab"[number % 2], persona="buyer", policy="logged", epoch=epoch),)
    told: dict[str, dict[str, object]] = {
        "met": {"name": EXPOSED, "exposures": met},
        "bought": {"name": "Bought"},
        "left": {"name": "Left"},
        "no": {"name": IDENTIFY, "properties": {"consent": bool(number % 3 == 0)}},
        "links": {"name": "Signed In", "also": "a1" if who != "a1" else ""},
    }
    return Event(message_id=f"m{number}", customer=who, time=noon(day, hours=hour / 2), **told[what])  # type: ignore[arg-type]


told = given(rows=rows, late=st.lists(st.booleans(), min_size=24, max_size=24))


@pytest.mark.long
@settings(max_examples=10)
@told
def test_what_is_folded_again_is_all_that_changed(rows: list[tuple[str, str, int, int, str]], late: list[bool]) -> None:
    check(rows, late)


@pytest.mark.slow
@settings(max_examples=300)
@told
def test_it_is_so_of_many_lives(rows: list[tuple[str, str, int, int, str]], late: list[bool]) -> None:
    check(rows, late)


def test_a_no_that_came_late_moves_a_unit_to_where_the_customer_was_met_after_a_yes() -> None:
    rows = [("no", "bob", 1, 0, ""), ("met", "bob", 0, 1, ""), ("no", "bob", 0, 0, ""), ("met", "bob", 2, 0, "")]
    others = [("met", "ann", 0, 0, "")] * 6
    check([*rows[:3], *others, rows[3]], [False, False, True, *[False] * 7])


def check(rows: list[tuple[str, str, int, int, str]], late: list[bool]) -> None:
    """As if every day had been folded again."""
    events = [event(number, row) for number, row in enumerate(rows)]
    context = context_of()
    record(context, [one for one, comes in zip(events, late, strict=False) if not comes], received=noon(DAYS))
    cycle.run(context, now=morning_after(DAYS), owner="w", until=LAST)
    record(context, [one for one, comes in zip(events, late, strict=False) if comes], received=noon(DAYS))
    cycle.run(context, now=morning_after(DAYS), owner="w", until=LAST)
    found = {table.name: held(context, table) for table in (UNITS, CELLS)}
    if CLOSED.read(context.store) is not None:
        fold_days(context, DAY_ZERO, LAST)
    assert found == {table.name: held(context, table) for table in (UNITS, CELLS)}


def held(context: Context, table: Table) -> list[dict[str, object]]:
    return sorted(table_of(table.all(context.store), table.schema).to_pylist(), key=str)


def test_only_days_that_can_feel_it_are_folded_again() -> None:
    context = context_of()
    record(context, history(range(8)), received=noon(8))
    cycle.run(context, now=morning_after(7), owner="w")
    folded: dict[date, list[date]] = {}
    for day in (date(1970, 1, 1), DAY_ZERO - timedelta(days=200), DAY_ZERO + timedelta(days=2), date(2099, 12, 31)):
        at = datetime(day.year, day.month, day.day, 18, tzinfo=UTC)
        record(context, [Event(message_id=f"late-{day}", customer="h-1-1", name="Bought", time=at)], received=noon(8))
        folded[day] = list(closing.plan(context, now=morning_after(7)).refold)
        cycle.run(context, now=morning_after(7), owner="w")
        assert REFOLD.read(context.store) is None
    within = [DAY_ZERO + timedelta(days=offset) for offset in (2, 3)]
    assert folded == {day: within if day == within[0] else [] for day in folded}


def test_what_an_older_version_left_to_fold_is_folded() -> None:
    context = context_of()
    record(context, history(range(4)), received=noon(4))
    cycle.run(context, now=morning_after(3), owner="w")
    DIRTY.write(context.store, date(1970, 1, 1))
    assert list(closing.plan(context, now=morning_after(3)).refold) == [DAY_ZERO + timedelta(days=n) for n in range(4)]
    cycle.run(context, now=morning_after(3), owner="w")
    assert (DIRTY.read(context.store), REFOLD.read(context.store)) == (None, None)


def test_what_is_dated_ahead_closes_no_day() -> None:
    context = context_of()
    record(context, history(range(3)), received=noon(3))
    record(context, [Event(message_id="m", customer="c", name="Seen", time=noon(9, hours=1))], received=noon(3))
    assert cycle.run(context, now=noon(9), owner="w").days[-1] == DAY_ZERO + timedelta(days=3)
    assert cycle.run(context, now=noon(9, hours=2), owner="w").days[-1] == DAY_ZERO + timedelta(days=8)


@pytest.mark.long
@pytest.mark.parametrize("when", [datetime(1970, 1, 1, 8, tzinfo=UTC), noon(-360), datetime(2099, 12, 31, tzinfo=UTC)])
def test_an_absurd_date_costs_no_more_than_yesterday(when: datetime) -> None:
    """Processor time of the next run, 20 days of 600 events; 1.5 times is promised, and this machine may be busy."""
    context = context_of()
    record(context, history(range(20), units=500), received=noon(20))
    cycle.run(context, now=morning_after(19), owner="w")

    def cost(number: int, at: datetime) -> float:
        record(context, [Event(message_id=f"late-{at}-{number}", customer="c", name="Bought", time=at)], received=at)
        begun = process_time()
        cycle.run(context, now=morning_after(19), owner="w")
        return process_time() - begun

    yesterday, absurd = (min(cost(number, at) for number in range(3)) for at in (noon(19, hours=9), when))
    assert absurd < 1.5 * yesterday


def test_kept_tables_are_what_they_were() -> None:
    """A late event that changes nothing rewrites nothing."""
    context = context_of()
    record(context, history(range(4)), received=noon(4))
    cycle.run(context, now=morning_after(3), owner="w")
    before = {table.name: table.etags(context.store) for table in (UNITS, CELLS)}
    record(context, [Event(message_id="m", customer="c", name="Seen", time=noon(-99))], received=noon(4))
    cycle.run(context, now=morning_after(3), owner="w")
    assert before == {table.name: table.etags(context.store) for table in (UNITS, CELLS)}
