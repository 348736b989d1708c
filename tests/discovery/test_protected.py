"""A segment that is a protected trait by another name goes to a person; one that is not, does not."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from figures import tell
from living_personas.discovery.feature_matrix import Sheet
from living_personas.discovery.find import find_segments
from living_personas.discovery.protected import stands_in_for
from living_personas.stats.arrays import Bools
from worlds.customers import COLUMNS, customers

N, WORLDS = 6_000, 200


def sheet(**traits: pa.Array) -> Sheet:
    """Customers of whom only the protected traits matter."""
    return Sheet(
        customers=pa.array(range(N)), columns=(), numbers={}, personas=("one",), filed=np.zeros(N, dtype=np.int64),
        known_days=np.zeros(N), protected=traits,
    )  # fmt: skip


def drawn(rng: np.random.Generator, members: Bools, *, planted: str = "") -> dict[str, pa.Array]:
    """Traits as they come: two of equal parts, many of which some are rare, numbers as texts, days, half unknown."""

    def mostly(name: str, *, usual: float, there: float) -> Bools:
        return np.asarray(rng.random(N) < np.where(members & (planted == name), there, usual))

    country = rng.choice([f"country {n}" for n in range(60)], N, p=(weights := 0.8 ** np.arange(60)) / weights.sum())
    country = np.where(mostly("country", usual=0.0, there=0.3), "country 30", country)
    age = rng.normal(np.where(members & (planted == "age"), 58, 40), 12, N).round()
    children = np.where(mostly("children", usual=0.05, there=0.4), 3, rng.integers(0, 3, N))
    born = np.where(members & (planted == "born"), 500, 0) + rng.integers(0, 1_000, N)
    return {
        "sex": pa.array(np.where(mostly("sex", usual=0.5, there=0.8), "f", "m"), mask=rng.random(N) < 0.5),
        "country": pa.array(country),
        "age": pa.array(age.astype(int).astype(str)),
        "children": pa.array(children),
        "born": pa.array((np.datetime64("1970-01-01") + born).astype(str)),
    }


def some(rng: np.random.Generator) -> Bools:
    """Members: from 72, the fewest that the gate lets pass among 6,000, to 900."""
    return np.asarray(rng.permutation(N) < rng.integers(72, 900), dtype=np.bool_)


@pytest.mark.long
@pytest.mark.promise("P24")
def test_few_segments_that_have_nothing_to_do_with_a_trait_are_flagged() -> None:
    flagged = 0
    for seed in range(WORLDS):
        rng = np.random.Generator(np.random.PCG64(seed))
        members = some(rng)
        flagged += bool(stands_in_for(sheet(**drawn(rng, members)), members))
    tell(f"flagged of {WORLDS} innocent segments with five traits each: {flagged}")
    assert flagged < 0.05 * WORLDS


@pytest.mark.long
@pytest.mark.promise("P24")
@pytest.mark.parametrize("planted", ["sex", "country", "age", "children", "born"])
def test_nearly_all_that_stand_in_for_one_are_flagged_by_it(planted: str) -> None:
    flagged = 0
    for seed in range(WORLDS // 4):
        rng = np.random.Generator(np.random.PCG64(seed))
        members = some(rng)
        reasons = stands_in_for(sheet(**drawn(rng, members, planted=planted)), members)
        flagged += any(f"{planted!r}" in reason for reason in reasons)
    assert flagged >= 0.95 * WORLDS // 4


def test_of_a_trait_that_is_hardly_known_nothing_is_claimed() -> None:
    members = np.arange(N) < 100
    unknown = np.arange(N) % 10 != 0
    (reason,) = stands_in_for(sheet(sex=pa.array(np.full(N, "f"), mask=unknown)), members)
    assert "fewer than 50 members" in reason
    (reason,) = stands_in_for(sheet(sex=pa.nulls(N, pa.string())), members)
    assert "too few" in reason


def test_texts_of_which_each_is_another_are_not_said_to_be_harmless() -> None:
    (reason,) = stands_in_for(sheet(name=pa.array([f"name {n}" for n in range(N)])), np.arange(N) < 100)
    assert "'name'" in reason
    assert "too few to tell" in reason


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_a_segment_that_is_found_and_stands_in_for_a_trait_asks_for_a_person(seed: int) -> None:
    world = customers("gamma", 20_000, seed=seed, planted=0.05)
    rng = np.random.Generator(np.random.PCG64(seed))
    frame = world.frame
    for name, share in (("sex", np.where(world.planted, 0.85, 0.4)), ("faith", 0.4)):
        frame = frame.append_column(name, pa.array(np.where(rng.random(20_000) < share, "f", "m")))
    found = find_segments(frame, columns=COLUMNS, assigned="persona", protected=["sex", "faith"], seed=seed)
    reviews = [reason for candidate in found.candidates for reason in candidate.review]
    assert any("'sex'" in reason for reason in reviews)
    assert not any("'faith'" in reason for reason in reviews)
