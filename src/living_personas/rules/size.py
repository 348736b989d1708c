"""How large a rule becomes when it is written out for an engine; tangles that double at every level are refused."""

from __future__ import annotations

from living_personas.rules import tree
from living_personas.rules.tokens import RuleText

__all__ = ["LARGEST", "check_size", "size"]

LARGEST = 20_000
"""Parts of the largest expression sent to an engine; a rule of 4,000 plain characters has fewer than 3,000."""


def check_size(root: tree.Node, *, source: RuleText) -> None:
    """Refuse a tree that grows beyond ``LARGEST`` parts."""
    if size(root) > LARGEST:
        raise source.mistake(
            "Divisions and functions are nested too often", hint="declare a feature for a part of it, and name it here."
        )


def size(node: tree.Node) -> int:
    """Parts of the expression that an engine sees, where a guarded part stands twice."""
    match node:
        case tree.Column() | tree.Constant():
            inside = 0
        case tree.Finite(subject=subject):
            inside = 2 * size(subject)
        case tree.Arithmetic(first=first, rest=rest):
            inside = size(first) + sum(size(part) * (1 + (op == "/")) + 1 for op, part in rest)
        case tree.Call(function=function, arguments=arguments):
            inside = sum(map(size, arguments)) * (1 + (function == "nullif"))
        case tree.And(parts=parts) | tree.Or(parts=parts):
            inside = sum(map(size, parts))
        case tree.Compare(left=left, right=right):
            inside = size(left) + size(right)
        case tree.Between(subject=subject, low=low, high=high):
            inside = size(subject) + size(low) + size(high)
        case tree.Total(argument=argument, where=where):
            inside = sum(size(part) for part in (argument, where) if part is not None)
        case tree.OneOf() | tree.Like() | tree.IsNull() | tree.IsTrue() | tree.Not() | tree.Negate():
            inside = size(node.subject)
    return 1 + inside
