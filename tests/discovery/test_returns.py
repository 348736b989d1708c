"""What returns: sightings of one group counted once a split, and splits that stop when nothing can change."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from discovery.made import among, judged
from living_personas.discovery.stability import FIRST, Group, Judged, grouped, one_kind_each, settled
from living_personas.domain.candidate import Check

GROUPS = [among(30, (10 * place, 10 * place + 10)) for place in range(3)]


SPLITS = st.lists(st.dictionaries(st.integers(0, 2), st.booleans()), max_size=10)
"""Which groups each split sees, and whether they pass."""


@given(SPLITS)
@settings(max_examples=25, deadline=None)
def test_each_group_is_counted_once_a_split(splits: list[dict[int, bool]]) -> None:
    counts = sorted(
        (
            (len(passes), sum(passes))
            for place in range(3)
            if (passes := [split[place] for split in splits if place in split])
        ),
        reverse=True,
    )
    assert sorted(((group.returned, group.passed) for group in grouped(seen(splits))), reverse=True) == counts


@given(st.lists(st.dictionaries(st.integers(0, 2), st.booleans()), min_size=10, max_size=10))
@settings(max_examples=50, deadline=None)
def test_stopping_early_publishes_what_all_splits_would(splits: list[dict[int, bool]]) -> None:
    judged_splits = seen(splits)
    stop = next(done for done in range(1, 11) if settled(judged_splits[:done]))
    if any(passes for split in splits[:FIRST] for passes in split.values()):
        assert published(judged_splits[:stop]) == published(judged_splits)
    else:
        assert (stop, published(judged_splits[:stop])) == (FIRST, [])


@given(st.integers(0, 10), st.integers(0, 10))
@settings(max_examples=25, deadline=None)
def test_a_group_stands_if_seven_splits_find_it_and_six_pass_it(found: int, passed: int) -> None:
    splits = [{0: place < passed} for place in range(max(found, passed))]
    assert bool(published(seen(splits))) == (len(splits) >= 7 and passed >= 6)


def seen(splits: list[dict[int, bool]]) -> list[list[Judged]]:
    """The sightings of splits, of which each says which groups it saw, and whether they passed."""
    return [[judged(GROUPS[place], passed=split[place]) for place in sorted(split)] for split in splits]


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
    """The members of each group that stands."""
    return sorted(group.members.tolist() for group in grouped(splits) if group.stands)
