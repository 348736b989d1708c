"""The benchmark of the search: its intervals, its worlds, and every part of it runs."""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from worlds.hard_customers import HARD_NULLS, HARD_PLANTS, HardNull, HardPlant, nothing_new, planted_groups
from worlds.moving_customers import BORN, DIES, JOINS, PARTS, months, parting_weeks, weeks

FOLDER = Path(__file__).parents[2] / "benchmarks"


def part(name: str) -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(FOLDER))
        return import_module(f"finding.{name}")


@given(st.integers(1, 500), st.floats(0, 1))
def test_shares_have_wilsons_interval(of: int, share: float) -> None:
    hits = round(share * of)
    found = part("counting").wilson("", hits, of)
    expected = binomtest(hits, of).proportion_ci(method="wilson")
    np.testing.assert_allclose((found.lower, found.upper), (expected.low, expected.high), atol=1e-6)


def test_an_end_of_the_interval_is_held_against_the_bar_and_nothing_is_no_share() -> None:
    wilson = part("counting").wilson
    assert wilson("", 0, 200, bar=0.03, judged="upper").verdict == "met"
    assert wilson("", 0, 50, bar=0.03, judged="upper").verdict == "missed"
    assert wilson("", 6, 75, bar=0.05, judged="lower").verdict == "met"
    assert wilson("", 30, 75, bar=0.05, judged="lower").verdict == "missed"
    assert wilson("", 0, 0, bar=0.5, least=True).verdict == "missed"


@pytest.mark.parametrize("kind", HARD_NULLS)
def test_a_world_without_a_segment_plants_nobody_and_files_everybody(kind: HardNull) -> None:
    world = nothing_new(kind, 1_000, seed=3)
    assert not world.planted.any()
    assert world.frame["persona"].null_count == 0
    assert world.frame.equals(nothing_new(kind, 1_000, seed=3).frame)


@pytest.mark.parametrize("plant", HARD_PLANTS)
def test_planted_groups_have_their_share_and_nobody_is_in_two(plant: HardPlant) -> None:
    world, groups = planted_groups((plant, "silent"), 4_000, share=0.05, seed=4)
    assert not (groups[0] & groups[1]).any()
    assert (world.planted == groups[0] | groups[1]).all()
    assert all(0.03 < group.mean() < 0.07 for group in groups)


def test_where_nothing_changes_the_customers_are_the_same_and_where_groups_move_they_grow_and_end() -> None:
    one, other = months(1_000, share=0.06, seed=5, count=2)
    assert (one.planted == other.planted).all()
    assert one.frame["persona"].equals(other.frame["persona"])
    assert not one.frame.equals(other.frame)
    here = [
        {plant: int(members.sum()) for plant, members in groups.items()} for _, groups in weeks(2_000, seed=5, count=12)
    ]
    assert here[-1]["silent"] > 1.6 * here[0]["silent"]
    assert [week for week, each in enumerate(here) if each["gifter"]] == list(range(BORN, DIES))


def test_a_part_leaves_its_group_and_comes_back() -> None:
    here = [groups for _, groups in parting_weeks(2_000, seed=5, count=12)]
    assert [week for week, each in enumerate(here) if each["gifter"].any()] == list(range(PARTS, JOINS))
    assert all(((each["silent"] | each["gifter"]) == here[0]["silent"]).all() for each in here)
    assert not any((each["silent"] & each["gifter"]).any() for each in here)


def test_every_benchmark_has_a_quick_and_a_full_form_and_the_cheapest_runs() -> None:
    benchmarks = part("table").BENCHMARKS
    assert all(0 < each.quick <= each.worlds for each in benchmarks.values())
    name = "one hump cut in two (the valley alone)"
    figures = list(benchmarks[name].measured(name, 8))
    assert [each.worlds for each in figures] == [8] * 6


def test_what_is_kept_is_not_searched_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEEP", str(tmp_path))
    kinds, first, code = part("nulls").FAMILIES_OF_NULLS, part("counting").SEED, part("kept").CODE
    asked = [(kind, first + number) for number in range(2) for kind in kinds]
    known = [{"story": kind, "seed": seed, "code": code, "false": int(kind == "tenure")} for kind, seed in asked]
    (tmp_path / "nothing-to-find.jsonl").write_text("".join(f"{json.dumps(each)}\n" for each in known))
    figures = {each.figure: each for each in part("table").BENCHMARKS["nothing to find"].measured("nothing", 2)}
    assert (figures["tenure: false"].value, figures["drift: false"].value) == (1.0, 0.0)
    assert (figures["all: false"].value, figures["all: false"].worlds) == (1 / len(kinds), 2 * len(kinds))
    groups = [{"jaccard": 0.9, "ceiling": 0.9, "scorecard": 0.8, "tree": 0.7}, {"jaccard": 0.1, "ceiling": 0.5}]
    name = "silent and gifter 5 %, 20,000"
    line = {"story": name, "seed": first, "code": code, "besides": 0, "groups": groups}
    (tmp_path / "silent-and-gifter-5-20-000.jsonl").write_text(json.dumps(line) + "\n")
    told = {each.figure: each for each in part("table").BENCHMARKS[name].measured(name, 1)}
    assert (told["found at Jaccard .5"].value, told["found at Jaccard .5"].worlds) == (0.5, 2)
    assert told["found, of those that a scorecard can say (F1 0.8)"].value == 1.0


@pytest.mark.slow
@pytest.mark.parametrize("name", ["silent 2 %, 10,000", "nothing to find", "a small persona", "lives (panels)"])
def test_each_kind_of_benchmark_runs(name: str) -> None:
    figures = list(part("table").BENCHMARKS[name].measured(name, 1))
    print(*(f"\n{each.figure}: {each.value:.3g} of {each.worlds}" for each in figures))
    assert all(each.benchmark == name for each in figures)
