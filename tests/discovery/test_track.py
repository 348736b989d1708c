"""The same next week: identity by members, births that must be seen twice, deaths that must be missed twice."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from discovery.made import candidate
from living_personas.discovery.track import follow, overlap


def people(first: int, end: int) -> list[str]:
    """Customers by number."""
    return [f"c{number}" for number in range(first, end)]


@given(st.lists(st.integers(0, 12), min_size=2, max_size=8))
def test_identity_survives_small_drift(steps: list[int]) -> None:
    known = follow((), [candidate(people(0, 100))], run="w0")
    place = 0
    for week, step in enumerate(steps, start=1):
        place += step
        known = follow(known, [candidate(people(place, place + 100))], run=f"w{week}")
        assert [each.id for each in known] == ["w0-1"]
    assert known[0].stage == "confirmed"


def test_a_birth_is_confirmed_when_it_is_seen_again_and_a_death_when_it_is_missed_again() -> None:
    found = [candidate(people(0, 100))]
    (born,) = follow((), found, run="w0")
    assert born.stage == "new"
    (confirmed,) = follow((born,), found, run="w1")
    assert confirmed.stage == "confirmed"
    (missing,) = follow((confirmed,), [], run="w2")
    assert missing.stage == "missing"
    assert follow((missing,), found, run="w3")[0].stage == "confirmed"
    (gone,) = follow((missing,), [], run="w3")
    assert gone.stage == "gone"
    assert [each.id for each in follow((gone,), found, run="w4")] == ["w0-1", "w4-1"]


def test_when_a_segment_splits_the_larger_part_is_the_same() -> None:
    known = follow((), [candidate(people(0, 100))], run="w0")
    after = follow(known, [candidate(people(70, 100)), candidate(people(0, 70))], run="w1")
    assert [(each.id, each.candidate.size) for each in after] == [("w0-1", 70), ("w1-1", 30)]


@given(st.sets(st.integers(0, 20)), st.sets(st.integers(0, 20)))
def test_overlap_is_symmetric_and_a_share(one: set[int], other: set[int]) -> None:
    tables = [candidate([f"c{number}" for number in sorted(each)]).members for each in (one, other)]
    assert overlap(*tables) == overlap(*tables[::-1])
    assert 0 <= overlap(*tables) <= 1
    assert overlap(tables[0], tables[0]) == (1.0 if one else 0.0)
