"""Figures that may be told: two of them never differ by a few people, and no person moves one by more than a step."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from living_personas.domain.belief import Interval
from living_personas.domain.head_count import FLOOR
from living_personas.errors import InvalidSettingsError
from living_personas.reporting.anonymous import Discretion

PEOPLE = st.integers(0, 100_000)
BARS = st.integers(FLOOR, 500)


@pytest.mark.promise("P23")
@given(one=PEOPLE, other=PEOPLE, smallest=BARS)
def test_two_counts_are_equal_or_differ_by_a_whole_group(one: int, other: int, smallest: int) -> None:
    told = [Discretion(smallest=smallest).count(people) for people in (one, other)]
    assert [count is None for count in told] == [people < smallest for people in (one, other)]
    if told[0] is not None and told[1] is not None:
        assert told[0] == told[1] or abs(told[0] - told[1]) >= smallest
        assert 0 <= one - told[0] < smallest


@given(n=st.integers(50, 100_000), rate=st.floats(0, 1), width=st.floats(0, 0.5), changed=st.sampled_from([0, 1]))
def test_one_person_moves_an_estimate_by_at_most_one_step(n: int, rate: float, width: float, changed: int) -> None:
    def told(estimate: float) -> float:
        found = Discretion().interval(
            Interval(estimate=estimate, lower=estimate - width / 2, upper=estimate + width / 2), n
        )
        assert found is not None
        return found.estimate

    before, after = told(rate), told(min(1.0, rate + changed / n))
    step = max(width / 20, 1 / n) * 2.5  # the next of 1, 2, 5 is at most 2.5 times as large
    assert abs(after - before) <= step * (1 + 1e-6)
    assert abs(before - rate) <= step / 2 * (1 + 1e-6)


@given(
    n=st.integers(50, 100_000), lower=st.floats(-1, 1), width=st.floats(1e-6, 0.5), scale=st.sampled_from([0.0, 1.0])
)
def test_an_interval_is_told_no_narrower_than_it_is(n: int, lower: float, width: float, scale: float) -> None:
    """Rounded inwards, one that holds 0 would be told as one that does not."""
    found = Interval(estimate=lower + width / 2, lower=lower, upper=lower + width)
    told = Discretion().interval(found, n, scale=scale)
    assert told is not None
    step = max(width / 20, scale / n) * 2.5
    assert told.lower <= found.lower + 1e-6 * step
    assert told.upper >= found.upper - 1e-6 * step
    assert told.upper - told.lower <= width + 2 * step


@given(n=st.integers(0, 49), rate=st.floats(0, 1))
def test_an_estimate_of_too_few_is_not_told(n: int, rate: float) -> None:
    assert Discretion().interval(Interval(estimate=rate, lower=0, upper=1), n) is None


@pytest.mark.parametrize("smallest", [0, 1, 19, -50])
def test_the_floor_holds(smallest: int) -> None:
    with pytest.raises(InvalidSettingsError, match="would tell about persons"):
        Discretion(smallest=smallest)
