"""How many times as good a value is at least: the same account, asked for ever larger margins."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from living_personas.refining.accounts import Accounts, mature
from living_personas.refining.ledger import Entry
from living_personas.refining.panel import DayRows, Panel
from living_personas.stats.arrays import Floats

__all__ = ["MARGINS", "at_least_times"]

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
    asked = panel.repeated(0, MARGINS)
    accounts = Accounts.first_day(asked)
    highest = np.zeros(MARGINS.size)
    for entry, rows in days:
        accounts = mature(accounts, asked, rows.repeated(MARGINS.size), entry.repeated(MARGINS.size), half_life=None)
        highest = np.maximum(highest, accounts.own(asked)[:, new])
    reached = int(np.argmin(np.append(highest >= bar, False)))
    return float(MARGINS[reached - 1]) if reached else None
