"""The least ratio that is proven: the same account, asked for larger margins."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import numpy as np
import pytest

from living_personas.loop.learning.learn import proven_times
from living_personas.refining.accounts import Accounts, mature, open_day
from living_personas.refining.at_least import MARGINS, at_least_times
from living_personas.refining.ledger import Entry
from living_personas.refining.panel import DayRows, day_number
from living_personas.stats.arrays import Floats
from living_personas.stats.eprocess import Sums
from refining.panels import DAY, panel_of, persona, rows_of
from worlds.cells import FIRST, CellWorld, drawn
from worlds.cells import persona as believer

PANEL = panel_of(persona(options=(3,)))
TODAY = day_number(DAY)


def days(rates: Floats, *, count: int, units: float = 1000.0) -> Iterator[tuple[Entry, DayRows]]:
    """Days on which every option has exactly its rate."""
    accounts = Accounts.first_day(PANEL)
    n = np.full((1, 3), units)
    for day in range(TODAY, TODAY + count):
        won = np.round(n * rates)
        rows = rows_of(PANEL, Sums(n, won, won), np.full((1, 3), 1 / 3), day=day)
        entry = open_day(accounts, PANEL, day=day)
        accounts = mature(accounts, PANEL, rows, entry, half_life=None)
        yield entry, rows


def test_what_is_no_better_is_at_least_nothing() -> None:
    flat = np.full((1, 3), 0.1)
    assert at_least_times(PANEL, days(flat, count=30), new=1, bar=20.0) is None


def test_the_bound_grows_with_the_units_and_stays_below_the_truth() -> None:
    rates = np.array([[0.1, 0.15, 0.1]])
    found = [at_least_times(PANEL, days(rates, count=count), new=1, bar=20.0) for count in (5, 20, 80, 300)]
    known = [times for times in found if times is not None]
    assert known == sorted(known)
    assert 1.0 <= known[0] < known[-1] <= 1.5
    assert known[-1] > 1.35


def test_the_largest_margin_is_as_far_as_it_looks() -> None:
    rates = np.array([[0.02, 0.2, 0.02]])
    assert at_least_times(PANEL, days(rates, count=100), new=1, bar=20.0) == MARGINS[-1] == 2.0


@pytest.fixture(scope="module")
def world() -> CellWorld:
    """Corrected personas, whose new values have been challenged since."""
    people = [believer(f"p{i}", days=1 + i % 2) for i in range(8)]
    return CellWorld(people, drawn(lambda _day: np.array([0.03, 0.03, 0.03, 0.06]), seed=5)).run(30)


def test_the_ledger_played_again_is_the_account_itself(world: CellWorld) -> None:
    """At a margin of 1 the bound asks the very account that decides: a bar just below is reached, one above is not."""
    last = FIRST + timedelta(days=world.days - 1)
    for state in world.states:
        own = state.accounts.own(state.panel)
        for a in range(len(state.panel)):
            new = int(own[a].argmax())
            store = world.context.store
            assert proven_times(store, state, a, last, new=new, alpha=1 / (own[a, new] * (1 - 1e-9))) is not None


def test_an_account_that_never_held_so_much_proves_nothing(world: CellWorld) -> None:
    state = world.states[0]
    last = FIRST + timedelta(days=world.days - 1)
    assert proven_times(world.context.store, state, 0, last, new=1, alpha=1e-12) is None


def test_every_correction_says_how_much_better_it_is_at_least(world: CellWorld) -> None:
    assert world.corrected
    bounds = [found.at_least_times for found in world.corrected.values()]
    assert all(times is not None and 1.0 <= times <= 2.0 for times in bounds)
    assert max(times or 0.0 for times in bounds) > 1.0
