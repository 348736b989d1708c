"""Segments keep their identity, wait for people where they must, and become personas that can be read."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from discovery.made import silent_users
from living_personas.discovery.columns import Amount, Count, Rate
from living_personas.domain.candidate import Candidate
from living_personas.domain.goal import Goal
from living_personas.domain.persona import Attribute, Persona
from living_personas.domain.settings import Feature, Settings
from living_personas.engines.duckdb.engine import DuckDBEngine
from living_personas.errors import InvalidDecisionError, UnknownNameError
from living_personas.loop.context import Context
from living_personas.loop.segments.adopting import adopt_segment, dismiss_segment
from living_personas.loop.segments.automatic_adoption import born
from living_personas.loop.segments.discovery import columns_of, segment_named, segments
from living_personas.stores.memory import MemoryStore
from living_personas.workspace.files import read_workspace
from loop.searches import searched

MONDAY = date(2026, 3, 2)

SETTINGS = """name: Shop
time_zone: UTC
salt: a-salt-of-sixteen-characters
features:
  sessions_28d: {sql: count(*) filter (where name = 'Session Started'), within: 28 days}
  email_opened_90d: {sql: count(*) filter (where name = 'Email Opened'), within: 90 days}
"""


@pytest.fixture
def context() -> Context:
    explorer = Persona(
        id="explorer",
        name="Explorer",
        who="sessions_28d >= 1",
        goal=Goal(event="Order Completed", within=timedelta(days=7)),
        attributes=(Attribute(name="content", options=("a", "b"), believed="a"),),
    )
    return Context(
        store=MemoryStore(), engine=DuckDBEngine(), settings=Settings(name="Shop", salt="s"), personas=(explorer,)
    )


def candidate(members: range, *, review: tuple[str, ...] = ()) -> Candidate:
    customers = pa.table({"customer": [f"c{n}" for n in members]})
    return replace(silent_users(customers, nearest="explorer"), review=review)


def test_a_segment_is_recognised_by_its_members_and_believed_when_seen_twice(context: Context) -> None:
    (first,) = searched(context, candidate(range(100)), day=MONDAY)
    assert born((first,)) == ()
    (again,) = searched(context, candidate(range(30, 130)), day=MONDAY + timedelta(days=7))
    assert (again.id, again.first_seen, again.last_seen) == (first.id, MONDAY, MONDAY + timedelta(days=7))
    assert born((again,)) == (again,)
    (other,) = searched(context, candidate(range(500, 600)), day=MONDAY)
    assert other.id != first.id
    assert [segment.id for segment in segments(context)] == [first.id, other.id]


def test_what_a_person_must_see_first_is_not_born_by_itself(context: Context) -> None:
    searched(context, candidate(range(100), review=("stands in for age",)), day=MONDAY)
    (again,) = searched(context, candidate(range(100), review=("stands in for age",)), day=MONDAY + timedelta(days=7))
    assert born((again,)) == ()


def test_an_adopted_segment_is_a_persona_file_that_reads_back(context: Context, tmp_path: Path) -> None:
    (tmp_path / "personas").mkdir()
    (tmp_path / "workspace.yaml").write_text(SETTINGS)
    (segment,) = searched(context, candidate(range(100)), day=MONDAY)
    adopted = adopt_segment(context, segment, root=tmp_path, day=MONDAY, by="evidence")
    (read,) = read_workspace(tmp_path).personas
    assert read.who == "sessions_28d >= 20 and email_opened_90d = 0"
    assert read.brief == "Discovered: sessions in 28 days at least 20, and email opened in 90 days is 0"
    assert read.priority < context.personas[0].priority
    assert read.attributes[0].options == ("in-product nudge", "e-mail", "nothing")
    assert read.attributes[0].believed == "e-mail"
    assert segment_named(context.store, segment.id).persona == adopted.id
    with pytest.raises(InvalidDecisionError, match="was adopted by evidence"):
        adopt_segment(context, segment_named(context.store, segment.id), root=tmp_path, day=MONDAY, by="Dana")


def test_a_dismissed_segment_stays_dismissed_when_it_is_seen_again(context: Context) -> None:
    (found,) = searched(context, candidate(range(100)), day=MONDAY)
    dismiss_segment(context.store, found, day=MONDAY, by="Dana")
    (again,) = searched(context, candidate(range(100)), day=MONDAY + timedelta(days=7))
    assert (again.state, again.decided_by, born((again,))) == ("dismissed", "Dana", ())
    with pytest.raises(UnknownNameError, match="s7"):
        segment_named(context.store, "s7")


def test_features_become_columns_of_their_kind() -> None:
    customers = pa.table(
        {
            "customer": ["a", "b", "c"],
            "visits": [3.0, 0.0, None],
            "spend": [1.5, 0.0, 2.0],
            "opened": [0.5, None, 1.0],
            "opened__of": [4.0, 0.0, 2.0],
            "basket": [20.0, 35.5, None],
            "basket__of": [1.0, 2.0, 0.0],
        }
    )
    features = [
        Feature(name="visits", sql="count(*)"),
        Feature(name="spend", sql="sum(revenue)"),
        Feature(name="opened", sql="count(*)", of="count(*)"),
        Feature(name="basket", sql="sum(revenue)", of="count(*)"),
    ]
    opened = Rate("opened", of="opened__of", ratio=True)
    assert columns_of(customers, features) == (Count("visits"), Amount("spend"), opened, Amount("basket"))
