"""A rule in words: who is in, for people who read no formulas."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from living_personas.domain.told_number import number_text
from living_personas.rules import tree
from living_personas.rules.parse import parse

__all__ = ["column_words", "rule_words"]

_SPANS = {"d": "days", "w": "weeks", "m": "months"}
_WINDOW = re.compile(r"_(\d+)([dwm])$")
_COMPARED: Mapping[tree.Comparison, str] = {
    "=": "is",
    "<>": "is not",
    "<": "below",
    "<=": "at most",
    ">": "above",
    ">=": "at least",
}

_OPPOSITE: Mapping[tree.Comparison, tree.Comparison] = {
    "=": "<>",
    "<>": "=",
    "<": ">=",
    "<=": ">",
    ">": "<=",
    ">=": "<",
}


def rule_words(rule: str) -> str:
    """A rule in words; empty if it computes something, which no sentence says better than the rule itself.

    Raises
    ------
    InvalidRuleError
        If the text is not a rule.

    >>> rule_words("orders_total = 0 and (pricing_views_28d >= 2 or utm_campaign like '%deal%')")
    'orders total is 0, and either pricing views in 28 days at least 2 or utm campaign contains “deal”'
    >>> rule_words("0.7 * least(features_used_28d, 7) - 1.5 > 0")
    ''
    """
    try:
        return _said(parse(rule).tree, inside=False)
    except _UnsayableError:
        return ""


def column_words(name: str) -> str:
    """A feature or trait as people read it.

    >>> column_words("pricing_views_28d")
    'pricing views in 28 days'
    """
    window = _WINDOW.search(name)
    said = (name[: window.start()] if window else name).replace("_", " ").strip() or name
    return f"{said} in {window[1]} {_SPANS[window[2]]}" if window else said


class _UnsayableError(Exception):
    """A part of a rule that computes something."""


def _said(node: tree.Node, *, inside: bool) -> str:
    """A yes-or-no question in words; ``inside`` of another one its own words must hold together."""
    match node:
        case tree.And():
            return _joined(node.parts, ("both ", " and ") if inside else ("", ", and "))
        case tree.Or():
            return _joined(node.parts, ("either " if inside else "", " or "))
        case tree.IsTrue():
            return _said(node.subject, inside=inside) if node.truth else _negated(node.subject)
        case tree.Not():
            return _denied(node.subject)
    return _asked(node)


def _denied(node: tree.Node) -> str:
    """That the answer is not yes: it is no or, of what is asked to be true, not known."""
    match node:
        case tree.IsNull():
            return f"{_value(node.subject)} is known"
        case tree.IsTrue(subject=tree.Column() | tree.Compare() as subject, truth=True):
            return f"{_negated(subject)} (or not known)"
    return f"not: {_said(node, inside=True)}"


def _negated(node: tree.Node) -> str:
    """That the answer is known to be no."""
    match node:
        case tree.Column():
            return f"{_value(node)} is no"
        case tree.Compare():
            return f"{_value(node.left)} {_COMPARED[_OPPOSITE[node.op]]} {_value(node.right)}"
    return f"not: {_said(node, inside=True)}"


def _asked(node: tree.Node) -> str:
    match node:
        case tree.Compare():
            said = f"{_value(node.left)} {_COMPARED[node.op]} {_value(node.right)}"
        case tree.Between():
            said = f"{_value(node.subject)} between {_value(node.low)} and {_value(node.high)}"
        case tree.OneOf():
            said = f"{_value(node.subject)} is {' or '.join(map(_literal, node.options))}"
        case tree.Like():
            said = f"{_value(node.subject)} {_shaped(node.pattern)}"
        case tree.IsNull():
            said = f"{_value(node.subject)} is not known"
        case tree.Column():
            said = f"{_value(node)} is yes"
        case tree.Constant(value=bool(truth)):
            said = "everybody" if truth else "nobody"
        case _:
            said = _value(node)
    return said


def _joined(parts: Iterable[tree.Node], words: tuple[str, str]) -> str:
    first, between = words
    return first + between.join(_said(part, inside=True) for part in parts)


def _value(node: tree.Node) -> str:
    match node:
        case tree.Column(name=name):
            return column_words(name)
        case tree.Constant(value=value):
            return _literal(value)
    raise _UnsayableError


def _literal(value: tree.Scalar) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return number_text(value) if isinstance(value, float | int) else f"“{value}”"


def _shaped(pattern: tuple[tree.Piece, ...]) -> str:
    kinds, text = [kind for kind, _ in pattern], "".join(said for kind, said in pattern if kind == "text")
    words = {
        ("any", "text", "any"): "contains",
        ("text", "any"): "begins with",
        ("any", "text"): "ends with",
        ("text",): "is",
    }
    if tuple(kinds) not in words:
        raise _UnsayableError
    return f"{words[tuple(kinds)]} “{text}”"
