"""How large a rule becomes when it is written out for an engine; tangles that double at every level are refused."""

from __future__ import annotations

from living_personas.rules.tokens import RuleText
from living_personas.rules.tree import (
    And,
    Arithmetic,
    Between,
    Call,
    Column,
    Compare,
    Constant,
    Finite,
    IsNull,
    IsTrue,
    Like,
    Negate,
    Node,
    Not,
    OneOf,
    Or,
    Total,
)

__all__ = ["LARGEST", "check_size", "size"]

LARGEST = 20_000
"""Parts of the largest expression sent to an engine; a rule of 4,000 plain characters has fewer than 3,000."""


def check_size(tree: Node, *, source: RuleText) -> None:
    """Refuse a tree that grows beyond ``LARGEST`` parts."""
    if size(tree) > LARGEST:
        raise source.mistake(
            "Divisions and functions are nested too often", hint="declare a feature for a part of it, and name it here."
        )


def size(node: Node) -> int:
    """Parts of the expression that an engine sees, where a guarded part stands twice."""
    match node:
        case Column() | Constant():
            inside = 0
        case Finite(subject=subject):
            inside = 2 * size(subject)
        case Arithmetic(first=first, rest=rest):
            inside = size(first) + sum(size(part) * (1 + (op == "/")) + 1 for op, part in rest)
        case Call(function=function, arguments=arguments):
            inside = sum(map(size, arguments)) * (1 + (function == "nullif"))
        case And(parts=parts) | Or(parts=parts):
            inside = sum(map(size, parts))
        case Compare(left=left, right=right):
            inside = size(left) + size(right)
        case Between(subject=subject, low=low, high=high):
            inside = size(subject) + size(low) + size(high)
        case Total(argument=argument, where=where):
            inside = sum(size(part) for part in (argument, where) if part is not None)
        case OneOf() | Like() | IsNull() | IsTrue() | Not() | Negate():
            inside = size(node.subject)
    return 1 + inside
