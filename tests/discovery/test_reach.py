"""A rule that holds most customers, or hardly any, waits for a person."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from living_personas.discovery.reach import MOST_HELD, out_of_reach, two_kinds
from living_personas.domain.head_count import head_words


@pytest.mark.promise("P30")
@given(n=st.integers(200, 2000), share=st.floats(0, 1))
def test_only_rules_in_proportion_need_no_person(n: int, share: float) -> None:
    held = round(share * n)
    in_proportion = held >= 50 and held / n <= MOST_HELD
    assert (out_of_reach(held, of=n, least=50) == ()) == in_proportion


@given(st.integers(1, 999))
def test_a_segment_that_holds_a_third_of_a_persona_splits_it(inside: int) -> None:
    said = two_kinds(("one", "two"), np.array([inside, 0, 0]), np.array([1000, 1000, 7]))
    assert len(said) == (inside >= 1000 / 3)
    assert all(
        f"'one' is two kinds of customers: {head_words(inside)} of this kind, {head_words(1000 - inside)} others" in s
        for s in said
    )
