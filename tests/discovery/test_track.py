"""The same next week: identity by members, one to one; what split and what merged."""

from __future__ import annotations

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from living_personas.discovery.track import RECOGNISED, Kinship, kinship, overlap


def people(*ranges: tuple[int, int]) -> pa.Table:
    """Customers by number."""
    numbers = [number for first, end in ranges for number in range(first, end)]
    return pa.table({"customer": pa.array([f"c{number}" for number in numbers], pa.string())})


ENDS = st.lists(st.integers(0, 60), min_size=2, max_size=8, unique=True).map(sorted)


@given(ENDS, ENDS)
def test_nobody_is_two_and_only_the_alike_are_the_same(before: list[int], after: list[int]) -> None:
    known, found = ([people((a, b)) for a, b in zip(ends[::2], ends[1::2], strict=False)] for ends in (before, after))
    kin = kinship(known, found)
    assert len(set(kin.same.values())) == len(kin.same)
    assert all(overlap(known[old], found[new]) >= RECOGNISED for new, old in kin.same.items())
    assert not kin.parts.keys() & kin.same.keys()
    assert not kin.merged.keys() & set(kin.same.values())


@given(st.integers(0, 25))
def test_identity_survives_small_drift(step: int) -> None:
    assert kinship([people((0, 100))], [people((step, 100 + step))]).same == {0: 0}


def test_of_all_pairings_the_best_as_a_whole_is_taken() -> None:
    """The first found group is like both known ones, and most like the first; but then the second would be nobody."""
    known = [people((0, 100)), people((100, 160))]
    found = [people((0, 68), (100, 160)), people((30, 100))]
    assert kinship(known, found).same == {0: 1, 1: 0}


def test_when_a_segment_splits_the_larger_part_is_the_same() -> None:
    kin = kinship([people((0, 100))], [people((70, 100)), people((0, 70))])
    assert (kin.same, kin.parts) == ({1: 0}, {0: (0,)})


def test_when_two_merge_the_larger_lives_on() -> None:
    kin = kinship([people((0, 40)), people((40, 100))], [people((0, 100))])
    assert (kin.same, kin.merged) == ({0: 1}, {0: (0,)})


def test_a_whole_that_none_of_its_parts_is_like_split_into_all_of_them_and_many_merge_into_one_that_is_like_none() -> (
    None
):
    whole, thirds = people((0, 90)), [people((0, 30)), people((30, 60)), people((60, 90))]
    assert kinship([whole], thirds) == Kinship(same={}, parts={0: (0,), 1: (0,), 2: (0,)}, merged={})
    assert kinship(thirds, [whole]) == Kinship(same={}, parts={}, merged={0: (0,), 1: (0,), 2: (0,)})
    assert kinship([whole], thirds, ended=[0]) == Kinship(same={}, parts={}, merged={})
    assert kinship([whole], thirds[:1]) == Kinship(same={}, parts={}, merged={})


def test_a_part_may_come_out_of_several_and_go_into_several() -> None:
    two, part = [people((0, 70)), people((100, 170))], people((70, 100), (170, 200))
    kin = kinship([people((0, 100)), people((100, 200))], [*two, part])
    assert (kin.same, kin.parts) == ({0: 0, 1: 1}, {2: (0, 1)})
    kin = kinship([*two, part], [people((0, 100)), people((100, 200))])
    assert (kin.same, kin.merged) == ({0: 0, 1: 1}, {2: (0, 1)})


def test_who_left_lately_counts_for_the_part_that_they_become() -> None:
    known, found = [people((0, 70))], [people((0, 70)), people((70, 100))]
    assert kinship(known, found).parts == {}
    assert kinship(known, found, left=[people((70, 100))]).parts == {1: (0,)}


@given(st.sets(st.integers(0, 20)), st.sets(st.integers(0, 20)))
def test_overlap_is_symmetric_and_a_share(one: set[int], other: set[int]) -> None:
    tables = [people(*((number, number + 1) for number in sorted(each))) for each in (one, other)]
    assert overlap(*tables) == overlap(*tables[::-1])
    assert 0 <= overlap(*tables) <= 1
    assert overlap(tables[0], tables[0]) == (1.0 if one else 0.0)
