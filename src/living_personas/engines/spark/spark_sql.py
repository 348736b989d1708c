"""Statements in Spark's words: what DuckDB says otherwise, said so that both answer the same."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

import ibis
import ibis.expr.datatypes as dt
import sqlglot
from ibis.expr import types as ir
from sqlglot import exp

from living_personas.engines.dialect import Dialect
from living_personas.engines.sql.sql_text import pointed_at

__all__ = ["SPARK"]


@lru_cache(maxsize=64)
def _spelled(statement: str) -> str:
    return sqlglot.parse_one(statement, read="duckdb").transform(_respelled).sql("spark")


def _doubles(statement: str) -> str:
    """To Spark ``0.5`` is a decimal, which has its own arithmetic; ``0.5e0`` is a double."""
    return sqlglot.parse_one(statement, read="spark").transform(_double).sql("spark")


def _double(node: exp.Expr) -> exp.Expr:
    if isinstance(node, exp.Literal) and not node.is_string and "." in node.this and "e" not in node.this.lower():
        return exp.Literal.number(f"{node.this}e0")
    return node


def _respelled(node: exp.Expr) -> exp.Expr:
    """One part of a statement, where sqlglot alone would change its meaning."""
    change = _CHANGES.get(type(node))
    return node if change is None else change(node)


def _last(node: exp.Expr) -> exp.Expr:
    """The value of the last row; the order is that of the whole key."""
    ordered = node.this
    return exp.func("MAX_BY", ordered.this, exp.func("STRUCT", *(each.this for each in ordered.expressions)))


def _logarithm(node: exp.Expr) -> exp.Expr:
    """``LOG(10, 1000)`` is 2.9999999999999996; ``LOG10`` is exact."""
    return exp.Anonymous(this="LOG10", expressions=[node.expression]) if node.this.name == "10" else node


def _lower(node: exp.Expr) -> exp.Expr:
    """Each character's own lower case, as ``rules`` has it."""
    return exp.Lower(this=exp.func("TRANSLATE", node.this, *map(exp.Literal.string, _OWN_LOWER)))


_OWN_LOWER = ("\u0130\u03a3", "i\u03c3")
"""The capitals whose lower case depends on what stands beside them, or is two characters."""


def _matches(node: exp.Expr) -> exp.Expr:
    r"""In Java ``$`` stands before a last newline, too; ``\z`` does not."""
    pattern = node.expression.name
    whole = f"{pattern.removesuffix('$')}\\z" if pattern.endswith("$") else pattern
    return exp.RegexpLike(this=node.this, expression=exp.Literal.string(whole))


def _extracted(node: exp.Expr) -> exp.Expr:
    return _field_sql(node.this, pointed_at(node.expression.name))


def _rounded(node: exp.Expr) -> exp.Expr:
    """A double rounded as DuckDB does it; Spark takes a constant number of digits only."""
    digits = node.args.get("decimals")
    if digits is None or isinstance(digits, exp.Literal):
        return node
    parts = {"number": node.this, "digits": exp.paren(digits)}
    spelled = sqlglot.parse_one(_ROUNDED, read="spark")
    return exp.paren(spelled.transform(lambda part: parts[part.name].copy() if isinstance(part, exp.Column) else part))


_ROUNDED = (
    "CASE WHEN digits >= 0 THEN ROUND(number * POWER(10e0, digits)) / POWER(10e0, digits) "
    "ELSE ROUND(number / POWER(10e0, -digits)) * POWER(10e0, -digits) END"
)

_CHANGES: dict[type[exp.Expr], Callable[[exp.Expr], exp.Expr]] = {
    exp.Last: _last,
    exp.Log: _logarithm,
    exp.Lower: _lower,
    exp.RegexpLike: _matches,
    exp.JSONExtractScalar: _extracted,
    exp.Round: _rounded,
}


_PLAIN = re.compile(r"\w+")
"""Names that a path of JSON has no other meaning for; the others are looked up in a map, which takes longer."""
_MAP = "map<string,string>"


def _field_sql(document: exp.Expr, name: str) -> exp.Expr:
    if _PLAIN.fullmatch(name):
        return exp.Anonymous(this="GET_JSON_OBJECT", expressions=[document, exp.Literal.string(f"$.{name}")])
    fields = exp.Anonymous(this="FROM_JSON", expressions=[document, exp.Literal.string(_MAP)])
    return exp.Anonymous(this="ELEMENT_AT", expressions=[fields, exp.Literal.string(name)])


def _get_json_object(document, path):  # type: ignore[no-untyped-def]
    """The text at a path."""


def _from_json(document, shape):  # type: ignore[no-untyped-def]
    """The fields as texts."""


def _element_at(fields, key):  # type: ignore[no-untyped-def]
    """One field, NULL if it is missing."""


_FIELDS = dt.Map(dt.string, dt.string)
_at_path = ibis.udf.scalar.builtin(
    _get_json_object, name="get_json_object", signature=((dt.string, dt.string), dt.string)
)
_fields = ibis.udf.scalar.builtin(_from_json, name="from_json", signature=((dt.string, dt.string), _FIELDS))
_one = ibis.udf.scalar.builtin(_element_at, name="element_at", signature=((_FIELDS, dt.string), dt.string))


def _field(document: ir.StringValue, name: str) -> ir.StringValue:
    if _PLAIN.fullmatch(name):
        found: ir.StringValue = _at_path(document, f"$.{name}")
        return found
    element: ir.StringValue = _one(_fields(document, _MAP), name)
    return element


def _unix_micros(moment):  # type: ignore[no-untyped-def]
    """Microseconds since 1970."""


_since_1970 = ibis.udf.scalar.builtin(_unix_micros, name="unix_micros", signature=((dt.Timestamp("UTC"),), dt.int64))


def _microseconds(since: ir.TimestampValue, until: ir.TimestampValue) -> ir.IntegerValue:
    passed: ir.IntegerValue = _since_1970(until) - _since_1970(since)
    return passed


def _unix_date(day):  # type: ignore[no-untyped-def]
    """Days since 1970."""


def _date_from_unix_date(days):  # type: ignore[no-untyped-def]
    """The day so many days after 1970 began."""


_day_number = ibis.udf.scalar.builtin(_unix_date, name="unix_date", signature=((dt.date,), dt.int32))
_numbered_day = ibis.udf.scalar.builtin(
    _date_from_unix_date, name="date_from_unix_date", signature=((dt.int32,), dt.date)
)


def _days_after(day: ir.DateValue, days: ir.IntegerValue) -> ir.DateValue:
    """By numbers: of days that are in a column, Sail makes a text for ``DATE_ADD`` and reads it as an interval."""
    later: ir.DateValue = _numbered_day((_day_number(day) + days).cast("int32"))
    return later


class _Options(ibis.config.Config):  # type: ignore[misc]  # Ibis does not type it
    """What Ibis's compiler for Spark asks for, and only its backend would say."""

    treat_nan_as_null: bool = False


ibis.options.pyspark = _Options()

SPARK = Dialect(
    name="pyspark",
    spelled=_spelled,
    doubles=_doubles,
    field=_field,
    microseconds=_microseconds,
    days_after=_days_after,
)
"""Spark 4, and Sail."""
