"""The closures that a compiled rule is made of; NULL is None in each of them."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from math import inf
from typing import Any, TypeAlias

from living_personas.rules.tree import Operator, Scalar

__all__ = [
    "Ask",
    "Row",
    "arithmetic",
    "between",
    "coalesce",
    "column",
    "compare",
    "compare_with",
    "extreme",
    "finite",
    "identity",
    "joined",
    "lower",
    "nullif",
    "strict",
]

Row: TypeAlias = Mapping[str, object]
Ask: TypeAlias = Callable[[Row], Any]
"""One part's answer for one customer; Any, because ``parse`` has checked that each part gets the kind it needs."""


def column(name: str, coerced: Callable[[object], Scalar]) -> Ask:
    """The customer's own value."""

    def ask(row: Row) -> Scalar:
        value = row.get(name)
        return None if value is None else coerced(value)

    return ask


def strict(function: Callable[[Any], Scalar], subject: Ask) -> Ask:
    """A function of one value, which knows nothing of NULL."""

    def ask(row: Row) -> Scalar:
        value = subject(row)
        return None if value is None else function(value)

    return ask


def compare_with(comparison: Callable[[Any, Any], bool], left: Ask, value: Scalar) -> Ask:
    """A comparison with a literal: two of three comparisons are."""

    def ask(row: Row) -> bool | None:
        found = left(row)
        return None if found is None else comparison(found, value)

    return ask


def compare(comparison: Callable[[Any, Any], bool], left: Ask, right: Ask) -> Ask:
    """A comparison of two values, unknown if either is."""

    def ask(row: Row) -> bool | None:
        one, other = left(row), right(row)
        return None if one is None or other is None else comparison(one, other)

    return ask


def between(subject: Ask, low: Ask, high: Ask) -> Ask:
    """At least one value and at most another: false as soon as one half is, whatever is unknown about the other."""
    return joined([compare(operator.ge, subject, low), compare(operator.le, subject, high)], decisive=False)


def identity(subject: Ask, *, wanted: bool | None) -> Ask:
    """Whether a value is exactly this one; never unknown."""
    return lambda row: subject(row) is wanted


def joined(parts: Sequence[Ask], *, decisive: bool) -> Ask:
    """The first ``decisive`` answer ends it (false an `and`, true an `or`); short of that, unknown if any part is."""

    def ask(row: Row) -> bool | None:
        answer: bool | None = not decisive
        for part in parts:
            found: bool | None = part(row)
            if found is decisive:
                return decisive
            if found is None:
                answer = None
        return answer

    return ask


def arithmetic(first: Ask, rest: Sequence[tuple[Operator, Ask]]) -> Ask:
    """Operands from left to right, in doubles that may run over until ``finite`` looks at them."""
    links = [(_COMPUTE[op], part) for op, part in rest]

    def ask(row: Row) -> float | None:
        total: float | None = first(row)
        for compute, part in links:
            other = part(row)
            if total is None or other is None:
                return None
            total = compute(total, other)
        return total

    return ask


def finite(subject: Ask) -> Ask:
    """The number, or None where it has run over or is no number."""

    def ask(row: Row) -> float | None:
        number: float | None = subject(row)
        return number if number is not None and -inf < number < inf else None

    return ask


def coalesce(arguments: Sequence[Ask]) -> Ask:
    """The first value that is known."""

    def ask(row: Row) -> Scalar:
        for argument in arguments:
            value: Scalar = argument(row)
            if value is not None:
                return value
        return None

    return ask


def nullif(subject: Ask, other: Ask) -> Ask:
    """The value, unless it equals another."""

    def ask(row: Row) -> Scalar:
        value: Scalar = subject(row)
        return None if value == other(row) else value

    return ask


def extreme(choose: Callable[[Sequence[float]], float], arguments: Sequence[Ask]) -> Ask:
    """The largest or smallest of the values that are known."""

    def ask(row: Row) -> float | None:
        values = [value for argument in arguments if (value := argument(row)) is not None]
        return choose(values) if values else None

    return ask


def lower(text: str) -> str:
    """Each character's own lower case, as databases have it: İ is not two characters, and Σ ends no word.

    >>> lower("ÉTÉ"), lower("İ")
    ('été', 'i')
    """
    return text.lower() if text.isascii() else "".join(char.lower()[0] for char in text)


def _quotient(one: float, other: float) -> float | None:
    return None if other == 0 else one / other


_COMPUTE: dict[Operator, Callable[[float, float], float | None]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": _quotient,
}
