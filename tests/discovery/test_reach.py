"""A rule that holds most customers, or hardly any, waits for a person."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from discovery.made import sheet
from living_personas.discovery.columns import Count
from living_personas.discovery.reach import MOST_HELD, out_of_reach, two_kinds
from living_personas.domain.head_count import head_words


@pytest.mark.promise("P30")
@given(n=st.integers(200, 2000), share=st.floats(0, 1))
def test_only_rules_in_proportion_need_no_person(n: int, share: float) -> None:
    held = np.arange(n) < round(share * n)
    in_proportion = bool(held.sum() >= 50 and held.mean() <= MOST_HELD)
    assert (out_of_reach(held, least=50) == ()) == in_proportion


@given(st.integers(1, 999))
def test_a_segment_that_holds_a_third_of_a_persona_splits_it(inside: int) -> None:
    filed = sheet(
        {"a": np.arange(2000.0), "b": np.ones(2000)}, [Count("a"), Count("b")], personas=["one", "two"] * 1000
    )
    held = (np.arange(2000) < 2 * inside) & (np.arange(2000) % 2 == 0)
    said = two_kinds(filed, held)
    assert len(said) == (inside >= 1000 / 3)
    assert all(
        f"'one' is two kinds of customers: {head_words(inside)} of this kind, {head_words(1000 - inside)} others" in s
        for s in said
    )
