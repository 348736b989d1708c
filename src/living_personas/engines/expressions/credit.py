"""Which unit an outcome belongs to, and for which metrics it counts."""

from __future__ import annotations

from collections.abc import Callable

import ibis
from ibis.expr import types as ir

from living_personas.domain.batch import FROM_BROWSER
from living_personas.domain.unit import UNIT_SCHEMA
from living_personas.engines.expressions.metric_table import LARGEST, Counted

__all__ = ["UNIT", "Number", "credited", "outcomes"]

Number = Callable[[ir.Table, str], ir.FloatingValue]
"""How an engine reads a numeric property of events: NULL unless it is a finite number."""

UNIT = ("customer", "attribute", "time")
"""What tells apart the units that own outcomes: of a customer and attribute, one unit owns each instant."""


def outcomes(events: ir.Table, *, counted: Counted, number: Number) -> ir.Table:
    """The events that any metric counts, with the properties that any metric sums."""
    kept = events.filter(events["name"].isin(counted.events))
    values = {
        f"value_{index}": ibis.cases((kept["name"].isin(carriers), number(kept, name)))
        for index, (name, carriers) in enumerate(counted.properties)
    }
    browser = kept["properties"].contains(FROM_BROWSER)
    return kept.select("customer", "day", event=kept["name"], happened=kept["time"], browser=browser, **values)


def credited(units: ir.Table, outcomes: ir.Table, metrics: ir.Table, *, counted: Counted) -> ir.Table:
    """Each outcome beside the one unit and each metric that it counts for, with what it adds in ``steps``."""
    owning = _owning(units)
    belongs = (
        owning["customer"] == outcomes["customer"],
        owning["time"] <= outcomes["happened"],
        owning["until"] > outcomes["happened"],
    )
    joined = owning.join(outcomes, belongs, rname="outcome_{name}")
    judged = joined.join(metrics, ["persona", "event"])
    waited = judged["happened"].delta(judged["time"], unit="microsecond")
    in_time = judged.filter(
        waited <= judged["within"],
        judged["day"].delta(judged["cohort"], unit="day") <= judged["horizon"],
        ~judged["browser"] | judged["browsers"],
    )
    return in_time.mutate(steps=_steps(in_time, counted))


_NEVER = ibis.timestamp("9999-12-31 00:00:00+00:00")
_KEPT = tuple(name for name in UNIT_SCHEMA.names if name not in ("epoch", "propensity"))
_TIES = ("persona", "option", "channel", "policy", "stratum")  # units that a link made one customer's


def _owning(units: ir.Table) -> ir.Table:
    """Each unit with the time ``until`` which outcomes are its own: the next unit takes over, whatever its persona."""
    order = [units[name] for name in ("time", "epoch", *_TIES)]
    following = ibis.window(group_by=[units["customer"], units["attribute"]], order_by=order)
    return units.select(*_KEPT, until=units["time"].lead().over(following).fill_null(_NEVER))


def _steps(judged: ir.Table, counted: Counted) -> ir.IntegerValue:
    """What an outcome adds to its metric, in whole steps: its value, or 1 where only the event counts."""
    value = ibis.cases(
        *(
            (judged["property"] == name, judged[f"value_{index}"].fill_null(0.0))
            for index, (name, _carriers) in enumerate(counted.properties)
        ),
        (judged["property"].isnull(), ibis.literal(1.0)),
    )
    bounded = ibis.greatest(ibis.least(value * judged["scale"], LARGEST), -LARGEST)
    return bounded.round().cast("int64")
