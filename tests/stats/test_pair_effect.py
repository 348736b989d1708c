"""The effect of the last days: its laws, and what it says of a year without change and after customers changed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from living_personas.domain.belief import Interval
from living_personas.errors import InsufficientEvidenceError
from living_personas.stats.arrays import Floats, Ints
from living_personas.stats.eprocess import Sums
from living_personas.stats.intervals import FEWEST_OUTCOMES
from living_personas.stats.pair_effect import (
    LONGEST,
    SHORTEST,
    WINDOW_UNITS,
    ahead_since,
    pair_effect,
    pair_ratio,
    window_start,
)

ALPHA, UNITS = 0.05, 1_000
ROWS = 30


def drawn(rates: Floats, shares: Floats, *, seed: int, units: int = UNITS) -> Sums:
    """A row a day of drawn units and successes: rates and shares have shape ``(T, K)``."""
    generator = np.random.Generator(np.random.PCG64(seed))
    n = generator.multinomial(units, shares).astype(float)
    s = generator.binomial(n.astype(int), rates).astype(float)
    return Sums(n, s, s)


def column(sums: Sums, option: int, rows: slice | Ints = slice(None)) -> Sums:
    return Sums(*(part[rows, option] for part in sums))


@st.composite
def options(draw: st.DrawFn) -> tuple[Sums, Sums]:
    """Two options of any history with outcomes enough."""
    n = draw(arrays(np.int64, (ROWS, 2), elements=st.integers(0, 400)))
    n[0] = 400
    rate = draw(st.floats(0.1, 0.9))
    s = np.floor(n * rate).astype(float)
    sums = Sums(n.astype(float), s, s)
    return column(sums, 0), column(sums, 1)


@given(options(), st.booleans())
def test_it_is_antisymmetric_in_the_options(pair: tuple[Sums, Sums], is_value: bool) -> None:  # noqa: FBT001
    new, old = pair
    here = pair_effect(new, old, alpha=ALPHA, is_value=is_value)
    there = pair_effect(old, new, alpha=ALPHA, is_value=is_value)
    assert here.estimate == pytest.approx(-there.estimate)
    assert (here.lower, here.upper) == pytest.approx((-there.upper, -there.lower))
    assert here.lower <= here.estimate <= here.upper


@given(options(), st.permutations(range(ROWS)), st.booleans())
def test_the_order_of_strata_changes_nothing(pair: tuple[Sums, Sums], order: list[int], is_value: bool) -> None:  # noqa: FBT001
    new, old = pair
    moved = [Sums(*(part[order] for part in sums)) for sums in pair]
    here = pair_effect(new, old, alpha=ALPHA, is_value=is_value)
    there = pair_effect(*moved, alpha=ALPHA, is_value=is_value)
    assert (here.estimate, here.lower, here.upper) == pytest.approx((there.estimate, there.lower, there.upper))


@given(options(), st.floats(0.01, 100))
def test_another_unit_of_a_value_is_the_same_effect(pair: tuple[Sums, Sums], rate: float) -> None:
    new, old = pair
    in_cents = [Sums(each.n, each.sum * rate, each.sum_sq * rate**2) for each in pair]
    here = pair_effect(new, old, alpha=ALPHA, is_value=True)
    there = pair_effect(*in_cents, alpha=ALPHA, is_value=True)
    assert there.estimate == pytest.approx(here.estimate * rate, abs=1e-9 * rate)
    assert there.upper - there.lower == pytest.approx((here.upper - here.lower) * rate)


@given(options(), arrays(np.float64, ROWS, elements=st.floats(0, 400)))
def test_days_on_which_only_one_option_was_met_tell_nothing(pair: tuple[Sums, Sums], alone: Floats) -> None:
    new, old = pair
    none = np.zeros(ROWS)
    more = Sums(
        *(np.concatenate([part, extra]) for part, extra in zip(new, (alone, alone / 2, alone / 2), strict=True))
    )
    less = Sums(*(np.concatenate([part, none]) for part in old))
    assert pair_effect(more, less, alpha=ALPHA) == pair_effect(new, old, alpha=ALPHA)


@given(st.integers(0, FEWEST_OUTCOMES - 1))
def test_too_few_outcomes_are_no_answer(few: int) -> None:
    n, s = np.array([5_000.0]), np.array([float(few)])
    many = Sums(n, np.array([500.0]), np.array([500.0]))
    for one, other in ((Sums(n, s, s), many), (many, Sums(n, s, s))):
        with pytest.raises(InsufficientEvidenceError, match=f"{few} outcomes.*\n.*{FEWEST_OUTCOMES - few} more"):
            pair_effect(one, other, alpha=ALPHA)
    with pytest.raises(InsufficientEvidenceError):
        pair_effect(*(Sums(*(np.zeros(0) for _ in range(3))) for _ in range(2)), alpha=ALPHA)


def test_one_large_order_is_one_outcome() -> None:
    n = np.array([5_000.0])
    single = Sums(n, np.array([9_000.0]), np.array([9_000.0**2]))
    many = Sums(n, np.array([9_000.0]), np.array([9_000.0 * 30]))
    with pytest.raises(InsufficientEvidenceError, match="1 outcomes"):
        pair_effect(single, many, alpha=ALPHA, is_value=True)


@given(st.lists(st.integers(1, 3_000), min_size=1, max_size=400))
def test_the_window_holds_enough_units_or_is_as_long_as_it_may_be(units: list[int]) -> None:
    days = np.arange(len(units))
    counted = np.array(units, dtype=float)
    first = window_start(days, counted)
    length = len(units) - first
    assert 1 <= length <= LONGEST
    assert length >= min(SHORTEST, len(units))
    if length < min(LONGEST, len(units)):
        assert counted[first:].sum() >= WINDOW_UNITS
    if length > SHORTEST:
        assert counted[first + 1 :].sum() < WINDOW_UNITS


def test_how_many_times_as_much_is_told_apart_from_1_exactly_where_the_difference_is_from_0() -> None:
    told = 0
    for seed in range(60):
        rates = np.array([[0.03, 0.03 * (1 + seed / 60)]]) * np.ones((40, 1))
        sums = drawn(rates, np.full((40, 2), 0.5), seed=seed)
        new, old = column(sums, 1), column(sums, 0)
        effect, times = pair_effect(new, old, alpha=ALPHA), pair_ratio(new, old, alpha=ALPHA)
        assert effect.excludes_zero == (not times.lower <= 1 <= times.upper)
        other = pair_ratio(old, new, alpha=ALPHA)
        assert (other.lower, other.upper) == pytest.approx((1 / times.upper, 1 / times.lower))
        assert times.lower <= times.estimate <= times.upper
        told += effect.excludes_zero
    assert 0 < told < 60


def test_a_ratio_to_what_may_be_nothing_has_no_upper_end() -> None:
    few, many = (Sums(np.array([2_000.0]), np.array([s]), np.array([s])) for s in (20.0, 200.0))
    assert pair_ratio(few, many, alpha=ALPHA).upper < 1
    with pytest.raises(InsufficientEvidenceError, match="no upper end"):
        pair_ratio(many, few, alpha=ALPHA)


def spent(sums: Sums, *, seed: int) -> Sums:
    """Orders of log-normal size, capped, for every success."""
    rng = np.random.Generator(np.random.PCG64(seed))
    place = np.repeat(np.arange(sums.sum.size), sums.sum.ravel().astype(np.int64))
    size = np.minimum(60 * np.exp(0.8 * rng.standard_normal(place.size)), 390.0)
    total, squares = (
        np.bincount(place, weights=each, minlength=sums.sum.size).reshape(sums.sum.shape).astype(np.float64)
        for each in (size, size**2)
    )
    return Sums(sums.n, total, squares)


def times_missed(worlds: int, *, values: bool = False) -> int:
    """In how many years of weekly looks the interval ever left the true ratio, while the base rate moves by half."""
    year, missed = 365, 0
    rates = np.array([[0.03, 0.042, 0.03]]) * (1 + 0.5 * np.sin(np.arange(year) * 2 * np.pi / 7)[:, None])
    lean = 0.5 + 0.3 * np.sin(np.arange(year) / 20)[:, None]
    shares = np.hstack([0.9 * lean, 0.9 * (1 - lean), np.full((year, 1), 0.1)])
    for seed in range(worlds):
        sums = drawn(rates, shares, seed=1_000 + seed)
        sums = spent(sums, seed=seed) if values else sums
        ever = False
        for day in range(35, year, 7):
            rows = slice(window_start(np.arange(day), sums.n[:day].sum(1)), day)
            times = pair_ratio(column(sums, 1, rows), column(sums, 0, rows), alpha=ALPHA, is_value=values)
            ever |= not times.lower <= 1.4 <= times.upper
        missed += ever
    return missed


def test_a_year_of_looks_seldom_leaves_the_true_ratio() -> None:
    assert times_missed(100) <= 5


@pytest.mark.slow
@pytest.mark.parametrize("values", [False, True])
def test_over_many_years_the_ratio_is_covered_at_every_look(values: bool) -> None:  # noqa: FBT001
    missed = times_missed(1_000, values=values)
    print(f"left the true ratio in {missed} of 1,000 years")
    assert missed <= 50


def looked(sums: Sums, day: int, *, since: int = 0) -> Interval:
    """The effect as it is shown at the end of a day."""
    days = np.arange(since, day)
    rows = slice(since + window_start(np.arange(day - since), sums.n[days].sum(1)), day)
    return pair_effect(column(sums, 1, rows), column(sums, 0, rows), alpha=ALPHA)


def test_a_year_without_change_is_seldom_outside_the_interval() -> None:
    """Looked at every week, with a base rate that moves by half and a share that follows it: .05 is promised a look."""
    year, worlds, missed = 365, 150, 0
    swing = 1 + 0.5 * np.sin(np.arange(year) * 2 * np.pi / 7)[:, None] * np.ones((1, 3))
    rates = np.array([[0.03, 0.035, 0.03]]) * swing
    lean = 0.5 + 0.3 * np.sin(np.arange(year) / 20)[:, None]
    shares = np.hstack([0.9 * lean, 0.9 * (1 - lean), np.full((year, 1), 0.1)])
    for seed in range(worlds):
        sums = drawn(rates, shares, seed=seed)
        truth = float((rates[:, 1] - rates[:, 0]).mean())
        looks = [looked(sums, day) for day in range(35, year, 7)]
        missed += any(not look.lower <= truth <= look.upper for look in looks)
    assert missed / worlds <= 0.05


def weighted_since_the_definition(sums: Sums, shares: Floats) -> float:
    """Augmented inverse propensity weighting over all days, which the pair estimate took the place of: option 1 - 0."""
    n, s = sums.n, sums.sum
    mean = s.sum(0) / n.sum(0)
    rest = ((s - mean * n) / shares).sum(0)
    return float(mean[1] - mean[0] + (rest[1] - rest[0]) / n.sum())


def test_after_customers_changed_it_has_the_right_sign_and_aipw_since_the_definition_has_not() -> None:
    """The preference turns on day 180, and is looked at 40 days later: it is true, the control is not."""
    turned, seen, worlds = 180, 220, 100
    rates = np.where(np.arange(seen)[:, None] < turned, np.array([[0.04, 0.03]]), np.array([[0.03, 0.04]]))
    shares = np.where(np.arange(seen)[:, None] < turned + 10, np.array([[0.9, 0.1]]), np.array([[0.5, 0.5]]))
    estimates, began, wrong, behind = [], [], 0, 0
    for seed in range(worlds):
        sums = drawn(rates, shares, seed=seed)
        estimates.append(looked(sums, seen).estimate)
        earlier = slice(0, seen - SHORTEST)
        behind += pair_effect(column(sums, 1, earlier), column(sums, 0, earlier), alpha=ALPHA).upper < 0
        began.append(ahead_since(column(sums, 1), column(sums, 0), np.arange(seen)))
        wrong += weighted_since_the_definition(sums, shares) < 0
    assert min(estimates) > 0
    assert 0.85 <= float(np.mean(estimates)) / 0.01 <= 1.1
    assert behind / worlds >= 0.5, "mostly it is told that it was behind"
    assert wrong == worlds, "the control must fail"
    assert abs(float(np.median(began)) - turned) <= 5
    assert float(np.quantile(np.abs(np.array(began) - turned), 0.9)) <= 10


@given(st.integers(0, 60), st.integers(1, 60), st.integers(1, 3))
def test_the_stretch_begins_where_the_lead_changed_sides(behind: int, ahead: int, strata: int) -> None:
    days = np.repeat(np.arange(100, 100 + behind + ahead), strata)
    n = np.full(days.size, 50.0)
    better = days >= 100 + behind
    new, old = Sums(n, np.where(better, 9.0, 3.0), n), Sums(n, np.full(days.size, 6.0), n)
    assert ahead_since(new, old, days) == 100 + behind
