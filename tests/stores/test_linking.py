"""Links are a function of their set: no order, no repetition changes them."""

from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from living_personas.stores.linking import Link, linked

_ids = st.sampled_from("abcdefgh")
_links = st.lists(
    st.tuples(st.integers(0, 3), st.text("xyz", min_size=1, max_size=3), _ids, _ids).filter(
        lambda one: one[2] != one[3]
    ),
    max_size=12,
    unique_by=lambda one: one[1],
)


@given(_links)
def test_the_groups_are_those_of_a_naive_search(links: list[Link]) -> None:
    expected = {}
    for start in {id_ for _, _, *ids in links for id_ in ids}:
        group = {start}
        while grown := {id_ for _, _, *ids in links if group & {*ids} for id_ in ids} - group:
            group |= grown
        customer = min(link for link in links if link[2] in group)[2]
        if customer != start:
            expected[start] = customer
    answer = linked(links)
    assert dict(zip(answer["id"].to_pylist(), answer["customer"].to_pylist(), strict=True)) == expected
    assert answer["id"].to_pylist() == sorted(expected)


@given(_links, st.randoms(use_true_random=False))
def test_order_and_repetition_do_not_matter(links: list[Link], random: Random) -> None:
    shuffled = links * 2
    random.shuffle(shuffled)
    assert linked(shuffled).equals(linked(links))
