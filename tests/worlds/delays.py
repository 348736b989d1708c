"""A world whose options are answered after a while, and in which people buy for reasons of their own, too."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa

from living_personas.domain.cell import GOAL, Cells
from living_personas.domain.snapshot import Snapshot
from living_personas.memory.records import POLICIES
from living_personas.refining import windows
from living_personas.refining.accounts import Accounts
from living_personas.refining.panel import Panel
from living_personas.stats.arrays import Floats, Ints
from worlds.cells import CellWorld, persona, rng

OPTIONS = ("o0", "o1", "o2", "o3")
BEFORE = "before"
"""The policy of the history: everybody met the first option."""

WITHIN, HISTORY = 60, 90
FAST, SLOW = 1.0, 10.0
DELAYS = {
    "both fast": np.full(4, FAST),
    "current slow": np.array([SLOW, FAST, FAST, FAST]),
    "challenger slow": np.array([FAST, FAST, FAST, SLOW]),
}
ALIKE, BETTER = np.full(4, 0.06), np.array([0.04, 0.04, 0.04, 0.06])
SPEED = "options may differ in speed only"


class Answering:
    """Units of many personas, a supply for ``CellWorld``: each is answered at its option's rate, if in time.

    ``rates`` are the shares of units that each option is answered by, after exponential delays of ``days`` (means) from
    noon on, but for the part ``at_once`` of each option's answers; beside that, ``base`` of the units buy on each day
    of the window for no reason of the option's. On the first ``history`` days everybody meets the first option, under
    the policy ``BEFORE``.
    """

    def __init__(
        self,
        rates: Floats,
        days: Floats,
        *,
        within: int,
        at_once: Floats | float = 0.0,
        base: float = 0.0,
        units_a_day: int = 1000,
        history: int = 0,
        seed: int = 0,
    ) -> None:
        ends = np.arange(within + 1) + 0.5
        later = -np.diff(np.exp(-ends / days[:, None]), axis=1, prepend=1.0)
        now = np.broadcast_to(np.asarray(at_once), rates.shape)[:, None]
        answered = rates[:, None] * (now * (np.arange(within + 1) == 0) + (1 - now) * later)
        first = np.cumprod(np.full(within + 1, 1 - base)) / (1 - base) * base
        by_age = answered + (1 - answered.cumsum(1)) * first
        self.by_age: Floats = np.column_stack([by_age, 1 - by_age.sum(1)])
        self.units_a_day, self.within, self.history, self.rng = units_a_day, within, history, rng(seed)
        self.cohorts: list[tuple[date, list[str], Ints]] = []

    def __call__(self, number: int, day: date, snapshot: Snapshot) -> Cells:
        """What becomes known on a day."""
        shares, policies = self._shares(number, day, snapshot)
        units = self.rng.multinomial(self.units_a_day, shares)
        ages = self.rng.multinomial(units, self.by_age)
        self.cohorts = [(day, policies, ages), *self.cohorts][: self.within + 1]
        came = np.zeros((len(self.cohorts), *units.shape), dtype=np.int64)
        came[0] = units
        answered = np.stack([known[..., age] for age, (_, _, known) in enumerate(self.cohorts)])
        return self._cells(snapshot, came, answered, day)

    def _cells(self, snapshot: Snapshot, came: Ints, answered: Ints, day: date) -> Cells:
        """The cells of a day, from the units and outcomes of each age, persona and option, shape (ages, P, K)."""
        age, persona, option = np.nonzero(came + answered)
        n, s = came[age, persona, option], answered[age, persona, option]
        names = pa.array([each.persona for each in snapshot.personas])
        policies = pa.array([policy for _, policies, _ in self.cohorts for policy in policies])
        days = pa.array([cohort for cohort, _, _ in self.cohorts], pa.date32())
        columns = {
            "outcome_day": pa.array([day] * n.size, type=pa.date32()),
            "persona": names.take(pa.array(persona)),
            "attribute": ["framing"] * n.size,
            "metric": [GOAL] * n.size,
            "option": pa.array(OPTIONS).take(pa.array(option)),
            "cohort": days.take(pa.array(age)),
            "channel": [""] * n.size,
            "stratum": [""] * n.size,
            "policy": policies.take(pa.array(age * len(names) + persona)),
            "n": n,
            "s": s,
            "sum": s.astype(float),
            "sum_sq": s.astype(float),
        }
        return Cells.of(pa.table(columns))

    def _shares(self, number: int, day: date, snapshot: Snapshot) -> tuple[Floats, list[str]]:
        """The shares of each persona's options on a day, and the names of the policies."""
        if number < self.history:
            return np.tile(np.eye(len(OPTIONS))[0], (len(snapshot.personas), 1)), [BEFORE] * len(snapshot.personas)
        tables = [next(t for t in reversed(p.attributes[0].tables) if t.day <= day) for p in snapshot.personas]
        return np.array([table.shares for table in tables]), [table.policy for table in tables]


def days_to_know(supply: Answering, *, personas: int, days: int) -> Floats:
    """Days from the first choice until each belief was corrected; infinite where it was not."""
    world = CellWorld([persona(f"p{i:03d}", days=WITHIN) for i in range(personas)], supply)
    POLICIES.write(world.context.store, BEFORE, {"o0": 1.0})
    return world.run(HISTORY + days, until_all_corrected=True).days_to_correct() - HISTORY


def all_by_then(accounts: Accounts, panel: Panel, *, budget: float) -> Floats:
    """Instead of ``windows.completions``: each window is said to hold all outcomes of the current value."""
    del accounts, budget
    return np.where(panel.horizon[:, None] > windows.CANDIDATES, 1.0, 0.0)


@dataclass
class Found:
    """How many beliefs were found wrong, and how many of these corrections wait for being a matter of speed."""

    corrections: int
    waiting: int


def found_with_delays(
    *, slow: float, within: int, rates: Floats, base: float = 0.0, personas: int, days: int = 120
) -> Found:
    """What is found where the believed option is answered after ``slow`` days, the others after one."""
    delays = np.array([slow, 1.0, 1.0, 1.0])
    supply = Answering(rates, delays, within=within, base=base, seed=20260107)
    people = [persona(f"p{i:03d}", days=within) for i in range(personas)]
    world = CellWorld(people, supply).run(days, until_all_corrected=True)
    proposed = world.corrected.values()
    waiting = [each for each in proposed if each.verdict == "review" and SPEED in each.why]
    assert all(each.verdict == "apply" for each in proposed if each not in waiting)
    return Found(len(proposed), len(waiting))
