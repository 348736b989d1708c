"""Lists for ads: hashed as each platform asks, only of those who agreed, and never of a few."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from living_personas.channels.ads.google import google_upload
from living_personas.channels.ads.identifiers import Identity, hashed_email, phone_digits
from living_personas.channels.ads.meta import meta_upload
from living_personas.channels.ads.upload import LEAST, neutral_name
from living_personas.domain.event import IDENTIFY, Event, Json
from living_personas.domain.key import digest_of
from living_personas.errors import ExportError
from living_personas.loop import cycle
from living_personas.loop.context import Context
from living_personas.loop.recording.record import record
from living_personas.reporting.views import attributes_view, membership_view
from living_personas.serving.ad_lists import ad_lists
from loop.shops import PERSONA, SETTINGS, context_of, history, morning_after, noon

DANA = "07e2f1394b0ea80e2adca010ea8318df697001a005ba7452720edda4b0ce57b3"


def people(count: int) -> list[Identity]:
    return [Identity(email=f"u{n}@example.com", phone=f"+49 30 {901820 + n}") for n in range(count)]


def test_the_vector_of_both_platforms() -> None:
    assert hashed_email(" Dana@Example.COM\n") == DANA
    assert hashed_email("no address") == hashed_email("a b@c.de") == ""
    assert hashed_email("d.a+n@gmail.com") == digest_of("d.a+n@gmail.com")


def test_phones_are_hashed_differently() -> None:
    someone = [*people(LEAST), Identity(phone="030 901820")]
    google = google_upload("l", someone, region="DE")
    meta = meta_upload("l", someone, region="DE")
    assert digest_of("+4930901820") in {row[1] for row in google.rows}
    assert digest_of("4930901820") in {row[1] for row in meta.rows}
    assert phone_digits("030 901820", region="") == phone_digits("nonsense", region="DE") == ""


@given(st.integers(0, LEAST - 1))
def test_a_small_list_is_refused_without_its_size(count: int) -> None:
    for upload in (google_upload, meta_upload):
        with pytest.raises(ExportError) as refused:
            upload("lp_p1_v1", people(count) * 2)
        assert str(count) not in refused.value.message.replace("lp_p1_v1", "").replace(str(LEAST), "")


def test_batches_keep_the_limits_and_lose_nobody() -> None:
    many = [Identity(email=f"u{n}@example.com") for n in range(20_001)]
    meta = meta_upload("lp_p7_v3", many)
    bodies = [body for each in meta.requests[1:] if isinstance(body := each.body, dict)]
    sessions = [body["session"] for body in bodies]
    assert [(s["batch_seq"], s["last_batch_flag"]) for s in sessions if isinstance(s, dict)] == [
        (1, False),
        (2, False),
        (3, True),
    ]
    assert len({s["session_id"] for s in sessions if isinstance(s, dict)}) == 1
    sent = [
        row
        for body in bodies
        if isinstance(p := body["payload"], dict) and isinstance(p["data"], list)
        for row in p["data"]
    ]
    assert len(sent) == 20_001
    google = google_upload("lp_p7_v3", many)
    adds = [each for each in google.requests if each.path.endswith("addOperations")]
    assert [
        len(b["operations"]) for each in adds if isinstance(b := each.body, dict) and isinstance(b["operations"], list)
    ] == [
        10_000,
        10_000,
        1,
    ]
    assert "u1@example.com" not in json.dumps([each.body for each in (*google.requests, *meta.requests)])


def test_names_say_nothing() -> None:
    assert neutral_name(7, 3) == "lp_p7_v3"


def identified(customer: str, at: datetime, **traits: Json) -> Event:
    return Event(
        message_id=f"{customer}-{at.isoformat()}", customer=customer, name=IDENTIFY, time=at, properties=traits
    )


def shop(**consent: Json) -> Context:
    """400 customers with addresses of whom 150 agreed to ads, 20 of these with a further word."""
    context = context_of(replace(PERSONA, channels=("ads",)), settings=replace(SETTINGS, holdout=0.5))
    events = history([0, 1], units=200)
    customers = [event.customer for event in events if event.message_id.endswith("-met")]
    for n, customer in enumerate(customers):
        agreed: dict[str, Json] = {"consent_ads": True} if n < 150 else ({"consent_ads": False} if n < 250 else {})
        extra = consent if n < 20 else {}
        events.append(identified(customer, noon(0), email=f"u{n}@example.com", **agreed, **extra))
    record(context, events, received=noon(1))
    cycle.run(context, now=morning_after(1), owner="w")
    return context


def test_only_those_who_agreed_are_exported() -> None:
    found = ad_lists(shop(), "buyer", at=noon(2))
    (everyone,) = found.lists.values()
    assert (found.members, found.agreed, len(everyone)) == (400, 150, 150)
    assert {int(p.email[1:].partition("@")[0]) for p in everyone} == set(range(150))
    assert list(found.lists) == ["lp_p1_v1"]


@pytest.mark.parametrize("word", [{"gpc": True}, {"consent_personalisation": False}, {"consent": False}])
def test_a_further_no_goes_before_a_yes(word: dict[str, Json]) -> None:
    assert ad_lists(shop(**word), "buyer", at=noon(2)).agreed == 130


def test_consent_that_was_withdrawn_today_counts_today() -> None:
    context = shop()
    record(context, [identified("h-0-0", noon(2), consent_ads=False)], received=noon(2))
    assert ad_lists(context, "buyer", at=noon(2, hours=1)).agreed == 149


def test_lists_by_option_are_what_the_snapshot_decides_and_the_holdout_stays() -> None:
    context = shop()
    found = ad_lists(context, "buyer", at=noon(2), attribute="framing")
    assert sorted(found.lists) == [f"lp_p1_v1_a1_o{n}" for n in (1, 2, 3)]
    assert sum(map(len, found.lists.values())) == 150
    assert len(found.lists["lp_p1_v1_a1_o1"]) > 75  # the believed option: all of the holdout, and a share of the rest


def test_the_two_tables_for_warehouses() -> None:
    context = shop()
    members = membership_view(context).to_pylist()
    assert len(members) == 400
    assert sum(row["consent_ads"] for row in members) == 150
    assert 140 < sum(row["holdout"] for row in members) < 260
    assert {row["assigned_at"] for row in members} == {noon(1).date()}
    cycle.run(context, now=morning_after(2), owner="w")
    assert {row["assigned_at"] for row in membership_view(context).to_pylist()} == {noon(1).date()}
    (row,) = attributes_view(context).to_pylist()
    assert (row["persona_id"], row["attribute"], row["value"]) == ("buyer", "framing", "a")
    assert row["lower"] < row["upper"]
    assert row["n"] == 271  # of 400 units: those whose days the interval is of
    assert noon(0).tzinfo is UTC
    assert timedelta(0) == noon(0).utcoffset()
