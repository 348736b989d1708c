"""A snapshot republished while an epoch runs never changes a customer's option in it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deciding.snapshots import CAMPAIGN, MONDAY, after, persona
from living_personas.deciding.decide import Decider
from living_personas.domain.belief import Subject
from living_personas.domain.persona import Assign, PersonaVersion
from living_personas.domain.settings import Campaign
from living_personas.domain.snapshot import Snapshot
from living_personas.engines.duckdb.engine import DuckDBEngine
from living_personas.refining.apply import baseline, pinned

EVERY: tuple[Assign, ...] = ("day", "week", "campaign", "always", "visit")
PERSONA = persona(assign=EVERY)
FIRST = baseline(PERSONA, day=MONDAY)
CUSTOMERS = [f"u{number}" for number in range(12)]
EVEN = (1 / 3, 1 / 3, 1 / 3)
tables = st.sampled_from([(1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0), EVEN, (0.8, 0.1, 0.1)])


def lived(days: list[tuple[float, float, float]], versions: dict[int, PersonaVersion] | None = None) -> list[Snapshot]:
    """One snapshot a day; each new table has the shares of its day."""
    snapshots: list[Snapshot] = []
    version = FIRST
    for number, shares in enumerate(days):
        version = (versions or {}).get(number, version)
        snapshots.append(
            after(
                (version,),
                dict.fromkeys([attribute.name for attribute in PERSONA.attributes], shares),
                day=MONDAY + timedelta(days=number),
                before=snapshots[-1] if snapshots else None,
            )
        )
    return snapshots


def met(snapshots: list[Snapshot]) -> dict[tuple[str, str, str], set[tuple[str, float, str]]]:
    """What each customer met in each epoch: on each day under that day's snapshot, and before it under yesterday's."""
    found: dict[tuple[str, str, str], set[tuple[str, float, str]]] = {}
    for number in range(len(snapshots)):
        today = MONDAY + timedelta(days=number)
        at = datetime.combine(today, time(12), tzinfo=UTC)
        for decider in map(Decider, snapshots[max(0, number - 1) : number + 1]):
            for customer in CUSTOMERS:
                decision = decider.decide(customer, {}, at=at, visit=f"{customer} on {today}", campaign=CAMPAIGN.name)
                for choice in () if decision.holdout else decision.choices:
                    key = (choice.attribute, customer, choice.epoch)
                    found.setdefault(key, set()).add((choice.option, choice.propensity, choice.policy))
    return found


@settings(max_examples=40)
@given(st.lists(tables, min_size=2, max_size=16))
def test_an_option_stays_for_its_epoch(days: list[tuple[float, float, float]]) -> None:
    assert {key: options for key, options in met(lived(days)).items() if len(options) > 1} == {}


def test_a_table_that_began_at_once_would_break_it() -> None:
    """The control: tables of the day that is under way."""
    versions = (FIRST,)
    names = [attribute.name for attribute in PERSONA.attributes]
    one = after(versions, dict.fromkeys(names, (1.0, 0.0, 0.0)), day=MONDAY, before=None)
    tuesday = MONDAY + timedelta(days=1)
    two = after(versions, dict.fromkeys(names, (0.0, 1.0, 0.0)), day=tuesday, before=one, begins=tuesday)
    assert any(len(options) > 1 for options in met([one, two]).values())


@settings(max_examples=30)
@given(st.lists(tables, min_size=9, max_size=12), st.integers(1, 8))
def test_a_corrected_value_that_is_kept_for_ever_gets_the_table_of_its_definition(
    days: list[tuple[float, float, float]], when: int
) -> None:
    """A new definition is a new epoch for everybody, drawn from the first table after it; then that one stays."""
    day = MONDAY + timedelta(days=when)
    standings = tuple(
        standing if standing.attribute != "alwaysly" else type(standing)(
            attribute="alwaysly", value="c", since=day, status="corrected"
        )
        for standing in FIRST.standings
    )  # fmt: skip
    second = PersonaVersion(
        persona=PERSONA, version=2, day=day, kind="corrected", reason="", standings=standings, traits=()
    )
    snapshots = lived(days, {when: second})
    assert {key: options for key, options in met(snapshots).items() if len(options) > 1} == {}
    for snapshot in snapshots[when:]:
        (kept,) = [a for a in snapshot.personas[0].attributes if a.attribute == "alwaysly"]
        assert [table.shares for table in kept.tables] == [snapshots[when].personas[0].attributes[3].tables[-1].shares]
        assert kept.tables[0].shares == pytest.approx(days[when], abs=1e-9)


def test_a_pin_holds_at_once_for_everybody() -> None:
    subject = Subject(persona="p", attribute="weekly")
    before = lived([(1.0, 0.0, 0.0)] * 3)[-1]
    version = pinned(FIRST, subject, day=MONDAY, by="dana", value="c")
    shares = dict.fromkeys([a.name for a in PERSONA.attributes], (1.0, 0.0, 0.0)) | {"weekly": (0.0, 0.0, 1.0)}
    now = after((version,), shares, day=before.day, before=before, fixed=(subject,))
    at = datetime.combine(before.day, time(12), tzinfo=UTC)
    for customer in CUSTOMERS:
        decision = Decider(now).decide(customer, {}, at=at, visit="v", campaign=CAMPAIGN.name)
        assert decision.holdout or decision.option("weekly") == "c"
        assert decision.holdout or decision.option("dayly") == "a"


@given(st.lists(tables, min_size=30, max_size=30))
@settings(max_examples=5)
def test_old_tables_are_let_go(days: list[tuple[float, float, float]]) -> None:
    kept = {a.assign: len(a.tables) for a in lived(days)[-1].personas[0].attributes}
    assert (kept["day"], kept["visit"], kept["always"]) == (2, 2, 1)
    assert kept["week"] == 8


def test_a_campaign_that_has_not_begun_decides_nothing_and_the_others_are_decided() -> None:
    soon = Campaign(name="soon", starts=MONDAY + timedelta(days=9))
    (snapshot,) = (replace(each, campaigns=((soon.name, soon.starts),)) for each in lived([(1.0, 0.0, 0.0)]))
    at = datetime.combine(MONDAY + timedelta(days=2), time(12), tzinfo=UTC)
    one = Decider(snapshot).decide("u1", {}, at=at, visit="v", campaign=soon.name)
    assert list(one.undecided) == ["campaignly"]
    assert "begins on" in one.undecided["campaignly"]
    listed = DuckDBEngine().decide(
        snapshot, pa.table({"customer": ["u1"], "visit": ["v"]}), at=at, channel="", campaign=soon.name
    )
    others = {each.name for each in PERSONA.attributes} - {"campaignly"}
    assert {choice.attribute for choice in one.choices} == set(listed["attribute"].to_pylist()) == others
