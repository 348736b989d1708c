"""Links are a function of their set: no order, no repetition changes them."""

from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from living_personas.domain.link import Link
from living_personas.stores.linking import linked

_ids = st.sampled_from("abcdefgh")
_links = st.lists(
    st.builds(Link, st.integers(0, 3), st.text("xyz", min_size=1, max_size=3), _ids, _ids, st.just("alias")).filter(
        lambda one: one.customer != one.also
    ),
    max_size=12,
    unique_by=lambda one: one[1],
)


@given(_links)
def test_the_groups_of_aliases_are_those_of_a_naive_search(links: list[Link]) -> None:
    expected = {}
    for start in {id_ for link in links for id_ in link[2:4]}:
        group = {start}
        while grown := {id_ for link in links if group & {*link[2:4]} for id_ in link[2:4]} - group:
            group |= grown
        customer = min(link for link in links if link[2] in group)[2]
        if customer != start:
            expected[start] = customer
    answer = linked(links)
    assert dict(zip(answer["id"].to_pylist(), answer["customer"].to_pylist(), strict=True)) == expected
    assert answer["id"].to_pylist() == sorted(expected)


_KINDS = st.sampled_from(["alias", "device", "spelling", "apart"])
_signed = st.lists(
    st.builds(Link, st.integers(0, 3), st.text("xyz", min_size=1, max_size=3), _ids, _ids, _KINDS), max_size=12
)


@given(_signed)
def test_two_who_were_named_as_known_are_one_only_by_an_alias(links: list[Link]) -> None:
    devices = [link for link in links if link.kind == "device"]
    known = {link.customer for link in devices}
    groups = dict.fromkeys(known, "") | {row["id"]: row["customer"] for row in linked(devices).to_pylist()}
    customers = [groups[id_] or id_ for id_ in known]
    assert len(customers) == len({*customers})


@given(_signed, _ids, _ids)
def test_what_was_taken_back_joins_no_more(links: list[Link], one: str, other: str) -> None:
    made = [link for link in links if link.kind != "apart"]
    undone = [*made, Link(9, "u", one, other, "apart")]
    kept = [link for link in made if {link.customer, link.also} != {one, other} or link.kind == "spelling"]
    if not {one, other} & {id_ for link in kept if link.kind == "device" for id_ in link[2:4]}:
        assert linked(undone).equals(linked(kept))


@given(_signed, st.lists(_ids))
def test_links_of_some_ids_are_those_of_their_customers(links: list[Link], ids: list[str]) -> None:
    every = linked(links).to_pylist()
    named = {*ids, *(row["customer"] for row in every if row["id"] in ids)}
    assert linked(links, ids).to_pylist() == [row for row in every if row["customer"] in named]


@given(_signed, st.randoms(use_true_random=False))
def test_order_and_repetition_do_not_matter(links: list[Link], random: Random) -> None:
    shuffled = links * 2
    random.shuffle(shuffled)
    assert linked(shuffled).equals(linked(links))
