"""How an engine spells what is asked of it: the questions are the same for all of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from sys import float_info

import ibis
from ibis.expr import types as ir

from living_personas.domain.value import value
from living_personas.rules.coercion import NUMBER

__all__ = ["Dialect", "asked_day", "with_days"]


@value
class Dialect:
    """What differs from engine to engine.

    Parameters
    ----------
    name
        What Ibis calls the compiler of expressions.
    spelled
        A statement that was written in the words of DuckDB, in the engine's own.
    doubles
        A compiled statement, in which numbers with a point are doubles.
    field
        The text of a property of the events' JSON: NULL where it is missing or null.
    microseconds
        How many there are from one moment to another.
    days_after
        The day that lies so many days after another. An interval would be text that Sail reads anew in every row.
    """

    name: str
    spelled: Callable[[str], str]
    doubles: Callable[[str], str]
    field: Callable[[ir.StringValue, str], ir.StringValue]
    microseconds: Callable[[ir.TimestampValue, ir.TimestampValue], ir.IntegerValue]
    days_after: Callable[[ir.DateValue, ir.IntegerValue], ir.DateValue]

    def compiled(self, expression: ir.Table) -> str:
        """An expression as the engine's statement, whose days are yet to be said (``with_days``)."""
        return self.doubles(str(ibis.to_sql(expression, dialect=self.name, pretty=False)))

    def text(self, events: ir.Table, name: str) -> ir.StringValue:
        """A property of events as text."""
        return self.field(events["properties"], name)

    def number(self, events: ir.Table, name: str) -> ir.FloatingValue:
        """A property of events as the number that ``coerce`` reads; engines alone would take NaN and 1_000, too."""
        text = self.text(events, name)
        number = text.try_cast("float64")
        is_number = text.re_search(rf"^({NUMBER})\z") & (number.abs() <= float_info.max)
        return is_number.ifelse(number, ibis.null("float64"))


def asked_day(name: str) -> ir.DateScalar:
    """A day that a statement is told when it is asked: no reason to compile it anew."""
    return _day(name)


def with_days(statement: str, days: Mapping[str, date]) -> str:
    """The statement with its days, for engines whose sessions have no variables.

    >>> with_days("SELECT GETVARIABLE('first')", {"first": date(2026, 5, 4)})
    "SELECT DATE '2026-05-04'"
    """
    for name, day in days.items():
        statement = statement.replace(f"GETVARIABLE('{name}')", f"DATE '{day.isoformat()}'")
    return statement


def _getvariable(variable: str) -> date:  # type: ignore[empty-body]  # the body is the engine's
    """A variable of the session: a constant to DuckDB."""


_day: Callable[[str], ir.DateScalar] = ibis.udf.scalar.builtin(_getvariable, name="getvariable")
