"""A list is answered as the desk answers for each customer on it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from laws import law
from living_personas.domain.contact import Delivery
from living_personas.domain.event import ALIAS, Event
from living_personas.domain.settings import Settings
from living_personas.loop.context import Context
from living_personas.loop.recording.record import record
from living_personas.serving.desk import desk_of
from living_personas.serving.question import Question
from loop.shops import noon
from serving.answered import ListAnswer, answer_list, decided_rows
from serving.happenings import IDS, NOW, OWN, SETTINGS, Kind, an_event, opened, said

COLUMNS: dict[str, st.SearchStrategy[object]] = {
    "plan": st.sampled_from(["gold", "silver", "", None]),
    "spend": st.sampled_from([150.0, 7.0, None]) | st.sampled_from(["150.5", "1_000", None]),
    "trial": st.sampled_from([True, False, None]),
    "orders": st.sampled_from([0, 3, None]),
    "time_zone": st.sampled_from(["Asia/Tokyo", "Nowhere/Land", None]),
    "consent": st.sampled_from([True, False, None]),
    "consent_email": st.sampled_from(["yes", "NO", "perhaps", "", None]),
    "gpc": st.sampled_from([0, 1, 2, None]),
    OWN: st.sampled_from(["granted", "denied", None]),
    "unasked": st.sampled_from([1.5, None]),
    "visit": st.sampled_from(["v1", "v2", "", None]),
}


@st.composite
def lists(draw: st.DrawFn) -> pa.Table:
    """Customers, some of them twice, beside what the list itself knows of them."""
    ids = draw(st.lists(st.sampled_from((*IDS, "nobody", "nobody else")), min_size=1, max_size=8))
    names = draw(st.lists(st.sampled_from(sorted(COLUMNS)), unique=True, max_size=4))
    columns = {name: [draw(COLUMNS[name]) for _ in ids] for name in names}
    return pa.table({"customer": ids, **{name: _column(said) for name, said in columns.items()}})


def _column(said: list[Any]) -> pa.Array:
    """A column has one type: texts where some are."""
    if any(isinstance(each, str) for each in said):
        said = [None if each is None else str(each) for each in said]
    return pa.array(said)


def check(context: Context, listed: pa.Table, *, channel: str, campaign: str) -> None:
    found = answer_list(context, listed, at=NOW, channel=channel, campaign=campaign)
    desk = desk_of(context)
    rows = {str(row["customer"]): row for row in reversed(listed.to_pylist())}
    refused, missing = 0, set[str]()
    for customer, row in rows.items():
        visit = row.pop("visit", None) or ""
        traits = {name: said for name, said in row.items() if name != "customer"}
        asked = Question(customer=customer, at=NOW, channel=channel, visit=visit, campaign=campaign, traits=traits)
        answer = desk.answer(asked)
        assert decided_of(found, customer) == decided_rows(answer.decision)
        assert delivery_of(found, customer) == (None if answer.delivery.refused else answer.delivery)
        refused += answer.delivery.refused
        missing |= set(answer.decision.undecided.values())
    assert (found.asked, found.refused) == (len(rows), refused)
    assert missing <= set(found.undecided.values())


def decided_of(found: ListAnswer, customer: str) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = found.decided.filter(pc.equal(found.decided["customer"], customer)).to_pylist()
    return rows


def delivery_of(found: ListAnswer, customer: str) -> Delivery | None:
    rows = found.delivery.filter(pc.equal(found.delivery["customer"], customer)).to_pylist()
    each = [Delivery(deliver=row["deliver"], reason=row["held_for"], hold_until=row["hold_until"]) for row in rows]
    return each[0] if each else None


@law(10)
@given(
    st.lists(st.integers(0, 99).flatmap(an_event), min_size=10, max_size=25),
    st.lists(lists(), min_size=2, max_size=3),
    st.tuples(st.sampled_from(["", "email", "landing"]), st.sampled_from(["", "spring", "later"])),
    st.sampled_from([SETTINGS, replace(SETTINGS, contact=None), replace(SETTINGS, consent="required")]),
    st.sampled_from([*["memory"] * 4, "sqlite"]),
)
def test_a_list_is_answered_as_each_of_its_customers_is(
    events: list[Event], listed: list[pa.Table], occasion: tuple[str, str], written: Settings, kind: Kind
) -> None:
    with opened(kind, settings=written) as (context, _):
        record(context, events, received=NOW)
        for each in listed:
            check(context, each, channel=occasion[0], campaign=occasion[1])


@pytest.mark.parametrize(
    "type_", [pa.int64(), pa.float64(), pa.large_string(), pa.string_view(), pa.dictionary(pa.int32(), pa.string())]
)
def test_ids_of_any_type_are_the_texts_of_them(type_: pa.DataType) -> None:
    with opened("memory") as (context, _):
        customers = pa.array([7, 8]).cast(type_) if type_ in (pa.int64(), pa.float64()) else _texts(["7", "8"], type_)
        listed = pa.table({"customer": customers, "plan": _texts(["gold", "gold"], pa.string_view())})
        found = answer_list(context, listed, at=NOW, channel="email")
        plain = answer_list(context, pa.table({"customer": ["7", "8"], "plan": ["gold"] * 2}), at=NOW, channel="email")
        assert found.decided.num_rows > 0
        assert (found.decided, found.delivery) == (plain.decided, plain.delivery)


def _texts(said: list[str], type_: pa.DataType) -> pa.Array:
    return pa.array(said).cast(type_)


def test_a_list_knows_what_was_said_and_done_a_moment_ago_under_any_id() -> None:
    """One whose row is another id's, one who said something else since, one who bought under another id."""
    with opened("memory") as (context, _):
        alias = Event(message_id="l", customer="nobody", also="bob", name=ALIAS, time=noon(-3))
        bought = Event(message_id="b", customer="a1", name="Bought", time=noon(10))
        record(context, [alias, bought, said("bob", 10, plan="gold", consent=True)], received=NOW)
        listed = pa.table({"customer": ["nobody", "bob", "ann", "7"]})
        check(context, listed, channel="email", campaign="spring")
        found = answer_list(context, listed, at=NOW, channel="email", campaign="spring")
        assert {decided_of(found, customer)[0]["persona"] for customer in ("nobody", "bob")} == {"p1"}
        held = {row["customer"]: row["held_for"] for row in found.delivery.to_pylist()}
        assert held == {"nobody": "", "bob": "", "ann": "cool-down", "7": ""}
        silver = pa.table({"customer": ["bob"], "plan": ["silver"], "spend": [1.0]})
        check(context, silver, channel="email", campaign="")
        assert decided_of(answer_list(context, silver, at=NOW, channel="email"), "bob")[0]["persona"] == "p3"
