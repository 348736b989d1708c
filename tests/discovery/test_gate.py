"""The gate: too few are nobody's business, what only one half saw is noise, what fell silent is an alarm."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from discovery.made import among, rng, sheet
from living_personas.discovery.columns import Count
from living_personas.discovery.feature_matrix import Sheet
from living_personas.discovery.protected import stands_in_for
from living_personas.discovery.segment_gate import Sighting, judge, sightings
from living_personas.discovery.version import NONE, Forms, Version, gather
from living_personas.stats.arrays import Bools, Ints

N = 16_000
HALVES = (np.arange(0, N, 2), np.arange(1, N, 2))
COLUMNS = tuple(Count(name) for name in "abcd")


def world(members: Bools, *, level: tuple[float, float] = (4.0, 30.0), columns: int = 2) -> Forms:
    """One persona, and members who differ from it in the first columns."""
    draw = rng(7)
    numbers = {
        name: draw.poisson(np.where(members & (place < columns), level[1], level[0]), N).astype(float)
        for place, name in enumerate("abcd")
    }
    return gather(sheet(numbers, COLUMNS), rng=rng(7))


def version(members: Bools, *, side: int) -> Version:
    """A free group with exactly these members."""
    posterior = np.stack([~members, members], axis=1) * 0.98 + 0.01
    held: Ints = HALVES[1 - side]
    return Version(
        fitted=HALVES[side],
        held=held,
        posterior=posterior,
        own=members.astype(np.int64),
        homes=np.zeros(1, np.int64),
        kinds=np.full(2, NONE),
    )


def both(members: Bools) -> Sighting:
    """Found in both halves alike."""
    (found,) = sightings(((version(members, side=0),), (version(members, side=1),)))
    return found


def last(members: Bools, evidence: Forms, *, least: int = 50) -> tuple[str, bool]:
    """The last check, and whether it was passed."""
    end = judge(both(members), evidence, least_members=least)[-1]
    return end.name, end.passed


def test_a_group_that_is_there_passes() -> None:
    members = among(N, (0, 960))
    assert last(members, world(members)) == ("auc", True)


@pytest.mark.parametrize(
    ("size", "least", "check"), [(960, 961, "members"), (40, 30, "least share"), (2800, 50, "most share")]
)
def test_size_is_asked_first(size: int, least: int, check: str) -> None:
    members = among(N, (0, size))
    assert last(members, world(members), least=least) == (check, False)


def test_one_column_is_not_enough() -> None:
    members = among(N, (0, 960))
    assert last(members, world(members, columns=1)) == ("columns", False)


def test_an_outage_of_columns_is_not_a_segment() -> None:
    members = among(N, (0, 960))
    assert last(members, world(members, level=(20.0, 0.0))) == ("speaking columns", False)


@pytest.mark.parametrize(("above", "check"), [(0.0, "speaking columns"), (30.0, "auc")])
def test_who_lost_events_of_several_personas_is_no_segment_but_for_what_else_they_do(above: float, check: str) -> None:
    """A tenth of the customers of three personas lost two columns; with ``above`` they do more of two others, too."""
    draw = rng(11)
    persona, members = draw.integers(0, 3, N), among(N, (0, 1600))
    levels = np.array([[30, 4, 12, 30], [4, 30, 30, 12], [12, 12, 4, 4]])[persona].astype(float)
    levels[members, 2:] = 0.0
    levels[members, :2] += above
    numbers = {name: draw.poisson(levels[:, place]).astype(float) for place, name in enumerate("abcd")}
    evidence = gather(sheet(numbers, COLUMNS, personas=[f"p{each}" for each in persona]), rng=rng(7))
    assert last(members, evidence)[0] == check


def test_what_only_one_half_found_is_noise() -> None:
    one, other = (version(among(N, each), side=side) for side, each in enumerate([(0, 960), (1000, 1960)]))
    assert list(sightings(((one,), (other,)))) == []


def test_the_busiest_of_a_continuum_need_a_valley_that_is_deep() -> None:
    draw = rng(7)
    busy = draw.gamma(2.0, 0.5, N)
    evidence = gather(sheet({name: draw.poisson(12 * busy).astype(float) for name in "abcd"}, COLUMNS), rng=rng(7))
    members = np.isin(np.arange(N), np.argsort(-busy)[:1600])
    assert last(members, evidence) == ("valley", False)


@pytest.mark.parametrize(("told", "end"), [("well", ("auc", True)), ("not quite", ("valley", False))])
def test_who_goes_a_way_of_their_own_needs_no_deep_valley_if_they_are_told_well(
    told: str, end: tuple[str, bool]
) -> None:
    draw, planted = rng(7), among(N, (0, 960))
    levels = [np.where(planted, 22.0, 12.0)] * 2 + [np.full(N, 12.0)] * 2
    numbers = {name: draw.poisson(level).astype(float) for name, level in zip("abcd", levels, strict=True)}
    evidence = gather(sheet(numbers, COLUMNS), rng=rng(7))
    core = numbers["a"] + numbers["b"] > 36 if told == "well" else planted
    assert last(core, evidence) == end


def test_a_protected_trait_by_another_name_is_flagged() -> None:
    members = among(N, (0, 960))
    plain = world(members).sheet
    age = np.where(members, 70.0, 40.0) + rng(1).normal(size=N) * 10
    sex = np.where(rng(2).random(N) < 0.5, "f", "m")
    assert len(stands_in_for(with_traits(plain, age=pa.array(age), sex=pa.array(sex)), members)) == 1
    sorted_out = np.where(members, "f", sex)
    (reason,) = stands_in_for(with_traits(plain, sex=pa.array(sorted_out)), members)
    assert "'sex'" in reason


def with_traits(plain: Sheet, **traits: pa.Array) -> Sheet:
    """The same customers, with protected traits."""
    return Sheet(
        customers=plain.customers,
        columns=plain.columns,
        numbers=plain.numbers,
        personas=plain.personas,
        filed=plain.filed,
        known_days=plain.known_days,
        protected=traits,
    )
