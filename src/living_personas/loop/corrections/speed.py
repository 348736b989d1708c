"""Whether a correction may rest on how soon options are answered, and not on how often."""

from __future__ import annotations

from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from living_personas.domain.cell import GOAL, Cells
from living_personas.domain.persona import PersonaVersion
from living_personas.domain.refinement import Refinement
from living_personas.loop.context import Context
from living_personas.loop.event_days.lateness import waits_in_force
from living_personas.loop.learning.learn import cells_between, shares_of
from living_personas.refining.panel import day_number
from living_personas.stats.delays import Answered, is_answered_later

__all__ = ["may_be_speed"]


def may_be_speed(context: Context, proposal: Refinement, version: PersonaVersion, day: date) -> bool:
    """Whether the value that a correction would replace is answered later than the one that replaces it.

    From the units that the correction rests on: those drawn since the definition whose outcomes are complete at the
    end of ``day``. Late is an outcome in the second half of the days that it is waited for.
    """
    subject = proposal.subject
    attribute = version.persona.attribute(subject.attribute)
    standing = version.standing(subject.attribute, subject.channel)
    wait, complete = version.persona.wait_days(attribute), waits_in_force(context.store)(version.persona, attribute)
    cells = cells_between(context.store, standing.since, day, personas=[version.id]).of_attribute(attribute.name)
    drawn = pa.array(list(shares_of(context.store, cells)), pa.string())
    table = cells.table.filter(pc.and_(pc.equal(cells.table["metric"], GOAL), pc.is_in(cells.table["policy"], drawn)))
    if subject.channel:
        table = table.filter(pc.equal(table["channel"], subject.channel))
    named = {option: [option, *(old for new, old in attribute.was if new == option)] for option in attribute.options}
    first, last = day_number(standing.since), day_number(day) - complete
    old, new = (
        _answered(Cells(table=table), named[option], first=first, last=last, wait=wait)
        for option in (proposal.old, proposal.new)
    )
    return is_answered_later(old, new)


def _answered(cells: Cells, names: list[str], *, first: int, last: int, wait: int) -> Answered:
    """What the units of an option came to, by the days ``first`` to ``last`` of their exposure."""
    mine = np.isin(np.asarray(cells.table["option"].to_pylist(), dtype=object), names)
    cohort, known = (cells.table[name].cast("int32").to_numpy() for name in ("cohort", "outcome_day"))
    kept = mine & (cohort >= first) & (cohort <= last)
    days = max(last - first + 1, 0)
    n, s = (np.asarray(cells.table[name].to_numpy(), dtype=np.float64)[kept] for name in ("n", "s"))
    place, is_late = (cohort - first)[kept], (2 * (known - cohort) > wait)[kept]
    units, outcomes, late = (np.bincount(place, weights=each, minlength=days) for each in (n, s, s * is_late))
    return Answered(n=units.astype(np.float64), s=outcomes.astype(np.float64), late=late.astype(np.float64))
