"""What is counted of each persona: its goal and its guardrails, as rows beside the evidence."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from math import ceil, frexp

import ibis
import pyarrow as pa
from ibis.expr import types as ir

from living_personas.domain.cell import GOAL
from living_personas.domain.goal import DAY, Goal, Guardrail
from living_personas.domain.persona import Persona
from living_personas.domain.value import value
from living_personas.errors import EngineError

__all__ = [
    "CAP_SCHEMA",
    "LARGEST",
    "METRIC_SCHEMA",
    "Counted",
    "amount",
    "amount_squared",
    "capped",
    "goal_table",
    "metric_table",
    "squared",
]

METRIC_SCHEMA = pa.schema(
    [
        pa.field("persona", pa.string(), nullable=False),
        pa.field("metric", pa.string(), nullable=False),
        pa.field("event", pa.string(), nullable=False),
        pa.field("within", pa.int64(), nullable=False),
        pa.field("days", pa.int32(), nullable=False),
        pa.field("hours", pa.int32(), nullable=False),
        pa.field("horizon", pa.int32(), nullable=False),
        pa.field("property", pa.string()),
        pa.field("scale", pa.float64(), nullable=False),
        pa.field("cap", pa.float64(), nullable=False),
        pa.field("browsers", pa.bool_(), nullable=False),
    ]
)
"""One row a metric: ``within`` in microseconds, and as whole ``days`` and ``hours`` (begun ones count); ``horizon`` in
days, values and ``cap`` in steps of 1 / ``scale``, ``browsers`` whether outcomes count that browsers sent."""

CAP_SCHEMA = pa.schema(
    [
        pa.field("persona", pa.string(), nullable=False),
        pa.field("metric", pa.string(), nullable=False),
        pa.field("cohort", pa.date32(), nullable=False),
        pa.field("cap", pa.float64()),
    ]
)
"""What a unit of a day counts for at most, where that was fixed before the day; NULL: it does not count at all."""

_STEPS = 2.0**46
"""Values are counted in whole steps, at least half as many to the cap: sums are exact, whatever the order of rows."""

LARGEST = 2.0**62
"""One outcome is worth at most this many steps, 65,536 caps or more, so that it fits an integer of 64 bits."""


@value
class Counted:
    """What some metrics ask of events: ``events`` by name, and ``properties`` with the events that carry them."""

    events: tuple[str, ...]
    properties: tuple[tuple[str, tuple[str, ...]], ...]
    horizon: int

    @classmethod
    def of(cls, metrics: pa.Table) -> Counted:
        """What the rows of a ``metric_table`` ask of events; ``horizon`` is the longest, in days."""
        rows = metrics.to_pylist()
        carriers: dict[str, set[str]] = {}
        for row in rows:
            if row["property"] is not None:
                carriers.setdefault(row["property"], set()).add(row["event"])
        return cls(
            events=tuple(sorted({row["event"] for row in rows})),
            properties=tuple((name, tuple(sorted(events))) for name, events in sorted(carriers.items())),
            horizon=max((row["horizon"] for row in rows), default=0),
        )


def metric_table(personas: Sequence[Persona]) -> pa.Table:
    """The goal and the guardrails of each persona, one row each (``METRIC_SCHEMA``)."""
    goals = [_metric_row(persona, GOAL, persona.goal) for persona in personas]
    rails = [_metric_row(persona, rail.metric, rail) for persona in personas for rail in persona.guardrails]
    return pa.Table.from_pylist([*goals, *rails], schema=METRIC_SCHEMA)


def goal_table(personas: Sequence[Persona]) -> pa.Table:
    """The goal of each persona, one row each (``METRIC_SCHEMA``)."""
    return pa.Table.from_pylist([_metric_row(each, GOAL, each.goal) for each in personas], schema=METRIC_SCHEMA)


def capped(total: ir.IntegerValue, cap: ir.FloatingValue) -> ir.IntegerValue:
    """A running total in steps, at least 0 and at most the cap."""
    return ibis.greatest(ibis.least(total.cast("float64"), cap), 0.0).cast("int64")


def squared(steps: ir.IntegerValue) -> ir.IntegerValue:
    """The square of capped steps, in whole steps of its own."""
    exact = steps.cast("float64")
    return (exact * exact / _STEPS).round().cast("decimal(38, 0)")


def amount(steps: ir.IntegerValue, scale: ir.FloatingValue) -> ir.FloatingValue:
    """A sum of steps as a number."""
    return steps.cast("float64") / scale


def amount_squared(steps: ir.IntegerValue, scale: ir.FloatingValue) -> ir.FloatingValue:
    """A sum of squared steps as a number."""
    return steps.cast("float64") * (_STEPS / scale / scale)


def _metric_row(persona: Persona, metric: str, judged: Goal | Guardrail) -> dict[str, object]:
    cap = _cap(persona, metric, judged)
    scale = _STEPS / 2.0 ** frexp(cap)[1]
    return {
        "persona": persona.id,
        "metric": metric,
        "event": judged.event,
        "within": judged.within // timedelta(microseconds=1),
        "days": judged.within // DAY,
        "hours": ceil(judged.within % DAY / timedelta(hours=1)),
        "horizon": judged.horizon_days,
        "property": _value_of(judged),
        "scale": scale,
        "cap": float(round(cap * scale)),
        "browsers": judged.from_browsers != "never",
    }


def _cap(persona: Persona, metric: str, judged: Goal | Guardrail) -> float:
    """The largest value of one unit; where only the event counts, it counts once."""
    if _value_of(judged) is None:
        return 1.0
    if judged.at_most is None:
        raise EngineError(
            f"The value {judged.value!r} of {metric!r} of persona {persona.id!r} has no bound.",
            hint="give it `at_most`, the largest value per customer that still tells something.",
        )
    return judged.at_most


def _value_of(judged: Goal | Guardrail) -> str | None:
    """The property that is summed; a goal whose value has no bound is judged by whether its event happens."""
    return None if isinstance(judged, Goal) and not judged.is_value else judged.value
