"""Named worlds are what they say, wrong ones are refused, and their files are files."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from living_personas.engines.duckdb.engine import DuckDBEngine
from living_personas.errors import InvalidWorldError, UnknownNameError
from living_personas.loop.context import Context
from living_personas.loop.folding.fold import used_columns
from living_personas.simulate.spec import Flip, Option, Preference, Season, TraitBelief, WorldSpec
from living_personas.simulate.workspace_files import workspace_files
from living_personas.simulate.world import World
from living_personas.simulate.worlds import HypothesisKind, demo_spec, hypothesis_spec, null_spec
from living_personas.stores.memory import MemoryStore
from living_personas.workspace.files import Workspace, read_workspace
from simulate.lives import Lived, joined

KINDS: tuple[HypothesisKind, ...] = ("static", "moving", "flipping")
SMALL = 400


@settings(max_examples=5)
@given(seed=st.integers(0, 2**40))
def test_a_null_world_has_no_wrong_belief_and_nobody_hidden(seed: int) -> None:
    truth = World(null_spec(seed, customers=SMALL)).truth
    assert not truth.segments
    assert not any(truth.wrong_on(day) for day in range(120))
    assert {trait.verdict for trait in truth.traits} == {"right"}


def test_the_demo_has_one_of_each() -> None:
    truth = World(demo_spec(1, customers=4_000)).truth
    first = {each.attribute: each.verdict_on(0) for each in truth.attributes}
    last = {each.attribute: each.verdict_on(119) for each in truth.attributes}
    assert first == {"framing": "wrong", "offer": "right", "send_time": "right", "content": "undecidable"}
    assert last == first | {"send_time": "wrong"}
    framing = truth.attribute("budget-first-buyer", "framing")
    assert (framing.believed, framing.best_on(0)) == ("discount", "quality")
    assert truth.trait("steady-regular", "average_order_value").verdict == "wrong"
    assert len(truth.segment("silent-evaluator").members) == 220
    assert json.loads(json.dumps(truth.summary())) == truth.summary()


@settings(max_examples=5)
@given(seed=st.integers(0, 2**40))
@pytest.mark.parametrize("kind", KINDS)
def test_hypothesis_worlds_are_drawn_by_their_seed(kind: HypothesisKind, seed: int) -> None:
    spec = hypothesis_spec(kind, seed, customers=SMALL)
    assert spec == hypothesis_spec(kind, seed, customers=SMALL)
    assert spec != hypothesis_spec(kind, seed + 2, customers=SMALL)
    assert bool(spec.season.weekly) == (kind != "static")
    flips = [each.flips for persona in spec.personas for each in persona.preferences if each.flips]
    assert all(40 <= flip.day <= 80 for [flip] in flips)
    assert not flips or kind == "flipping"


def test_hypothesis_worlds_are_wrong_and_right_alike() -> None:
    specs = [hypothesis_spec(kind, seed, customers=SMALL) for kind in KINDS for seed in range(12)]
    verdicts = [each.verdict_on(0) for spec in specs for each in World(spec).truth.attributes]
    counts: Counter[str] = Counter(verdicts)
    for verdict, share in {"right": 0.35, "wrong": 0.35, "undecidable": 0.3}.items():
        assert counts[verdict] / len(verdicts) == pytest.approx(share, abs=0.1)
    assert 9 <= sum(bool(spec.segments) for spec in specs) <= 27
    assert {spec.family for spec in specs} == {"gamma", "lognormal"}


@pytest.mark.parametrize(
    "make",
    [
        lambda: Option(name="a", odds=0.0),
        lambda: Preference(attribute="x", believed="c", options=(Option(name="a"), Option(name="b"))),
        lambda: Preference(
            attribute="x", believed="a", options=(Option(name="a"), Option(name="b")), flips=(Flip(day=1, odds=(1.0,)),)
        ),
        lambda: demo_spec(1, customers=0),
        lambda: replace(demo_spec(1), bots=1.0),
        lambda: replace(demo_spec(1), longest_delay_days=0.0),
        lambda: World(replace(demo_spec(1), segments=(replace(demo_spec(1).segments[0], share=0.9),))),
        lambda: World(_with_trait(demo_spec(1, customers=SMALL), "average_order_valu")),
    ],
)
def test_a_world_that_cannot_be_meant_is_refused(make: Callable[[], object]) -> None:
    with pytest.raises(InvalidWorldError) as told:
        make()
    assert told.value.hint


def test_an_unknown_home_is_refused() -> None:
    spec = demo_spec(1)
    with pytest.raises(UnknownNameError, match="curious-explore") as told:
        replace(spec, segments=(replace(spec.segments[0], home="curious-explore"),))
    assert "curious-explorer" in told.value.hint


def _with_trait(spec: WorldSpec, name: str) -> WorldSpec:
    first, *others = spec.personas
    return replace(spec, personas=(replace(first, traits=(TraitBelief(name=name, believed=1.0),)), *others))


def test_a_season_has_a_mean_of_one_and_stays_above_nothing() -> None:
    assert np.mean([Season(weekly=0.5).factor(day) for day in range(70)]) == pytest.approx(1)
    assert min(Season(weekly=0.9, trend=-3).factor(day) for day in range(1000)) > 0


@pytest.mark.parametrize("spec", [demo_spec(1), null_spec(2), *(hypothesis_spec(kind, 3) for kind in KINDS)])
def test_the_files_say_what_is_believed(spec: WorldSpec, tmp_path: Path) -> None:
    workspace = written(spec, tmp_path)
    assert workspace.settings.salt == f"living-personas-{spec.name}-{spec.seed}"
    assert [persona.id for persona in workspace.personas] == [persona.id for persona in spec.personas]
    for persona, meant in zip(workspace.personas, spec.personas, strict=True):
        assert persona.who == meant.who
        assert {a.name: (a.options, a.believed, a.confidence) for a in persona.attributes} == {
            p.attribute: (tuple(o.name for o in p.options), p.believed, p.confidence) for p in meant.preferences
        }
        assert {t.name: t.believed for t in persona.traits} == {t.name: t.believed for t in meant.traits}


def test_rules_file_most_customers_right_and_some_wrong(demo: Lived, tmp_path: Path) -> None:
    workspace = written(demo.world.spec, tmp_path)
    engine = DuckDBEngine()
    context = Context(store=MemoryStore(), engine=engine, settings=workspace.settings, personas=workspace.personas)
    features, traits = used_columns(context)
    day = list(demo.world.days())[40]
    events = joined([*demo.history, *demo.batches]).events
    customers = engine.features(day, events=events, links=context.store.inbox.links(), features=features, traits=traits)
    members = engine.members(customers, personas=workspace.personas)
    people = demo.world.people
    who = pc.index_in(members["customer"].combine_chunks(), value_set=people.ids).to_numpy()
    names = np.array([persona.id for persona in demo.world.spec.personas])
    ordinary = people.segment[who] < 0
    filed = np.array(members["persona"].to_pylist())[ordinary]
    meant = names[people.persona[who]][ordinary]
    for name in names:
        right = np.mean(filed[meant == name] == name)
        assert 0.75 < right < 0.98, name
    silent = pc.is_in(members["customer"], value_set=demo.world.truth.segment("silent-evaluator").members)
    homes = members.filter(silent)["persona"].value_counts().to_pylist()
    assert max(homes, key=lambda row: row["counts"])["values"] == "curious-explorer"


def written(spec: WorldSpec, folder: Path) -> Workspace:
    for name, text in workspace_files(spec).items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    return read_workspace(folder)


def test_the_members_of_a_segment_live_as_others_until_their_day() -> None:
    spec = demo_spec(1, customers=SMALL)
    world = World(replace(spec, segments=(replace(spec.segments[0], from_day=10),)))
    members = pa.array(world.people.segment == 0)
    assert world.people.ids.filter(members) == world.truth.segment("silent-evaluator").members
    theirs = np.flatnonzero(world.people.segment == 0)
    assert set(world.people.group(9)[theirs]) == {3}
    assert set(world.people.group(10)[theirs]) == {4}
