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
@example([-0.5, -1e-9, 0.5])
def test_the_sign_of_an_end_is_its_own(ends: list[float]) -> None:
    """Of an estimate, too, unless it rounds to 0, which is written without."""
    lower, estimate, upper = ends
    effect = Interval(estimate=estimate, lower=lower, upper=upper)
    for said in (effect_words(effect, percent=True), points(effect), points(effect, percent=False)):
        (mean, *_), *told = re.findall(r"(?:^|[(\[]|to |, )(([+\N{MINUS SIGN}-]?)([\d,.]*\d))", said)
        assert [sign for _, sign, _ in told] == [sign_of(lower), sign_of(upper)], said
        is_nothing = not re.search("[1-9]", mean)
        assert mean[0] == ("0" if is_nothing else sign_of(estimate)), said


def sign_of(number: float) -> str:
    return "+" if number >= 0 else "\N{MINUS SIGN}"
