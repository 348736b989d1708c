"""Whatever is recorded, repeated, sealed and reopened, in any order: each event is there once."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from living_personas.domain.event import Event, Exposure
from living_personas.ports import Store
from living_personas.stores.memory import MemoryStore
from living_personas.stores.sqlite.store import SqliteStore
from living_personas.testing.expect import rows_of
from living_personas.testing.samples import NOON, batch_of

_ids = st.sampled_from([f"m{n}" for n in range(12)])
_customers = st.sampled_from("abcdef")


@st.composite
def _events(draw: st.DrawFn) -> Event:
    """Few ids, so that they meet again; few days, so that they are sealed again."""
    return Event(
        message_id=draw(_ids),
        customer=draw(_customers),
        also=draw(st.just("") | _customers),
        name="Viewed",
        time=NOON + timedelta(hours=draw(st.integers(-48, 48))),
        exposures=tuple(
            Exposure(attribute=attribute, option="x", propensity=draw(st.none() | st.floats(0, 1)))
            for attribute in draw(st.sets(st.sampled_from(["framing", "tone"])))
        ),
    )


class Model(RuleBasedStateMachine):
    """Both stores beside a dictionary."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.kept: dict[str, Event] = {}
        self.sealed: set[str] = set()
        self.sent: list[tuple[Event, ...]] = []
        self.memory: Store = MemoryStore()
        self.sqlite = self.opened()

    @rule(events=st.lists(_events(), max_size=6).map(tuple))
    def record(self, events: tuple[Event, ...]) -> None:
        expected = []
        for event in events:
            expected.append(event.message_id not in self.kept)
            self.kept.setdefault(event.message_id, event)
        self.sent.append(events)
        for store in (self.memory, self.sqlite):
            assert store.inbox.record(batch_of(*events), received=NOON) == tuple(expected)

    @rule()
    def replay_everything(self) -> None:
        for events in self.sent * 3:
            for store in (self.memory, self.sqlite):
                assert not any(store.inbox.record(batch_of(*events), received=NOON))

    @rule()
    def seal(self) -> None:
        days = {event.time.date() for id_, event in self.kept.items() if id_ not in self.sealed}
        for store in (self.memory, self.sqlite):
            assert store.inbox.seal() == tuple(sorted(days))
        self.sealed = set(self.kept)

    @rule()
    def reopen(self) -> None:
        self.sqlite.close()
        self.sqlite = self.opened()

    @invariant()
    def each_event_is_there_once(self) -> None:
        expected = batch_of(*(self.kept[id_] for id_ in self.sealed))
        for store in (self.memory, self.sqlite):
            assert store.inbox.waiting() == len(self.kept) - len(self.sealed)
            assert _sealed(store, "events") == rows_of(expected.events)
            assert _sealed(store, "exposures") == rows_of(expected.exposures)

    @invariant()
    def both_link_alike(self) -> None:
        assert self.memory.inbox.links().equals(self.sqlite.inbox.links())

    def opened(self) -> SqliteStore:
        return SqliteStore(Path(self.folder.name), clock=lambda: NOON, chunk=3)

    def teardown(self) -> None:
        self.sqlite.close()
        self.folder.cleanup()


def _sealed(store: Store, kind: str) -> list[dict[str, Any]]:
    return rows_of(store.partitions.read(kind, date.min, date.max))


Model.TestCase.settings = settings(max_examples=12, stateful_step_count=12)


@pytest.mark.promise("P3")
class TestModel(Model.TestCase):  # type: ignore[valid-type, misc] # Hypothesis makes it as it runs
    """Whatever is sent, sealed and replayed, in any order."""
