"""Batches in columns: cut by day and restricted, as the definitions say it row by row."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from living_personas.domain.batch import EventBatch
from living_personas.domain.event import Event, Exposure
from living_personas.stores.batches import by_day, restricted
from living_personas.testing.samples import NOON, batch_of

_events = st.lists(
    st.builds(
        Event,
        message_id=st.sampled_from("abcdefgh"),
        customer=st.just("u1"),
        name=st.just("Viewed"),
        time=st.integers(-40, 40).map(lambda hours: NOON + timedelta(hours=hours)),
        exposures=st.lists(st.sampled_from(["framing", "tone"]), unique=True).map(
            lambda names: tuple(Exposure(attribute=name, option="x") for name in names)
        ),
    ),
    max_size=10,
).map(lambda events: batch_of(*events))


@settings(deadline=None)
@given(batch=_events)
def test_each_day_once_and_in_order(batch: EventBatch) -> None:
    for table, names in (
        (batch.events, ["time", "message_id"]),
        (batch.exposures, ["time", "message_id", "attribute"]),
    ):
        found = list(by_day(table))
        days = sorted(set(table["day"].to_pylist()))
        assert [day for day, _ in found] == days
        for day, rows in found:
            assert rows.num_rows
            assert set(rows["day"].to_pylist()) == {day}
            assert _keys(rows, names) == sorted(_keys(rows, names))
        every = [row for _, rows in found for row in rows.to_pylist()]
        assert sorted(map(repr, every)) == sorted(map(repr, table.to_pylist()))


@settings(deadline=None)
@given(batch=_events, data=st.data(), twice=st.booleans())
def test_stored_events_keep_one_exposure_for_each_attribute(
    batch: EventBatch, data: st.DataObject, *, twice: bool
) -> None:
    if twice:
        batch = EventBatch(events=batch.events, exposures=pa.concat_tables([batch.exposures, batch.exposures]))
    stored = data.draw(st.lists(st.booleans(), min_size=len(batch), max_size=len(batch)))
    kept = restricted(batch, np.array(stored, np.bool_))
    assert kept.events.to_pylist() == [
        row for row, is_kept in zip(batch.events.to_pylist(), stored, strict=True) if is_kept
    ]
    ids = set(kept.events["message_id"].to_pylist())
    first: dict[tuple[str, str], dict[str, object]] = {}
    for row in batch.exposures.to_pylist():
        if row["message_id"] in ids:
            first.setdefault((row["message_id"], row["attribute"]), row)
    assert kept.exposures.to_pylist() == list(first.values())


def _keys(rows: pa.Table, names: list[str]) -> list[tuple[object, ...]]:
    return list(zip(*(rows[name].to_pylist() for name in names), strict=True))
