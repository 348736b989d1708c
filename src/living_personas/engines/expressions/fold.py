"""Evidence is sums: outcomes joined to the units they belong to, summed into cells by one expression."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import ibis
from ibis import _
from ibis.expr import types as ir

from living_personas.domain.cell import CELL_KEY, CELL_SUMS
from living_personas.engines.dialect import Dialect
from living_personas.engines.expressions.credit import UNIT, credited, lasting, outcomes, owned_by
from living_personas.engines.expressions.links import linked
from living_personas.engines.expressions.metric_table import Counted, amount, amount_squared, capped, squared

__all__ = ["fold"]

Days: TypeAlias = Sequence[ir.DateValue]

_CAP_KEY = ("persona", "metric", "cohort")
_MET = tuple(name for name in UNIT if name != "customer")  # who it is follows from the id
_CELL = tuple(name for name in CELL_KEY if name != "outcome_day")
_KEPT = ("persona", "option", "cohort", "channel", "stratum", "policy")


def fold(
    first: ir.DateScalar,
    last: ir.DateScalar,
    *,
    many: int,
    since: ir.DateScalar,
    units: ir.Table,
    events: ir.Table,
    links: ir.Table | None,
    metrics: ir.Table,
    epochs: ir.Table,
    caps: ir.Table,
    counted: Counted,
    dialect: Dialect,
) -> ir.Table:
    """The cells (``CELL_SCHEMA``) of the outcome days ``first`` to ``last``, in key order.

    Parameters
    ----------
    many
        How many days these are.
    since
        ``first`` less the longest wait: from here on, ``units`` and ``events`` are needed.
    units, events, metrics, epochs
        ``UNIT_SCHEMA``, ``EVENT_SCHEMA``, ``METRIC_SCHEMA`` and ``EPOCH_SCHEMA``; rows of other days do no harm.
    caps
        ``CAP_SCHEMA``: the lower caps of some days' units; where one is NULL, units of the day do not count.
    counted
        What ``metrics`` ask of events.
    """
    recent = events.filter(events["day"].between(since, last))
    happened = linked(outcomes(recent, counted=counted, dialect=dialect), links)
    own = owned_by(units.filter(units["cohort"].between(since, last)), links)
    # Most units have no new outcome: they go before anything is reckoned of them.
    touched = own.semi_join(happened.filter(happened["day"] >= first), "customer").select(*own.columns)
    alive = lasting(touched, epochs=epochs, dialect=dialect)
    days = [first, *(dialect.days_after(first, ibis.literal(number, "int32")) for number in range(1, many))]
    known = _came_to(_capped_by_day(credited(alive, happened, metrics, counted=counted, dialect=dialect), caps), days)
    opened = _opened(units.filter(units["cohort"].between(first, last)), metrics, caps)
    sums = ibis.union(opened, _became_known(known, days))
    cells = sums.group_by(*CELL_KEY).agg(**{name: _[name].sum() for name in CELL_SUMS})
    return cells.filter(ibis.or_(*(_[name] != 0 for name in CELL_SUMS))).order_by(*CELL_KEY)


def _capped_by_day(rows: ir.Table, caps: ir.Table) -> ir.Table:
    """The rows that count, each with the cap of its unit's day if that is the lower one."""
    joined = rows.left_join(caps, _CAP_KEY, rname="day_{name}")
    counts = joined.filter(joined["day_cohort"].isnull() | joined["day_cap"].notnull())
    steps = (counts["day_cap"] * counts["scale"]).round()
    return counts.mutate(cap=ibis.least(counts["cap"], steps.fill_null(counts["cap"]))).select(*rows.columns)


def _came_to(credit_rows: ir.Table, days: Days) -> ir.Table:
    """What each unit came to until each of some ``days``, in capped steps: ``until_0`` before the first of them.

    A column a day, not a row: a window over the days of each unit costs DataFusion microseconds for every unit.
    """
    until = {
        "until_0": _["steps"].sum(where=_["day"] < days[0]),
        **{f"until_{number}": _["steps"].sum(where=_["day"] <= day) for number, day in enumerate(days, 1)},
    }
    # What follows from the unit and the metric stands among the keys: least texts of groups cost DataFusion more.
    units = credit_rows.group_by(*_MET, "metric", *_KEPT, "scale", "cap").agg(
        began=_["day"].min(), newest=_["day"].max(), **until
    )
    recent = units.filter(units["newest"] >= days[0])
    return recent.mutate(**{name: capped(recent[name].fill_null(0), recent["cap"]) for name in until})


def _became_known(units: ir.Table, days: Days) -> ir.Table:
    """The cells of units whose outcomes came on some ``days``: of each day, by how much more they came to on it."""
    sums = {}
    for number, day in enumerate(days, 1):
        now, before = units[f"until_{number}"], units[f"until_{number - 1}"]
        sums[f"s_{number}"] = (units["began"] == day).cast("int64").sum()
        sums[f"sum_{number}"] = (now - before).sum()
        sums[f"sum_sq_{number}"] = (squared(now) - squared(before)).sum()
    cells = units.group_by(*_CELL).agg(scale=units["scale"].max(), **sums)
    each = cells.mutate(outcome_day=ibis.array(days).unnest())
    told = {
        name: ibis.cases(*((each["outcome_day"] == day, each[f"{name}_{n}"]) for n, day in enumerate(days, 1)))
        for name in ("s", "sum", "sum_sq")
    }
    return each.select(
        *CELL_KEY,
        n=ibis.literal(0, "int64"),
        s=told["s"],
        sum=amount(told["sum"], each["scale"]),
        sum_sq=amount_squared(told["sum_sq"], each["scale"]),
    )


def _opened(units: ir.Table, metrics: ir.Table, caps: ir.Table) -> ir.Table:
    """The cells of new units: each is counted once for every metric of its persona that counts on its day."""
    key = ("persona", "attribute", "option", "cohort", "channel", "stratum", "policy")
    each = units.group_by(*key).agg(n=_.count()).join(metrics.select("persona", "metric"), "persona")
    opened = each.anti_join(caps.filter(caps["cap"].isnull()), _CAP_KEY)
    zero = ibis.literal(0.0)
    return opened.mutate(outcome_day=opened["cohort"], s=ibis.literal(0, "int64"), sum=zero, sum_sq=zero).select(
        *CELL_KEY, *CELL_SUMS
    )
