"""The first page, and the list of personas: what somebody looks for is found without JavaScript."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from dashboard.desk import Desk, submit
from living_personas.domain.belief import Interval
from living_personas.domain.worth import Worth
from living_personas.loop.closing import closed_through
from living_personas.memory.worth_records import WORTH
from living_personas.refining.propose import Evidence

NAME = re.compile(r'<h2><a href="/personas/([^"]+)">')


def test_it_says_what_changed_what_waits_what_it_is_worth_and_what_is_broken(shown: Desk) -> None:
    page = shown.client("Vic").get("/").text
    lead = page.split('class="lead">')[1].split("</p>")[0]
    assert "wait for a person" in lead
    assert "to look at" in lead
    waits = page.split('id="waits">')[1].split("</section>")[0]
    open_ = [each for each in shown.context.store.refinements.all() if each.review == "open"]
    assert waits.count("/review#") == len(open_)
    assert "1 segment" in waits
    worth = page.split('id="worth">')[1].split("</section>")[0]
    assert "Order Completed, more than held out" in worth
    assert "EUR of revenue, more than held out" in worth
    for answer in re.findall(r"<dd>([^<]+)</dd>", worth):
        assert answer == "not known yet" or "between" in answer
    assert "in quarantine: 1." in page.split('id="broken">')[1]


def test_the_effects_of_what_waits_are_worked_out_once(shown: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    client, again = shown.client("Vic"), list[object]()
    before = {page: client.get(page).text for page in ("/", "/review")}
    monkeypatch.setattr(Evidence, "effect", lambda *each, **_: again.append(each))
    assert {page: client.get(page).text for page in before} == before
    assert again == []


def test_the_kill_switch_is_the_first_thing_that_is_said(desk: Desk) -> None:
    client = desk.client("Dana")
    submit(client, "/changes", "/kill", state="on", sure="1")
    page = client.get("/").text
    assert "Dana threw the kill switch" in page.split('id="changed">')[0]


def test_worth_over_time_leaves_out_days_of_few_customers(desk: Desk) -> None:
    store = desk.context.store
    closed = closed_through(desk.context)
    assert closed is not None
    daily = Interval(estimate=0.5, lower=0.25, upper=0.75)
    kept = Worth(
        event="Tea",
        value=None,
        currency=None,
        since=closed - timedelta(days=60),
        day=closed,
        living_customers=1_234,
        static_customers=60,
        days=4_000.0,
        daily=daily,
    )
    for ago, static in ((21, 49), (14, 60), (7, 61)):
        day = closed - timedelta(days=ago)
        WORTH.write(store, day.isoformat(), [replace(kept, day=day, static_customers=static)])
    page = desk.client("Vic").get("/").text
    table = page.split('<caption class="visually-hidden">Tea: what all')[1].split("</table>")[0]
    assert table.count("+2,000 (between +1,000 and +3,000)") == 2
    assert table.count("1,200") == 2
    assert "1,234" not in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=budget", ["budget-first-buyer"]),
        ("q=FREE_returns", ["deal-hunter"]),
        ("q=nobody+is+called+so", []),
        ("only=discovered", None),
        ("sort=name", None),
    ],
)
def test_personas_are_searched_filtered_and_sorted(shown: Desk, query: str, found: list[str] | None) -> None:
    client = shown.client("Vic")
    every = NAME.findall(client.get("/personas").text)
    page = client.get(f"/personas?{query}").text
    names = NAME.findall(page)
    if found is not None:
        assert names == found
        assert f"{len(found)} of {len(every)} personas" in page
    elif query == "sort=name":
        known = {version.id: version.persona.name.casefold() for version in shown.context.versions()}
        assert names == sorted(every, key=known.__getitem__)
    else:
        assert names != every


def test_a_group_of_personas_has_its_title_and_each_persona_is_in_one(shown: Desk) -> None:
    client = shown.client("Vic")
    page = client.get("/personas?group=goal").text
    assert "<h2>Order Completed</h2>" in page
    assert sorted(NAME.findall(page)) == sorted(NAME.findall(client.get("/personas").text))
    assert client.get("/personas?group=colour").status_code == 404
    assert "goal" in client.get("/personas?group=gaol").text
