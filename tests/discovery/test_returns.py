"""What returns: sightings of one group counted once a split, and splits that stop when nothing can change."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from discovery.made import among, judged
from living_personas.discovery.stability import Judged, grouped, settled

GROUPS = [among(30, (10 * place, 10 * place + 10)) for place in range(3)]


@given(st.lists(st.sets(st.integers(0, 2)), max_size=10))
@settings(max_examples=25, deadline=None)
def test_each_group_is_counted_once_a_split(splits: list[set[int]]) -> None:
    seen = [[judged(GROUPS[place]) for place in sorted(split)] for split in splits]
    counts = sorted((sum(place in split for split in splits) for place in range(3)), reverse=True)
    assert [group.returned for group in grouped(seen)] == [count for count in counts if count]


@given(st.lists(st.sets(st.integers(0, 2)), min_size=10, max_size=10))
@settings(max_examples=25, deadline=None)
def test_stopping_early_publishes_what_all_splits_would(splits: list[set[int]]) -> None:
    seen = [[judged(GROUPS[place]) for place in sorted(split)] for split in splits]
    stop = next(done for done in range(1, 11) if settled(seen[:done], of=10, needed=8))
    early, late = (published(seen[:done]) for done in (stop, 10))
    assert early == late


def test_members_are_those_whom_most_sightings_hold() -> None:
    sightings = [[judged(among(300, (0, 100)))], [judged(among(300, (0, 110)))], [judged(among(300, (5, 110)))]]
    (group,) = grouped(sightings)
    assert (group.members == among(300, (0, 110))).all()


def published(splits: list[list[Judged]]) -> list[list[bool]]:
    """The members of each group that returned often enough."""
    return sorted(group.members.tolist() for group in grouped(splits) if group.returned >= 8)
