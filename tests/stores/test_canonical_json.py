"""What is stored comes back equal, and the same value is always the same bytes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from living_personas.domain.goal import Goal
from living_personas.domain.refinement import Refinement
from living_personas.domain.snapshot import PolicyTable
from living_personas.errors import StoreError
from living_personas.stores.canonical_json import REFINEMENT, SNAPSHOT, VERSION
from living_personas.testing.expect import refuses
from living_personas.testing.samples import snapshot, version

_texts = st.text(st.characters(exclude_categories=["Cs"]))
_numbers = st.floats(allow_nan=False)


@given(st.builds(Refinement, why=_texts, new=_texts, wealth=_numbers))
def test_refinements_come_back_equal(one: Refinement) -> None:
    assert REFINEMENT.load(REFINEMENT.dump(one)) == one


@given(st.builds(PolicyTable, policy=_texts), _texts, _numbers)
def test_snapshots_come_back_as_the_same_bytes(table: PolicyTable, salt: str, share: float) -> None:
    """Also with NaN, which equals nothing."""
    (persona,) = snapshot(1).personas
    (attribute,) = persona.attributes
    persona = replace(persona, attributes=(replace(attribute, tables=(table,)),))
    body = SNAPSHOT.dump(replace(snapshot(1), salt=salt, holdout_share=share, personas=(persona,)))
    assert SNAPSHOT.dump(SNAPSHOT.load(body)) == body


@given(
    st.timedeltas(min_value=timedelta(microseconds=1), max_value=timedelta(days=20_000)),
    st.none() | st.floats(min_value=0, exclude_min=True, allow_nan=False),
    _texts,
)
def test_versions_come_back_equal(within: timedelta, at_most: float | None, brief: str) -> None:
    plain = version(2)
    goal = Goal(event="Order", within=within, at_most=at_most)
    one = replace(plain, persona=replace(plain.persona, goal=goal, brief=brief))
    assert VERSION.load(VERSION.dump(one)) == one


def test_bytes_are_canonical() -> None:
    body = VERSION.dump(version(1))
    assert body == VERSION.dump(VERSION.load(body))
    assert b": " not in body
    assert body.index(b'"day"') < body.index(b'"kind"') < body.index(b'"persona"')
    assert "Grüße".encode() in body


@pytest.mark.parametrize("body", [b"{}", b"not json", b'{"version": "1"}'])
def test_what_cannot_be_read_says_so(body: bytes) -> None:
    with refuses(StoreError, "persona version", "another version of Living Personas"):
        VERSION.load(body)


def test_half_characters_are_refused() -> None:
    with refuses(StoreError, "no character"):
        VERSION.dump(version(1, reason="\ud800"))
