"""A workspace that uses everything the desk looks at, and whatever may happen in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import time, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

import pyarrow as pa
from hypothesis import strategies as st

from living_personas.domain.consent import LEAVING
from living_personas.domain.contact import CONSENT, Cap, ContactPolicy, CoolDown, QuietHours
from living_personas.domain.event import ALIAS, BROWSER, EXPOSED, IDENTIFY, SENT_FROM, UNLINK, Event, Exposure, Json
from living_personas.domain.persona import Attribute, Persona
from living_personas.domain.settings import Campaign, Feature, Settings
from living_personas.domain.snapshot import Snapshot
from living_personas.domain.value import value
from living_personas.engines.duckdb.engine import DuckDBEngine
from living_personas.loop import cycle
from living_personas.loop.context import Context
from living_personas.loop.recording.record import record, register_policies
from living_personas.loop.relations import table_of
from living_personas.memory.tables import CUSTOMERS
from living_personas.ports import Store
from living_personas.serving.question import Question
from living_personas.stores.memory import MemoryStore
from living_personas.stores.sqlite.store import SqliteStore
from loop.shops import DAY_ZERO, LOGGED, PERSONA, noon

Kind = Literal["memory", "sqlite"]

BULK = 4
"""As many events of one day as go to a file at once, here."""

IDS = ("ann", "bob", "a1", "a2", "7", "Bea@x.io", "bea@x.io")
NOW = noon(11)
ENGINE = DuckDBEngine(threads=1)
LAST = 4
"""The last day that a cycle closes before whatever happens happens."""

OWN = 'my "own" nó'
"""A consent that a workspace names itself."""

POLICY = ContactPolicy(
    channels=("email", "in_product"),
    caps=(Cap(most=1, within=timedelta(days=1)), Cap(most=2, within=timedelta(days=5))),
    cool_downs=(CoolDown(event="Bought", lasts=timedelta(days=2)),),
    quiet_hours=QuietHours(begins=time(23), ends=time(6)),
    consent=("consent", OWN),
)
SETTINGS = Settings(
    name="shop",
    salt="the salt of the shop",
    holdout=0.2,
    time_zone="Europe/Amsterdam",
    features=(Feature(name="orders", sql="count(*) FILTER (WHERE name = 'Bought')"),),
    campaigns=(Campaign(name="spring", starts=DAY_ZERO), Campaign(name="later", starts=DAY_ZERO + timedelta(days=99))),
    contact=POLICY,
)
_CHOSEN = (
    Attribute(name="framing", options=("a", "b", "c"), believed="a", assign="day"),
    Attribute(name="offer", options=("none", "gift"), believed="gift", assign="week"),
    Attribute(name="banner", options=("sea", "hills"), believed="sea", assign="visit"),
    Attribute(name="theme", options=("red", "blue"), believed="red", assign="campaign"),
    Attribute(name="hour", options=("8", "18"), believed="8", assign="always", per="channel"),
)


def _persona(number: int, who: str, attributes: tuple[Attribute, ...]) -> Persona:
    return replace(
        PERSONA,
        id=f"p{number}",
        name=f"P{number}",
        who=who,
        priority=number,
        channels=("email",),
        attributes=attributes,
    )


PERSONAS = (
    _persona(1, "plan = 'gold' OR spend > 100", _CHOSEN),
    _persona(2, "trial AND orders >= 1", _CHOSEN[1:3]),
    _persona(3, "orders >= 1 OR plan IS NOT NULL", _CHOSEN[:1]),
)

CONSENTS = (*CONSENT, "consent_email", "consent_in_product", OWN)
ODD: tuple[Json, ...] = (True, False, "yes", " NO ", "perhaps", "Opt-Out", 0, 1, 2, None, "", "\u200b", [], {"no": 1})
TRAITS: dict[str, tuple[Json, ...]] = {
    "plan": ("gold", "silver", 3, "", None, ["gold"]),
    "spend": (150, " 150.5 ", "1_000", 7, None, True),
    "trial": (True, "TRUE", 0, "perhaps", None),
    "time_zone": ("Asia/Tokyo", "Nowhere/Land", 7),
    "unasked": ("x",),
}


@contextmanager
def opened(kind: Kind, *, settings: Settings = SETTINGS) -> Iterator[tuple[Context, Context]]:
    """A workspace that has lived for some days, as two processes would have opened it."""
    with TemporaryDirectory(prefix="serving") as folder:
        stores: list[Store] = [MemoryStore()] * 2
        if kind == "sqlite":
            stores = [SqliteStore(Path(folder), clock=lambda: NOW) for _ in range(2)]
        one, other = (Context(store=store, engine=ENGINE, settings=settings, personas=PERSONAS) for store in stores)
        try:
            record(one, EARLIER, received=noon(LAST))
            left = _cycle()
            with one.store.commit():
                one.store.inbox.seal()
                CUSTOMERS.keep(one.store, noon(LAST).date(), left.customers)
                one.store.snapshots.publish(replace(left.snapshot, number=1))
            yield one, other
        finally:
            for store in stores:
                store.close()


@value
class _Left:
    """What a cycle left that the desk looks at."""

    customers: pa.Table
    snapshot: Snapshot


@cache
def _cycle() -> _Left:
    context = Context(store=MemoryStore(), engine=ENGINE, settings=SETTINGS, personas=PERSONAS)
    register_policies(context, LOGGED)
    record(context, EARLIER, received=noon(LAST))
    snapshot = cycle.run(context, now=noon(LAST + 1), owner="w", until=noon(LAST).date()).snapshot
    assert snapshot is not None
    assert CUSTOMERS.last_day(context.store) == noon(LAST).date()
    return _Left(customers=table_of(CUSTOMERS.newest(context.store)), snapshot=snapshot)


def said(customer: str, day: float, **traits: Json) -> Event:
    """What a customer said of itself, at noon of a day or later."""
    return Event(
        message_id=f"{customer}/{day}/{sorted(traits)}",
        customer=customer,
        name=IDENTIFY,
        time=noon(0, hours=24 * day),
        properties=traits,
    )


def customers() -> st.SearchStrategy[str]:
    """Mostly somebody who is met again."""
    return st.sampled_from((*IDS, "nobody"))


def traits() -> st.SearchStrategy[dict[str, Json]]:
    """Some traits, among them consents, in whatever words."""
    words = {name: st.sampled_from(odd) for name, odd in TRAITS.items()}
    return st.fixed_dictionaries({}, optional=words | dict.fromkeys(CONSENTS, st.sampled_from(ODD)))


_MET = Exposure(attribute="framing", option="a", persona="p3", policy="logged", epoch="0")
EARLIER = (
    Event(message_id="0", customer="ann", name="Bought", time=noon(1)),
    Event(message_id="1", customer="a1", name="Bought", time=noon(2)),
    said("bob", -1, plan="silver", spend="150.5", consent=False),
    said("a2", 1, trial=True, consent_email="perhaps"),
    Event(message_id="2", customer="ann", also="a1", name=IDENTIFY, time=noon(2), properties={"trial": True}),
    Event(message_id="3", customer="7", name=EXPOSED, time=noon(0), channel="email", exposures=(_MET,)),
    Event(message_id="4", customer="7", name="Seen", time=noon(LAST + 1)),
)
"""Somebody bought, somebody said something, and two ids became one."""


@st.composite
def an_event(draw: st.DrawFn, number: int) -> Event:
    """Something that matters to decisions, or nearly; also of days that are closed, and of days to come."""
    kind = draw(
        st.sampled_from([IDENTIFY] * 4 + [EXPOSED] * 3 + ["Bought", "Bought", ALIAS, ALIAS, UNLINK, "Seen", LEAVING[0]])
    )
    happened = Event(
        message_id=f"m{number}",
        customer=draw(customers()),
        name=kind,
        time=noon(
            draw(st.sampled_from([-1, LAST - 1, LAST, LAST + 1, 8, 9, 10, 11, 12])), hours=draw(st.integers(-13, 12))
        ),
        channel=draw(st.sampled_from(["email", "in_product", "landing"])),
    )
    if kind == EXPOSED:
        met = Exposure(
            attribute="offer",
            option=draw(st.sampled_from(["gift", "gift", "None"])),
            persona=draw(st.sampled_from(["p1", ""])),
            decision_id=draw(st.sampled_from(["", "d1", "d2"])),
        )
        return replace(happened, exposures=(met,))
    if kind in (ALIAS, UNLINK):
        sent = draw(st.sampled_from([None, None, {SENT_FROM: BROWSER}]))
        return replace(happened, also=draw(customers()), properties=sent)
    if kind == IDENTIFY:
        return replace(happened, also=draw(st.sampled_from(["", "", *IDS])), properties=draw(traits()))
    return happened


def questions(*, given: bool = True) -> st.SearchStrategy[Question]:
    """What may be asked of a customer."""
    return st.builds(
        Question,
        customer=customers(),
        at=st.sampled_from([NOW, NOW + timedelta(hours=11.5), NOW + timedelta(days=3)]),
        channel=st.sampled_from(["", "email", "landing"]),
        visit=st.sampled_from(["", "v1"]),
        campaign=st.sampled_from(["", "spring", "later", "sprong"]),
        traits=st.none() | traits() if given else st.none(),
        refused=st.sampled_from([False, False, False, given]),
    )
