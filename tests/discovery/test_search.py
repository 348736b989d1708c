"""A search for segments: refused where nothing can be said, silent where nothing is, and right where something is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from living_personas.demo.drive import looks as look_days
from living_personas.discovery.columns import Count, Rate
from living_personas.discovery.find import find_segments
from living_personas.domain.candidate import Candidate
from living_personas.errors import InsufficientEvidenceError, LivingPersonasError
from living_personas.loop.event_days.seen import KNOWN_DAYS
from living_personas.rules.closure import compile_rule
from living_personas.rules.parse import parse
from living_personas.simulate.worlds import demo_spec, null_spec
from worlds.customers import COLUMNS, FAMILIES, NULLS, Family, Kind, customers
from worlds.hard_customers import nothing_new
from worlds.moving_customers import parting_weeks
from worlds.shop_looks import looks


def test_too_few_customers_are_an_error_that_says_how_many_more() -> None:
    with pytest.raises(InsufficientEvidenceError) as refused:
        find_segments(customers("gamma", 400, seed=1).frame, columns=COLUMNS, assigned="persona")
    assert "600" in str(refused.value)


@pytest.mark.parametrize(
    "column", [Count("sesions_28d"), Count("order_value"), Rate("sessions_28d", of="email_received_90d")]
)
def test_columns_that_cannot_be_what_they_are_said_to_be_are_refused(column: Count | Rate) -> None:
    frame = customers("gamma", 1500, seed=1).frame
    with pytest.raises(LivingPersonasError) as refused:
        find_segments(frame, columns=[*COLUMNS[:4], column], assigned="persona")
    assert refused.value.hint


def test_a_column_of_known_days_that_is_not_there_is_refused() -> None:
    with pytest.raises(LivingPersonasError, match="since"):
        find_segments(customers("gamma", 1500, seed=1).frame, columns=COLUMNS, assigned="persona", known_days="since")


def test_newcomers_are_not_a_segment() -> None:
    world = customers("gamma", 4_000, seed=3, recent=0.12)
    found = find_segments(world.frame, columns=COLUMNS, assigned="persona", known_days="known", seed=3)
    assert found.candidates == ()


@pytest.mark.long
def test_the_same_seed_gives_the_same_answer() -> None:
    world = customers("factor", 3_000, seed=2, planted=0.08)
    found = [find_segments(world.frame, columns=COLUMNS, assigned="persona", seed=5) for _ in range(2)]
    assert found[0].rejected == found[1].rejected
    assert [each.members for each in found[0].candidates] == [each.members for each in found[1].candidates]


@pytest.mark.long
@pytest.mark.parametrize("seed", [35, 52])
def test_members_of_a_small_persona_who_ordered_or_did_not_are_no_segment(seed: int) -> None:
    """Both were published while who ordered nothing got the order value of anybody."""
    world = nothing_new("misfiled", 20_000, seed=seed)
    assert find_segments(world.frame, columns=COLUMNS, assigned="persona", seed=seed).candidates == ()


@pytest.mark.long
@pytest.mark.parametrize("seed", [90_003, 90_004])
def test_of_a_persona_that_is_two_kinds_of_customers_the_one_that_stands_apart_is_published(seed: int) -> None:
    """Two fifths of a persona are silent evaluators, who agree with its filing as well as the other three fifths do."""
    world, here = next(parting_weeks(10_000, seed=seed, count=12))
    (found,) = find_segments(world.frame, columns=COLUMNS, assigned="persona", seed=seed).candidates
    planted = set(world.frame["customer"].filter(pa.array(here["silent"])).to_pylist())
    assert alike(planted, members((found,))[0]) >= 0.7
    assert any("two kinds of customers" in reason for reason in found.review)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_the_silent_evaluator_is_found_in_the_shop_of_the_demo(seed: int, tmp_path: Path) -> None:
    for table, columns, hidden in looks(demo_spec(seed), tmp_path, days=look_days(120)):
        found = find_segments(table, columns=columns, assigned="persona", known_days=KNOWN_DAYS.name, seed=seed)
        planted = set(table["customer"].filter(hidden).to_pylist())
        (group,) = members(found.candidates)
        print(f"\nshop, seed {seed}: {found.candidates[0].name!r}, Jaccard {alike(planted, group):.2f}")
        assert alike(planted, group) >= 0.6


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_where_the_shop_has_newcomers_only_nothing_is_published(seed: int, tmp_path: Path) -> None:
    for table, columns, _ in looks(null_spec(seed), tmp_path, days=[70, 71]):
        found = find_segments(table, columns=columns, assigned="persona", known_days=KNOWN_DAYS.name, seed=seed)
        print(f"\nnull shop, seed {seed}: {[c.name for c in found.candidates]}")
        assert found.candidates == ()


@pytest.mark.slow
@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("seed", [1, 2])
def test_the_silent_evaluator_is_found(family: Family, seed: int) -> None:
    world = customers(family, 20_000, seed=seed, planted=0.05)
    found = find_segments(world.frame, columns=COLUMNS, assigned="persona", seed=seed)
    planted = set(world.frame["customer"].filter(pa.array(world.planted)).to_pylist())
    best = max((alike(planted, each) for each in members(found.candidates)), default=0.0)
    print(f"\n{family}, seed {seed}: {[(c.name, c.size) for c in found.candidates]}, Jaccard {best:.2f}")
    assert best >= 0.6
    assert len(found.candidates) == 1
    for candidate in found.candidates:
        rule = compile_rule(parse(candidate.explanation.rule))
        held = [bool(rule(row)) for row in world.frame.slice(0, 2000).to_pylist()]
        assert 0 < np.mean(held) < 0.5


@pytest.mark.slow
@pytest.mark.parametrize("kind", NULLS)
@pytest.mark.parametrize("family", FAMILIES)
def test_where_there_are_personas_only_nothing_is_published(family: Family, kind: Kind) -> None:
    world = customers(family, 10_000, seed=11, kind=kind)
    found = find_segments(world.frame, columns=COLUMNS, assigned="persona", seed=11)
    print(f"\n{family}, {kind}: {[c.name for c in found.candidates]}")
    assert found.candidates == ()


def members(candidates: tuple[Candidate, ...]) -> list[set[str]]:
    """The customers of each candidate."""
    return [set(candidate.members["customer"].to_pylist()) for candidate in candidates]


def alike(one: set[str], other: set[str]) -> float:
    """Jaccard index."""
    return len(one & other) / len(one | other)


def test_customers_who_do_not_differ_are_an_error_and_no_failure_of_numpy() -> None:
    frame = pa.table({"customer": [f"c{n}" for n in range(1500)], "persona": ["a"] * 1500, "one": [1] * 1500})
    alike = frame.append_column("two", pa.array([2] * 1500))
    with pytest.raises(InsufficientEvidenceError, match="No two customers differ") as told:
        find_segments(alike, columns=[Count("one"), Count("two")], assigned="persona")
    assert "never traits" in str(told.value.hint)


def test_personas_of_fewer_members_than_columns_are_known_by_nobody() -> None:
    rng = np.random.Generator(np.random.PCG64(1))
    named = [f"p{n}" if n < 20 else None for n in range(1500)]
    frame = pa.table({f"n{place}": rng.poisson(3, 1500) for place in range(25)})
    frame = frame.append_column("customer", pa.array([f"c{n}" for n in range(1500)])).append_column(
        "persona", pa.array(named)
    )
    with pytest.raises(InsufficientEvidenceError, match="more than 25 members"):
        find_segments(frame, columns=[Count(f"n{place}") for place in range(25)], assigned="persona")
