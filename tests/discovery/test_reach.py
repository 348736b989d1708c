"""A rule that holds most customers, or hardly any, waits for a person."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from living_personas.discovery.reach import MOST_HELD, out_of_reach


@given(n=st.integers(200, 2000), share=st.floats(0, 1))
def test_only_rules_in_proportion_need_no_person(n: int, share: float) -> None:
    held = np.arange(n) < round(share * n)
    in_proportion = bool(held.sum() >= 50 and held.mean() <= MOST_HELD)
    assert (out_of_reach(held, least=50) == ()) == in_proportion
