"""What returns: sightings of one group counted once a split, and splits that stop when nothing can change."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from discovery.made import among, judged
from living_personas.discovery.stability import Group, Judged, grouped, one_kind_each, settled
from living_personas.domain.candidate import Check

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


@given(st.lists(st.tuples(st.sampled_from([-1, 0, 1]), st.integers(1, 97)), max_size=3, unique_by=lambda each: each[1]))
def test_of_the_kinds_of_one_persona_the_one_that_stands_furthest_apart_is_kept(found: list[tuple[int, int]]) -> None:
    groups = [kind_of(kind, valley / 100) for kind, valley in found]
    kept = [(group.kind, round(100 * group.checks()[0].measured)) for group in one_kind_each(groups)]
    assert kept == [
        each for each in found if each[0] == -1 or each[1] == min(valley for kind, valley in found if kind == each[0])
    ]


def kind_of(persona: int, valley: float) -> Group:
    """A group that was seen once as a kind of a persona, with such a valley."""
    check = Check(name="valley", measured=valley, bar=0.97, must="stay below", says="density")
    return Group(
        sightings=(Judged(members=GROUPS[0], checks=(check,), kind=persona),),
        members=GROUPS[0],
    )


def published(splits: list[list[Judged]]) -> list[list[bool]]:
    """The members of each group that returned often enough."""
    return sorted(group.members.tolist() for group in grouped(splits) if group.returned >= 8)
