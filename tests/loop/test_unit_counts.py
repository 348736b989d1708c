"""What the report says of all units is what all their files say, whatever was folded again; few of them are opened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from laws import law
from living_personas.domain.decision import UNMATCHED
from living_personas.domain.unit import UNIT_SCHEMA
from living_personas.loop import cycle
from living_personas.loop.folding import unit_counts
from living_personas.loop.folding.unit_counts import UnitCounts, keep_unit_counts
from living_personas.loop.recording.record import record
from living_personas.loop.relations import row_count
from living_personas.memory.tables import UNITS
from living_personas.ports import Store
from living_personas.reporting.report import build_report
from living_personas.stores.memory import MemoryStore
from loop.shops import context_of, history, noon

FIRST = date(2026, 5, 1)

folds = st.dictionaries(
    st.integers(0, 3).map(lambda offset: FIRST + timedelta(days=offset)),
    st.lists(st.tuples(st.sampled_from(["reader", UNMATCHED]), st.sampled_from(["", "p1"])), max_size=4),
    min_size=1,
)


@law()
@given(nights=st.lists(st.tuples(folds, st.booleans()), min_size=1, max_size=6))
def test_kept_counts_are_those_of_all_units(
    nights: Sequence[tuple[Mapping[date, Sequence[tuple[str, str]]], bool]],
) -> None:
    """Days are folded, folded again and emptied; a cycle keeps the counts, or was interrupted before it did."""
    store = MemoryStore()
    for days, kept in nights:
        UNITS.replace(store, {day: units(rows) for day, rows in days.items()})
        if kept:
            keep_unit_counts(store)
        assert unit_counts.unit_counts(store) == directly(store)


def test_a_page_opens_no_file_of_units_that_a_cycle_has_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    context = context_of()
    record(context, history(range(6), units=30), received=noon(7))
    cycle.run(context, now=noon(8), owner="w")
    expected = directly(context.store)

    def opened(*_: object) -> int:
        raise AssertionError("a file of units was opened")

    monkeypatch.setattr(unit_counts, "row_count", opened)
    health = build_report(context, compared=False).health
    assert (health.unmatched_units, health.observational_units) == expected


def units(rows: Sequence[tuple[str, str]]) -> pa.Table:
    met = datetime(2026, 5, 1, tzinfo=UTC)
    every = dict.fromkeys(UNIT_SCHEMA.names, "") | {"cohort": FIRST, "time": met, "propensity": 0.5, "holdout": False}
    return pa.Table.from_pylist(
        [every | {"persona": persona, "policy": policy} for persona, policy in rows], schema=UNIT_SCHEMA
    )


def directly(store: Store) -> UnitCounts:
    every = UNITS.all(store)
    return UnitCounts(row_count(every, pc.field("persona") == UNMATCHED), row_count(every, pc.field("policy") == ""))


def test_what_was_met_with_shares_that_nobody_knows_is_said_to_prove_nothing() -> None:
    context = context_of()
    unlogged = [
        replace(each, exposures=tuple(replace(met, policy="") for met in each.exposures))
        for each in history(range(6), units=30)
    ]
    record(context, unlogged, received=noon(7))
    cycle.run(context, now=noon(8), owner="w")
    (framing,) = build_report(context, compared=False).personas[0].attributes
    assert framing.status == "assumed"
    assert "with which shares options were chosen is not known" in framing.says
    record(context, history(range(7, 9), units=30, name="logged"), received=noon(10))
    cycle.run(context, now=noon(11), owner="w")
    (framing,) = build_report(context, compared=False).personas[0].attributes
    assert framing.status == "learning"
    assert "shares" not in framing.says
