"""The upkeep of personas: a rule that drifted, two that answer alike and the dead are proposed, applied and undone."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from discovery.made import rng
from living_personas.discovery.columns import Column, Count
from living_personas.domain.goal import Goal
from living_personas.domain.persona import Attribute, Persona, Standing
from living_personas.domain.settings import Settings
from living_personas.domain.upkeep import Upkeep
from living_personas.engines.duckdb.engine import DuckDBEngine
from living_personas.errors import InvalidDecisionError, UnknownNameError
from living_personas.loop.context import Context
from living_personas.loop.corrections.file_versions import adopt
from living_personas.loop.segments.duplicate_personas import settled_alike
from living_personas.loop.segments.upkeep_files import Decision, decide_upkeep
from living_personas.loop.segments.upkeep_proposals import look_after, proposals
from living_personas.memory.records import SIZES
from living_personas.outgoing.announcements import changes_in
from living_personas.stores.memory import MemoryStore
from living_personas.workspace.files import read_workspace
from loop.shops import PERSONA, Shop, context_of, reread
from written import write_workspace

MONDAY = date(2026, 3, 2)
WEEK = timedelta(days=7)
COLUMNS: tuple[Column, ...] = tuple(Count(name) for name in ("sessions", "docs", "orders", "tickets", "gifts"))
SETTINGS = """name: Shop
salt: a-salt-of-sixteen-characters
features:
  sessions: count(*) filter (where name = 'Session Started')
  docs: count(*) filter (where name = 'Doc Read')
  orders: count(*) filter (where name = 'Order Completed')
  tickets: count(*) filter (where name = 'Ticket Opened')
  gifts: count(*) filter (where name = 'Gift Bought')
"""
LOYAL = """# whom we know best
persona: loyal
name: Loyal
who: sessions >= 10  # as the workshop said
priority: 1
goal: {event: Order Completed, within: 7 days}
attributes:
  framing: {options: [a, b], we_believe: a}
"""
CASUAL = LOYAL.replace("loyal", "casual").replace("Loyal", "Casual").replace("sessions >= 10", "true")
CASUAL = CASUAL.replace("priority: 1", "priority: 2")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write_workspace(tmp_path, SETTINGS, {"loyal": LOYAL, "casual": CASUAL})


@pytest.fixture
def context(root: Path) -> Context:
    return reread(
        Context(store=MemoryStore(), engine=DuckDBEngine(), settings=Settings(name="", salt=""), personas=()), root
    )


def customers(seed: int, *, busier: float = 1.0, n: int = 3_000) -> pa.Table:
    """Two fifths are loyal, who do four times as much as the others; everybody's sessions become more."""
    draw = rng(seed)
    loyal = np.arange(n) < 0.4 * n
    means = np.where(loyal[:, None], [20.0, 8.0, 6.0, 2.0, 3.0], [5.0, 2.0, 1.5, 2.0, 0.5])
    habits = draw.gamma(4.0, 1 / 4.0, (n, 1)) * means * np.array([busier, 1, 1, 1, 1])
    counts = draw.poisson(habits)
    numbers = {column.name: counts[:, place].astype(float) for place, column in enumerate(COLUMNS)}
    return pa.table({"customer": [f"c{number:06d}" for number in range(n)], "known": np.full(n, 400.0), **numbers})


def filed(context: Context, table: pa.Table) -> pa.Table:
    return table.append_column("persona", context.engine.members(table, personas=context.personas)["persona"])


def looked(context: Context, week: int, table: pa.Table) -> tuple[Upkeep, ...]:
    """What a look in that week proposes."""
    found = filed(context, table)
    held = set(found["persona"].to_pylist())
    return look_after(context, found, COLUMNS, MONDAY + week * WEEK, filed=held, known_days="known", seed=week)


def test_a_rule_that_drifted_is_proposed_anew_after_a_week_applied_and_undone(context: Context, root: Path) -> None:
    looked(context, 0, customers(0))
    assert looked(context, 1, customers(1, busier=3.0)) == ()
    assert proposals(context.store) == ()
    (told,) = looked(context, 2, customers(2, busier=3.0))
    assert (told.kind, told.persona, told.state) == ("rule", "loyal", "open")
    assert told.f1 is not None
    assert told.f1_before is not None
    assert told.f1 >= 0.7 > told.f1_before
    assert [event.day for event in told.events] == [MONDAY + 2 * WEEK]
    (change,) = changes_in(context)
    assert (change.name, change.data["proposed"], change.data["f1"]) == (
        "persona.upkeep.proposed",
        told.proposed,
        told.f1,
    )
    with pytest.raises(UnknownNameError):
        decide_upkeep(context, "u0", "applied", root=root, day=MONDAY, by="Dana")
    decide_upkeep(context, told.id, "applied", root=root, day=MONDAY, by="Dana")
    text = (root / "personas" / "loyal.yaml").read_text()
    assert text == LOYAL.replace("sessions >= 10", text.split("who: ")[1].split("  #")[0])
    assert read_workspace(root).persona("loyal").who == told.proposed
    decide_upkeep(context, told.id, "undone", root=root, day=MONDAY, by="Dana")
    assert (root / "personas" / "loyal.yaml").read_text() == LOYAL
    assert looked(context, 3, customers(3, busier=3.0)) == ()  # a person has decided
    assert {change.data.get("decision") for change in changes_in(context)} == {None, "applied", "undone"}
    (kept,) = proposals(context.store)
    assert [(event.state, event.by) for event in kept.events] == [("open", ""), ("applied", "Dana"), ("undone", "Dana")]


def test_the_version_that_a_proposal_made_says_whose_decision_it_was(context: Context, root: Path) -> None:
    adopt(context, MONDAY)
    for week, busier in enumerate((1.0, 3.0, 3.0)):
        waiting = looked(context, week, customers(week, busier=busier))
    id_ = waiting[0].id
    decisions: tuple[tuple[Decision, str], ...] = (("applied", "Dana"), ("undone", "Erin"))
    for decision, by in decisions:
        decide_upkeep(context, id_, decision, root=root, day=MONDAY, by=by)
        (version,) = adopt(reread(context, root), MONDAY)
        assert version.reason == f"The file was edited by {by} (proposal {id_} {decision})."


def test_a_rule_that_says_what_it_said_is_left_alone(context: Context) -> None:
    assert [looked(context, week, customers(week)) for week in range(4)] == [()] * 4
    assert proposals(context.store) == ()


def test_a_rule_that_never_said_who_acts_alike_is_a_definition(context: Context) -> None:
    casual, loyal = sorted(context.personas, key=lambda persona: persona.id)
    odd = replace(context, personas=(replace(loyal, who="tickets >= 3"), casual))
    assert [looked(odd, week, customers(week, busier=1 + week)) for week in range(4)] == [()] * 4


def test_where_nobody_is_at_home_any_more_no_rule_is_proposed(context: Context) -> None:
    looked(context, 0, customers(0))
    left = customers(1).slice(1_200)  # the loyal are the first of them
    assert [looked(context, week, left) for week in range(1, 4)] == [()] * 3


def test_a_drift_that_ends_is_told_to_be_gone(context: Context) -> None:
    for week, busier in enumerate((1.0, 3.0, 3.0)):
        waiting = looked(context, week, customers(week, busier=busier))
    assert len(waiting) == 1
    assert looked(context, 3, customers(9)) == ()
    (gone,) = proposals(context.store)
    assert [event.state for event in gone.events] == ["open", "gone"]


def test_files_that_people_edited_are_not_written_over(context: Context, root: Path) -> None:
    for week, busier in enumerate((1.0, 3.0, 3.0)):
        waiting = looked(context, week, customers(week, busier=busier))
    path = root / "personas" / "loyal.yaml"
    path.write_text(LOYAL.replace(">= 10", ">= 30"))
    with pytest.raises(InvalidDecisionError, match="sessions >= 30"):
        decide_upkeep(context, waiting[0].id, "applied", root=root, day=MONDAY, by="Dana")
    path.write_text(LOYAL)
    decide_upkeep(context, waiting[0].id, "applied", root=root, day=MONDAY, by="Dana")
    path.write_text(path.read_text() + "brief: Mine.\n")
    with pytest.raises(InvalidDecisionError, match=r"loyal\.yaml"):
        decide_upkeep(context, waiting[0].id, "undone", root=root, day=MONDAY, by="Dana")
    with pytest.raises(InvalidDecisionError, match="applied, by Dana"):
        decide_upkeep(context, waiting[0].id, "dismissed", root=root, day=MONDAY, by="Erin")


def test_a_persona_that_nobody_belongs_to_for_a_month_is_proposed_to_be_retired(context: Context, root: Path) -> None:
    dead = LOYAL.replace("loyal", "dead").replace("Loyal", "Dead").replace("priority: 1", "priority: 3")
    (root / "personas" / "dead.yaml").write_text(dead.replace("sessions >= 10", "sessions < 0"))
    context = reread(context, root)
    adopt(context, MONDAY)
    table = customers(0)
    for week in range(4):
        SIZES.write(context.store, {MONDAY + each * WEEK: {"loyal": 5, "casual": 7} for each in range(week + 1)})
        assert looked(context, week, table) == ()
    (told,) = looked(context, 4, table)
    assert (told.kind, told.persona) == ("retire", "dead")
    decide_upkeep(context, told.id, "applied", root=root, day=MONDAY, by="Dana")
    assert [persona.id for persona in read_workspace(root).personas] == ["loyal", "casual"]
    assert looked(reread(context, root), 5, table) == ()
    decide_upkeep(context, told.id, "undone", root=root, day=MONDAY, by="Dana")
    assert read_workspace(root).persona("dead").who == "sessions < 0"
    assert looked(reread(context, root), 6, table) == ()


@pytest.fixture(scope="module")
def two_alike() -> Context:
    """Two personas of a shop, to both of which the same is proven."""
    north = replace(PERSONA, id="north", who="customer < 'u2'", priority=0, guardrails=())
    south = replace(PERSONA, id="south", priority=1, guardrails=())
    attribute = Attribute(name="framing", options=("a", "b"), believed="a", assign="day")
    personas = [replace(each, attributes=(attribute,)) for each in (north, south)]
    shop = Shop(
        context_of(*personas),
        lambda option, _day, draw: {"Bought": None} if draw.random() < (0.7 if option == "b" else 0.1) else {},
        customers=200,
    )
    shop.live(7)
    assert {shop.value("north"), shop.value("south")} == {"b"}
    return shop.context


@pytest.mark.long
def test_two_personas_to_which_the_same_is_proven_are_proposed_to_be_one(two_alike: Context) -> None:
    nobody = pa.table({"persona": pa.array([], pa.string())})
    (told,) = look_after(two_alike, nobody, (), MONDAY, filed={"north", "south"}, known_days="known")
    assert (told.kind, told.persona, told.other, told.state) == ("merge", "north", "south", "open")
    assert told.proposed == "(customer < 'u2') or (true)"
    assert "framing 'b'" in told.why


@pytest.mark.parametrize(
    "otherwise",
    [
        {"goal": Goal(event="Bought", within=timedelta(days=2))},
        {"guardrails": PERSONA.guardrails},
        {"attributes": (Attribute(name="framing", options=("a", "b", "c"), believed="a", assign="day"),)},
    ],
)
def test_personas_that_ask_otherwise_do_not_answer_alike(two_alike: Context, otherwise: dict[str, object]) -> None:
    north, south = two_alike.versions()
    assert settled_alike(north, south)
    changed: Persona = replace(south.persona, **otherwise)  # type: ignore[arg-type]
    assert not settled_alike(north, replace(south, persona=changed))


@pytest.mark.parametrize("standing", [{"value": "a"}, {"status": "learning"}, {"pinned": True}])
def test_what_is_not_the_same_or_not_proven_in_both_is_not_alike(
    two_alike: Context, standing: dict[str, object]
) -> None:
    north, south = two_alike.versions()
    (held,) = south.standings
    changed: Standing = replace(held, **standing)  # type: ignore[arg-type]
    assert not settled_alike(north, replace(south, standings=(changed,)))
