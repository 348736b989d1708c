"""What a rule is made of: a small tree of frozen values, the same one for one customer and for a whole engine."""

from __future__ import annotations

from typing import Literal, TypeAlias

from living_personas.domain.value import value

__all__ = [
    "And",
    "Arithmetic",
    "Between",
    "Call",
    "Column",
    "Compare",
    "Comparison",
    "Constant",
    "Finite",
    "Function",
    "IsNull",
    "IsTrue",
    "Kind",
    "Like",
    "Negate",
    "Node",
    "Not",
    "OneOf",
    "Operator",
    "Or",
    "Piece",
    "Scalar",
    "Total",
    "Totaling",
]

Kind = Literal["number", "text", "boolean"]
Scalar: TypeAlias = float | str | bool | None
Comparison = Literal["=", "<>", "<", "<=", ">", ">="]
Operator = Literal["+", "-", "*", "/"]
Function = Literal["abs", "coalesce", "greatest", "least", "length", "lower", "nullif"]
Totaling = Literal["avg", "count", "max", "min", "sum"]
Piece: TypeAlias = tuple[Literal["text", "any", "one"], str]
"""A stretch of a ``like`` pattern: literal text, ``%`` or ``_``."""


@value
class Column:
    """A value of the customer (or event), NULL where it is missing."""

    name: str


@value
class Constant:
    """A literal: a number, a text, true, false or NULL."""

    value: Scalar


@value
class Compare:
    """Two values of one kind, compared."""

    op: Comparison
    left: Node
    right: Node


@value
class Between:
    """Whether a value lies between two others, both included."""

    subject: Node
    low: Node
    high: Node


@value
class OneOf:
    """Whether a value is one of a list of literals of one kind, none of them NULL."""

    subject: Node
    options: tuple[float | str | bool, ...]


@value
class Like:
    """Whether a text has the shape of a pattern."""

    subject: Node
    pattern: tuple[Piece, ...]


@value
class IsNull:
    """Whether a value is missing: always true or false."""

    subject: Node


@value
class IsTrue:
    """Whether a boolean is known to be ``truth``: always true or false."""

    subject: Node
    truth: bool


@value
class Not:
    """The opposite; NULL stays NULL."""

    subject: Node


@value
class And:
    """All of them: false if any is false, else NULL if any is NULL."""

    parts: tuple[Node, ...]


@value
class Or:
    """Any of them: true if any is true, else NULL if any is NULL."""

    parts: tuple[Node, ...]


@value
class Negate:
    """Minus a number."""

    subject: Node


@value
class Arithmetic:
    """A chain of ``+ -`` or of ``* /``, from left to right, in doubles; dividing by zero gives NULL."""

    first: Node
    rest: tuple[tuple[Operator, Node], ...]


@value
class Finite:
    """A computed number where it is finite, and NULL where it overflowed."""

    subject: Node


@value
class Call:
    """A function of the short list on which every engine agrees."""

    function: Function
    arguments: tuple[Node, ...]


@value
class Total:
    """An aggregate over rows; no argument counts rows. Only an ``Aggregate`` has any."""

    function: Totaling
    argument: Node | None = None
    distinct: bool = False
    where: Node | None = None


Node: TypeAlias = (
    Column
    | Constant
    | Compare
    | Between
    | OneOf
    | Like
    | IsNull
    | IsTrue
    | Not
    | And
    | Or
    | Negate
    | Arithmetic
    | Finite
    | Call
    | Total
)
