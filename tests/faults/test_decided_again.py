"""P12: a decision is made again from its record, byte for byte, however much the personas have changed since."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from living_personas.deciding.decide import Decider
from living_personas.domain.decision import Decision
from living_personas.stores.sqlite.store import SqliteStore
from loop.shops import Shop, context_of, morning_after, noon

pytestmark = pytest.mark.faults

DAYS = 90
CHANCE = {"a": 0.1, "b": 0.35, "c": 0.1}
"""Not what is believed: the persona is corrected on the way."""

_RECORD = TypeAdapter(Decision)


@pytest.mark.promise("P12")
def test_ninety_days_of_decisions_are_made_again(tmp_path: Path) -> None:
    """Each record names its snapshot, customer, moment and channel, and the store still has the snapshot."""
    store = SqliteStore(tmp_path, clock=lambda: morning_after(DAYS))
    shop = Shop(
        context_of(store=store), lambda option, _, rng: {"Bought": None} if rng.random() < CHANCE[option] else {}, 30
    )
    records: list[bytes] = []
    for day in range(DAYS):
        snapshot = store.snapshots.latest()
        assert snapshot is not None
        decider = Decider(snapshot)
        for number in range(40):
            at = noon(day, hours=number / 7) + timedelta(microseconds=number)
            decision = decider.decide(f"u{number}", {}, at=at, channel=("web", "email", "")[number % 3])
            records.append(_RECORD.dump_json(decision))
        shop.live(1)
    assert len(store.versions.history("buyer")) > 1, "nothing was corrected: the test would be of one snapshot"
    store.close()
    assert _made_again(tmp_path, records) == records


def _made_again(folder: Path, records: list[bytes]) -> list[bytes]:
    store = SqliteStore(folder, clock=lambda: morning_after(DAYS))
    deciders: dict[int, Decider] = {}
    found = []
    for record in records:
        told = _RECORD.validate_json(record)
        if told.snapshot not in deciders:
            deciders[told.snapshot] = Decider(store.snapshots.get(told.snapshot))
        found.append(
            _RECORD.dump_json(deciders[told.snapshot].decide(told.customer, {}, at=told.time, channel=told.channel))
        )
    store.close()
    assert len(deciders) == DAYS
    return found
