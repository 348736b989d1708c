"""A second look is at more of those who are filed as the members are, and at everybody else as they are."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from discovery.made import among, rng, sheet
from living_personas.discovery.closer_sample import Look, sighted
from living_personas.discovery.columns import Count
from living_personas.discovery.everybody import SAMPLE, HeldCustomers, InMemory
from living_personas.discovery.find import find_segments
from living_personas.discovery.scorecard import f1
from living_personas.discovery.stability import Group, Judged
from living_personas.domain.candidate import Check
from living_personas.stats.arrays import Bools
from worlds.customers import COLUMNS, customers

N = 6_000
HOST = among(N, (0, 900))
EVERYBODY = sheet(
    {"a": (np.arange(N) % 7).astype(np.float64), "b": (np.arange(N) % 5).astype(np.float64)},
    [Count("a"), Count("b")],
    personas=["host" if inside else "other" for inside in HOST],
)


def closer(members: Bools, *, size: int, seed: int) -> Look | None:
    """The second look at whom a rule holds."""
    filed = [np.array([int((HOST & who).sum()), int((~HOST & who).sum()), 0]) for who in (members, among(N, (0, N)))]
    held = HeldCustomers(
        filed=filed[0],
        everybody=filed[1],
        customers=lambda: EVERYBODY.customers.filter(pa.array(members)),
        known=EVERYBODY,
        members=members,
    )
    return InMemory(sheet=EVERYBODY).closer(held, rng(seed), size=size)


@given(st.integers(200, 1_200), st.integers(0, 100))
def test_members_are_more_and_weights_make_them_what_they_are(size: int, seed: int) -> None:
    members = among(N, (0, 60), (1_000, 1_010))  # a few are filed elsewhere
    look = closer(members, size=size, seed=seed)
    assert look is not None
    assert len(look.sheet) == len(set(look.sheet.customers.to_pylist())) == size
    host = look.sheet.filed == 0
    assert host.mean() == pytest.approx(2 / 3, abs=0.01)
    assert np.average(host, weights=look.weight) == pytest.approx(HOST.mean())


def test_where_members_are_filed_as_most_are_a_second_look_is_no_better() -> None:
    assert closer(among(N, (900, 5_000)), size=600, seed=1) is None


def seen(name: str, measured: float = 0.0) -> Judged:
    """A sighting whose last check is of this name, and fails below 1."""
    check = Check(name=name, measured=measured, bar=1.0, must="reach", says="something")
    return Judged(members=among(N, (0, 60)), checks=(check,))


def test_what_came_nearest_is_looked_at_again() -> None:
    stands, near, far, none = (
        Group(sightings=(each,) * times, members=each.members)
        for each, times in ((seen("auc", 1.0), 8), (seen("auc", 1.0), 3), (seen("valley"), 5), (seen("columns"), 9))
    )
    assert sighted([stands, far, near, none]) is near
    assert sighted([stands, none, far]) is far
    assert sighted([stands, none]) is None


@given(st.integers(0, 1000))
def test_a_weight_is_as_many_customers(seed: int) -> None:
    draw = rng(seed)
    said, members, times = draw.random(30) < 0.5, draw.random(30) < 0.5, draw.integers(1, 4, 30)
    assert f1(said, members, times.astype(float)) == pytest.approx(
        f1(np.repeat(said, times), np.repeat(members, times))
    )


@pytest.mark.slow
def test_what_is_too_small_for_a_sample_of_all_is_found_in_a_closer_one() -> None:
    world = customers("gamma", 5 * SAMPLE, seed=70_002, planted=0.008)
    (found,) = find_segments(world.frame, columns=COLUMNS, assigned="persona", seed=70_002).candidates
    held = np.isin(world.frame["customer"].to_numpy(), found.members["customer"].to_numpy())
    alike = (held & world.planted).sum() / (held | world.planted).sum()
    print(f"\n.8 % of 200,000: {found.size} members, Jaccard {alike:.2f}")
    assert alike >= 0.5
