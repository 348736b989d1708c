"""A rule as SQL, for an engine that asks it of all customers at once."""

from __future__ import annotations

from functools import cache

from sqlglot import exp

from living_personas.rules import tree
from living_personas.rules.coercion import FALSE, NUMBER, TRUE
from living_personas.rules.parse import Rule
from living_personas.rules.patterns import spelled

__all__ = ["coerce_sql", "node_sql", "to_sql"]


def to_sql(rule: Rule, *, dialect: str = "duckdb") -> str:
    """The rule as an expression over columns that already have the SQL types of their kinds.

    Numbers are doubles and finite: ``coerce_sql`` makes them so.

    >>> from living_personas.rules.parse import parse
    >>> to_sql(parse("orders >= 2 and not vip"))
    '(("orders" >= 2e0) AND (NOT "vip"))'
    """
    return node_sql(rule.tree, dialect=dialect)


def coerce_sql(expression_sql: str, kind: tree.Kind) -> str:
    """A text-typed SQL expression as a number, text or boolean; exactly what ``coerce`` does with the same string.

    >>> coerce_sql("raw", "boolean")  # doctest: +ELLIPSIS
    "CASE LOWER(TRIM(BOTH ' ' FROM raw)) WHEN 'true' THEN TRUE WHEN ... THEN FALSE END"
    """
    if kind == "text":
        return expression_sql
    if kind == "boolean":
        words = [(word, "TRUE") for word in TRUE] + [(word, "FALSE") for word in FALSE]
        cases = " ".join(f"WHEN '{word}' THEN {truth}" for word, truth in words)
        return f"CASE LOWER(TRIM(BOTH ' ' FROM {expression_sql})) {cases} END"  # a bare TRIM takes other spaces, too
    shape = exp.RegexpLike(this=exp.Var(this=expression_sql), expression=exp.Literal.string(f"^({NUMBER})$"))
    number = exp.TryCast(this=exp.Var(this=expression_sql), to=exp.DataType.build("double")).sql("duckdb")
    return f"CASE WHEN {shape.sql('duckdb')} AND ABS({number}) <= {_LARGEST} THEN {number} END"


def node_sql(node: tree.Node, *, dialect: str) -> str:
    """Any part of a rule or aggregate as SQL, in parentheses where it has operators."""
    match node:
        case tree.Column(name=name):
            return exp.to_identifier(name, quoted=True).sql(dialect)
        case tree.Constant(value=value):
            return _literal(value, dialect)
        case tree.Arithmetic() | tree.Negate() | tree.Finite():
            return _number(node, dialect)
        case tree.Call(function=function, arguments=arguments):
            called = f"{function.upper()}({', '.join(node_sql(argument, dialect=dialect) for argument in arguments)})"
            return _double(called, dialect) if function == "length" else called
        case tree.Total():
            return _total(node, dialect)
        case _:
            return f"({_comparison(node, dialect)})"


_LARGEST = "1.7976931348623157e308"  # the largest double; NaN and infinity are beyond it in every engine


def _number(node: tree.Arithmetic | tree.Negate | tree.Finite, dialect: str) -> str:
    match node:
        case tree.Arithmetic(first=first, rest=rest):
            links = (_link(op, part, dialect) for op, part in rest)
            return f"({node_sql(first, dialect=dialect)}{''.join(links)})"
        case tree.Negate(subject=subject):
            return f"(- {node_sql(subject, dialect=dialect)})"
        case tree.Finite(subject=subject):
            number = node_sql(subject, dialect=dialect)
            return f"CASE WHEN ABS({number}) <= {_LARGEST} THEN {number} END"


def _link(op: tree.Operator, part: tree.Node, dialect: str) -> str:
    number = node_sql(part, dialect=dialect)
    return f" / NULLIF({number}, 0e0)" if op == "/" and _may_be_zero(part) else f" {op} {number}"


def _may_be_zero(part: tree.Node) -> bool:
    if isinstance(part, tree.Call) and part.function == "nullif":
        return part.arguments[1] != tree.Constant(value=0.0)
    return not isinstance(part, tree.Constant)  # the grammar refuses to divide by a literal 0


def _comparison(node: tree.Node, dialect: str) -> str:
    def sql(part: tree.Node) -> str:
        return node_sql(part, dialect=dialect)

    match node:
        case tree.Compare(op=op, left=left, right=right):
            return f"{sql(left)} {op} {sql(right)}"
        case tree.Between(subject=subject, low=low, high=high):
            return f"{sql(subject)} BETWEEN {sql(low)} AND {sql(high)}"
        case tree.OneOf(subject=subject, options=options):
            return f"{sql(subject)} IN ({', '.join(_literal(option, dialect) for option in options)})"
        case tree.Like(subject=subject, pattern=pattern):
            text, escape = spelled(pattern)
            ending = "" if escape is None else f" ESCAPE {_literal(escape, dialect)}"
            return f"{sql(subject)} LIKE {_literal(text, dialect)}{ending}"
        case _:
            return _logic(node, dialect)


def _logic(node: tree.Node, dialect: str) -> str:
    def sql(part: tree.Node) -> str:
        return node_sql(part, dialect=dialect)

    match node:
        case tree.IsNull(subject=subject):
            return f"{sql(subject)} IS NULL"
        case tree.IsTrue(subject=subject, truth=truth):
            return f"{sql(subject)} IS {'TRUE' if truth else 'FALSE'}"
        case tree.Not(subject=subject):
            return f"NOT {sql(subject)}"
        case tree.And(parts=parts):
            return " AND ".join(map(sql, parts))
        case tree.Or(parts=parts):
            return " OR ".join(map(sql, parts))
    raise AssertionError(f"the grammar has no {type(node).__name__}")


def _total(total: tree.Total, dialect: str) -> str:
    argument = "*" if total.argument is None else node_sql(total.argument, dialect=dialect)
    called = f"{total.function.upper()}({'DISTINCT ' * total.distinct}{argument})"
    if total.where is not None:
        called += f" FILTER (WHERE {node_sql(total.where, dialect=dialect)})"
    return _double(called, dialect) if total.function == "count" else called


def _double(sql: str, dialect: str) -> str:
    return f"CAST({sql} AS {_double_type(dialect)})"


@cache
def _double_type(dialect: str) -> str:
    return exp.DataType.build("double").sql(dialect)


def _literal(value: tree.Scalar, dialect: str) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, str):
        return exp.Literal.string(value).sql(dialect)
    digits = repr(value).removesuffix(".0")
    double = digits if "e" in digits else f"{digits}e0"  # with an exponent, or engines would read a decimal
    return f"({double})" if value < 0 else double
