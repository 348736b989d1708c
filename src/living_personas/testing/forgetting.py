"""The promises of forgetting customers, as tests."""

from __future__ import annotations

import json
from dataclasses import replace

import pyarrow as pa

from living_personas.domain.event import ALIAS, EXPOSED
from living_personas.ports import Holding, Store
from living_personas.testing.expect import rows_of
from living_personas.testing.samples import FIRST_DAY, NOON, batch_of, event, exposure_event, quarantined, word
from living_personas.testing.suite import Suite

__all__ = ["ForgettingSuite"]

_ANN, _PHONE = "ann@example.com", "phone-of-ann-1"
_IDS = (_ANN, _PHONE)
_HOLDINGS = (
    Holding(kind="events", family=False, owners=("customer",), beside=("also",), texts=("properties",)),
    Holding(kind="exposures", family=False, owners=("customer",)),
    Holding(kind="part_", family=True, owners=("customer",)),
)


class ForgettingSuite(Suite):
    """Rows about some customers go, all of them or none; everything else stays as it was."""

    def test_nothing_of_the_ids_is_left_and_others_keep_all(self) -> None:
        """Whether it was sealed or waits."""
        for sealed in (True, False):
            with self.store() as store:
                _fill(store, sealed=sealed)
                with store.forgetting(_IDS, holdings=_HOLDINGS) as gone:
                    assert gone["quarantined"] == gone["consent"] == gone["link"] == gone["part_"] == 1
                store.inbox.seal()
                events = rows_of(store.partitions.read("events", FIRST_DAY, FIRST_DAY))
                assert {row["message_id"] for row in events} == {"bob-1", "bob-2", "bob-3"}
                assert [row["also"] for row in events] == ["", "", ""]
                said = {row["message_id"]: json.loads(row["properties"]) for row in events}
                assert said["bob-1"] == {"friend": "erased", "n": 1}
                met = rows_of(store.partitions.read("exposures", FIRST_DAY, FIRST_DAY))
                assert {row["customer"] for row in met} == {"bob"}
                assert store.inbox.links_made(_IDS) == ()
                assert store.consents.last(["bob", _ANN])["customer"].to_pylist() == ["bob"]
                assert store.quarantine.rows() == (quarantined(2, payload='{"user": "bob"}'),)
                assert [row["customer"] for row in rows_of(store.partitions.read("part_1", FIRST_DAY, FIRST_DAY))] == [
                    "bob"
                ]

    def test_message_ids_and_counts_stay(self) -> None:
        """What was seen is seen, and how many were recorded does not change."""
        with self.store() as store:
            _fill(store, sealed=False)
            before = store.inbox.recorded()
            with store.forgetting(_IDS, holdings=_HOLDINGS):
                pass
            assert store.inbox.recorded() == before
            assert store.inbox.news(0, names=["Viewed"]) is None  # some of it is gone: read everything again
            assert store.inbox.record(batch_of(event("ann-1", _ANN)), received=NOON) == (False,)

    def test_an_error_inside_forgets_nothing(self) -> None:
        """And takes back what was written beside it."""
        with self.store() as store:
            _fill(store, sealed=True)
            before = rows_of(store.partitions.read("events", FIRST_DAY, FIRST_DAY))
            try:
                with store.forgetting(_IDS, holdings=_HOLDINGS):
                    store.facts.set({"beside": b"1"})
                    raise LookupError
            except LookupError:
                pass
            assert rows_of(store.partitions.read("events", FIRST_DAY, FIRST_DAY)) == before
            assert store.facts.get("beside") is None
            assert len(store.inbox.links_made(_IDS)) == 1
            assert len(store.quarantine.rows()) == 2

    def test_done_again_it_finds_nothing(self) -> None:
        """Nor for who was never there."""
        with self.store() as store:
            _fill(store, sealed=True)
            with store.forgetting(_IDS, holdings=_HOLDINGS) as gone:
                assert gone
            for ids in (_IDS, ("nobody-at-all",)):
                with store.forgetting(ids, holdings=_HOLDINGS) as gone:
                    assert dict(gone) == {}


def _fill(store: Store, *, sealed: bool) -> None:
    """Ann by two ids, and Bob, who names her."""
    told = replace(event("bob-1", "bob"), properties={"friend": _ANN, "n": 1})
    events = (
        event("ann-1", _ANN),
        replace(event("ann-2", _ANN, name=ALIAS), also=_PHONE),
        exposure_event("ann-3", _PHONE),
        told,
        exposure_event("bob-2", "bob"),
        event("bob-3", "bob"),
    )
    assert events[2].name == EXPOSED
    store.inbox.record(batch_of(*events), received=NOON)
    if sealed:
        store.inbox.seal()
    words = [word(_ANN, refuses=True), word("bob", refuses=True)]
    store.consents.add(pa.Table.from_pylist(words, schema=store.consents.last().schema))
    bad = (quarantined(1, payload=json.dumps({"user": _ANN})), quarantined(2, payload='{"user": "bob"}'))
    store.quarantine.put(bad, received=NOON)
    store.partitions.replace("part_1", {FIRST_DAY: pa.table({"customer": [_ANN, "bob"], "n": [1, 2]})})
