"""Rows become events: event logs, wide experiment files, and who did it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from living_personas.domain.batch import EventBatch
from living_personas.domain.event import ALIAS, EXPOSED, IDENTIFY, Exposure
from living_personas.domain.settings import OutcomeColumn, Source, SourceExposure, SourceTime
from living_personas.errors import IngestError

LOG = {"id": "m1", "user": "u1", "anon": "a1", "at": "2026-03-29T12:00:00", "event": "Bought", "via": "web"}
NOON = datetime(2026, 3, 29, 10, tzinfo=UTC)


def _frame(*rows: dict[str, Any]) -> pa.Table:
    return pa.Table.from_pylist(list(rows))


def _row(**changed: Any) -> dict[str, Any]:
    return {**LOG, "plan": None, "amount": None, "sku": None, **changed}


def test_an_event_row_is_one_event_and_what_it_says_of_the_customer(load: Any, log: Source) -> None:
    said, done = load(_frame(_row(plan="pro", amount=3)), log).events
    assert (said.message_id, said.name, said.properties, said.time) == (
        "shop:m1:traits",
        IDENTIFY,
        {"plan": "pro"},
        NOON,
    )
    assert (done.message_id, done.name, done.properties, done.channel) == ("shop:m1", "Bought", {"amount": 3}, "web")
    assert {said.also, done.also} == {"a1"}


def test_an_identify_row_stays_one_event(load: Any, log: Source) -> None:
    (event,) = load(_frame(_row(event=IDENTIFY, plan="pro", amount=3)), log).events
    assert (event.message_id, event.properties) == ("shop:m1", {"plan": "pro", "amount": 3})


@pytest.mark.parametrize(
    ("ids", "customer", "also"),
    [
        (("u1", "a1"), "u1", "a1"),
        (("u1", None), "u1", ""),
        ((None, "a1"), "a1", ""),
        ((" ", "a1"), "a1", ""),
        (("x", "x"), "x", ""),
    ],
)
def test_two_ids_in_one_row_are_one_customer(
    load: Any, log: Source, ids: tuple[str | None, str], customer: str, also: str
) -> None:
    rows = [_row(user=ids[0], anon=ids[1], event=name) for name in ("Bought", ALIAS, IDENTIFY)]
    assert {(event.customer, event.also) for event in load(_frame(*rows), log).events} == {(customer, also)}


def test_a_fixed_event_names_rows_without_a_name(load: Any, log: Source) -> None:
    source = replace(log, event=None, fixed_event="Order Completed", channel=None, fixed_channel="web")
    (event,) = load(_frame(_row()), source).events
    assert (event.name, event.channel) == ("Order Completed", "web")


def test_without_ids_of_their_own_rows_are_known_by_what_they_say(load: Any, write: Any, log: Source) -> None:
    source = replace(log, message_id=None, traits=(), properties=(), anonymous=None, channel=None)
    rows = ["u1,2026-03-29T12:00:00,Bought,1", "u2,2026-03-29T12:00:00,Bought,1", "u1,2026-03-29T12:00:00,Bought,1"]
    monday = load(write("shop.csv", "\n".join(["user,at,event,n", *rows])), source).events
    first, other, again = (event.message_id for event in monday)
    assert again == f"{first}.2"
    tuesday = load(
        write("more.csv", "\n".join(["user,at,event,n,new", *(f"{row},x" for row in reversed(rows))])), source
    )
    assert {event.message_id for event in tuesday.events} == {first, other, again}
    wider = load(write("shop.csv", "\n".join(["user,at,event,n", *rows])), replace(source, properties=("n",)))
    assert {event.message_id for event in wider.events}.isdisjoint({first, other, again})


def test_all_other_columns_may_travel(load: Any, log: Source) -> None:
    source = replace(log, properties=("*",))
    nested = {"items": [{"sku": "1", "price": 2.5}], "gift": True}
    _, event = load(_frame(_row(plan="pro", amount=3, sku="x", cart=nested)), source).events
    assert event.properties == {"amount": 3, "sku": "x", "cart": nested}


@given(st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_in_text_are_the_numbers_they_say(load: Any, write: Any, log: Source, number: float) -> None:
    source = replace(log, anonymous=None, channel=None, traits=(), properties=("amount",))
    path = write("a.csv", f"id,user,at,event,amount\nm,u,2026-01-01,E,{number!r}\n")
    (event,) = load(path, source).events
    assert event.properties == {"amount": number}
    assert type(event.properties["amount"]) is type(number)


@pytest.mark.parametrize(
    "text", ["01234", "+1", "1,5", "0x10", ".5", "5.", "1_000", "NaN", "Infinity", "-", "true", "1e999", "9" * 19,
             "9" * 30, "١٢", "-00", "1 2"],
)  # fmt: skip
def test_text_that_is_not_plainly_a_number_stays_text(load: Any, write: Any, log: Source, text: str) -> None:
    source = replace(log, anonymous=None, channel=None, traits=(), properties=("sku",))
    (event,) = load(write("a.csv", f'id,user,at,event,sku\nm,u,2026-01-01,E,"{text}"\n'), source).events
    assert event.properties == {"sku": text}


def _wide(**changed: Any) -> dict[str, Any]:
    return {"user": "u1", "city": "Rome", "shown": "a", "visit": 0, "bought": 0, "spend": 0.0, **changed}


def test_a_wide_row_is_what_was_known_what_was_met_and_what_was_done(load: Any, mailing: Source) -> None:
    loaded = load(_frame(_wide(visit=1, bought=1, spend=49.5)), mailing)
    known, met, visited, bought = loaded.events
    row = known.message_id.removesuffix(":traits")
    assert row.startswith("mailing:#")
    assert [event.message_id.removeprefix(row) for event in loaded.events] == [
        ":traits", ":exposed", ":Visited", ":Order Completed",
    ]  # fmt: skip
    assert (known.name, known.properties, known.exposures) == (IDENTIFY, {"city": "Rome"}, ())
    assert (met.name, met.channel) == (EXPOSED, "email")
    assert met.exposures == (Exposure(attribute="framing", option="a", policy="logged/mailing", propensity=0.5),)
    assert (visited.properties, bought.properties) == (None, {"revenue": 49.5})
    assert known.time + timedelta(days=1) == met.time == visited.time == bought.time
    assert loaded.policies == {"logged/mailing": {"a": 0.5}}
    assert (loaded.first, loaded.last) == (known.time.date(), met.time.date())


def test_only_what_came_about_is_an_event(load: Any, mailing: Source) -> None:
    rows = [_wide(), _wide(visit=None, bought=None, spend=None), _wide(visit=False), _wide(city=None)]
    for row in rows:
        names = [event.name for event in load(_frame(row), mailing).events]
        assert names == [IDENTIFY, EXPOSED] if row["city"] else [EXPOSED]
    (_, refund) = load(_frame(_wide(city=None, spend=-5.0)), mailing).events
    assert (refund.name, refund.properties) == ("Order Completed", {"revenue": -5.0})


def test_the_day_before_is_a_calendar_day_also_when_clocks_change(load: Any, mailing: Source) -> None:
    source = replace(mailing, time=SourceTime(column="at"))
    known, met = load(_frame(_wide(at="2026-03-29T12:00:00")), source).events
    assert met.time - known.time == timedelta(hours=23)


def test_outcomes_may_come_later(load: Any, mailing: Source) -> None:
    late = OutcomeColumn(column="visit", event="Visited", after=timedelta(hours=30))
    _, met, visited = load(_frame(_wide(visit=1)), replace(mailing, outcomes=(late,))).events
    assert visited.time - met.time == timedelta(hours=30)


def test_an_observational_wide_row_has_no_exposure(load: Any, mailing: Source) -> None:
    source = replace(mailing, exposure=None, properties=("shown",))
    known, visited = load(_frame(_wide(visit=1)), source).events
    assert (known.name, visited.name, visited.properties) == (IDENTIFY, "Visited", {"shown": "a"})


def test_a_row_of_traits_alone_is_known_at_its_own_time(load: Any, mailing: Source) -> None:
    source = Source(name="crm", customer="user", time=SourceTime(column="at"), traits=("city",))
    (event,) = load(_frame(_wide(at=date(2026, 1, 5))), source).events
    assert (event.name, event.time) == (IDENTIFY, datetime(2026, 1, 5, 22, 59, 59, 999999, tzinfo=UTC))


def test_an_exposure_may_name_persona_epoch_stratum_channel_and_policy(load: Any, mailing: Source) -> None:
    said = SourceExposure(
        attribute="framing", option="shown", persona="who", epoch="week", stratum="test", channel="via",
        policy="table", propensity="share",
    )  # fmt: skip
    source = replace(mailing, exposure=said, channel="via_site", fixed_channel="ads")
    row = _wide(who="buyer", week=date(2026, 1, 5), test=4, via="email", via_site="", table="v2", share=0.25, visit=1)
    _, met, visited = load(_frame(row), source).events
    assert met.exposures == (
        Exposure(attribute="framing", option="a", persona="buyer", epoch="2026-01-05", stratum="4",
                 policy="logged/mailing/v2", propensity=0.25),
    )  # fmt: skip
    assert (met.channel, visited.channel) == ("email", "ads")


def test_an_event_row_carries_an_exposure_where_its_option_is_not_blank(load: Any, log: Source) -> None:
    source = replace(log, exposure=SourceExposure(attribute="framing", option="shown"))
    blank, met = load(_frame(_row(id="1", shown=" "), _row(id="2", shown="a")), source).events
    assert blank.exposures == ()
    assert met.exposures == (Exposure(attribute="framing", option="a"),)
    assert met.name == "Bought"


def test_a_file_cut_in_two_gives_the_same_events(load: Any, write: Any, mailing: Source) -> None:
    source = replace(mailing, message_id="user")
    head = "user,city,shown,visit,bought,spend\n"
    lines = [f"u{number},Rome,{'ab'[number % 2]},{number % 3},0,{number}\n" for number in range(50)]
    whole = load(write("whole.csv", head + "".join(lines)), source)
    parts = [
        load(write(name, head + "".join(part)), source) for name, part in (("1.csv", lines[:17]), ("2.csv", lines[17:]))
    ]
    assert parts[0].events + parts[1].events == whole.events


@pytest.mark.parametrize(
    ("changed", "message", "hint"),
    [
        ({"customer": "usr"}, "`customer` from column 'usr', which 'frame' does not have", "did you mean 'user'?"),
        ({"traits": ("ctiy",)}, "takes `traits` from column 'ctiy'", "did you mean 'city'?"),
        ({"message_id": "zzz"}, "takes `message_id` from column 'zzz'", "known: 'bought', 'city'"),
        ({"time": SourceTime(column="vist")}, "takes `time` from column 'vist'", "did you mean 'visit'?"),
        ({"exposure": SourceExposure(attribute="f", option="show")}, "`exposure.option`", "did you mean 'shown'?"),
        ({"exposure": SourceExposure(attribute="f", option="shown", propensity="p")}, "`exposure.propensity`", "known"),
        ({"outcomes": (OutcomeColumn(column="spent", event="O"),)}, "`outcomes`", "did you mean 'spend'?"),
        ({"event": "shown"}, "declares both `event` and `outcomes`", "keep one"),
        ({"outcomes": (), "exposure": None, "traits": ()}, "does not say what a row is", "declare `event`"),
        ({"exposure": SourceExposure(attribute="f", option="shown", propensity=1.5)}, "a share of 1.5", "at most 1"),
        ({"exposure": SourceExposure(attribute="f", option="shown", propensity=0)}, "share", "above 0"),
        (
            {"exposure": SourceExposure(attribute="f", option="shown", propensities={"a": 0.7, "b": 0.5})},
            "shares that add up to 1.2",
            "at most 1",
        ),
        (
            {"outcomes": (OutcomeColumn(column="visit", event="O"),
                          OutcomeColumn(column="spend", event="O", after=timedelta(days=1)))},
            "dates the outcome 'O' in two ways",
            "one `after`",
        ),
    ],
)  # fmt: skip
def test_a_mapping_that_does_not_fit_is_refused_before_any_row(
    load: Any, mailing: Source, changed: dict[str, Any], message: str, hint: str
) -> None:
    with pytest.raises(IngestError) as caught:
        load(_frame(_wide()), replace(mailing, **changed))
    assert message in caught.value.message
    assert hint in caught.value.hint


def test_the_events_are_recordable(load: Any, mailing: Source, zone: Any) -> None:
    loaded = load(_frame(_wide(visit=1), _wide(shown="b")), mailing)
    batch = EventBatch.of(loaded.events, zone=zone)
    assert (len(batch), batch.exposures.num_rows) == (loaded.received, 2)
