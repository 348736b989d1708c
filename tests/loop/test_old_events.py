"""What customers did long ago is dropped, and nothing that was counted of it: with and without, days go on alike."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing, suppress
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from living_personas.domain import kept_days
from living_personas.domain.damage import Damage
from living_personas.domain.event import ALIAS, EXPOSED, IDENTIFY, Event, Exposure
from living_personas.domain.kept_days import Retired
from living_personas.domain.persona import EVER
from living_personas.domain.settings import Feature
from living_personas.loop import closing as steps
from living_personas.loop import cycle
from living_personas.loop.context import Context
from living_personas.loop.damage_repair import explained
from living_personas.loop.event_days.retired import events_from, foldable_from
from living_personas.loop.event_days.seal import seal_waiting
from living_personas.loop.folding.fold import customers_before
from living_personas.loop.folding.late_data import unfolded
from living_personas.loop.forgetting import erase
from living_personas.loop.known.counted_from import counted_from
from living_personas.loop.known.known_before import known_before
from living_personas.loop.person_data import export_person
from living_personas.loop.recording.record import record
from living_personas.loop.relations import table_of
from living_personas.memory.records import CHANGED, CLOSED, REFOLD
from living_personas.memory.retired_records import IDS_FORGOTTEN, RETIRED, RETIRED_DAYS
from living_personas.memory.tables import CELLS, EVENTS, EXPOSURES, UNITS
from living_personas.memory.worth_records import WORTH
from living_personas.ports import Store
from living_personas.reporting.dropped_words import dropped_words, notes_about
from living_personas.reporting.report import build_report
from living_personas.rules.parse import Kind
from living_personas.stores.sqlite.store import SqliteStore
from loop.searches import looked_at
from loop.shops import DAY_ZERO, PERSONA, SETTINGS, Shop, context_of, morning_after, noon, state_of

KEPT, LOOK_BACK = timedelta(days=5), kept_days.LOOK_BACK

FEATURES = (
    Feature(name="orders", sql="count(*) filter (where name = 'Bought')"),
    Feature(name="orders 12d", sql="count(*) filter (where name = 'Bought')", within=timedelta(days=12)),
    Feature(name="recency", sql="min(age_days) filter (where name = 'Bought')"),
    Feature(name="spend", sql="sum(price)", of="count(price)"),
)

PERSONAS = (
    replace(PERSONA, id="regular", who="orders >= 2 and recency < 8 and plan <> 'none'", priority=0),
    replace(PERSONA, priority=1),
)

ANN = "secret-ann"

SHOP = replace(SETTINGS, features=FEATURES, traits=("plan",), holdout=0.1)


@pytest.fixture(autouse=True)
def _short_look_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_days, "LOOK_BACK", timedelta(days=2))


def behaviour(option: str, day: int, rng: np.random.Generator) -> Mapping[str, float | None]:
    return {"Bought": float(rng.integers(5, 90))} if rng.random() < (0.5 if option == "b" else 0.3) else {}


def shop_of(kept: timedelta | None, store: Store | None = None) -> Shop:
    return Shop(context_of(*PERSONAS, store=store, settings=replace(SHOP, events_kept=kept)), behaviour, customers=12)


def said(shop: Shop) -> None:
    """What comes beside: a late order and a late exposure of a day before, traits, a no, another id of a customer."""
    day, rng = shop.days, np.random.Generator(np.random.PCG64(shop.days))
    who = f"u{rng.integers(12)}"
    met = Exposure(attribute="framing", option="a", persona="buyer", epoch=f"late {day}")
    told = [
        Event(message_id=f"order {day}", customer=who, name="Bought", time=noon(day - 2), properties={"price": 7.0}),
        Event(message_id=f"met {day}", customer=f"{who}x", name=EXPOSED, time=noon(day - 1), exposures=(met,)),
        Event(message_id=f"plan {day}", customer=who, name=IDENTIFY, time=noon(day), properties={"plan": f"p{day}"}),
        Event(message_id=f"link {day}", customer=who, also=f"device {day}", name="Signed In", time=noon(day)),
        Event(message_id=f"did {day}", customer=f"device {day}", name="Bought", time=noon(day - 1)),
    ]
    if day % 5 == 0:
        no = {"consent": False}
        told.append(
            Event(message_id=f"no {day}", customer=f"u{day % 12}", name=IDENTIFY, time=noon(day), properties=no)
        )
    record(shop.context, [each for each in told if each.time >= noon(0)], received=noon(day))


def counted(store: Store) -> dict[str, object]:
    """All that a workspace holds, but for the events, and for what is remembered of those that were dropped.

    What it was worth is left out, too: everybody enters that comparison anew.
    """
    found = state_of(store)
    return {key: held for key, held in found.items() if not key.startswith(("events/", "retired", WORTH.prefix))}


@pytest.mark.long
def test_with_and_without_days_go_on_alike() -> None:
    """Late data, links, noes and traits included; customers of long ago are known, and discovery sees the same."""
    one, other = shop_of(KEPT), shop_of(None)
    for _ in range(11):
        for shop in (one, other):
            said(shop)
            shop.live(1)
        assert counted(one.context.store) == counted(other.context.store)
    store = one.context.store
    assert events_from(store) == DAY_ZERO + timedelta(days=11) - KEPT
    assert RETIRED.read(other.context.store) is None
    left = table_of(EVENTS.read(store, EVER, events_from(store) - timedelta(days=1)))
    assert set(left["name"].to_pylist()) == {IDENTIFY}
    assert len(EXPOSURES.days(store)) == len(UNITS.days(store)) == 11
    day = DAY_ZERO + timedelta(days=10)
    assert looked_at(one.context, day)[0].equals(looked_at(other.context, day)[0])


@pytest.mark.long
def test_bytes_go_and_so_does_what_somebody_did(tmp_path: Path) -> None:
    """Also what customers are told: an export has what is left, an erasure takes it, and no byte of the id stays."""
    now = [noon(0)]
    with closing(SqliteStore(tmp_path, clock=lambda: now[0])) as store:
        shop = shop_of(None, store)
        planted = [
            Event(message_id="planted-1", customer=ANN, name="Looked", time=noon(1), properties={"at": "boots"}),
            Event(message_id="planted-2", customer=ANN, name=IDENTIFY, time=noon(1), properties={"plan": "a"}),
        ]
        record(shop.context, planted, received=noon(0))
        shop.live(9)
    now[0] = noon(9)
    before = size_of(tmp_path, "events")
    assert hits(tmp_path, "boots")
    with closing(SqliteStore(tmp_path, clock=lambda: now[0])) as store:
        settings = replace(shop.context.settings, events_kept=KEPT)
        context = replace(shop.context, settings=settings, store=store)
        assert cycle.run(context, now=noon(9), owner="w").dropped == 4
        now[0] = noon(10)
        cycle.run(context, now=noon(10), owner="w")
    assert not hits(tmp_path, "boots")
    assert size_of(tmp_path, "events") < 0.75 * before
    with closing(SqliteStore(tmp_path, clock=lambda: now[0])) as store:
        context = replace(context, store=store)
        rows = export_person(context, ANN, by="tests", at=noon(10))
        assert {"planted-2"} == {row.row["message_id"] for row in rows if row.of == "events"}
        assert any(row.of.startswith("totals_") for row in rows)
        assert erase(context, [ANN], now=noon(10), by="tests", owner="tests").unknown == ()
        assert not hits(tmp_path, ANN)
        cycle.run(context, now=noon(10), owner="w")
        assert ANN not in customers_before(context, events_from(store), asked=context.engine)["customer"].to_pylist()


def test_what_comes_too_late_is_in_quarantine_once_and_its_no_holds() -> None:
    shop = shop_of(KEPT).live(9)
    context, store = shop.context, shop.context.store
    first = foldable_from(context)
    assert first == events_from(store) + timedelta(days=1)
    ago = (first - DAY_ZERO).days
    told = [
        Event(message_id="old", customer="u1", name="Bought", time=noon(ago - 1), properties={"price": 3.0}),
        Event(message_id="old", customer="u1", name="Bought", time=noon(ago - 1), properties={"price": 3.0}),
        Event(message_id="no", customer="u1", name=IDENTIFY, time=noon(0), properties={"consent": False}),
        Event(message_id="in time", customer="u1", name="Bought", time=noon(ago), properties={"price": 3.0}),
    ]
    done = record(context, told, received=noon(9))
    assert (done.stored, done.late) == ((False, False, False, True), (True, False, True, False))
    assert (done.receipt.stored, done.receipt.quarantined, done.receipt.duplicate) == (1, 2, 1)
    again = record(context, told, received=noon(9)).receipt
    assert (again.duplicate, again.received) == (4, 4)
    (row, _) = store.quarantine.rows(source="too late")
    assert "`retention`" in row.detail
    assert '"price": 3.0' in row.payload
    assert store.consents.last(["u1"])["refuses"].to_pylist() == [True]
    cells = table_of(CELLS.read(store, EVER, first - timedelta(days=1)))
    cycle.run(context, now=noon(9), owner="w")
    assert table_of(CELLS.read(store, EVER, first - timedelta(days=1))).equals(cells)
    recorded_in_time = store.inbox.known(["old", "no", "in time"])
    assert recorded_in_time == {"in time"}


@pytest.mark.long
def test_an_event_that_was_recorded_in_time_is_a_duplicate_for_ever() -> None:
    shop = shop_of(KEPT)
    first = Event(message_id="first", customer="u1", name="Bought", time=noon(0))
    record(shop.context, [first], received=noon(0))
    shop.live(9)
    assert events_from(shop.context.store) > DAY_ZERO
    assert record(shop.context, [first], received=noon(9)).receipt.duplicate == 1
    assert shop.context.store.quarantine.rows() == ()


@pytest.mark.long
def test_ids_are_forgotten_once_their_events_would_be_too_late_and_nothing_counts_twice() -> None:
    shop = shop_of(KEPT)
    context, store = shop.context, shop.context.store
    orders = [Event(message_id=f"m{day}", customer=f"u{day % 3}", name="Bought", time=noon(day)) for day in range(36)]
    for day, order in enumerate(orders):
        record(context, [order], received=noon(day))
        shop.live(1)
    first, june = foldable_from(context), date(2026, 6, 1)
    assert (IDS_FORGOTTEN.read(store), first > june) == (june, True)
    assert store.inbox.known([each.message_id for each in orders]) == {
        each.message_id for each in orders if each.time.date() >= june
    }
    before = counted(store)
    again = record(context, orders, received=noon(36))
    assert not any(again.stored)
    assert again.late == tuple(each.time.date() < june for each in orders)  # those of June are duplicates yet
    assert record(context, orders, received=noon(36)).receipt.duplicate == len(orders)
    cycle.run(context, now=noon(35, hours=20), owner="w")
    assert counted(store) == before


@pytest.mark.long
def test_no_day_goes_while_something_that_changed_it_waits() -> None:
    shop = shop_of(None).live(9)
    store = shop.context.store
    context = replace(shop.context, settings=replace(shop.context.settings, events_kept=KEPT))
    late = Event(message_id="late", customer="u1", name="Bought", time=noon(3))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(steps, "plan", recording(steps.plan, context, late))
        cycle.run(context, now=noon(9), owner="w")
    reach = timedelta(days=1)
    assert events_from(store) == DAY_ZERO + timedelta(days=3) - reach
    cycle.run(context, now=noon(9), owner="w")
    assert events_from(store) == DAY_ZERO + timedelta(days=9) - KEPT


def recording(plan: object, context: Context, event: Event) -> object:
    """A plan after which, while its days are folded, somebody records an event."""

    def planned(*asked: object, **named: object) -> object:
        assert callable(plan)
        found = plan(*asked, **named)
        record(context, [event], received=noon(9))
        return found

    return planned


@pytest.mark.long
def test_a_feature_that_is_new_says_from_when_on_it_counts() -> None:
    """What is new, and what does not add up, is counted from the first kept day; what was there before is whole."""
    one, other = shop_of(KEPT), shop_of(None)
    for shop in (one, other):
        said(shop)
        shop.live(8)
    first, day = events_from(one.context.store), DAY_ZERO + timedelta(days=8)
    asked = (
        *FEATURES,
        Feature(name="dear", sql="count(*) filter (where price > 20)"),
        Feature(name="dear 4d", sql="count(*) filter (where price > 20)", within=timedelta(days=4)),
        Feature(name="days", sql="count(distinct day) filter (where name = 'Bought')"),
        Feature(name="days 4d", sql="count(distinct day)", within=timedelta(days=4)),
    )
    contexts = [
        replace(shop.context, settings=replace(shop.context.settings, features=asked, traits=("plan", "city")))
        for shop in (one, other)
    ]
    assert counted_from(contexts[0]) == {"dear": first, "days": first}
    assert counted_from(contexts[1]) == {}
    traits: dict[str, Kind] = {"plan": "text", "city": "text"}
    with_, without = (
        known_before(each, day, asked=each.engine, features=asked, traits=traits, links=each.store.inbox.links())
        for each in contexts
    )
    assert with_.schema == without.schema
    assert with_["customer"].equals(without["customer"])
    whole = [name for name in with_.column_names if name not in ("dear", "days")]
    assert with_.select(whole).equals(without.select(whole))
    kept = contexts[1].engine.features(
        day,
        events=EVENTS.read(contexts[1].store, first, day),
        links=contexts[1].store.inbox.links(),
        features=asked,
        traits={},
    )
    since = {row["customer"]: (row["dear"], row["days"]) for row in kept.to_pylist()}
    told = {row["customer"]: (row["dear"], row["days"]) for row in with_.to_pylist()}
    assert told == {customer: since.get(customer, (0, 0)) for customer in told}
    assert with_["dear"].to_pylist() != without["dear"].to_pylist()
    again = known_before(
        contexts[0], day, asked=contexts[0].engine, features=asked, traits=traits, links=contexts[0].store.inbox.links()
    )
    assert again.equals(with_)
    health = build_report(contexts[0]).health
    assert (health.kept_from, dict(health.counted_from)) == (first, {"dear": first, "days": first})
    assert sum("is counted from" in line for line in dropped_words(health)) == 2
    assert len(notes_about(health, replace(PERSONA, who="dear > 2"))) == 2
    assert build_report(contexts[1]).health.kept_from is None


@pytest.mark.long
def test_a_longer_goal_counts_no_day_again_that_lacks_its_outcomes() -> None:
    """It is another question, which begins on the day of the edit; days that are not closed yet may always come."""
    shop = shop_of(KEPT).live(9)
    longer = [replace(each, goal=replace(each.goal, within=timedelta(days=30))) for each in PERSONAS]
    context, store = replace(shop.context, personas=tuple(longer)), shop.context.store
    closed = CLOSED.read(store)
    assert closed is not None
    assert foldable_from(context) == closed + timedelta(days=1)
    before = RETIRED.read(store)
    record(context, [Event(message_id="now", customer="u1", name="Bought", time=noon(9))], received=noon(9))
    cycle.run(context, now=morning_after(9), owner="w")
    assert RETIRED.read(store) == before  # what a longer wait needs is kept for longer than was said
    assert store.quarantine.rows() == ()
    asked = {each.asked for version in context.versions() for each in version.standings}
    assert asked == {DAY_ZERO + timedelta(days=9)}


@pytest.mark.long
def test_another_id_of_a_customer_changes_no_day_that_is_too_old() -> None:
    shop = shop_of(KEPT).live(9)
    context, store = shop.context, shop.context.store
    first = foldable_from(context)
    record(context, [Event(message_id="one", customer="u1", also="u2", name=ALIAS, time=noon(8))], received=noon(9))
    seal_waiting(context)
    changed = CHANGED.read(store) or {}
    assert min(day for days in changed.values() for day in days) < first
    assert min(unfolded(context, CLOSED.read(store))) == first
    assert min(REFOLD.read(store) or []) == first


def test_a_damaged_day_of_dropped_events_can_be_made_from_nothing_else() -> None:
    retired = Retired(through=DAY_ZERO, again=DAY_ZERO + timedelta(days=2))

    def made_of(table: str, day: int) -> str:
        damage = Damage(place="x", says="it is cut", table=table, day=DAY_ZERO + timedelta(days=day))
        (found,) = explained([damage], retired)
        assert bool(found.made_of) != ("`retention`" in found.says)
        return found.made_of

    assert [bool(made_of("totals_1", day)) for day in (0, 1)] == [False, True]
    assert [bool(made_of("totals_1_2", day)) for day in (0, 1)] == [False, True]
    assert made_of("totals_16", 0)
    assert [bool(made_of(table, 1)) for table in ("units", "cells", "split_parts")] == [False, False, False]
    assert [bool(made_of(table, 2)) for table in ("units", "cells", "customers", "links")] == [True] * 4


@pytest.mark.long
def test_interrupted_at_any_write_it_is_whole_and_goes_on() -> None:
    """Each day goes in one transaction: after a failure its events are there, or dropped with its totals made."""
    whole = shop_of(None).live(8)
    kept = replace(whole.context.settings, events_kept=KEPT)
    for number in range(0, 12, 2):
        shop = shop_of(None).live(8)
        context = replace(shop.context, settings=kept)
        failing(context.store, after=number)
        with suppress(InterruptedError):
            cycle.run(context, now=noon(8), owner="w")
        del context.store.partitions.replace
        retired = RETIRED.read(context.store)
        gone = {day for day in UNITS.days(context.store) if not bought(context.store, day)}
        assert gone == set(RETIRED_DAYS.read(context.store) or {})
        assert (retired.through if retired else None) == max(gone, default=None)
        cycle.run(context, now=noon(8), owner="w")
        assert events_from(context.store) == DAY_ZERO + timedelta(days=8) - KEPT
        assert counted(context.store) == counted(whole.context.store)


def bought(store: Store, day: date) -> int:
    return int(table_of(EVENTS.read(store, day, day), EVENTS.schema).num_rows)


def failing(store: Store, *, after: int) -> None:
    """Let the write of a partition fail, after so many."""
    replace_, left = store.partitions.replace, [after]

    def once(kind: str, tables: Mapping[date, object]) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise InterruptedError
        replace_(kind, tables)

    store.partitions.replace = once  # type: ignore[method-assign]


def size_of(root: Path, kind: str) -> int:
    return sum(path.stat().st_size for path in root.rglob(f"{kind}/**/*.parquet"))


def hits(root: Path, text: str) -> int:
    return sum(text.encode() in path.read_bytes() for path in root.rglob("*") if path.is_file())
