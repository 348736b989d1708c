"""The promises of an inbox, as tests."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import permutations

from living_personas.domain.batch import EVENT_SCHEMA, EXPOSURE_SCHEMA, EventBatch
from living_personas.errors import StoreError
from living_personas.ports import Store
from living_personas.testing.expect import refuses, rows_of
from living_personas.testing.samples import FIRST_DAY, NOON, batch_of, event, exposure_event
from living_personas.testing.suite import Suite

__all__ = ["InboxSuite"]

_NEXT_DAY = FIRST_DAY + timedelta(days=1)


class InboxSuite(Suite):
    """Each event once, for ever; sealed without loss; links that do not depend on the order of arrival."""

    def test_an_event_is_stored_once_for_ever(self) -> None:
        """A message id that was seen is a duplicate: in its batch, in a later one, and after sealing."""
        with self.store() as store:
            batch = batch_of(event("m1"), event("m2"), event("m1", "bob"))
            assert store.inbox.record(batch, received=NOON) == (True, True, False)
            assert store.inbox.record(batch_of(event("m2"), event("m3")), received=NOON) == (False, True)
            assert store.inbox.waiting() == 3
            store.inbox.seal()
            assert store.inbox.record(batch, received=NOON) == (False, False, False)
            assert store.inbox.waiting() == 0

    def test_recording_nothing_stores_nothing(self) -> None:
        """An empty batch has no fates, and sealing nothing gains no day."""
        with self.store() as store:
            assert store.inbox.record(batch_of(), received=NOON) == ()
            assert store.inbox.seal() == ()
            assert store.partitions.days("events") == ()

    def test_sealed_rows_are_the_rows_recorded(self) -> None:
        """What comes out is what went in, in the types of the schemas; exposures only of what was stored."""
        batch = batch_of(event("m1"), exposure_event("m2", hours=1))
        with self.store() as store:
            store.inbox.record(batch, received=NOON)
            store.inbox.record(batch_of(exposure_event("m2", option="quality")), received=NOON)
            assert store.inbox.seal() == (FIRST_DAY,)
            assert _sealed(store, "events") == rows_of(batch.events)
            assert _sealed(store, "exposures") == rows_of(batch.exposures)
            assert len(_sealed(store, "exposures")) == 2

    def test_the_first_of_two_in_a_batch_keeps_its_exposures(self) -> None:
        """As if they had come one after the other."""
        first, second = exposure_event("m1", option="saving"), exposure_event("m1", option="quality")
        with self.store() as store:
            assert store.inbox.record(batch_of(first, second), received=NOON) == (True, False)
            store.inbox.seal()
            assert _sealed(store, "exposures") == rows_of(batch_of(first).exposures)

    def test_late_rows_are_added_to_their_day(self) -> None:
        """Sealing returns the days that gained rows, in order, and takes nothing away from what they held."""
        with self.store() as store:
            store.inbox.record(batch_of(event("m1"), event("m2", hours=24)), received=NOON)
            assert store.inbox.seal() == (FIRST_DAY, _NEXT_DAY)
            store.inbox.record(batch_of(event("late", hours=-1)), received=NOON + timedelta(days=30))
            assert store.inbox.seal() == (FIRST_DAY,)
            assert store.partitions.days("events") == (FIRST_DAY, _NEXT_DAY)
            assert [row["message_id"] for row in _sealed(store, "events")] == ["late", "m1", "m2"]

    def test_many_small_seals_lose_nothing(self) -> None:
        """A day that is sealed again and again holds each row once."""
        with self.store() as store:
            for n in range(12):
                store.inbox.record(batch_of(exposure_event(f"m{n:02}", hours=n / 10)), received=NOON)
                store.inbox.seal()
            assert [row["message_id"] for row in _sealed(store, "events")] == [f"m{n:02}" for n in range(12)]
            assert len(_sealed(store, "exposures")) == 24

    def test_texts_come_back_as_they_were(self) -> None:
        """Any character, also NUL; no text is too long."""
        hostile = "a\0b'\";--\u2028\U0001f600" + "x" * 10_000
        batch = batch_of(event(hostile, hostile, also="\0", name=hostile))
        with self.store() as store:
            assert store.inbox.record(batch, received=NOON) == (True,)
            assert store.inbox.record(batch, received=NOON) == (False,)
            store.inbox.seal()
            assert _sealed(store, "events") == rows_of(batch.events)

    def test_a_batch_of_another_shape_is_refused_whole(self) -> None:
        """Nothing of it is recorded."""
        batch = batch_of(event("m1"))
        with self.store() as store:
            with refuses(StoreError, "customer"):
                store.inbox.record(
                    EventBatch(events=batch.events.drop_columns(["customer"]), exposures=batch.exposures), received=NOON
                )
            assert store.inbox.waiting() == 0
            assert store.inbox.record(batch, received=NOON) == (True,)

    def test_links_name_the_customer_of_the_earliest_link(self) -> None:
        """Transitive, and the same for every order of arrival; batched or one by one."""
        events = (
            event("m1", "ann", also="phone", hours=2),
            event("m2", "bob", also="phone", hours=1),
            event("m3", "carl", also="tablet", hours=3),
            event("m4", "tablet", also="ann", hours=4),
            event("m5", "dora", also="dora"),
            event("m6", "emil"),
        )
        expected = [{"id": id_, "customer": "bob"} for id_ in ("ann", "carl", "phone", "tablet")]
        for order in list(permutations(events))[::89]:
            with self.store() as store:
                for one in order[:3]:
                    store.inbox.record(batch_of(one), received=NOON)
                store.inbox.seal()
                store.inbox.record(batch_of(*order), received=NOON)
                assert store.inbox.links().to_pylist() == expected

    def test_links_at_the_same_time_go_by_message_id(self) -> None:
        """So that they, too, do not depend on the order of arrival."""
        one, other = event("a", "zoe", also="phone"), event("b", "ann", also="phone")
        for order in ((one, other), (other, one)):
            with self.store() as store:
                store.inbox.record(batch_of(*order), received=NOON)
                linked = [(row["id"], row["customer"]) for row in store.inbox.links().to_pylist()]
                assert linked == [("ann", "zoe"), ("phone", "zoe")]

    def test_a_link_that_is_made_again_keeps_its_first_time(self) -> None:
        """The same two ids, named the same way earlier and later, in every order of arrival."""
        events = (
            event("m1", "ann", also="phone", hours=1),
            event("m2", "bob", also="phone", hours=2),
            event("m3", "ann", also="phone", hours=3),
        )
        for order in permutations(events):
            with self.store() as store:
                for one in order:
                    store.inbox.record(batch_of(one), received=NOON)
                assert {row["customer"] for row in store.inbox.links().to_pylist()} == {"ann"}

    def test_sealed_tables_have_the_promised_schemas(self) -> None:
        """Column by column, also when a column holds nothing."""
        with self.store() as store:
            store.inbox.record(batch_of(exposure_event("m1")), received=NOON)
            store.inbox.seal()
            for kind, schema in (("events", EVENT_SCHEMA), ("exposures", EXPOSURE_SCHEMA)):
                assert list(_sealed(store, kind)[0]) == schema.names


def _sealed(store: Store, kind: str) -> list[dict[str, object]]:
    return rows_of(store.partitions.read(kind, date.min, date.max))
