"""Memory says what the store says, whatever was recorded in whatever order, and whenever it was loaded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from laws import law
from living_personas.domain.consent import LEAVING, consent_names, consent_of, is_no
from living_personas.domain.contact import ContactPolicy
from living_personas.domain.decision import UNMATCHED
from living_personas.domain.event import IDENTIFY, Event
from living_personas.domain.value import value
from living_personas.loop import cycle
from living_personas.loop.context import Context
from living_personas.loop.folding.customers import keep_customers
from living_personas.loop.privacy.consent import named_consent
from living_personas.loop.recording.record import Recorded, record
from living_personas.serving.desk import Desk, desk_of
from living_personas.serving.held_desk import HeldDesk
from living_personas.serving.held_rows import read_rows
from living_personas.serving.knowledge import StoredKnowledge, ids_of
from living_personas.serving.question import Question
from living_personas.stores.sql import sealing
from loop.shops import noon
from serving.happenings import BULK, EARLIER, IDS, NOW, POLICY, SETTINGS, Kind, an_event, opened, questions, said

WRITTEN = (
    SETTINGS,
    replace(SETTINGS, contact=None),
    replace(SETTINGS, contact=ContactPolicy(channels=("email",), quiet_hours=POLICY.quiet_hours)),
    replace(SETTINGS, contact=replace(POLICY, channels=("email", "landing"), consent=("consent_personalisation",))),
    replace(SETTINGS, consent="required"),
)


What = Literal["record", "tell", "seal", "keep", "load", "edit", "ask"]


@value
class Step:
    """One thing that happens; ``number`` says which of several, where there are."""

    what: What
    events: Sequence[Event] = ()
    number: int = 0


def steps() -> st.SearchStrategy[list[Step]]:
    """Events, one by one and in bulk, and what processes do in between."""
    events = st.integers(0, 99).flatmap(an_event)
    bulk = st.lists(events, min_size=BULK, max_size=BULK + 1)
    same_day = bulk.map(lambda events: [replace(each, time=events[0].time) for each in events])
    recorded = st.lists(events, min_size=1, max_size=BULK - 1) | same_day
    others = st.sampled_from(list[What](["tell", "tell", "seal", "keep", "load", "edit", "ask"]))
    one = st.builds(Step, what=st.just("record"), events=recorded) | st.builds(
        Step, what=others, number=st.integers(0, 5)
    )
    return st.lists(one, min_size=7, max_size=12)


@dataclass
class Life:
    """A process that records, folds and asks the store, and one that asks from memory."""

    writer: Context
    asks: Context
    context: Context = field(init=False)
    held: HeldDesk = field(init=False)
    told: dict[str, Event] = field(default_factory=lambda: {event.message_id: event for event in EARLIER})
    untold: list[Recorded] = field(default_factory=list)
    day: int = 5
    is_behind: bool = False

    def __post_init__(self) -> None:
        self.context = self.writer
        self.held = HeldDesk(self.asks, at=NOW)

    def live(self, step: Step) -> None:
        match step.what:
            case "record":
                self.untold.append(record(self.writer, step.events, received=NOW))
                for event in step.events:
                    self.told.setdefault(event.message_id, event)
            case "tell" if self.untold:
                self.held.tell(self.untold.pop(step.number % len(self.untold)))
            case "seal":
                self.writer.store.inbox.seal()
            case "keep":
                self.writer.store.inbox.seal()
                keep_customers(self.context, noon(self.day).date())
                latest = self.writer.store.snapshots.latest()
                assert latest is not None
                self.writer.store.snapshots.publish(replace(latest, number=latest.number + 1))
                self.day, self.is_behind = self.day + 1, True
            case "load":
                self.load()
            case "edit":
                self.context = replace(self.context, settings=WRITTEN[step.number % len(WRITTEN)])
                self.load()
            case "ask":
                self.agree([])

    def load(self) -> None:
        self.is_behind = False
        self.held.load(replace(self.asks, settings=self.context.settings), at=NOW)

    def agree(self, asked: Sequence[Question]) -> None:
        """Memory is asked first: the store seals what waits. What a cycle made of customers is known once loaded."""
        if self.is_behind:
            self.load()
        desk = self.held.desk
        assert desk is not None
        each = [(customer, NOW + timedelta(days=days)) for days, customer in enumerate((*IDS, "nobody"))]
        self.held.hear()
        known = [self.held.knowledge.of(customer, at=at) for customer, at in each]
        answers = [desk.answer(question) for question in asked]
        stored = StoredKnowledge(self.context)
        assert known == [stored.of(customer, at=at) for customer, at in each]
        for (customer, _), found in zip(each, known, strict=True):
            assert found.refused & self.consents == self.words(customer, no=True) & self.consents
            if self.context.settings.consent == "required":
                assert found.agreed & self.consents == self.words(customer, no=False) & self.consents
        asking = Desk(desk.published, stored, self.context.settings)
        assert answers == [asking.answer(question) for question in asked]

    @property
    def consents(self) -> frozenset[str]:
        """Those that speak for a channel now."""
        named = named_consent(self.context.settings)
        return frozenset().union(*(consent_names(channel, named=named) for channel in ("email", "in_product")))

    def words(self, customer: str, *, no: bool) -> set[str]:
        """The consents on which the last word of a customer is a no (or a yes), whoever recorded it, and when."""
        ids = ids_of(self.context.store, customer)
        last: dict[str, bool] = {}
        for event in sorted(self.told.values(), key=lambda event: (event.time, event.message_id)):
            if event.name in LEAVING and event.customer in ids:
                last[consent_of(event.channel)] = True
            if event.name == IDENTIFY and event.customer in ids:
                words = {name: is_no(name, said) for name, said in (event.properties or {}).items()}
                last |= {name: said for name, said in words.items() if said is not None}
        return {name for name, refuses in last.items() if refuses is no}


@pytest.fixture(scope="module", autouse=True)
def _few_are_many() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sealing, "BULK", BULK)
        yield


def check(kind: Kind, happening: Sequence[Step], asked: Sequence[Question], *, alone: bool) -> None:
    """A process that is told and loads on a thread of its own, or is ``alone`` and looks at each question."""
    with opened(kind) as (writer, asks):
        life = Life(writer, asks)
        for step in happening:
            if not alone or step.what not in ("tell", "load", "edit"):
                life.live(step)
        if alone:
            desk = life.held.current(at=NOW)
            assert desk is not None
            answers = [desk.answer(question) for question in asked]
            assert answers == [desk_of(writer).answer(question) for question in asked]
        life.agree(asked)
        life.load()
        life.agree(asked)
        assert not life.held.knowledge.is_behind  # so that it was memory that answered


lives = given(steps(), st.lists(questions(), min_size=2, max_size=3), st.booleans())


@law(10)
@lives
def test_memory_says_what_the_store_says(happening: list[Step], asked: list[Question], alone: bool) -> None:  # noqa: FBT001 - drawn
    check("memory", happening, asked, alone=alone)


@law(4)
@lives
def test_memory_says_what_the_files_say(happening: list[Step], asked: list[Question], alone: bool) -> None:  # noqa: FBT001 - drawn
    check("sqlite", happening, asked, alone=alone)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["memory", "sqlite"])
@settings(max_examples=500)
@lives
def test_memory_says_so_in_many_lives(kind: Kind, happening: list[Step], asked: list[Question], alone: bool) -> None:  # noqa: FBT001 - drawn
    check(kind, happening, asked, alone=alone)


def test_what_is_read_again_is_only_what_changed() -> None:
    with opened("sqlite") as (writer, asks):
        life = Life(writer, asks)

        def loads(*what: What) -> int:
            before = life.held.knowledge.loads
            for each in what:
                events = [said("ann", 10 + life.held.knowledge.heard / 100, plan="gold")]
                life.live(Step(what=each, number=1 if each == "edit" else 0, events=events))
            return life.held.knowledge.loads - before

        assert loads("load", "load") == 0
        assert loads("record", "tell", "load", "record", "ask", "load") == 0  # asked, it heard what it was not told
        assert loads("record", "tell", "seal", "load") == 0
        assert loads("keep", "load", "load") == 1
        assert loads("seal", "edit", "load") == 1
        assert loads("record", "seal", "ask", "load", "load") == 1


def test_after_a_cycle_memory_says_what_the_store_says() -> None:
    with opened("sqlite") as (writer, asks):
        life = Life(writer, asks)
        events = [said("ann", 5, plan="gold"), Event(message_id="b", customer="bob", name="Bought", time=noon(5))]
        record(writer, [*events, Event(message_id="n", customer="bob", name="Seen", time=noon(7))], received=NOW)
        assert cycle.run(writer, now=noon(7), owner="w").days
        questions = [Question(customer=customer, at=NOW, channel="email") for customer in IDS]
        desk = life.held.current(at=NOW)
        assert desk is not None
        answers = [desk.answer(question) for question in questions]
        assert answers == [desk_of(writer).answer(question) for question in questions]
        assert [answer.decision.persona for answer in answers[:2]] == ["p1", UNMATCHED]
        assert answers[1].known["orders"] == 1.0


def test_what_is_told_out_of_order_or_twice_counts_once() -> None:
    with opened("memory") as (writer, asks):
        held = HeldDesk(asks, at=NOW)
        first, second = (
            record(writer, [said("ann", day, **trait)], received=NOW)
            for day, trait in ((10, {"plan": "gold"}), (11, {"spend": 7}))
        )
        for recorded in (second, first, second, second):
            held.tell(recorded)
            held.hear()
        facts = held.knowledge.of("ann", at=NOW).facts
        assert (facts["plan"], facts["spend"], held.knowledge.heard) == ("gold", 7.0, second.count)
        held.tell(record(writer, [said("ann", 10.5, plan="silver")], received=NOW))
        assert held.knowledge.of("ann", at=NOW).facts["plan"] == "silver"


def test_memory_does_not_grow_with_how_often_something_is_said() -> None:
    with opened("memory") as (writer, _):
        rows = read_rows(writer, at=NOW)
        for number in range(50):
            heard = record(writer, [said("ann", 10 + number / 100, plan=f"plan{number}")], received=NOW)
            rows.add(writer, heard.news, count=heard.count)
        assert {name: word.said for name, word in rows.new_words["ann"].items()} == {"plan": "plan49"}
