"""What customers did since they entered, summed over customers: to compare those who were held out with the others."""

from __future__ import annotations

from itertools import combinations_with_replacement

import ibis
import pyarrow as pa
from ibis import _
from ibis.expr import types as ir

from living_personas.engine_port import BEFORE_DAYS
from living_personas.engines.dialect import Dialect
from living_personas.engines.expressions.credit import outcomes, steps_of
from living_personas.engines.expressions.links import linked
from living_personas.engines.expressions.metric_table import Counted

__all__ = ["SINCE_ENTRY_SCHEMA", "since_entry"]

_SUMS = ("x", "y", "u", "v")
_PRODUCTS = tuple(combinations_with_replacement(_SUMS, 2))

SINCE_ENTRY_SCHEMA = pa.schema(
    [
        pa.field("persona", pa.string(), nullable=False),
        pa.field("holdout", pa.bool_(), nullable=False),
        pa.field("customers", pa.int64(), nullable=False),
        pa.field("outcomes", pa.int64(), nullable=False),
        *(pa.field(name, pa.float64(), nullable=False) for name in (*_SUMS, *map("".join, _PRODUCTS))),
    ]
)


def since_entry(
    since: ir.DateScalar,
    through: ir.DateScalar,
    *,
    units: ir.Table,
    logged: ir.Table,
    events: ir.Table,
    links: ir.Table | None,
    metrics: ir.Table,
    counted: Counted,
    dialect: Dialect,
) -> ir.Table:
    """Columns of ``SINCE_ENTRY_SCHEMA``, by the persona as which a customer entered, and holdout.

    A customer enters with its first unit from the day ``since`` on; who was on both sides is left out. Of each customer
    ``x`` is the days from its entry ``through`` the last, ``y`` its outcomes since (each value capped), ``u`` and ``v``
    are ``x`` times its outcomes, and times the days with any event, of the ``BEFORE_DAYS`` before.

    Parameters
    ----------
    logged
        The policies (``policy``) that were decided elsewhere: their units are passed over.
    metrics
        The goals of the personas.
    """
    entered = _entered(linked(units.filter(units["cohort"] >= since).anti_join(logged, "policy"), links))
    goals = entered.join(metrics, "persona")
    happened = linked(outcomes(events, counted=counted, dialect=dialect), links)
    did = _did(goals, happened, through, counted)
    each = goals.left_join(did, "customer", rname="did_{name}")
    visits = _visits(entered, events, links)
    all_known = each.left_join(visits, "customer", rname="visit_{name}")
    x = through.delta(all_known["cohort"], unit="day").cast("int64") + 1
    y, before, seen, many = (all_known[name].fill_null(0) for name in ("after", "before", "visits", "outcomes"))
    customers = all_known.select(
        "persona", "holdout", "scale", outcomes=many, x=x, y=y, u=before * x, v=seen.cast("int64") * x
    )
    return _summed(customers)


def _entered(units: ir.Table) -> ir.Table:
    """Each customer with the persona, side and moment of its first unit."""
    mine = ibis.window(group_by="customer")
    ordered = ibis.window(
        group_by="customer", order_by=[units[name] for name in ("time", "attribute", "epoch", "persona")]
    )
    sides = units["holdout"].cast("int8")
    ranked = units.mutate(
        rank=ibis.row_number().over(ordered), least=sides.min().over(mine), most=sides.max().over(mine)
    )
    first = ranked.filter(ranked["rank"] == 0, ranked["least"] == ranked["most"])
    return first.select("customer", "persona", "holdout", "cohort", "time")


def _did(goals: ir.Table, happened: ir.Table, through: ir.DateScalar, counted: Counted) -> ir.Table:
    """The outcomes of each customer since its entry, and those of the days before the day of entry, in steps."""
    alike = (goals["customer"] == happened["customer"], goals["event"] == happened["event"])
    both = goals.join(happened, alike, rname="outcome_{name}")
    counts = both.filter(~both["browser"] | both["browsers"], both["day"] <= through)
    value = steps_of(counts, counted).cast("float64")
    capped = ibis.greatest(ibis.least(value, counts["cap"]), -counts["cap"])
    steps = (capped / _COARSE).round().cast("int64")
    after = (counts["happened"] >= counts["time"]).cast("int64")
    ago = counts["cohort"].delta(counts["day"], unit="day")
    before = ago.between(1, BEFORE_DAYS).cast("int64")
    worked = counts.select("customer", after=after * steps, before=before * steps, one=after)
    return worked.group_by("customer").agg(after=_["after"].sum(), before=_["before"].sum(), outcomes=_["one"].sum())


_COARSE = 2.0**26
"""So many steps are one here, a millionth of the cap: then sums of products of customers' totals are exact, too."""


def _visits(entered: ir.Table, events: ir.Table, links: ir.Table | None) -> ir.Table:
    """On how many days before its entry each customer did anything."""
    days = linked(events.select("customer", "day").distinct(), links).distinct()
    both = entered.select("customer", "cohort").join(days, "customer")
    recent = both.filter(both["cohort"].delta(both["day"], unit="day").between(1, BEFORE_DAYS))
    return recent.group_by("customer").agg(visits=_.count())


def _summed(customers: ir.Table) -> ir.Table:
    names = (*_SUMS, *map("".join, _PRODUCTS))
    exact = {name: customers[name].cast("decimal(38, 0)") for name in _SUMS}
    products = customers.mutate(**{f"{a}{b}": exact[a] * exact[b] for a, b in _PRODUCTS})
    sums = products.group_by("persona", "holdout").agg(
        customers=_.count(),
        outcomes=_["outcomes"].sum(),
        scale=_["scale"].max(),
        **{name: _[name].sum() for name in names},
    )
    step = sums["scale"] / _COARSE
    numbers = {name: sums[name].cast("float64") / step ** sum(name.count(valued) for valued in "yu") for name in names}
    return sums.mutate(**numbers).select(*SINCE_ENTRY_SCHEMA.names).order_by("persona", "holdout")
