"""Outcomes that come late: what is said of it, what is measured, and what is asked again."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from living_personas.domain.cell import GOAL, Cells
from living_personas.domain.event import Event
from living_personas.domain.measured_lateness import Late
from living_personas.domain.refinement import Refinement
from living_personas.domain.settings import OutcomeColumn, Source, SourceTime
from living_personas.errors import InvalidDecisionError
from living_personas.loop import closing, cycle
from living_personas.loop.context import Context
from living_personas.loop.event_days.lateness import (
    lateness,
    measure_arrivals,
    note_arrivals,
    note_brought,
    unmeasured,
)
from living_personas.loop.learning.learn import EvidenceState
from living_personas.loop.recording.ingest import ingest
from living_personas.memory.records import BROUGHT, LATENESS, MEASURED_LATENESS
from living_personas.memory.tables import ARRIVALS, CELLS
from living_personas.people.acting import approve, reject, reopen
from living_personas.people.person import Person
from living_personas.reporting.changes import change_sentence, waits_words
from living_personas.reporting.labels import labels_of
from living_personas.reporting.report import build_report
from living_personas.stats.delays import days_until_in
from loop.shops import DAY_ZERO, PERSONA, SETTINGS, Shop, context_of, morning_after, near, noon

EVEN = {"a": 0.3, "b": 0.3, "c": 0.3}
FRAMING = PERSONA.attribute("framing")
QUIET = replace(PERSONA, guardrails=())
LATE = 5


@dataclass
class LateShop(Shop):
    """A shop in which what is bought by those who met ``a`` is told some days later."""

    held: dict[int, list[Event]] = field(default_factory=dict)

    def _tell(self, events: list[Event]) -> None:
        met = {each.customer: each.exposures[0].option for each in events if each.exposures}
        late = [each for each in events if each.name == "Bought" and met[each.customer] == "a"]
        self.held[self.days + LATE] = late
        super()._tell([*(each for each in events if each not in late), *self.held.pop(self.days, [])])


def buys(option: str, _day: int, rng: np.random.Generator) -> dict[str, float | None]:
    return {"Bought": None} if rng.random() < EVEN[option] else {}


def person(day: int) -> Person:
    return Person(by="Ada", now=morning_after(day), owner="desk")


def questions(context: Context) -> list[Refinement]:
    return [each for each in context.store.refinements.all() if each.kind == "undo"]


@pytest.fixture
def asked() -> tuple[LateShop, Refinement]:
    """A shop that took a late feed for a prompt one, after the late data have come."""
    shop = LateShop(context_of(QUIET), buys, customers=80)
    while not questions(shop.context) and shop.days < 20:
        shop.live(1)
    [question] = questions(shop.context)
    return shop, question


def test_late_data_that_take_a_proof_away_are_asked_about_once(asked: tuple[LateShop, Refinement]) -> None:
    """Nothing is undone by itself; who keeps the value is not asked again for the same data."""
    shop, question = asked
    assert (question.review, question.new, question.old) == ("open", "a", shop.value())
    assert waits_words(question) == "late data took the proof away, waits for you"
    [persona] = build_report(shop.context).personas
    known = persona.attributes[0].known
    assert (known.state, known.waits, known.is_proven) == ("lost", question.id, False)
    assert "ate data took the proof away" in persona.attributes[0].says
    kept = reject(shop.context, question.id, person(shop.days))
    assert change_sentence(kept, {}, labels_of([])).startswith("rejected by Ada")
    cycle.run(shop.context, now=morning_after(shop.days - 1), owner="w")
    assert [each.id for each in questions(shop.context)] == [question.id]
    assert shop.value() == question.old


@pytest.mark.long
def test_a_person_may_undo_what_late_data_took_the_proof_from(asked: tuple[LateShop, Refinement]) -> None:
    shop, question = asked
    undone = approve(shop.context, question.id, person(shop.days))
    standing = undone.standing("framing")
    assert (undone.kind, standing.value, standing.status, standing.decided_by) == ("rolled back", "a", "assumed", "Ada")
    shop.live(1)
    [persona] = build_report(shop.context).personas
    assert persona.attributes[0].decided.how == "rollback"


@pytest.mark.long
def test_what_late_data_took_the_proof_from_is_not_opened_again() -> None:
    framing = replace(FRAMING, change="review")
    shop = LateShop(context_of(replace(QUIET, attributes=(framing,))), buys, customers=80)
    while not (open_ := shop.context.store.refinements.waiting()) and shop.days < 20:
        shop.live(1)
    [waiting] = open_
    for _ in range(2):
        reject(shop.context, waiting.id, person(shop.days))
        [again] = [reopen(shop.context, waiting.id, person(shop.days))]
    assert (again.effect, again.day, len(again.reopened)) == (waiting.effect, waiting.day, 2)
    reject(shop.context, waiting.id, person(shop.days))
    shop.live(LATE + 2)
    with pytest.raises(InvalidDecisionError, match="took away"):
        reopen(shop.context, waiting.id, person(shop.days))
    assert shop.context.store.refinements.get(waiting.id).review == "rejected"


@pytest.mark.long
def test_who_says_how_late_it_is_is_not_misled() -> None:
    settings = replace(SETTINGS, late=timedelta(days=LATE))
    shop = LateShop(context_of(QUIET, settings=settings), buys, customers=80).live(9)
    assert [each.wait for each in closing.kept_states(shop.context)] == [1 + LATE]
    assert shop.context.store.refinements.all() == ()


@pytest.mark.long
def test_another_lateness_loses_no_evidence() -> None:
    """Said later, and taken back: the bets are those that were placed, and the units those that came."""
    shop = Shop(context_of(QUIET), buys, customers=40).live(7)
    [before] = closing.kept_states(shop.context)

    def said(days: int | None) -> EvidenceState:
        late = None if days is None else timedelta(days=days)
        shop.context = replace(shop.context, settings=replace(shop.context.settings, late=late))
        cycle.run(shop.context, now=morning_after(6), owner="w")
        [state] = closing.kept_states(shop.context)
        return state

    longer = said(3)
    assert longer.wait == before.wait + 3
    assert longer.accounts.pace[0] > 0
    assert not near(longer.accounts, before.accounts)
    assert near(said(None).accounts, before.accounts)


def units_of(day: date, sold: int) -> Cells:
    rows = [
        {
            "outcome_day": day,
            "persona": "buyer",
            "attribute": "framing",
            "metric": GOAL,
            "option": option,
            "cohort": day,
        }
        | {"channel": "", "stratum": "", "policy": "logged", "n": 1000, "s": sold, "sum": float(sold), "sum_sq": 1.0}
        for option in "abc"
    ]
    return Cells.of(pa.Table.from_pylist(rows))


def fed(context: Context, late: int, *, in_one_go: bool = False, days: int = 60) -> date:
    """Fifty outcomes of each option a day, a tenth of them late; the last day that was closed."""
    store, last = context.store, DAY_ZERO + timedelta(days=days - 1)
    for number in range(days):
        day, then = (DAY_ZERO + timedelta(days=each) for each in (number, number - late))
        CELLS.replace(store, {day: units_of(day, 50 if in_one_go else 45).table})
        if not in_one_go:
            CELLS.replace(store, {then: units_of(then, 50).table} if late and number >= late else {})
            note_arrivals(store, [day, *([then] if number >= late else [])], closing=day)
    if in_one_go:
        note_arrivals(store, [DAY_ZERO + timedelta(days=number) for number in range(days)], closing=last)
    return last


SOURCE = Source(name="orders", customer="id", time=SourceTime(column="at"), fixed_event="Bought")


def of_files(*sources: Source, brought: str = "Bought") -> Context:
    context = context_of(QUIET, settings=replace(SETTINGS, sources=sources))
    for source in sources:
        note_brought(context, source.name, pa.table({"name": [brought]}))
    return context


@pytest.mark.parametrize("late", [1, 6, 20])
def test_lateness_is_measured_where_nobody_says_it(late: int) -> None:
    context = of_files(SOURCE)
    assert unmeasured(context)(QUIET, FRAMING, "ab") == "orders"
    measure_arrivals(context, fed(context, late))
    measured = MEASURED_LATENESS.read(context.store)
    assert measured is not None
    assert measured.options["Bought\nframing\na"] == Late(days=late, outcomes=29 * 50)
    assert lateness(context) == {"buyer\nframing": late}
    assert unmeasured(context)(QUIET, FRAMING, "ab") == ""


def test_what_was_loaded_in_one_go_cannot_be_measured() -> None:
    context = of_files(SOURCE)
    measure_arrivals(context, fed(context, 0, in_one_go=True))
    assert MEASURED_LATENESS.read(context.store) is None
    assert unmeasured(context)(QUIET, FRAMING, "ab") == "orders"


def test_what_is_remembered_of_arrivals_is_forgotten() -> None:
    context = of_files(SOURCE)
    last = fed(context, 0, days=90)
    assert min(ARRIVALS.days(context.store)) == last - timedelta(days=56)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (replace(SOURCE, late=timedelta(hours=30)), 2),
        (replace(SOURCE, complete=True), 0),
        (replace(SOURCE, fixed_event=None, outcomes=(OutcomeColumn(column="b", event="Bought"),), complete=True), 0),
    ],
)
def test_a_source_that_says_it_needs_no_measuring(source: Source, said: int) -> None:
    context = of_files(source)
    assert lateness(context).get("buyer\nframing", 0) == said
    assert unmeasured(context)(QUIET, FRAMING, "ab") == ""


def test_only_sources_that_bring_the_goal_matter() -> None:
    mail = replace(SOURCE, name="mail", fixed_event=None, event="what", late=timedelta(days=9))
    context = of_files(mail, brought="Email Opened")
    assert lateness(context) == {}
    silent = of_files(replace(mail, late=None), brought="Email Opened")
    assert unmeasured(silent)(QUIET, FRAMING, "ab") == ""


def test_a_file_tells_what_its_source_brings() -> None:
    context = context_of(QUIET, settings=replace(SETTINGS, sources=(SOURCE,)))
    ingest(context, pa.table({"id": ["u1"], "at": [noon(1).isoformat()]}), received=noon(2))
    assert BROUGHT.all(context.store) == {"orders": ["Bought"]}
    assert LATENESS.read(context.store) is None


@given(came=st.lists(st.integers(0, 50), min_size=1, max_size=30), missing=st.floats(0, 0.2))
def test_all_but_a_few_had_come_within_the_measured_days_and_not_within_fewer(came: list[int], missing: float) -> None:
    counts = np.array(came, dtype=np.float64)
    days = days_until_in(counts, missing=missing)
    allowed = missing * counts.sum() + 1e-9
    assert counts[days + 1 :].sum() <= allowed
    assert days == 0 or counts[days:].sum() > allowed - 2e-9
