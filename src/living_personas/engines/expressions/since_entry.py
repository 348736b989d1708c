"""What customers did since they entered, summed over customers: to compare those who were held out with the others."""

from __future__ import annotations

from itertools import combinations_with_replacement

import ibis
import pyarrow as pa
from ibis import _
from ibis.expr import types as ir

from living_personas.domain.entry import ENTRY_SCHEMA
from living_personas.engine_port import BEFORE_DAYS
from living_personas.engines.dialect import Dialect
from living_personas.engines.expressions.credit import outcomes, steps_of
from living_personas.engines.expressions.links import linked
from living_personas.engines.expressions.metric_table import Counted

__all__ = ["SINCE_ENTRY_SCHEMA", "entries", "since_entry"]

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


def entries(
    first: ir.DateScalar,
    through: ir.DateScalar,
    *,
    units: ir.Table,
    logged: ir.Table,
    events: ir.Table,
    links: ir.Table | None,
    metrics: ir.Table,
    before: ir.Table,
    only: ir.Table | None,
    counted: Counted,
    dialect: Dialect,
) -> ir.Table:
    """Customers since they entered (``ENTRY_SCHEMA``), at the end of the day ``through``.

    A customer enters with its first unit from the day ``first`` on, unless it is in ``before``: those are the customers
    who entered earlier, at the end of the day before ``first``, to whom is added what came since.

    Parameters
    ----------
    logged
        The policies (``policy``) that were decided elsewhere: their units are passed over.
    metrics
        The goals of the personas.
    only
        The ids (``id``) of the customers who are counted anew; what ``before`` says of others is said again. None: all
        are counted.
    """
    if only is not None:
        units, events = (each.semi_join(only, each["customer"] == only["id"]) for each in (units, events))
        before = before.anti_join(only, before["customer"] == only["id"])
    met = units.filter(units["cohort"].between(first, through)).anti_join(logged, "policy")
    entered = _entered(linked(met, links))
    new = entered.anti_join(before, "customer")
    nothing = {name: ibis.literal(0, "int64") for name in _COUNTS}
    people = _met_again(before, entered).union(new.mutate(fresh=_YES, **nothing).select(*_PEOPLE))
    # Of the many days before the first one, rows of those who enter only now are needed: late in life they are few.
    recent = linked(events.filter(events["day"] >= first), links)
    earlier = linked(events.filter(events["day"] < first), links)
    earlier = earlier.filter(earlier["customer"].isin(new["customer"]))
    happened = ibis.union(*(outcomes(rows, counted=counted, dialect=dialect) for rows in (recent, earlier)))
    came = ibis.union(*(rows.select("customer", "day") for rows in (recent, earlier)))
    did = _did(people.join(metrics, "persona"), happened, first, through, counted)
    done = people.left_join(did, "customer", rname="did_{name}")
    all_known = done.left_join(_visits(new, came), "customer", rname="visit_{name}")
    added = {"after": "did_after", "before": "did_before", "outcomes": "did_outcomes", "visits": "visit_visits"}
    return all_known.mutate(
        **{name: all_known[name] + all_known[more].fill_null(0) for name, more in added.items()}
    ).select(*ENTRY_SCHEMA.names)


def since_entry(through: ir.DateScalar, *, entries: ir.Table, metrics: ir.Table) -> ir.Table:
    """Columns of ``SINCE_ENTRY_SCHEMA``, by the persona as which a customer entered, and holdout.

    Who was on both sides is left out. Of each customer ``x`` is the days from its entry ``through`` the last, ``y`` its
    outcomes since (each value capped), ``u`` and ``v`` are ``x`` times its outcomes, and times the days with any event,
    of the ``BEFORE_DAYS`` before.
    """
    sided = entries.filter(entries["living"] != entries["static"])
    each = sided.join(metrics, "persona")
    x = through.delta(each["cohort"], unit="day").cast("int64") + 1
    customers = each.select(
        "persona",
        "scale",
        "outcomes",
        holdout=each["static"],
        x=x,
        y=each["after"],
        u=each["before"] * x,
        v=each["visits"] * x,
    )
    return _summed(customers)


_COUNTS = ("after", "before", "outcomes", "visits")
_PEOPLE = (*ENTRY_SCHEMA.names, "fresh")
_YES, _NO = (ibis.literal(said) for said in (True, False))


def _entered(units: ir.Table) -> ir.Table:
    """Each customer with the persona and moment of its first unit, and the sides of all."""
    mine = ibis.window(group_by="customer")
    ordered = ibis.window(
        group_by="customer", order_by=[units[name] for name in ("time", "attribute", "epoch", "persona")]
    )
    sides = units["holdout"].cast("int8")
    ranked = units.mutate(
        rank=ibis.row_number().over(ordered), least=sides.min().over(mine), most=sides.max().over(mine)
    )
    first = ranked.filter(ranked["rank"] == 0)
    return first.select("customer", "persona", "cohort", "time", living=first["least"] == 0, static=first["most"] == 1)


def _met_again(before: ir.Table, entered: ir.Table) -> ir.Table:
    """Those who entered before, with the sides on which they are by now."""
    both = before.left_join(entered, "customer", rname="now_{name}")
    sides = {name: both[name] | both[f"now_{name}"].fill_null(_NO) for name in ("living", "static")}
    return both.mutate(fresh=_NO, **sides).select(*_PEOPLE)


def _did(
    goals: ir.Table, happened: ir.Table, first: ir.DateScalar, through: ir.DateScalar, counted: Counted
) -> ir.Table:
    """The outcomes of each customer since its entry, and those of the days before the day of entry, in steps.

    Of those who entered before the day ``first``, only what was not counted yet.
    """
    alike = (goals["customer"] == happened["customer"], goals["event"] == happened["event"])
    both = goals.join(happened, alike, rname="outcome_{name}")
    counts = both.filter(
        ~both["browser"] | both["browsers"], both["day"] <= through, both["fresh"] | (both["day"] >= first)
    )
    value = steps_of(counts, counted).cast("float64")
    capped = ibis.greatest(ibis.least(value, counts["cap"]), -counts["cap"])
    steps = (capped / _COARSE).round().cast("int64")
    after = (counts["happened"] >= counts["time"]).cast("int64")
    ago = counts["cohort"].delta(counts["day"], unit="day")
    before = (counts["fresh"] & ago.between(1, BEFORE_DAYS)).cast("int64")
    worked = counts.select("customer", did_after=after * steps, did_before=before * steps, one=after)
    return worked.group_by("customer").agg(
        did_after=_["did_after"].sum(), did_before=_["did_before"].sum(), did_outcomes=_["one"].sum()
    )


_COARSE = 2.0**26
"""So many steps are one here, a millionth of the cap: then sums of products of customers' totals are exact, too."""


def _visits(entered: ir.Table, came: ir.Table) -> ir.Table:
    """On how many days before its entry each customer did anything."""
    both = came.join(entered.select("customer", "cohort"), "customer")
    recent = both.filter(both["cohort"].delta(both["day"], unit="day").between(1, BEFORE_DAYS))
    days = recent.distinct()  # not before: late in a workspace's life few of those who came enter only now
    return days.group_by("customer").agg(visit_visits=_.count().cast("int64"))


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
