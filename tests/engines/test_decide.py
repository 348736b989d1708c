"""One SQL statement decides for a list exactly as Python decides for one customer."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from laws import law
from living_personas.deciding.assign import thresholds
from living_personas.deciding.decide import Decider
from living_personas.domain.persona import Assign
from living_personas.domain.snapshot import LeafTable, PolicyTable, Snapshot, SnapshotAttribute, SnapshotPersona
from living_personas.engines.duckdb.engine import DuckDBEngine
from living_personas.engines.sql.decide_sql import decide_sql
from serving.answered import decided_rows

ENGINE = DuckDBEngine(threads=2)
START = date(2026, 3, 1)
CAMPAIGN = "spring's | sale"
SPELLED = ("Ann@Example.com", "ann@example.com", "Ünn@x.DE", "a@b@c.D", "A@b")
CUSTOMERS = (*(f"cüst'omer|{number}" for number in range(50)), *SPELLED)

weights = st.lists(st.sampled_from([0.0, 1.0, 3.0, 2**-20, 1 / 3]), min_size=4, max_size=4)


def _shares(weights: list[float]) -> list[float]:
    total = sum(weights)
    return [weight / total for weight in weights] if total else [1.0, *[0.0] * (len(weights) - 1)]


LEAVES = ("(mobile) is true", "(country = 'it''s') is true and (spend >= 3) is not true", "spend > 1")
"""Rules of parts: what is not known is in none of them, whatever the rule."""


@st.composite
def inside(draw: st.DrawFn, policy: str, *, width: int) -> LeafTable | None:
    if draw(st.booleans()):
        return None
    exact, ends = thresholds(_shares(draw(weights)[:width]))
    return LeafTable(leaf=draw(st.sampled_from(LEAVES)), policy=policy, shares=exact, thresholds=ends)


@st.composite
def attributes(draw: st.DrawFn, name: str) -> SnapshotAttribute:
    options = ("a", "it's", 'say "hi"', "é|{}")[: draw(st.integers(2, 4))]
    days = sorted(draw(st.sets(st.integers(0, 30), min_size=1, max_size=4)))
    drawn = [_shares(draw(weights)[: len(options)]) for _day in days]
    tables = tuple(
        PolicyTable(
            policy=f"p'{number}",
            day=START + timedelta(days=number),
            shares=exact,
            thresholds=ends,
            inside=draw(inside(f"p'{number}/inside", width=len(options))),
        )
        for number, (exact, ends) in zip(days, map(thresholds, drawn), strict=True)
    )
    assign: Assign = draw(st.sampled_from(["visit", "day", "week", "campaign", "always"]))
    return SnapshotAttribute(
        attribute=name,
        channel=draw(st.sampled_from(["", "web's", "email"])),
        options=options,
        assign=assign,
        believed=options[1],
        since=START + timedelta(days=draw(st.integers(0, 20))),
        tables=tables,
    )


@st.composite
def snapshots(draw: st.DrawFn) -> Snapshot:
    rules = draw(st.permutations(["spend > 5", "country = 'it''s'", "spend <= 5 or country is null", "spend = 1"]))
    personas = tuple(
        SnapshotPersona(
            persona=f"p'{number}",
            version=number + 1,
            who=rule,
            attributes=tuple(draw(attributes(name)) for name in ("tone", "b's|")[: draw(st.integers(0, 2))]),
        )
        for number, rule in enumerate(rules[: draw(st.integers(1, 3))])
    )
    return Snapshot(
        number=draw(st.integers(1, 999)),
        day=START,
        salt=draw(st.sampled_from(["salt", "s'a|lt \\"])),
        time_zone=draw(st.sampled_from(["UTC", "Europe/Amsterdam", "Pacific/Auckland"])),
        holdout_share=0.25,
        holdout_below="40000000",
        personas=personas,
        campaigns=((CAMPAIGN, START + timedelta(days=9)), ("other", START)),
    )


moments = st.integers(0, 21 * 24 * 60).map(lambda minute: datetime(2026, 3, 20, tzinfo=UTC) + timedelta(minutes=minute))


@law(40)
@given(snapshot=snapshots(), at=moments, channel=st.sampled_from(["", "web's", "email"]))
def test_the_list_is_decided_as_each_customer_is(snapshot: Snapshot, at: datetime, channel: str) -> None:
    spend = [float(number % 9) if number % 7 else None for number in range(len(CUSTOMERS))]
    country = ["it's" if number % 3 else None for number in range(len(CUSTOMERS))]
    visit = [f"visit {number}" for number in range(len(CUSTOMERS))]
    mobile = [(True, False, None)[number % 3] for number in range(len(CUSTOMERS))]
    known = {"spend": spend, "country": country, "visit": visit, "mobile": mobile}
    table = pa.table({"customer": CUSTOMERS, **known})
    decided = ENGINE.decide(snapshot, table, at=at, channel=channel, campaign=CAMPAIGN)
    decider = Decider(snapshot)
    wanted = []
    for row in sorted(table.to_pylist(), key=lambda row: str(row["customer"]).encode()):
        one = decider.decide(row["customer"], row, at=at, channel=channel, visit=row["visit"], campaign=CAMPAIGN)
        wanted += decided_rows(one)
    assert decided.to_pylist() == wanted


def _weekly(assign: Assign = "week", options: tuple[str, ...] = ("a", "b")) -> Snapshot:
    exact, ends = thresholds([0.5, 0.5])
    tables = (PolicyTable(policy="p", day=START, shares=exact, thresholds=ends),)
    attribute = SnapshotAttribute(
        attribute="tone", channel="", options=options, assign=assign, believed="a", since=START, tables=tables
    )
    persona = SnapshotPersona(persona="p", version=1, who="spend >= 0", attributes=(attribute,))
    return Snapshot(
        number=1,
        day=START,
        salt="salt",
        time_zone="UTC",
        holdout_share=0.0,
        holdout_below="00000000",
        personas=(persona,),
        campaigns=(("spring", START),),
    )


AT = datetime(2026, 3, 20, 12, tzinfo=UTC)


@pytest.mark.parametrize("visits", [None, ["v1", "", None, "v4"], [1, None, None, 4]])
def test_without_its_visit_an_attribute_has_no_row_and_the_others_have(visits: list[object] | None) -> None:
    customers = ["ann", "bob", "cid", "dan"]
    known = pa.table({"customer": customers, "spend": [1.0] * 4})
    if visits is not None:
        known = known.append_column("visit", pa.array(visits))
    decided = ENGINE.decide(_two("visit"), known, at=AT, channel="")
    assert _who(decided, "tone") == customers
    assert _who(decided, "occasion") == ([] if visits is None else ["ann", "dan"])
    for customer, visit in zip(customers, visits or [None] * 4, strict=True):
        named = "" if visit is None else str(visit)
        one = Decider(_two("visit")).decide(customer, {"spend": 1.0}, at=AT, visit=named)
        mine = decided.filter(pc.equal(decided["customer"], customer))
        assert mine["option"].to_pylist() == [choice.option for choice in one.choices]
        assert list(one.undecided) == ([] if named else ["occasion"])


@pytest.mark.parametrize("campaign", ["", "sprong"])
def test_without_its_campaign_an_attribute_has_no_row_and_the_others_have(campaign: str) -> None:
    known = pa.table({"customer": ["ann"], "spend": [1.0]})
    decided = ENGINE.decide(_two("campaign"), known, at=AT, channel="", campaign=campaign)
    assert (_who(decided, "tone"), _who(decided, "occasion")) == (["ann"], [])
    both = ENGINE.decide(_two("campaign"), known, at=AT, channel="", campaign="spring")
    assert (_who(both, "tone"), _who(both, "occasion")) == (["ann"], ["ann"])


def _two(assign: Assign) -> Snapshot:
    """An attribute that is drawn every week, and one on an occasion."""
    snapshot = _weekly()
    (persona,) = snapshot.personas
    (weekly,) = persona.attributes
    other = replace(weekly, attribute="occasion", assign=assign)
    return replace(snapshot, personas=(replace(persona, attributes=(weekly, other)),))


def _who(decided: pa.Table, attribute: str) -> list[str]:
    found: list[str] = decided.filter(pc.equal(decided["attribute"], attribute))["customer"].to_pylist()
    return found


def test_columns_of_any_type_are_read_as_their_text() -> None:
    """The statement alone, over a table whose columns it was told nothing about."""
    statement = decide_sql(_weekly(), at=AT, channel="", customers='my "list"')
    with duckdb.connect() as duck:
        duck.execute(
            'CREATE TABLE "my ""list""" AS SELECT * FROM (VALUES (7, \' 1.5 \'), (8, \'x\')) AS t(customer, spend)'
        )
        rows = duck.sql(statement).fetchall()
    one = Decider(_weekly()).decide("7", {"spend": 1.5}, at=AT)
    assert [(row[0], row[6]) for row in rows] == [("7", one.option("tone"))]


def test_many_may_ask_at_once() -> None:
    """One engine, several threads: each call sees its own table only."""

    def decided(number: int) -> list[str]:
        known = pa.table({"customer": [f"c{number}"], "spend": [1.0]})
        return list(ENGINE.decide(_weekly(), known, at=AT, channel="")["customer"].to_pylist())

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(decided, range(40))) == [[f"c{number}"] for number in range(40)]


def test_options_are_drawn_by_their_shares() -> None:
    many = pa.table({"customer": [f"c{number}" for number in range(20_000)], "spend": [1.0] * 20_000})
    drawn = ENGINE.decide(_weekly(), many, at=AT, channel="")
    assert drawn["option"].to_pylist().count("a") == pytest.approx(10_000, abs=300)
    assert len(set(drawn["epoch"].to_pylist())) == 7
