"""A shop whose customers are real events: decisions go out, exposures and orders come back, and the loop runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import numpy as np

from living_personas.deciding.decide import Decider
from living_personas.domain.event import EXPOSED, Event, Exposure
from living_personas.domain.goal import Goal, Guardrail
from living_personas.domain.persona import Attribute, Persona
from living_personas.domain.settings import Settings
from living_personas.engines.duckdb.engine import DuckDBEngine
from living_personas.loop import cycle
from living_personas.loop.context import Context
from living_personas.loop.recording.record import record, register_policies
from living_personas.memory.records import CUSTOMERS_OF, RECEIPTS, TOTALS_MADE, UNITS_COUNTED
from living_personas.memory.worth_records import ENTRIES_MADE, HARM_KEPT, HOLDOUT_SUMS, NOBODY_HELD
from living_personas.ports import Store
from living_personas.refining.accounts import Accounts
from living_personas.serving.counting import exposure_event
from living_personas.stores.memory import MemoryStore
from living_personas.workspace.files import read_workspace

DAY_ZERO = date(2026, 5, 4)
LOGGED = {"logged": {"a": 0.4, "b": 0.3, "c": 0.3}}
ENGINE = DuckDBEngine(threads=1)
"""One for all shops: it holds nothing between two calls."""

SETTINGS = Settings(name="shop", salt="the salt of the shop", holdout=0.0)

PERSONA = Persona(
    id="buyer",
    name="Buyer",
    who="true",
    goal=Goal(event="Bought", within=timedelta(days=1)),
    attributes=(Attribute(name="framing", options=("a", "b", "c"), believed="a", assign="day"),),
    guardrails=(Guardrail(metric="Left", event="Left", within=timedelta(days=1), points=0.01),),
)


def noon(day: int, *, hours: float = 0.0) -> datetime:
    return datetime.combine(DAY_ZERO, time(12), tzinfo=UTC) + timedelta(days=day, hours=hours)


def morning_after(day: int) -> datetime:
    return noon(day + 1, hours=-6)


def context_of(*personas: Persona, store: Store | None = None, settings: Settings = SETTINGS) -> Context:
    context = Context(
        store=store or MemoryStore(),
        engine=ENGINE,
        settings=settings,
        personas=tuple(personas or (PERSONA,)),
    )
    register_policies(context, LOGGED)
    return context


def history(
    days: Sequence[int], *, units: int = 120, rates: Mapping[str, float] | None = None, seed: int = 1, name: str = "h"
) -> list[Event]:
    """Exposures of a logged experiment and the orders that followed: a new customer each."""
    generator = np.random.Generator(np.random.PCG64(seed))
    chance = rates or {"a": 0.3, "b": 0.3, "c": 0.3}
    events: list[Event] = []
    for day in days:
        options = generator.choice(list(LOGGED["logged"]), size=units, p=list(LOGGED["logged"].values()))
        for number, option in enumerate(options):
            customer = f"{name}-{day}-{number}"
            met = noon(day, hours=number / units)
            exposure = Exposure(
                attribute="framing", option=str(option), persona="buyer", policy="logged", epoch=str(day)
            )
            events.append(
                Event(message_id=f"{customer}-met", customer=customer, name=EXPOSED, time=met, exposures=(exposure,))
            )
            if generator.random() < chance[str(option)]:
                later = met + timedelta(hours=float(generator.uniform(0.1, 23)))
                events.append(Event(message_id=f"{customer}-bought", customer=customer, name="Bought", time=later))
    return events


Behaviour = Callable[[str, int, np.random.Generator], Mapping[str, float | None]]
"""What a customer with an option does on a day: names of events, with the price of each (None for none)."""


@dataclass
class Shop:
    """The same customers visit every day; what they meet is decided, what they do is ``behaviour``."""

    context: Context
    behaviour: Behaviour
    customers: int = 300
    seed: int = 7
    days: int = 0
    attribute: str = "framing"
    _rng: np.random.Generator = field(init=False)

    def __post_init__(self) -> None:
        self._rng = np.random.Generator(np.random.PCG64(self.seed))
        cycle.run(self.context, now=noon(0, hours=-11), owner="w")

    def live(self, days: int) -> Shop:
        """So many days: decide, meet, act; in the morning after, the loop runs."""
        for _ in range(days):
            self._day()
            cycle.run(self.context, now=morning_after(self.days), owner="w")
            self.days += 1
        return self

    def value(self, persona: str = "buyer") -> str:
        """The value that the newest version holds."""
        return self.context.store.versions.history(persona)[-1].standing(self.attribute).value

    def _day(self) -> None:
        snapshot = self.context.store.snapshots.latest()
        assert snapshot is not None
        decider, events = Decider(snapshot), []
        for number in range(self.customers):
            at = noon(self.days, hours=number / self.customers)
            decision = decider.decide(f"u{number}", {}, at=at)
            events.append(exposure_event(decision, decision.choices, at=at, kind="met"))
            option = decision.option(self.attribute)
            assert option is not None
            for name, price in self.behaviour(option, self.days, self._rng).items():
                events.append(
                    Event(
                        message_id=f"{decision.id}:{name}",
                        customer=decision.customer,
                        name=name,
                        time=at + timedelta(hours=1),
                        properties={} if price is None else {"price": price},
                    )
                )
        self._tell(events)

    def _tell(self, events: list[Event]) -> None:
        """What happened on the day, as it is recorded."""
        record(self.context, events, received=noon(self.days))


def near(one: Accounts, other: Accounts) -> bool:
    """Whether accounts are equal to 1e-9, relative to what they hold."""
    pairs = [(getattr(one, n), getattr(other, n)) for n in ("wealth", "principal", "reverse", "pace")]
    pairs += [(getattr(one.sample, n), getattr(other.sample, n)) for n in ("seen", "log", "peak")]
    pairs += [(one.score.u, other.score.u), (one.score.v, other.score.v), (one.means.pooled, other.means.pooled)]
    here, there = (dict(zip(each.means.keys, each.means.sums.tolist(), strict=True)) for each in (one, other))
    pairs += [(one.answered, other.answered)]
    pairs += [(getattr(one.early, each.name), getattr(other.early, each.name)) for each in fields(one.early)]
    pairs += [(np.array([here[key] for key in sorted(here)]), np.array([there[key] for key in sorted(there)]))]
    alike = here.keys() == there.keys() and (one.nominee == other.nominee).all()
    return bool(alike and all(np.allclose(a, b, rtol=1e-9, atol=1e-9) for a, b in pairs))


def state_of(store: Store) -> dict[str, object]:
    """Everything that a store holds, but for how often it was told or had written the same."""
    sums = (HOLDOUT_SUMS.prefix, ENTRIES_MADE.prefix, HARM_KEPT.prefix, NOBODY_HELD.key)
    often = (RECEIPTS.prefix, TOTALS_MADE.key, CUSTOMERS_OF.key, UNITS_COUNTED.key, *sums)
    kinds = (
        "events",
        "exposures",
        "units",
        "cells",
        "ledger",
        "means",
        "windows",
        "policies",
        "customers",
        "breakdowns",
    )
    found: dict[str, object] = {key: store.facts.get(key) for key in store.facts.keys("") if not key.startswith(often)}
    for kind in kinds:
        for day in store.partitions.days(kind):
            relation = store.partitions.read(kind, day, day)
            assert not isinstance(relation, tuple)
            found[f"{kind}/{day}"] = relation
    latest = store.snapshots.latest()
    found["snapshots"] = [store.snapshots.get(n + 1) for n in range(latest.number if latest else 0)]
    found["versions"] = {version.id: store.versions.history(version.id) for version in store.versions.latest()}
    found["refinements"] = store.refinements.all()
    return found


def edited(context: Context, *personas: Persona) -> Context:
    """The same workspace after its files were edited."""
    return replace(context, personas=tuple(personas))


def reread(context: Context, root: Path) -> Context:
    """The workspace as its files say by now."""
    files = read_workspace(root)
    return replace(context, settings=files.settings, personas=files.personas)
