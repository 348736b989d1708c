"""Evidence is sums: outcomes joined to the units they belong to, summed into cells by one expression."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from math import frexp

import ibis
import pyarrow as pa
from ibis import _
from ibis.expr import types as ir

from living_personas.domain.cell import CELL_KEY, CELL_SUMS, GOAL
from living_personas.domain.goal import Goal, Guardrail
from living_personas.domain.persona import Persona
from living_personas.engines.links import linked
from living_personas.errors import EngineError

__all__ = ["METRIC_SCHEMA", "Number", "fold", "metric_table"]

Number = Callable[[ir.Table, str], ir.FloatingValue]
"""How an engine reads a numeric property of events: NULL unless it is a finite number."""

METRIC_SCHEMA = pa.schema(
    [
        pa.field("persona", pa.string(), nullable=False),
        pa.field("metric", pa.string(), nullable=False),
        pa.field("event", pa.string(), nullable=False),
        pa.field("within", pa.int64(), nullable=False),
        pa.field("horizon", pa.int32(), nullable=False),
        pa.field("property", pa.string()),
        pa.field("scale", pa.float64(), nullable=False),
        pa.field("cap", pa.float64(), nullable=False),
    ]
)
"""What a persona counts: ``within`` in microseconds, ``horizon`` in days, values in steps of 1 / ``scale``."""

_STEPS = 2.0**46
"""Values are counted in whole steps, so that sums are exact and no order of rows can be seen in them."""

_LARGEST = 2.0**62
"""One outcome is worth at most 65,536 caps, so that it fits an integer of 64 bits."""


def metric_table(personas: Sequence[Persona]) -> pa.Table:
    """The goal and the guardrails of each persona, one row each (``METRIC_SCHEMA``)."""
    rows = [
        _metric_row(persona, metric, judged)
        for persona in personas
        for metric, judged in [(GOAL, persona.goal), *((rail.metric, rail) for rail in persona.guardrails)]
    ]
    return pa.Table.from_pylist(rows, schema=METRIC_SCHEMA)


def fold(
    first: date,
    last: date,
    *,
    units: ir.Table,
    events: ir.Table,
    links: ir.Table | None,
    metrics: pa.Table,
    number: Number,
) -> ir.Table:
    """The cells (``CELL_SCHEMA``) of the outcome days ``first`` to ``last``, in key order.

    Parameters
    ----------
    units, events
        ``UNIT_SCHEMA`` and ``EVENT_SCHEMA``, reaching back by the longest horizon of ``metrics``; more does no harm.
    metrics
        What to count, from ``metric_table``.
    """
    reach = timedelta(days=max(metrics["horizon"].to_pylist(), default=0))
    counted = ibis.memtable(metrics, schema=ibis.Schema.from_pyarrow(METRIC_SCHEMA))
    alive = linked(units.filter(units["cohort"].between(first - reach, last)), links)
    outcomes = linked(_outcomes(events, first - reach, last, metrics=metrics, number=number), links)
    met = alive.semi_join(outcomes.filter(outcomes["day"] >= first), "customer").select(*alive.columns)
    known = _known_by_day(_counted(_owning(met), outcomes, counted, metrics=metrics))
    sums = ibis.union(_opened(alive.filter(_["cohort"] >= first), counted), _became_known(known, first))
    cells = sums.group_by(*CELL_KEY).agg(**{name: _[name].sum() for name in CELL_SUMS})
    return cells.filter(ibis.or_(*(_[name] != 0 for name in CELL_SUMS))).order_by(*CELL_KEY)


_NEVER = ibis.timestamp("9999-12-31 00:00:00+00:00")

_UNIT = ("customer", "persona", "attribute", "option", "cohort", "time", "channel", "stratum", "policy")


def _outcomes(events: ir.Table, first: date, last: date, *, metrics: pa.Table, number: Number) -> ir.Table:
    """The events that any metric counts, with the properties that any metric sums."""
    names = metrics["event"].unique().to_pylist()
    kept = events.filter(events["day"].between(first, last), events["name"].isin(names))
    values = {
        column: ibis.cases((kept["name"].isin(sorted(carriers)), number(kept, name)))
        for column, (name, carriers) in _values(metrics).items()
    }
    return kept.select("customer", "day", event=kept["name"], happened=kept["time"], **values)


def _values(metrics: pa.Table) -> dict[str, tuple[str, set[str]]]:
    """The properties to read, by column: each with the events that carry it."""
    carriers: dict[str, set[str]] = {}
    for row in metrics.to_pylist():
        if row["property"] is not None:
            carriers.setdefault(row["property"], set()).add(row["event"])
    return {f"value_{index}": item for index, item in enumerate(sorted(carriers.items()))}


def _owning(units: ir.Table) -> ir.Table:
    """Each unit with the time ``until`` which outcomes are its own: the next unit takes over, whatever its persona."""
    order = [units["time"], units["epoch"], units["persona"], units["option"]]
    following = ibis.window(group_by=[units["customer"], units["attribute"]], order_by=order)
    return units.select(*_UNIT, until=units["time"].lead().over(following).fill_null(_NEVER))


def _counted(owning: ir.Table, outcomes: ir.Table, counted: ir.Table, *, metrics: pa.Table) -> ir.Table:
    """Each outcome beside the one unit and each metric that it counts for."""
    belongs = (
        owning["customer"] == outcomes["customer"],
        owning["time"] <= outcomes["happened"],
        owning["until"] > outcomes["happened"],
    )
    joined = owning.join(outcomes, belongs, rname="outcome_{name}")
    judged = joined.join(counted, ["persona", "event"])
    waited = judged["happened"].delta(judged["time"], unit="microsecond")
    in_time = judged.filter(
        waited <= judged["within"],
        judged["day"].delta(judged["cohort"], unit="day") <= judged["horizon"],
    )
    return in_time.mutate(steps=_steps(in_time, metrics))


def _steps(judged: ir.Table, metrics: pa.Table) -> ir.IntegerValue:
    """What an outcome adds to its metric, in whole steps: its value, or 1 where only the event counts."""
    value = ibis.cases(
        *((judged["property"] == name, judged[column].fill_null(0.0)) for column, (name, _carriers) in _values(metrics).items()),
        (judged["property"].isnull(), ibis.literal(1.0)),
    )
    return (value * judged["scale"]).clip(-_LARGEST, _LARGEST).round().cast("int64")


def _known_by_day(counted: ir.Table) -> ir.Table:
    """What each unit adds on each outcome day: whether it is its first, and the change of the capped value."""
    # Only one unit of a customer and attribute owns an instant, so its time stands for its whole key.
    unit = ("customer", "attribute", "time", "metric", "day")
    by_day = counted.group_by(*unit).agg(
        steps=_["steps"].sum(),
        **{name: _[name].arbitrary() for name in (*_UNIT, "scale", "cap") if name not in unit},
    )
    running = ibis.cumulative_window(group_by=[by_day[name] for name in unit[:-1]], order_by=by_day["day"])
    ranked = by_day.mutate(total=by_day["steps"].sum().over(running), rank=ibis.row_number().over(running))
    now, before = (_capped(total, ranked["cap"]) for total in (ranked["total"], ranked["total"] - ranked["steps"]))
    return ranked.mutate(s=(ranked["rank"] == 0).cast("int64"), sum=now - before, sum_sq=_square(now) - _square(before))


def _became_known(known: ir.Table, first: date) -> ir.Table:
    """The cells of units whose outcomes came on the days since ``first``."""
    recent = known.filter(known["day"] >= first).rename(outcome_day="day")
    sums = recent.group_by(*CELL_KEY).agg(
        n=ibis.literal(0, "int64"), s=_["s"].sum(), sum=_["sum"].sum(), sum_sq=_["sum_sq"].sum(), scale=_["scale"].max()
    )
    return sums.select(
        *CELL_KEY,
        "n",
        "s",
        sum=sums["sum"].cast("float64") / sums["scale"],
        sum_sq=sums["sum_sq"].cast("float64") * (_STEPS / sums["scale"] / sums["scale"]),
    )


def _opened(units: ir.Table, counted: ir.Table) -> ir.Table:
    """The cells of new units: each is counted once for every metric of its persona."""
    key = ("persona", "attribute", "option", "cohort", "channel", "stratum", "policy")
    opened = units.group_by(*key).agg(n=_.count()).join(counted.select("persona", "metric"), "persona")
    zero = ibis.literal(0.0)
    return opened.mutate(outcome_day=opened["cohort"], s=ibis.literal(0, "int64"), sum=zero, sum_sq=zero).select(
        *CELL_KEY, *CELL_SUMS
    )


def _capped(total: ir.IntegerValue, cap: ir.FloatingValue) -> ir.FloatingValue:
    """A running total in steps, at least 0 and at most the cap."""
    return total.cast("float64").clip(0.0, cap)


def _square(steps: ir.FloatingValue) -> ir.IntegerValue:
    """The square in whole steps of its own, so that its sums are exact, too."""
    return (steps * steps / _STEPS).round().cast("int64")


def _metric_row(persona: Persona, metric: str, judged: Goal | Guardrail) -> dict[str, object]:
    cap = _cap(persona, metric, judged)
    scale = _STEPS / 2.0 ** frexp(cap)[1]
    return {
        "persona": persona.id,
        "metric": metric,
        "event": judged.event,
        "within": judged.within // timedelta(microseconds=1),
        "horizon": judged.horizon_days,
        "property": judged.value,
        "scale": scale,
        "cap": float(round(cap * scale)),
    }


def _cap(persona: Persona, metric: str, judged: Goal | Guardrail) -> float:
    """The largest value of one unit; where only the event counts, it counts once."""
    if judged.value is None:
        return 1.0
    if judged.at_most is None:
        raise EngineError(
            f"The value {judged.value!r} of {metric!r} of persona {persona.id!r} has no bound.",
            hint="give it `at_most`, the largest value per customer that still tells something.",
        )
    return judged.at_most
