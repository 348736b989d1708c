"""How much of its outcomes a unit has at its age: what steers counts young units by the part that is known of them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from living_personas.domain.cell import GOAL, Cells
from living_personas.refining.panel import DayRows, Panel, Shares
from living_personas.refining.places import places_of
from living_personas.stats.arrays import Bools, Floats, Ints
from living_personas.stats.delays import completion_curves

__all__ = ["SOONEST", "Arrivals", "ages_kept", "matched_to_age"]

SOONEST = 3
"""Horizons of no more days have no curves: outcomes are known soon anyway."""


class Arrivals(NamedTuple):
    """When outcomes of drawn units came: subject, option, day of exposure, age in days, and how many; shape (R,)."""

    subject: Ints
    option: Ints
    cohort: Ints
    age: Ints
    outcomes: Floats

    @classmethod
    def of(cls, cells: Cells, panel: Panel, shares: Shares) -> Arrivals:
        """The arrivals that cells tell of, of units that were asked the present question; none of goals with values."""
        table = cells.table
        known = pc.is_in(table["policy"], value_set=pa.array(shares, type=pa.string()))
        came = pc.and_(pc.equal(table["metric"], GOAL), pc.greater(table["s"], 0))
        table = table.filter(pc.and_(came, known))
        subject, option = places_of(table, panel.subjects, panel.names)
        cohort, known_on = (
            np.asarray(table[day].cast("int32").to_numpy(), np.int64) for day in ("cohort", "outcome_day")
        )
        outcomes = np.asarray(table["s"].to_numpy(), dtype=np.float64)
        found = cls(subject, option, cohort, known_on - cohort, outcomes)
        return found.where((subject >= 0) & ~panel.is_value[subject] & (cohort >= panel.asked[subject]))

    def where(self, keep: Bools) -> Arrivals:
        """Some of the arrivals."""
        return Arrivals(
            subject=self.subject[keep],
            option=self.option[keep],
            cohort=self.cohort[keep],
            age=self.age[keep],
            outcomes=self.outcomes[keep],
        )

    def counted(self, at: Ints, shape: tuple[int, ...]) -> Floats:
        """How many there are of each subject and option ``at`` an age, shape ``(A, K, S)``; other ages are left out."""
        inside = (at >= 0) & (at < shape[-1])
        place = (self.subject * shape[1] + self.option) * shape[2] + at
        size = shape[0] * shape[1] * shape[2]
        counts = np.bincount(place[inside], weights=self.outcomes[inside], minlength=size)
        return np.asarray(counts, dtype=np.float64).reshape(shape)


def ages_kept(panel: Panel) -> int:
    """S, how many ages are told apart: none where every outcome is known soon."""
    slow = (panel.horizon > SOONEST) & ~panel.is_value
    return int((panel.epoch + panel.horizon)[slow].max()) + 1 if slow.any() else 0


def matched_to_age(rows: DayRows, arrivals: Arrivals, answered: Floats, panel: Panel, *, last: int) -> DayRows:
    """Young rows in which n units of an option count as those that would have answered by now, n F(age).

    Parameters
    ----------
    rows, arrivals
        Units whose outcomes are not complete at the end of day ``last``, and when the outcomes known by then came.
    answered
        Outcomes of complete days by age, shape ``(A, K, S)``.

    A success that is known stays whole: no option counts fewer units than have an outcome.
    """
    shape = answered.shape
    if not shape[-1] or not len(rows):
        return rows
    at_age = answered + arrivals.counted(arrivals.age, shape)
    # an outcome at age s of units that are g days old counts among those up to s, s + 1, ... g
    fresh = arrivals.counted(arrivals.age, shape) - arrivals.counted(last - arrivals.cohort + 1, shape)
    by_age = answered.cumsum(-1) + fresh.cumsum(-1)
    curves = completion_curves(at_age, by_age)
    age = np.clip(last - rows.cohort, 0, shape[-1] - 1)
    part = np.where(panel.is_value[rows.subject][:, None], 1.0, curves[rows.subject, :, age])
    n = np.maximum(rows.sums.n * part, np.minimum(rows.sums.n, rows.sums.sum))
    return DayRows(
        subject=rows.subject,
        cohort=rows.cohort,
        stratum=rows.stratum,
        sums=rows.sums._replace(n=np.asarray(n, dtype=np.float64)),
        shares=rows.shares,
    )
