"""Units of one customer whose windows overlap share outcomes: the product of their factors still has mean 1."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from living_personas.stats.arrays import Floats
from living_personas.stats.eprocess import LIFTS, Sums, assignment_log_factor

Came = Callable[[tuple[int, ...]], bool]
"""Whether the customer comes on the next day, by what it met so far: -1 no option, 0 the current one, 1 the other."""

WITHIN = 2
NONE = Sums(*(np.zeros(1) for _ in range(3)))


def factor(option: int, outcome: float, *, w: float, pbar: float) -> Floats:
    met = Sums(np.array([1.0]), np.array([outcome]), np.array([outcome]))
    sides = (met, NONE) if option else (NONE, met)
    return np.asarray(
        np.exp(assignment_log_factor(*sides, w=np.array([w]), pbar=np.array([pbar]), ratio=np.ones(1))[0])
    )


def every_unit(day: int, life: Sequence[int], bought: Sequence[int]) -> bool:
    del life
    return any(day <= each <= day + WITHIN for each in bought)


def latest_unit(day: int, life: Sequence[int], bought: Sequence[int]) -> bool:
    next_one = next((later for later in range(day + 1, len(life)) if life[later] >= 0), len(life) + WITHIN)
    return any(day <= each <= day + WITHIN and each < next_one for each in bought)


def mean_product(
    *,
    days: int,
    came: Came,
    bought: Sequence[int],
    bets: Mapping[tuple[int, ...], tuple[float, float]],
    credit: Callable[..., bool],
) -> Floats:
    """The exact mean, over what the customer meets, of the product of the factors of all its units."""
    total = np.zeros(LIFTS.size)
    for life in product((-1, 0, 1), repeat=days):
        chance = 1.0
        grown = np.ones(LIFTS.size)
        for day, option in enumerate(life):
            if came(life[:day]) != (option >= 0):
                chance = 0.0
                break
            if option >= 0:
                w, pbar = bets[life[:day]]
                chance *= w if option else 1 - w
                grown = grown * factor(option, float(credit(day, life, bought)), w=w, pbar=pbar)
        total += chance * grown
    return total


@settings(max_examples=40)
@given(
    seed=st.integers(0, 2**32 - 1), days=st.integers(1, 5), bought=st.lists(st.integers(0, 6), max_size=4, unique=True)
)
def test_the_product_over_a_customers_units_has_mean_one(seed: int, days: int, bought: list[int]) -> None:
    """However what was met, and bought, steers who comes back, the shares of the options, and the bets."""
    rng = np.random.Generator(np.random.PCG64(seed))
    lives = [life for length in range(days) for life in product((-1, 0, 1), repeat=length)]
    back = dict(zip(lives, rng.random(len(lives)) < 0.7, strict=True))
    bets = {life: (rng.uniform(0.05, 0.95), rng.uniform(0.02, 0.6)) for life in lives}
    found = mean_product(days=days, came=lambda life: bool(back[life]), bought=bought, bets=bets, credit=every_unit)
    assert found == pytest.approx(np.ones(LIFTS.size))


def test_for_the_latest_unit_alone_it_grows() -> None:
    """The control: the current option brings people back the next day, and so loses the outcome of the day after."""
    even: dict[tuple[int, ...], tuple[float, float]] = {
        life: (0.5, 0.3) for length in range(2) for life in product((-1, 0, 1), repeat=length)
    }

    def back_at_once(life: tuple[int, ...]) -> bool:
        return not life or life[0] == 0

    fair, grown = (
        mean_product(days=2, came=back_at_once, bought=[1], bets=even, credit=rule)
        for rule in (every_unit, latest_unit)
    )
    assert fair == pytest.approx(np.ones(LIFTS.size))
    assert (grown > 1.005).all()
