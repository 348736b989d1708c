"""A valley is a gap between two groups, and one hump has none."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from discovery.made import rng
from living_personas.discovery.density_gap import direction, valley


@given(st.integers(0, 1000), st.floats(0.5, 1.5))
@settings(max_examples=12, deadline=None)
def test_one_hump_cut_in_two_has_no_valley(seed: int, cut: float) -> None:
    points = rng(seed).normal(size=10_000)
    assert valley(points[points > cut], points[points <= cut]) > 0.92


@given(st.integers(0, 1000), st.floats(5.0, 20.0))
@settings(max_examples=12, deadline=None)
def test_two_humps_far_apart_have_a_deep_one(seed: int, far: float) -> None:
    draw = rng(seed)
    assert valley(draw.normal(size=300) + far, draw.normal(size=3000)) < 0.3


@given(st.integers(0, 1000), st.floats(0.01, 100), st.floats(-50, 50), st.floats(0, 6))
@settings(max_examples=12, deadline=None)
def test_units_change_nothing_and_the_answer_is_a_ratio(seed: int, scale: float, shift: float, far: float) -> None:
    draw = rng(seed)
    one, other = draw.normal(size=200) + far, draw.normal(size=1000)
    found = valley(one, other)
    assert 0 <= found <= 1
    assert abs(found - valley(one * scale + shift, other * scale + shift)) < 0.02


def test_too_few_points_show_nothing() -> None:
    assert valley(np.arange(10.0) + 100, np.arange(1000.0)) == 1.0


@given(st.integers(0, 1000))
@settings(max_examples=12, deadline=None)
def test_the_direction_points_from_the_other_to_the_one(seed: int) -> None:
    draw = rng(seed)
    centre = draw.normal(size=4) * 3
    one, other = draw.normal(size=(200, 4)) + centre, draw.normal(size=(500, 4))
    line = direction(one, other)
    assert (one @ line).mean() > (other @ line).mean()
    np.testing.assert_allclose(direction(other, one), -line)
