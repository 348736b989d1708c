"""The server, one SQL statement, and a script at the edge give the same answer to everybody."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest
from pydantic import TypeAdapter
from scipy.stats import chisquare

from deciding.snapshots import CAMPAIGN, MONDAY, after, edge_decides, persona, published
from living_personas.deciding.decide import Decider
from living_personas.domain.decision import UNMATCHED
from living_personas.domain.snapshot import Snapshot
from living_personas.engines.duckdb.engine import DuckDBEngine
from living_personas.refining.apply import baseline

AT = datetime(2026, 3, 12, 9, 30, tzinfo=UTC)
PLANS = ("free", "paid", "none")


@pytest.fixture(scope="module")
def snapshot() -> Snapshot:
    """Two personas with two attributes each, on their tenth day, so that weekly epochs use different tables."""
    versions = tuple(
        baseline(persona(name, f"plan = '{name}'", assign=("week", "day")), day=MONDAY) for name in ("free", "paid")
    )
    latest: Snapshot | None = None
    for number in range(11):
        shares = (0.1 + 0.05 * number, 0.4, 0.5 - 0.05 * number)
        latest = after(
            versions, {"weekly": shares, "dayly": shares[::-1]}, day=MONDAY + timedelta(days=number), before=latest
        )
    assert latest is not None
    return latest


Answer = dict[str, list[tuple[str, str, float]]]


def by_sql(snapshot: Snapshot, customers: list[str]) -> Answer:
    plans = [PLANS[number % 3] for number in range(len(customers))]
    table = pa.table({"customer": customers, "plan": plans})
    drawn = DuckDBEngine(threads=2).decide(snapshot, table, at=AT, channel="")
    found: Answer = {}
    for customer, *choice in zip(
        *(drawn[name].to_pylist() for name in ("customer", "attribute", "option", "propensity")), strict=True
    ):
        found.setdefault(customer, []).append((choice[0], choice[1], choice[2]))
    return found


def agree(snapshot: Snapshot, count: int) -> None:
    """All three, for every customer."""
    customers = [f"customer-{number}" for number in range(count)]
    text = TypeAdapter(Snapshot).dump_json(snapshot).decode()
    listed = by_sql(snapshot, customers)
    decider = Decider(snapshot)
    for number, customer in enumerate(customers):
        traits = {"plan": PLANS[number % 3]}
        decision = decider.decide(customer, traits, at=AT)
        served = [(choice.attribute, choice.option, choice.propensity) for choice in decision.choices]
        edge = sorted(edge_decides(text, customer, traits, AT.date()))
        assert served == edge == listed.get(customer, []), customer


def test_three_ways_agree_on_20_000_customers(snapshot: Snapshot) -> None:
    agree(snapshot, 20_000)


@pytest.mark.slow
def test_three_ways_agree_on_a_million_customers(snapshot: Snapshot) -> None:
    agree(snapshot, 1_000_000)


def test_realised_shares_are_the_propensities(snapshot: Snapshot) -> None:
    """In a list of 60,000, each table's options come as often as it says."""
    customers = [f"customer-{number}" for number in range(60_000)]
    table = pa.table({"customer": customers, "plan": ["free"] * len(customers)})
    drawn = DuckDBEngine(threads=2).decide(snapshot, table, at=AT, channel="")
    counts = Counter(zip(*(drawn[c].to_pylist() for c in ("policy", "option")), strict=True))
    tables = {t.policy: (a.options, t.shares) for a in snapshot.personas[0].attributes for t in a.tables}
    checked = 0
    for policy in {policy for policy, _ in counts} - {"holdout"}:
        options, shares = tables[policy]
        seen = [counts[policy, option] for option in options]
        assert chisquare(seen, [share * sum(seen) for share in shares]).pvalue > 1e-4
        checked += sum(seen)
    held = sum(count for (policy, _), count in counts.items() if policy == "holdout")
    assert checked + held == 2 * len(customers)
    assert chisquare([held, checked], [0.05 * 2 * len(customers), 0.95 * 2 * len(customers)]).pvalue > 1e-4


def test_the_holdout_gets_what_people_believed_on_the_same_occasions_as_everybody(snapshot: Snapshot) -> None:
    """The same epochs: else outcomes per unit of living and static personas would be of different things."""
    decider = Decider(snapshot)
    decisions = [decider.decide(f"u{n}", {"plan": "free"}, at=AT) for n in range(600)]
    held = [choice for decision in decisions if decision.holdout for choice in decision.choices]
    others = {choice.epoch for decision in decisions if not decision.holdout for choice in decision.choices}
    assert {(choice.option, choice.propensity, choice.policy) for choice in held} == {("b", 1.0, "holdout")}
    assert {choice.epoch for choice in held} <= others
    assert len({choice.epoch for choice in held}) > 1


@pytest.mark.promise("P12")
def test_a_decision_is_made_again_byte_for_byte(snapshot: Snapshot) -> None:
    adapter = TypeAdapter(Snapshot)
    kept = adapter.validate_json(adapter.dump_json(snapshot))
    one, again = (Decider(each).decide("u1", {"plan": "paid"}, at=AT, channel="web") for each in (snapshot, kept))
    assert one == again
    assert one.id != Decider(snapshot).decide("u2", {"plan": "paid"}, at=AT, channel="web").id


def test_whom_no_rule_matches_has_no_choices(snapshot: Snapshot) -> None:
    for known in ({}, {"plan": None}, {"plan": "other"}):
        decision = Decider(snapshot).decide("u1", known, at=AT)
        assert (decision.persona, decision.persona_version, decision.choices) == (UNMATCHED, 0, ())


def test_the_first_persona_by_priority_wins() -> None:
    snapshot = published(persona("b", "true"), persona("a", "true"))
    assert Decider(snapshot).decide("u1", {}, at=AT).persona == "a"


@pytest.mark.parametrize(("zone", "epoch"), [("UTC", "2026-03-12"), ("Pacific/Auckland", "2026-03-13")])
def test_the_day_is_the_workspaces_day(zone: str, epoch: str) -> None:
    snapshot = replace(published(persona(assign=("day",))), time_zone=zone)
    (choice,) = Decider(snapshot).decide("u1", {}, at=datetime(2026, 3, 12, 23, 30, tzinfo=UTC)).choices
    assert choice.epoch == epoch


def test_a_campaign_is_needed_by_attributes_of_campaigns() -> None:
    snapshot = published(persona(assign=("campaign",)))
    decision = Decider(snapshot).decide("u1", {}, at=AT, campaign=CAMPAIGN.name)
    assert decision.choices[0].epoch == CAMPAIGN.name
