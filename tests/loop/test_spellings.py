"""A workspace of before addresses were joined: each is linked once, and who may have changed sides is left out."""

from __future__ import annotations

import pyarrow as pa

from living_personas.domain.event import EXPOSED, Event, Exposure
from living_personas.domain.unit import UNIT_SCHEMA
from living_personas.loop.context import Context
from living_personas.loop.event_days.seal import seal_waiting
from living_personas.loop.known.spellings import comparable_units, join_spellings, told_spellings
from living_personas.loop.recording.record import record
from living_personas.loop.relations import table_of
from living_personas.memory.records import SPELLINGS_JOINED
from living_personas.memory.tables import UNITS
from living_personas.stores.linking import HeldLinks
from loop.shops import DAY_ZERO, PERSONA, context_of, noon

IDS = ("u1", "Ann@Example.com", "bo@example.com", "Cy@Example.com")


def _before(*, waits: bool) -> Context:
    """A workspace in which nothing is linked yet, as an older version left it."""
    context = context_of(PERSONA)
    met = Exposure(attribute="framing", option="discount")
    events = [
        Event(message_id=id_, customer=id_, name=EXPOSED, time=noon(0), exposures=(met,), also=also)
        for id_, also in zip(IDS, ("", "", "", "u1"), strict=True)
    ]
    record(context, events, received=noon(0))
    if not waits:
        seal_waiting(context)
    context.store.inbox._links = HeldLinks()  # type: ignore[attr-defined]
    return context


def test_what_was_recorded_is_linked_once_and_told_once() -> None:
    for waits in (True, False):
        context = _before(waits=waits)
        join_spellings(context)
        links = context.store.inbox.links().to_pylist()
        assert {row["id"]: row["customer"] for row in links} == {
            "ann@example.com": "Ann@Example.com", "cy@example.com": "Cy@Example.com",
        }  # fmt: skip
        assert [told_spellings(context.store) for _ in range(2)] == [2, 0]
        context.store.inbox._links = HeldLinks()  # type: ignore[attr-defined]
        join_spellings(context)
        assert context.store.inbox.links().num_rows == 0


def test_whoever_may_have_changed_sides_is_left_out_where_it_matters() -> None:
    context = _before(waits=False)
    join_spellings(context)
    since = SPELLINGS_JOINED.read(context.store)
    assert since is not None
    blank = {**dict.fromkeys(UNIT_SCHEMA.names, ""), "time": noon(0), "propensity": 0.5, "holdout": False}
    rows = [
        {**blank, "customer": id_, "cohort": day}
        for id_, day in [*((id_, DAY_ZERO) for id_ in IDS), ("New@Example.com", since)]
    ]
    kept = table_of(comparable_units(context.store, pa.Table.from_pylist(rows, schema=UNIT_SCHEMA)))
    assert kept["customer"].to_pylist() == ["u1", "bo@example.com", "New@Example.com"]


def test_a_new_workspace_has_nothing_to_learn() -> None:
    context = context_of(PERSONA)
    join_spellings(context)
    record(context, [Event(message_id="m", customer="Ann@Example.com", name="page", time=noon(0))], received=noon(0))
    units = UNITS.all(context.store)
    assert comparable_units(context.store, units) is units
    assert told_spellings(context.store) == 0
