"""Evidence is sums: outcomes joined to the units they belong to, summed into cells by one expression."""

from __future__ import annotations

import ibis
from ibis import _
from ibis.expr import types as ir

from living_personas.domain.cell import CELL_KEY, CELL_SUMS
from living_personas.engines.dialect import Dialect
from living_personas.engines.expressions.credit import UNIT, credited, lasting, outcomes
from living_personas.engines.expressions.links import linked
from living_personas.engines.expressions.metric_table import Counted, amount, amount_squared, capped, squared

__all__ = ["fold"]

_CAP_KEY = ("persona", "metric", "cohort")
_KEPT = ("persona", "option", "cohort", "channel", "stratum", "policy")


def fold(
    first: ir.DateScalar,
    last: ir.DateScalar,
    *,
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
    since
        ``first`` less the longest wait: from here on, ``units`` and ``events`` are needed.
    units, events, metrics, epochs
        ``UNIT_SCHEMA``, ``EVENT_SCHEMA``, ``METRIC_SCHEMA`` and ``EPOCH_SCHEMA``; rows of other days do no harm.
    caps
        ``CAP_SCHEMA``: the lower caps of some days' units; where one is NULL, units of the day do not count.
    counted
        What ``metrics`` ask of events.
    """
    alive = lasting(units.filter(units["cohort"].between(since, last)), links=links, epochs=epochs, dialect=dialect)
    recent = events.filter(events["day"].between(since, last))
    happened = linked(outcomes(recent, counted=counted, dialect=dialect), links)
    met = alive.semi_join(happened.filter(happened["day"] >= first), "customer").select(*alive.columns)
    known = _known_by_day(_capped_by_day(credited(met, happened, metrics, counted=counted, dialect=dialect), caps))
    opened = _opened(units.filter(units["cohort"].between(first, last)), metrics, caps)
    sums = ibis.union(opened, _became_known(known, first))
    cells = sums.group_by(*CELL_KEY).agg(**{name: _[name].sum() for name in CELL_SUMS})
    return cells.filter(ibis.or_(*(_[name] != 0 for name in CELL_SUMS))).order_by(*CELL_KEY)


def _capped_by_day(rows: ir.Table, caps: ir.Table) -> ir.Table:
    """The rows that count, each with the cap of its unit's day if that is the lower one."""
    joined = rows.left_join(caps, _CAP_KEY, rname="day_{name}")
    counts = joined.filter(joined["day_cohort"].isnull() | joined["day_cap"].notnull())
    steps = (counts["day_cap"] * counts["scale"]).round()
    return counts.mutate(cap=ibis.least(counts["cap"], steps.fill_null(counts["cap"]))).select(*rows.columns)


def _known_by_day(credit_rows: ir.Table) -> ir.Table:
    """What each unit adds on each outcome day: whether it is its first, and the change of the capped value.

    Where only the event counts, the first day adds all there is: the later ones are left out.
    """
    counted_by = credit_rows["property"].isnull().ifelse(ibis.null("date"), credit_rows["day"])
    by_day = credit_rows.group_by(*UNIT, "metric", counted_by=counted_by).agg(
        day=_["day"].min(), steps=_["steps"].sum(), **{name: _[name].min() for name in (*_KEPT, "scale", "cap")}
    )
    unit = [by_day[name] for name in (*UNIT, "metric")]
    # From the last day to the first: a frame that reaches to the end costs DataFusion less than half of a growing one.
    so_far = ibis.window(group_by=unit, order_by=by_day["day"].desc(), rows=(0, None))
    began = by_day["day"].min().over(ibis.window(group_by=unit))
    ranked = by_day.mutate(total=by_day["steps"].sum().over(so_far), is_first=by_day["day"] == began)
    now, before = (capped(total, ranked["cap"]) for total in (ranked["total"], ranked["total"] - ranked["steps"]))
    return ranked.mutate(s=ranked["is_first"].cast("int64"), sum=now - before, sum_sq=squared(now) - squared(before))


def _became_known(known: ir.Table, first: ir.DateScalar) -> ir.Table:
    """The cells of units whose outcomes came on the days since ``first``."""
    recent = known.filter(known["day"] >= first).rename(outcome_day="day")
    sums = recent.group_by(*CELL_KEY).agg(
        n=ibis.literal(0, "int64"), s=_["s"].sum(), sum=_["sum"].sum(), sum_sq=_["sum_sq"].sum(), scale=_["scale"].max()
    )
    return sums.select(
        *CELL_KEY,
        "n",
        "s",
        sum=amount(sums["sum"], sums["scale"]),
        sum_sq=amount_squared(sums["sum_sq"], sums["scale"]),
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
