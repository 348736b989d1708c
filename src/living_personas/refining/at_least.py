"""How many times as good a value is at least: the same account, asked for ever larger margins."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from living_personas.refining.accounts import Accounts, mature
from living_personas.refining.ledger import Entry
from living_personas.refining.panel import DayRows, Panel
from living_personas.stats.arrays import Floats

__all__ = ["MARGINS", "at_least_times", "highest_of"]

MARGINS: Floats = np.round(np.arange(1.0, 2.005, 0.01), 2)
"""The margins that are asked, in order: 1 % apart, up to twice as good."""


def at_least_times(panel: Panel, days: Iterable[tuple[Entry, DayRows]], *, new: int, bar: float) -> float | None:
    """The largest margin r up to which every account of "``new`` is more than r times as good" has reached the bar.

    Parameters
    ----------
    panel
        A panel of one subject.
    days
        Each complete day's ledger and units for that panel, in order, from the definition's first on.
    new
        The index of the option.
    bar
        What an account must have reached, on any day.

    Returns
    -------
    None if not even the account of 1 has. It is a lower bound of the ratio with the error of one account: for the
    bound to be too high, the account of the least margin that is true must have reached the bar.
    """
    asked, times = panel.repeated(0, MARGINS), MARGINS.size
    highest = highest_of(asked, ((entry.repeated(times), rows.repeated(times)) for entry, rows in days))[:, new]
    reached = int(np.argmin(np.append(highest >= bar, False)))
    return float(MARGINS[reached - 1]) if reached else None


def highest_of(panel: Panel, days: Iterable[tuple[Entry, DayRows]]) -> Floats:
    """The most that each challenger's account held at the end of any of these days, shape ``(A, K)``.

    The days begin with the first of the definition: accounts start afresh.
    """
    accounts = Accounts.first_day(panel)
    highest = np.zeros(panel.mask.shape)
    for entry, rows in days:
        accounts = mature(accounts, panel, rows, entry, half_life=None)
        highest = np.maximum(highest, accounts.own(panel))
    return highest
