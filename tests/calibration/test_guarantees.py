"""The promised error rate and power, on the production path: cells in, decisions out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Literal

import numpy as np
import pytest
from scipy.stats import beta

from figures import tell
from living_personas.loop.previews.prices import Traffic
from living_personas.stats.arrays import Floats
from living_personas.stats.power import expected_units
from worlds.adversary import false_corrections, false_transfers
from worlds.cells import CellWorld, drawn, persona
from worlds.delays import Answering

pytestmark = pytest.mark.slow

REPLICATES = 500


def lower_bound(hits: int, trials: int) -> float:
    """Lower end of the 95 % Clopper-Pearson interval."""
    return float(beta.ppf(0.025, hits, trials - hits + 1)) if hits else 0.0


def still(_day: int) -> Floats:
    return np.full(4, 0.03)


def moving(day: int) -> Floats:
    """Weekly ups and downs of 50 %, on a trend that doubles in a year."""
    return np.full(4, 0.03 * (1 + 0.5 * np.sin(2 * np.pi * day / 7)) * (1 + day / 365))


@pytest.mark.promise("P16")
@pytest.mark.parametrize("rates", [still, moving])
def test_a_year_without_differences_corrects_at_most_five_percent(rates: Callable[[int], Floats]) -> None:
    world = CellWorld([persona(f"p{i:03d}") for i in range(REPLICATES)], drawn(rates, seed=20260101)).run(365)
    false = len(world.corrected)
    tell(f"A/A {rates.__name__}, 365 days: {false} of {REPLICATES} falsely corrected ({false / REPLICATES:.3f})")
    assert lower_bound(false, REPLICATES) <= 0.05


def test_three_against_four_percent_is_known_by_16000_units() -> None:
    rates = np.array([0.03, 0.03, 0.03, 0.04])
    supply = drawn(lambda _day: rates, seed=20260102)
    world = CellWorld([persona(f"p{i:03d}") for i in range(REPLICATES)], supply).run(120, until_all_corrected=True)
    units = world.units_to_correct()
    wrong = sum(refinement.new != "o3" for refinement in world.corrected.values())
    tell(f"3 v 4 %: median {np.median(units):.0f} units, p90 {np.quantile(units, 0.9):.0f}, {wrong} wrong")
    assert np.median(units) <= 16_000
    assert wrong / REPLICATES <= 0.01


def test_the_best_of_four_is_confirmed() -> None:
    rates = np.array([0.04, 0.03, 0.03, 0.03])
    world = CellWorld([persona(f"p{i:03d}") for i in range(200)], drawn(lambda _day: rates, seed=20260103)).run(150)
    days = np.array([world.confirmed[p.id].units / 1000 if p.id in world.confirmed else np.inf for p in world.personas])
    tell(f"4 v 3, 3, 3 %: confirmed after {np.median(days):.0f} days (median), {len(world.corrected)} of 200 corrected")
    assert np.median(days) <= 70
    assert lower_bound(len(world.corrected), 200) <= 0.05


@pytest.mark.parametrize("capped", [True, False])
def test_adversarial_transfers_need_the_cap(capped: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """An adversary who hands a better option's wealth to worthless ones: harmless with the cap, fatal without it."""
    false = false_transfers(replicates=REPLICATES, capped=capped, seed=20260105)
    tell(f"adversarial transfers, {'with' if capped else 'without'} the cap: {false} of {REPLICATES} false")
    if capped:
        assert lower_bound(false, REPLICATES) <= 0.05
    else:
        assert false / REPLICATES > 0.9


@pytest.mark.parametrize("rule", ["own", "sum"])
def test_an_adversary_needs_the_sum_over_options(rule: Literal["own", "sum"]) -> None:
    """Ten better options and one worthless: harmless while each account must reach the bar by itself."""
    false = false_corrections(replicates=150, rule=rule, seed=20261101)
    tell(f"adversary of nominations and pauses, bar on the {rule}: {false} of 150 false")
    if rule == "own":
        assert false / 150 <= 0.065
    else:
        assert lower_bound(false, 150) > 0.065


@pytest.mark.parametrize(
    ("base", "lift", "options"), [(0.03, 1 / 3, 4), (0.02, 0.2, 4), (0.05, 0.2, 4), (0.03, 1 / 3, 2), (0.03, 1 / 3, 8)]
)
def test_the_plan_is_near_the_median(base: float, lift: float, options: int) -> None:
    rates = np.array([*[base] * (options - 1), base * (1 + lift)])
    names = tuple(f"o{k}" for k in range(options))
    people = [persona(f"p{i:03d}", options=names) for i in range(200)]
    world = CellWorld(people, drawn(lambda _day: rates, seed=20260104))
    median = float(np.median(world.run(200, until_all_corrected=True).units_to_correct()))
    planned = expected_units(base, lift, alpha=0.05, options=options)
    tell(f"{base:.0%}, {lift:.0%} better, {options} options: planned {planned}, median of 200 worlds {median:.0f}")
    assert 0.75 <= planned / median <= 1.33


@pytest.mark.parametrize(("within", "most"), [(7, 50), (3, 36), (1, 31)])
def test_what_a_weekly_option_costs_by_its_horizon(within: int, most: int) -> None:
    """2 v 3 % on the visit, and .2 % of customers buy on each day for reasons of their own."""
    rates, wait = np.array([0.02, 0.02, 0.02, 0.03]), within + 6
    supply = Answering(rates, np.ones(4), within=wait, at_once=1.0, base=0.002, seed=20260108)
    people = [persona(f"p{i:03d}", days=within) for i in range(200)]
    weekly = [replace(each, attributes=(replace(each.attributes[0], assign="week"),)) for each in people]
    median = float(np.median(CellWorld(weekly, supply).run(120, until_all_corrected=True).days_to_correct()))
    rate = 0.02 + 0.002 * wait
    planned = Traffic(units_a_day=1000, rate=rate, options=4, wait=wait, horizon=within).time(0.01 / rate, alpha=0.05)
    tell(f"weekly, within {within} days: planned {planned[1]} days, median of 200 worlds {median:.0f}")
    assert median <= most
    assert 0.67 <= planned[1] / median <= 1.5
