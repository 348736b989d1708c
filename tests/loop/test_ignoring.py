"""Whoever the workspace ignores is decided for with the defaults, and counts nowhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from living_personas.domain.decision import IGNORED, UNMATCHED
from living_personas.domain.event import EXPOSED, IDENTIFY, Event, Exposure
from living_personas.domain.settings import Settings
from living_personas.loop import cycle
from living_personas.loop.context import Context
from living_personas.loop.feed.uncounted import uncounted
from living_personas.loop.folding.customers import member_counts
from living_personas.loop.folding.fold import fold_days
from living_personas.loop.recording.record import record
from living_personas.loop.relations import table_of
from living_personas.memory.tables import CELLS, UNITS
from living_personas.reporting.uncounted_words import uncounted_warnings, uncounted_words
from living_personas.serving.desk import desk_of
from living_personas.serving.question import Question
from loop.searches import looked_at
from loop.shops import DAY_ZERO, PERSONA, SETTINGS, context_of, history, morning_after, noon
from serving.answered import answer_list

RULE = "customer like '%@ours.example' or plan = 'internal'"
IGNORING = replace(SETTINGS, ignore=RULE)
LAST = DAY_ZERO + timedelta(days=2)
DAYS = (DAY_ZERO, LAST)


def colleague(customer: str, *, day: int, plan: str = "", hour: float = 0.0, named: str = "buyer") -> list[Event]:
    """What a colleague did on a day: said a plan, if any, met an option, and bought."""
    met = Exposure(attribute="framing", option="b", persona=named, policy="logged", epoch=str(day))
    at = noon(day, hours=hour)
    told = {"plan": plan} if plan else {}
    return [
        Event(message_id=f"{customer}{day}i", customer=customer, name=IDENTIFY, time=at, properties=told),
        Event(message_id=f"{customer}{day}m", customer=customer, name=EXPOSED, time=at, exposures=(met,)),
        Event(message_id=f"{customer}{day}b", customer=customer, name="Bought", time=at + timedelta(hours=1)),
    ]


COLLEAGUES = [
    *colleague("Jan@Ours.example", day=0),
    *colleague("ann@ours.example", day=1, named=""),
    *colleague("tester", day=1, plan="internal"),
]
OTHERS = [*history(range(2), units=40), *colleague("of no plan", day=1), *colleague("u@other.example", day=0, plan="x")]


def folded(events: Sequence[Event], settings: Settings = SETTINGS, *, context: Context | None = None) -> Context:
    """A shop after these events, its days closed."""
    shop = context or context_of(settings=settings)
    record(shop, events, received=noon(3))
    cycle.run(shop, now=morning_after(3), owner="w", until=LAST)
    return shop


def cells(context: Context) -> pa.Table:
    return table_of(CELLS.read(context.store, *DAYS), CELLS.schema)


def ignored_by(context: Context) -> int | None:
    counts = member_counts(context.store)
    assert counts is not None
    return counts.get(IGNORED)


@pytest.mark.long
def test_who_is_ignored_might_as_well_never_have_come() -> None:
    without, ignored = folded(OTHERS), folded([*OTHERS, *COLLEAGUES], IGNORING)
    assert cells(ignored).equals(cells(without))
    assert not cells(folded([*OTHERS, *COLLEAGUES])).equals(cells(without))


def test_the_number_of_them_is_said_and_is_no_warning() -> None:
    found = uncounted(folded([*OTHERS, *COLLEAGUES], IGNORING))
    (said,) = (each for each in found if each.kind == "ignored")
    assert uncounted_words(said) == "3 customers are ignored, as `ignore` says."
    assert uncounted_words(said) not in uncounted_warnings(found)


def test_a_change_of_who_is_ignored_folds_closed_days_again() -> None:
    everybody, without = folded([*OTHERS, *COLLEAGUES]), folded(OTHERS)
    before = cells(everybody)
    ignoring = replace(everybody, settings=IGNORING)
    cycle.run(ignoring, now=morning_after(3), owner="w", until=LAST)
    assert cells(ignoring).equals(cells(without))
    assert ignored_by(ignoring) == 3
    cycle.run(everybody, now=morning_after(3), owner="w", until=LAST)
    assert cells(everybody).equals(before)
    assert ignored_by(everybody) is None


def test_they_are_in_no_segment_on_no_list_and_unmatched_at_the_desk() -> None:
    context = folded([*OTHERS, *COLLEAGUES], IGNORING)
    looked, _ = looked_at(context, LAST)
    assert {"jan@ours.example", "tester"}.isdisjoint(looked["customer"].to_pylist())
    ids = ["JAN@ours.example", "tester", "new@ours.example", "of no plan", "u@other.example"]
    listed = answer_list(context, pa.table({"customer": ids}), at=noon(4)).decided["customer"].to_pylist()
    assert set(listed) == {"of no plan", "u@other.example"}
    personas = [desk_of(context).answer(Question(customer=id_, at=noon(4))).decision.persona for id_ in ids]
    assert personas == [UNMATCHED] * 3 + ["buyer"] * 2


def test_the_newest_snapshot_ignores_them_without_a_new_day() -> None:
    context = folded(OTHERS)
    before = context.store.snapshots.latest()
    cycle.run(replace(context, settings=IGNORING), now=morning_after(3), owner="w", until=LAST)
    after = context.store.snapshots.latest()
    assert before is not None
    assert after is not None
    assert after.number == before.number + 1
    assert RULE in after.personas[0].who
    cycle.run(replace(context, settings=IGNORING), now=morning_after(3), owner="w", until=LAST)
    assert context.store.snapshots.latest() == after


@pytest.mark.parametrize("said", ["own", "trait"])
def test_a_question_names_nobody_else(said: str) -> None:
    """The id is the one that is asked for, whatever the traits of the question say."""
    context = folded(OTHERS, IGNORING)
    asked = Question(
        customer="of no plan", at=noon(4), traits={"customer": "x@ours.example"} if said == "trait" else {}
    )
    assert desk_of(context).answer(asked).decision.persona == "buyer"


@pytest.mark.long
@settings(max_examples=25, deadline=None)
@given(
    plans=st.lists(st.sampled_from(["internal", "paid", ""]), min_size=1, max_size=4),
    named=st.sampled_from(["buyer", ""]),
    late=st.booleans(),
)
def test_who_is_ignored_is_asked_at_the_moment_of_the_exposure(plans: list[str], named: str, *, late: bool) -> None:
    """Units are of the exposures at which the desk would not have ignored the customer."""
    context = context_of(replace(PERSONA, who="true"), settings=replace(SETTINGS, ignore="plan = 'internal'"))
    events: list[Event] = []
    for day, plan in enumerate(plans):
        events += colleague("u", day=day, plan=plan, named=named)
    record(context, list(reversed(events)) if late else events, received=noon(5))
    last = DAY_ZERO + timedelta(days=len(plans) - 1)
    fold_days(sealed(context), DAY_ZERO, last)
    known, expected = "", list[date]()
    for day, plan in enumerate(plans):
        known = plan or known
        if known != "internal":
            expected.append(DAY_ZERO + timedelta(days=day))
    units = table_of(UNITS.read(context.store, DAY_ZERO, last), UNITS.schema)
    assert units["cohort"].to_pylist() == expected


def sealed(context: Context) -> Context:
    context.store.inbox.seal()
    return context
