"""How long until we know: what must grow grows, what must fall falls."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from living_personas.errors import InsufficientEvidenceError
from living_personas.stats.power import expected_units, growth_per_unit

rates = st.floats(0.005, 0.3)
lifts = st.floats(0.02, 1.0)
alphas = st.floats(0.001, 0.2)


@given(rates, lifts, alphas, st.floats(1.05, 2))
def test_a_larger_lift_a_larger_budget_and_a_larger_rate_need_fewer_units(
    rate: float, lift: float, alpha: float, more: float
) -> None:
    units = expected_units(rate, lift, alpha=alpha)
    assert expected_units(rate, lift * more, alpha=alpha) <= units
    assert expected_units(rate, lift, alpha=alpha * more) <= units
    assert expected_units(rate * more, lift, alpha=alpha) <= units


@given(rates, lifts)
def test_growth_is_positive_and_at_most_one_bit(rate: float, lift: float) -> None:
    assert 0 < growth_per_unit(rate, lift) <= 0.6932


@pytest.mark.parametrize(("rate", "lift"), [(0.0, 0.2), (1.0, 0.2), (-0.1, 0.2), (0.1, 0.0), (0.1, -0.2)])
def test_without_outcomes_there_is_no_answer(rate: float, lift: float) -> None:
    with pytest.raises(InsufficientEvidenceError):
        expected_units(rate, lift, alpha=0.05)


@given(rates, st.floats(0.1, 1.0), st.floats(0.01, 0.05))
def test_a_lift_that_must_be_worth_changing_takes_longer(rate: float, lift: float, margin: float) -> None:
    plain, asked = (expected_units(rate, lift, alpha=0.05, margin=m) for m in (0.0, margin))
    assert asked > plain


def test_a_lift_within_the_margin_has_no_time() -> None:
    with pytest.raises(InsufficientEvidenceError):
        expected_units(0.05, 0.02, alpha=0.05, margin=0.02)
