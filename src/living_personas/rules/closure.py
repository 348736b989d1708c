"""A rule as a function of one customer, fast enough to ask on every request."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from living_personas.rules import steps, tree
from living_personas.rules.aggregate import Aggregate
from living_personas.rules.coercion import coerce, coercion
from living_personas.rules.parse import Rule
from living_personas.rules.patterns import matcher
from living_personas.rules.steps import Ask, Row

__all__ = ["Row", "coerce", "compile_rule", "over_nothing"]


def compile_rule(rule: Rule) -> Callable[[Row], bool | None]:
    """A function that answers the rule for one customer: True, False, or None where SQL says NULL.

    A missing key is NULL; values are coerced to the kinds of ``rule.columns``.

    >>> from living_personas.rules.parse import parse
    >>> asks = compile_rule(parse("orders >= 2 and country = 'NL'"))
    >>> asks({"orders": "3", "country": "NL"}), asks({"orders": 1}), asks({"orders": 2})
    (True, False, None)
    """
    return _compiled(rule.tree, dict(rule.columns))


def over_nothing(aggregate: Aggregate) -> float | None:
    """The aggregate over no events: a count of nothing is 0, and any other total of it is NULL.

    >>> from living_personas.rules.aggregate import parse_aggregate
    >>> [over_nothing(parse_aggregate(text)) for text in ("count(*) + 1", "sum(revenue)", "coalesce(max(hour), 9)")]
    [1.0, None, 9.0]
    """
    found: float | None = _compiled(aggregate.tree, {})({})
    return found


_Kinds: TypeAlias = Mapping[str, tree.Kind]

_COMPARE: dict[tree.Comparison, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def _compiled(node: tree.Node, kinds: _Kinds) -> Ask:
    match node:
        case tree.Column(name=name):
            return steps.column(name, coercion(kinds[name]))
        case tree.Constant(value=value):
            return lambda _row: value
        case tree.Arithmetic() | tree.Negate() | tree.Finite():
            return _number(node, kinds)
        case tree.Call():
            return _call(node, kinds)
        case tree.Total(function=function):
            return lambda _row: 0.0 if function == "count" else None
        case _:
            return _comparison(node, kinds)


def _number(node: tree.Arithmetic | tree.Negate | tree.Finite, kinds: _Kinds) -> Ask:
    match node:
        case tree.Arithmetic(first=first, rest=rest):
            return steps.arithmetic(_compiled(first, kinds), [(op, _compiled(part, kinds)) for op, part in rest])
        case tree.Negate(subject=subject):
            return steps.strict(operator.neg, _compiled(subject, kinds))
        case tree.Finite(subject=subject):
            return steps.finite(_compiled(subject, kinds))


def _comparison(node: tree.Node, kinds: _Kinds) -> Ask:
    match node:
        case tree.Compare(op=op, left=left, right=tree.Constant(value=value)):
            return steps.compare_with(_COMPARE[op], _compiled(left, kinds), value)
        case tree.Compare(op=op, left=left, right=right):
            return steps.compare(_COMPARE[op], _compiled(left, kinds), _compiled(right, kinds))
        case tree.Between(subject=subject, low=low, high=high):
            return steps.between(_compiled(subject, kinds), _compiled(low, kinds), _compiled(high, kinds))
        case tree.OneOf(subject=subject, options=options):
            return steps.strict(frozenset(options).__contains__, _compiled(subject, kinds))
        case tree.Like(subject=subject, pattern=pattern):
            return steps.strict(matcher(pattern), _compiled(subject, kinds))
        case _:
            return _logic(node, kinds)


def _logic(node: tree.Node, kinds: _Kinds) -> Ask:
    match node:
        case tree.IsNull(subject=subject):
            return steps.identity(_compiled(subject, kinds), wanted=None)
        case tree.IsTrue(subject=subject, truth=truth):
            return steps.identity(_compiled(subject, kinds), wanted=truth)
        case tree.Not(subject=subject):
            return steps.strict(operator.not_, _compiled(subject, kinds))
        case tree.And(parts=parts):
            return steps.joined([_compiled(part, kinds) for part in parts], decisive=False)
        case tree.Or(parts=parts):
            return steps.joined([_compiled(part, kinds) for part in parts], decisive=True)
    raise AssertionError(f"the grammar of rules has no {type(node).__name__}")


def _call(node: tree.Call, kinds: _Kinds) -> Ask:
    arguments = [_compiled(argument, kinds) for argument in node.arguments]
    match node.function:
        case "coalesce":
            return steps.coalesce(arguments)
        case "nullif":
            return steps.nullif(*arguments)
        case "greatest" | "least":
            return steps.extreme(max if node.function == "greatest" else min, arguments)
        case "abs":
            return steps.strict(abs, *arguments)
        case "length":
            return steps.strict(lambda text: float(len(text)), *arguments)
        case "lower":
            return steps.strict(steps.lower, *arguments)
