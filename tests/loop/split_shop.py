"""A shop whose visitors have a device: on each of them another message may be answered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta

import numpy as np

from living_personas.deciding.decide import Decider
from living_personas.domain.belief import Subject
from living_personas.domain.decision import Decision
from living_personas.domain.event import IDENTIFY, Event, Json
from living_personas.domain.goal import Goal
from living_personas.domain.persona import Attribute, Persona
from living_personas.domain.settings import Feature
from living_personas.domain.snapshot import Snapshot, SnapshotPersona
from living_personas.loop import cycle
from living_personas.loop.context import Context
from living_personas.loop.recording.record import record
from living_personas.people.acting import approve
from living_personas.people.person import Person
from living_personas.serving.counting import exposure_event
from loop.shops import SETTINGS, context_of, morning_after, noon

SPLIT_SETTINGS = replace(
    SETTINGS,
    traits=("device", "country"),
    features=(Feature(name="visits", sql="count(*) filter (where event = 'Visit')"),),
)
"""Two traits, and a feature that tells nobody apart: five questions."""

FRAMING = Subject(persona="buyer", attribute="framing")
BUYER = Persona(
    id="buyer",
    name="Buyers",
    who="true",
    goal=Goal(event="Bought", within=timedelta(days=1)),
    attributes=(
        Attribute(name="framing", options=("quality", "social"), believed="quality", assign="day", splits="propose"),
        Attribute(name="tone", options=("calm", "loud"), believed="calm", assign="day", change="observe"),
    ),
)

Rates = Callable[[str, str], float]
"""How probably a visitor buys, by device and option."""


@dataclass
class SplitShop:
    """New visitors every day, half of them mobile; what they meet is decided, what they do is by ``rates``."""

    rates: Rates
    context: Context = field(default_factory=lambda: context_of(BUYER, settings=SPLIT_SETTINGS))
    visitors: int = 120
    days: int = 0

    def __post_init__(self) -> None:
        self._rng = np.random.Generator(np.random.PCG64(5))
        cycle.run(self.context, now=noon(0, hours=-11), owner="w")

    @property
    def snapshot(self) -> Snapshot:
        found = self.context.store.snapshots.latest()
        assert found is not None
        return found

    def persona(self, name: str) -> SnapshotPersona:
        return next(each for each in self.snapshot.personas if each.persona == name)

    def live(self, days: int, *, until: Callable[[], bool] = lambda: False) -> SplitShop:
        """So many days, or until something is so in the morning: decide, meet, act, and close."""
        for _ in range(days):
            if until():
                break
            record(self.context, self.met_today(), received=noon(self.days, hours=6))
            cycle.run(self.context, now=morning_after(self.days), owner="w")
            self.days += 1
        return self

    def waiting(self, kind: str) -> list[str]:
        """The ids of the changes of a kind that wait for a person."""
        every = self.context.store.refinements.all()
        return [each.id for each in every if each.kind == kind and each.review == "open"]

    def approve(self, kind: str) -> None:
        (id_,) = self.waiting(kind)
        approve(self.context, id_, Person(by="dana", now=morning_after(self.days - 1), owner="w"))

    def met_today(self) -> list[Event]:
        """What happens on a day."""
        decider, events = Decider(self.snapshot), list[Event]()
        for number in range(self.visitors):
            customer, at = f"v{self.days}-{number}", noon(self.days, hours=number / self.visitors)
            known: dict[str, Json] = {
                "device": ("mobile", "desktop")[number % 2],
                "country": ("NL", "BE")[number % 3 % 2],
            }
            early = noon(self.days, hours=-20)
            events.append(
                Event(message_id=f"{customer}-is", customer=customer, name=IDENTIFY, time=early, properties=known)
            )
            decision = decider.decide(customer, known, at=at)
            events.append(exposure_event(decision, decision.choices, at=at, kind="met"))
            events += self._bought(decision, known)
        return events

    def _bought(self, decision: Decision, known: Mapping[str, Json]) -> list[Event]:
        option = decision.option("framing")
        assert option is not None
        if self._rng.random() >= self.rates(str(known["device"]), option):
            return []
        later = decision.time + timedelta(hours=1)
        return [Event(message_id=f"{decision.id}-b", customer=decision.customer, name="Bought", time=later)]
