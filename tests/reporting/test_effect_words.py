"""An effect says on which side of nothing its ends lie, however small they are."""

from __future__ import annotations

import re

from hypothesis import example, given
from hypothesis import strategies as st

from living_personas.domain.belief import Interval
from living_personas.reporting.plain import effect_words
from living_personas.reporting.words import points

NUMBERS = st.floats(-1, 1, allow_nan=False)


@given(st.lists(NUMBERS, min_size=3, max_size=3).map(sorted))
@example([-0.001, 0.35, 0.7])
@example([-1e-9, 0.35, 0.7])
def test_the_sign_of_an_end_is_its_own(ends: list[float]) -> None:
    lower, estimate, upper = ends
    effect = Interval(estimate=estimate, lower=lower, upper=upper)
    for said in (effect_words(effect, percent=True), points(effect), points(effect, percent=False)):
        signs = re.findall(r"(?:^|[(\[]|to |, )([+\N{MINUS SIGN}-])[\d,.]*\d", said)
        assert [sign == "+" for sign in signs] == [number >= 0 for number in (estimate, lower, upper)], said
