"""Events as rows of what aggregates and traits ask of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import ibis
from ibis.expr import operations
from ibis.expr import types as ir

from living_personas.domain.event import IDENTIFY
from living_personas.domain.value import value
from living_personas.engines.dialect import Dialect
from living_personas.engines.expressions.carriers import carriers
from living_personas.engines.expressions.event_columns import Asked, placed, places
from living_personas.engines.sql.sql_text import select_sql
from living_personas.rules.aggregate import EVENT_KINDS, PROPERTY, Aggregate
from living_personas.rules.sql import coerce_sql
from living_personas.rules.tree import Node

__all__ = ["Happened", "selected"]


@value
class Happened:
    """The columns ``c0, c1, ...`` that aggregates ask for, and ``t0, t1, ...`` of traits, of which each event has some.

    ``carriers`` are the names of the only events that a column is read from, where they are known.
    """

    names: Mapping[Asked, str]
    carriers: Mapping[Asked, tuple[str, ...]]
    traits: tuple[str, ...]

    @classmethod
    def of(cls, aggregates: Sequence[Aggregate], traits: tuple[str, ...]) -> Happened:
        """What these aggregates and traits ask for."""
        return cls(
            names=places(aggregate.columns for aggregate in aggregates), carriers=carriers(aggregates), traits=traits
        )

    def placed(self, aggregate: Aggregate) -> Node:
        """The aggregate's tree over these columns."""
        return placed(aggregate.tree, aggregate.columns, self.names)

    def rows(self, events: ir.Table, *, as_of: ir.DateScalar, dialect: Dialect) -> ir.Table:
        """``customer``, ``time``, ``message_id`` and the columns, still as text; ages are those on ``as_of``."""
        columns = {
            place: _asked(events, column[0], as_of, dialect, self.carriers.get(column))
            for column, place in self.names.items()
        }
        traits = {f"t{index}": _identified(events, name, dialect) for index, name in enumerate(self.traits)}
        return events.select("customer", "time", "message_id", **columns, **traits)

    def typed_sql(self, source: str) -> str:
        """SQL for the rows with every column in its type; traits stay texts."""
        typed = [
            f"{place if name in EVENT_KINDS else coerce_sql(place, kind)} AS {place}"
            for (name, kind), place in self.names.items()
        ]
        traits = (f"t{index}" for index in range(len(self.traits)))
        return select_sql(["customer", "time", "message_id", *typed, *traits], source=source)


def selected(rows: ir.Table, query: str, schema: Mapping[str, str]) -> ir.Table:
    """What a statement makes of the rows ``happened``, with the schema that is known: Ibis would ask an engine."""
    return operations.SQLStringView(
        parent=rows.alias("happened").op(), query=query, schema=ibis.schema(schema)
    ).to_expr()


def _asked(
    events: ir.Table, name: str, as_of: ir.DateScalar, dialect: Dialect, carriers: tuple[str, ...] | None
) -> ir.Value:
    """A column that an aggregate asks for: of every event, or a property as its text.

    Opening the JSON of every event is most of the work: where ``carriers`` are known, only theirs is opened.
    """
    match name:
        case "name" | "channel":
            return events[name]
        case "time":
            return events["time"].strftime("%Y-%m-%d %H:%M:%S.%f")
        case "day":
            return events["day"].cast("string")
        case "hour":
            return events["hour"].cast("float64")
        case "age_days":
            return as_of.delta(events["day"], unit="day").cast("float64")
    found = dialect.text(events, name.removeprefix(PROPERTY))
    return found if carriers is None else events["name"].isin(carriers).ifelse(found, ibis.null("string"))


def _identified(events: ir.Table, name: str, dialect: Dialect) -> ir.Value:
    """A property where the event says who the customer is."""
    return (events["name"] == IDENTIFY).ifelse(dialect.text(events, name), ibis.null("string"))
