"""Early windows: when a definition may be judged sooner than at its horizon, by which margin, and what that costs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa

from living_personas.domain.value import value
from living_personas.refining.accounts import Accounts, without_window
from living_personas.refining.bets import early_factors
from living_personas.refining.early import WINDOWS_KEEP
from living_personas.refining.ledger import Entry
from living_personas.refining.panel import DayRows, Panel, to_date
from living_personas.refining.places import subjects_of
from living_personas.refining.wealth import Held, grown, moved
from living_personas.stats.arrays import Bools, Floats, Ints
from living_personas.stats.delays import lower_share

__all__ = ["CANDIDATES", "Windows", "completions", "mature_early", "split", "windows_for"]

CANDIDATES: Ints = np.array([3, 7, 14, 21, 28, 42])
"""Days after the end of a unit's epoch by which it may be judged, if the horizon is longer."""

COMPLETE_OUTCOMES = 200.0
"""Outcomes of the current value on complete days, from which on its completion is bounded."""

PLANNED_LIFT = 1.3
EARLY_UNITS, WHOLE_UNITS = 25_000.0, 20_000.0
"""What a window is chosen for: options that are better by 30 %, and about so many units until that is known, with the
budget in two halves and without."""


@value
class Windows:
    """The early windows of A subjects (days, 0 for none), and the lower bounds of completion they are judged by."""

    days: Ints
    completion: Floats

    @classmethod
    def none(cls, subjects: int) -> Windows:
        """No windows."""
        return cls(days=np.zeros(subjects, dtype=np.int64), completion=np.ones(subjects))

    def to_table(self, panel: Panel, day: int) -> pa.Table:
        """A row for each subject that has a window on ``day``."""
        chosen = np.flatnonzero(self.days > 0)
        named = [panel.subjects[a] for a in chosen]
        return pa.table(
            {
                **{
                    name: pa.array([getattr(each, name) for each in named], pa.string())
                    for name in ("persona", "attribute", "channel")
                },
                "window": pa.array(self.days[chosen], pa.int64()),
                "completion": pa.array(self.completion[chosen], pa.float64()),
                "day": pa.array([to_date(day)] * chosen.size, pa.date32()),
            }
        )

    @classmethod
    def from_table(cls, table: pa.Table, panel: Panel) -> Windows:
        """The windows of a day, for a panel."""
        none = cls.none(len(panel))
        if not table.num_rows:
            return none
        row = subjects_of(table, panel.subjects)
        known = row >= 0
        none.days[row[known]] = np.asarray(table["window"].to_numpy())[known]
        none.completion[row[known]] = np.asarray(table["completion"].to_numpy())[known]
        return none


def windows_for(accounts: Accounts, panel: Panel, *, day: int, budget: float) -> Windows:
    """The windows by which the units of ``day`` are judged: those that are chosen, and the first choice where one pays.

    Chosen once a definition, from its second day on: by then whatever was fixed for a day is about the definition. All
    that the choice uses - completion, pace, wealth - is of complete days, which are earlier than the units it is for.
    ``budget`` is what a false correction may cost, of which the bound on completion has a part (``completions``).
    """
    early = accounts.early
    held = Windows(days=early.window, completion=early.completion)
    open_to = ~early.chosen & ~panel.is_value & (panel.since < day) & (accounts.pace > 0)
    if not accounts.answered.shape[-1] or not open_to.any():
        return held
    found = completions(accounts, panel, budget=budget)
    chosen, completion = _cheapest(found, accounts, panel)
    new = open_to & (chosen > 0)
    return Windows(days=np.where(new, chosen, held.days), completion=np.where(new, completion, held.completion))


def completions(accounts: Accounts, panel: Panel, *, budget: float) -> Floats:
    """Lower bounds of the part of the current value's outcomes that each candidate window holds, shape ``(A, 6)``.

    That any of them is ever too high has a probability of at most a fifth of ``budget`` times the wealth that no set of
    null options can be below: ``sum_k min(W_k, B_k)`` (docs/explanation/evidence.md). 0 where too little is known.
    """
    if not accounts.answered.shape[-1]:
        return np.zeros((len(panel), CANDIDATES.size))
    of_current = np.take_along_axis(accounts.answered, panel.current[:, None, None], 1)[:, 0]
    by_age = of_current.cumsum(-1)
    last = np.minimum(CANDIDATES + panel.epoch[:, None], accounts.answered.shape[-1] - 1)
    hits, of = np.take_along_axis(by_age, last, 1), np.repeat(by_age[:, -1:], CANDIDATES.size, axis=1)
    least = np.minimum(accounts.total(), accounts.principal).sum(-1)
    error = (1 - WINDOWS_KEEP) * budget * np.minimum(least, 1.0) / CANDIDATES.size
    possible = (of >= COMPLETE_OUTCOMES) & (panel.horizon[:, None] > CANDIDATES) & (error > 0)[:, None]
    bound = lower_share(hits, of, error=np.where(error > 0, error, 1.0)[:, None])
    return np.where(possible, bound, 0.0)


def split(accounts: Accounts, windows: Windows, panel: Panel, *, day: int) -> Accounts:
    """The accounts as the ``windows`` that were fixed for ``day`` have them.

    Where one was chosen for the first time, each account goes on with half of what there was; where it is another one
    than before, or none, the one before is given up.
    """
    early, told = accounts.early, panel.since < day
    other = (windows.days != early.window) | (windows.completion != early.completion)
    accounts = without_window(accounts, told & other)
    which = told & other & (windows.days > 0)
    if not which.any():
        return accounts
    half = np.where(which, 0.5, 1.0)
    wealth, principal = accounts.wealth * half[:, None, None], accounts.principal * half[:, None]
    opened = accounts.early.opened(
        which, window=windows.days, completion=windows.completion, wealth=wealth, principal=principal
    )
    return replace(accounts, wealth=wealth, principal=principal, early=opened)


def mature_early(accounts: Accounts, panel: Panel, rows: DayRows, entry: Entry, *, which: Bools) -> Accounts:
    """Play the bets on what a day's units came to within the early window, for the subjects ``which``."""
    early = accounts.early
    active = which & early.chosen & (panel.since < entry.day)
    if not active.any():
        return accounts
    held = Held(early.wealth, early.principal, early.nominee)
    wealth, principal, nominee = moved(held, panel, entry, active, mass=early.part_of_mass())
    logs = early_factors(rows.where(active[rows.subject]), panel, entry, early.completion)
    won = grown(wealth, logs, entry.gate & active[:, None])
    return replace(accounts, early=replace(early, wealth=won, principal=principal, nominee=nominee))


def _cheapest(found: Floats, accounts: Accounts, panel: Panel) -> tuple[Ints, Floats]:
    """The window that costs the fewest days, with its bound; 0 where none costs fewer than the whole horizon."""
    lift = np.log(PLANNED_LIFT / panel.margin)[:, None]
    sharp = np.log(np.maximum(PLANNED_LIFT / panel.margin[:, None] * found, 1.0))
    pace = np.maximum(accounts.pace, 1e-9)[:, None]
    able = (sharp > 0) & (lift > 0)
    days = np.where(able, CANDIDATES + EARLY_UNITS / pace * (lift / np.where(able, sharp, 1.0)) ** 2, np.inf)
    best = days.argmin(1)
    at = np.arange(len(panel))
    pays = days[at, best] < panel.horizon + (WHOLE_UNITS / pace)[:, 0]
    return np.where(pays, CANDIDATES[best], 0), np.where(pays, found[at, best], 1.0)
