"""A rule in words: who is in, for people who read no formulas."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from living_personas.domain.candidate import SAID_WELL
from living_personas.domain.report import PersonaReport
from living_personas.domain.segment import Segment
from living_personas.rules.parse import parse
from living_personas.rules.tree import (
    And,
    Between,
    Column,
    Compare,
    Comparison,
    Constant,
    IsNull,
    IsTrue,
    Like,
    Node,
    Not,
    OneOf,
    Or,
    Piece,
    Scalar,
)
from living_personas.workspace.persona_text import number_text

__all__ = ["column_words", "rule_words", "segment_words", "who_words"]

_SPANS = {"d": "days", "w": "weeks", "m": "months"}
_WINDOW = re.compile(r"_(\d+)([dwm])$")
_COMPARED: Mapping[Comparison, str] = {
    "=": "is",
    "<>": "is not",
    "<": "below",
    "<=": "at most",
    ">": "above",
    ">=": "at least",
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


def who_words(persona: PersonaReport) -> tuple[str, str]:
    """Who belongs to a persona, in words, and of a discovered one how well they say it; empty where none say it well.

    A discovered persona is assigned by a formula, and said by its short rule.
    """
    if persona.short_f1 is None:
        words, fits = rule_words(persona.who), ""
    elif persona.short_f1 >= SAID_WELL:
        words, fits = rule_words(persona.short_rule) or persona.short_rule, f"F1 {persona.short_f1:.2f}"
    else:
        words, fits = "", f"no short rule says it well: the best has an F1 of {persona.short_f1:.2f}"
    return words[:1].upper() + words[1:], fits


def segment_words(segment: Segment) -> str:
    """Who belongs to a segment, in words: its short rule, or that none says it well enough.

    A rule that computes something is said as it is.
    """
    if segment.in_words != segment.explanation:
        return segment.in_words
    return rule_words(segment.explanation) or segment.explanation


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


def _said(node: Node, *, inside: bool) -> str:
    """A yes-or-no question in words; ``inside`` of another one its own words must hold together."""
    match node:
        case And():
            return _joined(node.parts, ("both ", " and ") if inside else ("", ", and "))
        case Or():
            return _joined(node.parts, ("either " if inside else "", " or "))
        case Not(subject=IsNull(subject=subject)):
            return f"{_value(subject)} is known"
        case Not():
            return f"not: {_said(node.subject, inside=True)}"
    return _asked(node)


def _asked(node: Node) -> str:
    match node:
        case Compare():
            said = f"{_value(node.left)} {_COMPARED[node.op]} {_value(node.right)}"
        case Between():
            said = f"{_value(node.subject)} between {_value(node.low)} and {_value(node.high)}"
        case OneOf():
            said = f"{_value(node.subject)} is {' or '.join(map(_literal, node.options))}"
        case Like():
            said = f"{_value(node.subject)} {_shaped(node.pattern)}"
        case IsNull():
            said = f"{_value(node.subject)} is not known"
        case IsTrue():
            said = f"{'' if node.truth else 'not: '}{_value(node.subject)}"
        case Constant(value=bool(truth)):
            said = "everybody" if truth else "nobody"
        case _:
            said = _value(node)
    return said


def _joined(parts: Iterable[Node], words: tuple[str, str]) -> str:
    first, between = words
    return first + between.join(_said(part, inside=True) for part in parts)


def _value(node: Node) -> str:
    match node:
        case Column(name=name):
            return column_words(name)
        case Constant(value=value):
            return _literal(value)
    raise _UnsayableError


def _literal(value: Scalar) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return number_text(value) if isinstance(value, float | int) else f"“{value}”"


def _shaped(pattern: tuple[Piece, ...]) -> str:
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
