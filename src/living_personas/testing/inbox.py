"""The promises of an inbox, as tests."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from itertools import permutations

from living_personas.domain.batch import EVENT_SCHEMA, EXPOSURE_SCHEMA, EventBatch
from living_personas.domain.event import ALIAS, BROWSER, EXPOSED, SENT_FROM, UNLINK
from living_personas.domain.link import Link
from living_personas.domain.stranger import browser_id
from living_personas.errors import StoreError
from living_personas.ports import Store
from living_personas.testing.expect import forget_all, refuses, rows_of
from living_personas.testing.samples import FIRST_DAY, NOON, batch_of, event, exposure_event
from living_personas.testing.suite import Suite

__all__ = ["InboxSuite"]

_BULKY = 1_000
"""Events of one day that a store may keep another way than a few."""

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
            assert store.inbox.known(["m3", "m4", "m1", "m1"]) == {"m1", "m3"}
            assert store.inbox.known([]) == frozenset()

    def test_ids_are_forgotten_by_the_month_in_which_they_came(self) -> None:
        """Those of the month of the day stay, and what is forgotten is new when it comes again; it need not be all."""
        with self.store() as store:
            for months in range(3):
                then = NOON + timedelta(days=31 * months)
                store.inbox.record(batch_of(event(f"m{months}"), event("m0")), received=then)
            store.inbox.seal()
            day = (NOON + timedelta(days=31)).date()
            gone = sum(forget_all(partial(store.inbox.forget_ids, before=month)) for month in (day.replace(day=1), day))
            known = store.inbox.known(["m0", "m1", "m2"])
            assert {"m1", "m2"} <= known
            assert gone == 3 - len(known)
            again = batch_of(event("m0"), event("m1"), event("m2"))
            stored = store.inbox.record(again, received=NOON + timedelta(days=93))
            assert stored == ("m0" not in known, False, False)

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
        """Any character but NUL, which is refused before anything is recorded; no text is too long."""
        hostile = "a\tb\\N'\";--\u2028\U0001f600" + "x" * 10_000
        batch = batch_of(event(hostile, hostile, also="\n", name=hostile))
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
            event("m1", "ann", also="phone", hours=2, name=ALIAS),
            event("m2", "bob", also="phone", hours=1, name=ALIAS),
            event("m3", "carl", also="tablet", hours=3, name=ALIAS),
            event("m4", "tablet", also="ann", hours=4, name=ALIAS),
            event("m5", "dora", also="dora", name=ALIAS),
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
        one, other = (event(id_, who, also="phone", name=ALIAS) for id_, who in (("a", "zoe"), ("b", "ann")))
        for order in ((one, other), (other, one)):
            with self.store() as store:
                store.inbox.record(batch_of(*order), received=NOON)
                linked = [(row["id"], row["customer"]) for row in store.inbox.links().to_pylist()]
                assert linked == [("ann", "zoe"), ("phone", "zoe")]

    def test_a_link_that_is_made_again_keeps_its_first_time(self) -> None:
        """The same two ids, named the same way earlier and later, in every order of arrival."""
        events = (
            event("m1", "ann", also="phone", hours=1, name=ALIAS),
            event("m2", "bob", also="phone", hours=2, name=ALIAS),
            event("m3", "ann", also="phone", hours=3, name=ALIAS),
        )
        for order in permutations(events):
            with self.store() as store:
                for one in order:
                    store.inbox.record(batch_of(one), received=NOON)
                assert {row["customer"] for row in store.inbox.links().to_pylist()} == {"ann"}

    def test_a_device_belongs_to_whoever_was_named_beside_it_first(self) -> None:
        """Whoever signs in on it later is another customer, and an alias from a browser is worth no more."""
        said = {SENT_FROM: BROWSER}
        events = (
            event("m1", "ann", also="phone", hours=1),
            event("m2", "bob", also="phone", hours=2),
            event("m3", "bob", also="desk", hours=3),
            replace(event("m4", "bob", also="ann", hours=4, name=ALIAS), properties=said),
        )
        for order in permutations(events):
            with self.store() as store:
                for one in order:
                    store.inbox.record(batch_of(one), received=NOON)
                found = {row["id"]: row["customer"] for row in store.inbox.links().to_pylist()}
                assert found == {"phone": "ann", "desk": "bob"}

    def test_an_id_and_its_canonical_form_are_linked(self) -> None:
        """However it is spelled, on either side; and the news tell of it."""
        with self.store() as store:
            store.inbox.record(batch_of(event("m1", "Ann@Example.com"), event("m2", "ANN@example.com")), received=NOON)
            store.inbox.record(batch_of(event("m3", "u1", also="Bo@Example.com")), received=NOON)
            found = {row["id"]: row["customer"] for row in store.inbox.links().to_pylist()}
            assert found == {
                "ANN@example.com": "Ann@Example.com",
                "ann@example.com": "Ann@Example.com",
                "Bo@Example.com": "u1",
                "bo@example.com": "u1",
            }
            news = store.inbox.news(0)
            assert news is not None
            assert news[0].events["message_id"].to_pylist() == ["m1", "m2", "m3"]

    def test_what_is_taken_back_is_linked_no_more(self) -> None:
        """And stays in what was made."""
        with self.store() as store:
            store.inbox.record(batch_of(event("m1", "ann", also="bob", name=ALIAS)), received=NOON)
            store.inbox.record(batch_of(event("m2", "ann", also="bob", hours=1, name=UNLINK)), received=NOON)
            assert store.inbox.links().num_rows == 0
            assert [link.kind for link in store.inbox.links_made(["bob"])] == ["alias", "apart"]

    def test_links_that_no_event_makes_are_kept(self) -> None:
        """As those that an event makes."""
        with self.store() as store:
            store.inbox.link([Link(1, "", "Ann@Example.com", "ann@example.com", "spelling")])
            assert store.inbox.links(["ann@example.com"]).num_rows == 1

    def test_it_is_known_whom_no_browser_alone_named(self) -> None:
        """In any spelling and on either side, before and after sealing; what was taken back names nobody."""
        said = {SENT_FROM: BROWSER}
        with self.store() as store:
            asked = ["ann@example.com", "phone", "bob", "carl"]
            assert store.inbox.named(asked) == frozenset()
            store.inbox.record(batch_of(event("m1", "Ann@Example.com", also="phone")), received=NOON)
            store.inbox.record(batch_of(replace(event("m2", "bob", also="carl"), properties=said)), received=NOON)
            assert store.inbox.named(asked) == {"ann@example.com", "phone"}
            store.inbox.seal()
            assert store.inbox.named(["ANN@example.com", "bob"]) == {"ANN@example.com"}
            assert store.inbox.named([]) == frozenset()

    def test_what_older_versions_did_not_note_is_recalled(self) -> None:
        """Whom events name, and the message ids that browsers used: in their space they are duplicates."""
        said = {SENT_FROM: BROWSER}
        with self.store() as store:
            old = batch_of(event("m1", "ann"), replace(event("m2", "bob"), properties=said))
            store.inbox.recall(old.events)
            assert store.inbox.named(["ann", "bob"]) == {"ann"}
            again = batch_of(event(browser_id("m1"), "v"), event(browser_id("m2"), "v"))
            assert store.inbox.record(again, received=NOON) == (True, False)

    def test_links_of_some_ids_are_those_of_their_customers(self) -> None:
        """Whichever id of a customer is asked for, and however many."""
        events = (
            event("m1", "ann", also="phone", hours=2),
            event("m2", "tablet", also="phone", hours=1),
            event("m3", "bob", also="desk"),
            event("m4", "carl"),
        )
        asked: tuple[list[str], ...] = (
            [],
            ["ann"],
            ["phone"],
            ["tablet"],
            ["desk", "phone"],
            ["carl", "nobody"],
            ["nobody", "bob"],
        )
        with self.store() as store:
            store.inbox.record(batch_of(*events), received=NOON)
            every = store.inbox.links().to_pylist()
            for ids in asked:
                named = {*ids, *(row["customer"] for row in every if row["id"] in ids)}
                expected = [row for row in every if row["customer"] in named]
                assert store.inbox.links(ids).to_pylist() == expected

    def test_links_of_before_a_moment_are_as_they_were(self) -> None:
        """As if nothing had been linked since: whoever led a group leads it again."""
        events = (
            event("m1", "ann", also="phone", hours=2),
            event("m2", "bob", also="phone", hours=3),
            event("m3", "carl", also="tablet", hours=4),
            event("m4", "tablet", also="ann", hours=1),
        )
        with self.store() as store:
            store.inbox.record(batch_of(*events), received=NOON)
            for hours in range(7):
                moment = NOON + timedelta(hours=hours)
                with self.store() as then:
                    then.inbox.record(batch_of(*(one for one in events if one.time < moment)), received=NOON)
                    for ids in (None, ["ann"], ["tablet", "phone"]):
                        assert store.inbox.links(ids, before=moment).equals(then.inbox.links(ids))

    def test_events_are_counted_as_they_are_recorded_and_as_they_are_sealed(self) -> None:
        """Each once; in bulk, too, as much as goes another way."""
        bulk = batch_of(*(event(f"b{n}") for n in range(_BULKY)))
        with self.store() as store:
            assert (store.inbox.recorded(), store.inbox.sealed()) == (0, 0)
            store.inbox.record(batch_of(event("m1"), event("m2"), event("m1")), received=NOON)
            assert (store.inbox.recorded(), store.inbox.sealed()) == (2, 0)
            store.inbox.record(bulk, received=NOON)
            assert (store.inbox.recorded(), store.inbox.sealed()) == (2 + _BULKY, 0)
            store.inbox.seal()
            assert (store.inbox.recorded(), store.inbox.sealed()) == (2 + _BULKY, 2 + _BULKY)
            store.inbox.record(bulk, received=NOON)
            store.inbox.record(batch_of(event("m3")), received=NOON)
            assert (store.inbox.recorded(), store.inbox.sealed()) == (3 + _BULKY, 2 + _BULKY)

    def test_news_are_what_was_recorded_since_and_matters(self) -> None:
        """Links and the events of some names, exposures on some channels; as they were recorded."""
        shown = replace(exposure_event("m3", hours=-30), channel="push")
        events = (event("m1"), event("m2", also="phone"), shown, exposure_event("m4"), event("m5", name="Bought"))
        with self.store() as store:
            for one in events:
                store.inbox.record(batch_of(one), received=NOON)
            assert _news(store, 0) == (["m2"], [])
            assert _news(store, 0, names=["Bought", "Viewed"]) == (["m1", "m2", "m5"], [])
            assert _news(store, 1, names=["Bought"], channels=["push"]) == (["m2", "m5"], ["m3", "m3"])
            assert _news(store, 4, names=["Bought"], channels=["push", ""]) == (["m5"], [])
            assert _news(store, 5, names=["Bought"], channels=["push", ""]) == ([], [])
            found = store.inbox.news(2, names=[EXPOSED], channels=["push"])
            assert found is not None
            assert (rows_of(found[0].exposures), found[1]) == (rows_of(batch_of(shown).exposures), 5)
            assert rows_of(found[0].events) == rows_of(batch_of(shown, events[3]).events)
            assert (found[0].events.schema, found[0].exposures.schema) == (EVENT_SCHEMA, EXPOSURE_SCHEMA)

    def test_news_that_were_sealed_are_none(self) -> None:
        """Then whoever asks must read again; what came after the seal is news."""
        with self.store() as store:
            store.inbox.record(batch_of(event("m1"), event("m2")), received=NOON)
            store.inbox.seal()
            assert store.inbox.news(0) is store.inbox.news(1) is None
            assert _news(store, 2, names=["Viewed"]) == ([], [])
            store.inbox.record(batch_of(event("m3", hours=-30)), received=NOON)
            assert store.inbox.news(1) is None
            assert _news(store, 2, names=["Viewed"]) == (["m3"], [])

    def test_news_in_bulk_are_all_or_none(self) -> None:
        """Before they are sealed a store may know no news of them, but never only a part."""
        bulk = batch_of(*(event(f"b{n:04}", name="Bought") for n in range(_BULKY)))
        with self.store() as store:
            for batch in (batch_of(event("m1")), bulk, batch_of(event("m2"))):
                store.inbox.record(batch, received=NOON)
            for after in (0, 1, 7):
                found = store.inbox.news(after, names=["Bought", "Viewed"])
                assert found is None or len(found[0]) == 2 + _BULKY - after
            assert _news(store, 1 + _BULKY, names=["Bought", "Viewed"]) == (["m2"], [])
            store.inbox.seal()
            assert store.inbox.news(1) is None
            assert _news(store, 2 + _BULKY) == ([], [])

    def test_sealed_tables_have_the_promised_schemas(self) -> None:
        """Column by column, also when a column holds nothing."""
        with self.store() as store:
            store.inbox.record(batch_of(exposure_event("m1")), received=NOON)
            store.inbox.seal()
            for kind, schema in (("events", EVENT_SCHEMA), ("exposures", EXPOSURE_SCHEMA)):
                assert list(_sealed(store, kind)[0]) == schema.names


def _news(
    store: Store, after: int, *, names: Collection[str] = (), channels: Collection[str] = ()
) -> tuple[list[str], list[str]]:
    """The message ids of the events and of the exposures; the count of all is right."""
    found = store.inbox.news(after, names=names, channels=channels)
    assert found is not None
    news, count = found
    assert count == store.inbox.recorded()
    return news.events["message_id"].to_pylist(), news.exposures["message_id"].to_pylist()


def _sealed(store: Store, kind: str) -> list[dict[str, object]]:
    return rows_of(store.partitions.read(kind, date.min, date.max))
