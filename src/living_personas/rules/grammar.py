"""The grammar: from tokens to a tree, by recursive descent of bounded depth."""

from __future__ import annotations

from collections.abc import Callable
from math import isinf
from typing import cast, get_args

from living_personas.errors import did_you_mean
from living_personas.rules import tree
from living_personas.rules.cursor import Cursor
from living_personas.rules.hints import RESERVED, WORD_HINTS
from living_personas.rules.patterns import pieces
from living_personas.rules.tokens import RuleText, Token

__all__ = ["read_aggregate", "read_rule"]


def read_rule(source: RuleText) -> tree.Node:
    """The tree of a rule, whose kinds are not yet checked."""
    return _whole(Cursor(source), _either)


def read_aggregate(source: RuleText) -> tree.Node:
    """The tree of an aggregate: arithmetic between totals and numbers."""
    return _settled(_whole(Cursor(source, outside=True), _chain))


_LONGEST_CHAIN = 200  # DuckDB's own limit of the depth of an expression is 1000
_COMPARISONS = {op: op for op in get_args(tree.Comparison)} | {"!=": "<>"}
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None}
_ARGUMENTS: dict[str, tuple[int, int]] = {
    "abs": (1, 1),
    "coalesce": (2, 20),
    "greatest": (2, 20),
    "least": (2, 20),
    "length": (1, 1),
    "lower": (1, 1),
    "nullif": (2, 2),
}


def _whole(cursor: Cursor, grammar: Callable[[Cursor], tree.Node]) -> tree.Node:
    if cursor.finished:
        raise cursor.source.mistake("There is no text", hint=f"write a {cursor.source.what}; `true` is everyone.")
    root = grammar(cursor)
    if not cursor.finished:
        raise cursor.unexpected("`and`, `or` or the end" if not cursor.outside else "an operator or the end")
    return root


# --- logic ---


def _either(cursor: Cursor) -> tree.Node:
    parts = [_both(cursor)]
    while cursor.accept("or"):
        parts.append(_both(cursor))
    return parts[0] if len(parts) == 1 else tree.Or(parts=tuple(parts))


def _both(cursor: Cursor) -> tree.Node:
    parts = [_negation(cursor)]
    while cursor.accept("and"):
        parts.append(_negation(cursor))
    return parts[0] if len(parts) == 1 else tree.And(parts=tuple(parts))


def _negation(cursor: Cursor) -> tree.Node:
    if not cursor.accept("not"):
        return _predicate(cursor)
    with cursor.deeper():
        return tree.Not(subject=_negation(cursor))


# --- predicates ---


def _predicate(cursor: Cursor) -> tree.Node:
    subject = _chain(cursor)
    if cursor.sees(*_COMPARISONS):
        return _comparison(cursor, subject)
    if cursor.accept("is"):
        return _identity(cursor, _settled(subject))
    opposite = cursor.accept("not")
    for word, grammar in (("between", _between), ("in", _one_of), ("like", _like)):
        if cursor.accept(word):
            found = grammar(cursor, _settled(subject))
            return tree.Not(subject=found) if opposite else found
    if opposite:
        raise cursor.unexpected("between, in or like")
    return subject


def _comparison(cursor: Cursor, left: tree.Node) -> tree.Node:
    operator = cursor.take()
    right = _chain(cursor)
    if tree.Constant(value=None) in (left, right):
        raise cursor.mistake(
            "Something is compared with null",
            hint="that is never true; write `is null` or `is not null`.",
            token=operator,
        )
    if cursor.sees(*_COMPARISONS):
        raise cursor.mistake("A comparison follows a comparison", hint="write `a < b and b < c`, or use between.")
    op = cast("tree.Comparison", _COMPARISONS[operator.text])
    return tree.Compare(op=op, left=_settled(left), right=_settled(right))


def _identity(cursor: Cursor, subject: tree.Node) -> tree.Node:
    opposite = cursor.accept("not")
    if cursor.accept("null"):
        found: tree.Node = tree.IsNull(subject=subject)
    elif cursor.sees("true", "false"):
        found = tree.IsTrue(subject=subject, truth=cursor.take().text.lower() == "true")
    else:
        raise cursor.unexpected("null, true or false")
    return tree.Not(subject=found) if opposite else found


def _between(cursor: Cursor, subject: tree.Node) -> tree.Node:
    low = _settled(_chain(cursor))
    cursor.expect("and")
    return tree.Between(subject=subject, low=low, high=_settled(_chain(cursor)))


def _one_of(cursor: Cursor, subject: tree.Node) -> tree.Node:
    cursor.expect("(")
    options = [_literal(cursor)]
    while cursor.accept(","):
        options.append(_literal(cursor))
    cursor.expect(")")
    return tree.OneOf(subject=subject, options=tuple(options))


def _like(cursor: Cursor, subject: tree.Node) -> tree.Node:
    token = cursor.token
    pattern = cursor.quoted("a pattern in single quotes")
    escape = cursor.quoted("one character in single quotes") if cursor.accept("escape") else None
    try:
        return tree.Like(subject=subject, pattern=pieces(pattern, escape=escape))
    except ValueError as error:
        raise cursor.mistake("There is an unreadable pattern", hint=f"{error}.", token=token) from error


# --- values ---


def _chain(cursor: Cursor) -> tree.Node:
    return _linked(cursor, _product, ("+", "-"))


def _product(cursor: Cursor) -> tree.Node:
    return _linked(cursor, _signed, ("*", "/"))


def _linked(
    cursor: Cursor, grammar: Callable[[Cursor], tree.Node], operators: tuple[tree.Operator, tree.Operator]
) -> tree.Node:
    first = grammar(cursor)
    rest: list[tuple[tree.Operator, tree.Node]] = []
    while cursor.sees(*operators):
        op = cast("tree.Operator", cursor.take().text)
        part = grammar(cursor)
        if op == "/" and part == tree.Constant(value=0.0):
            raise cursor.mistake(
                "There is a division by zero", hint="it is always NULL; divide by a column or a number."
            )
        rest.append((op, part))
    if len(rest) >= _LONGEST_CHAIN:
        raise cursor.mistake(
            "The chain of numbers is too long", hint=f"link at most {_LONGEST_CHAIN}, or add features."
        )
    return tree.Arithmetic(first=first, rest=tuple(rest)) if rest else first


def _signed(cursor: Cursor) -> tree.Node:
    if not cursor.accept("-"):
        return _atom(cursor)
    with cursor.deeper():
        subject = _signed(cursor)
    if isinstance(subject, tree.Constant) and isinstance(subject.value, float):
        return tree.Constant(value=-subject.value)
    return tree.Negate(subject=subject)


def _atom(cursor: Cursor) -> tree.Node:
    token = cursor.token
    if cursor.accept("("):
        with cursor.deeper():
            inside = _chain(cursor) if cursor.outside else _either(cursor)
        cursor.expect(")")
        return inside
    if token.kind == "word":
        return _word(cursor, cursor.take())
    if token.kind == "name":
        return _column(cursor, cursor.take())
    if token.kind == "number":
        return tree.Constant(value=_number(cursor, cursor.take()))
    if token.kind == "text" and not cursor.outside:
        return tree.Constant(value=cursor.take().text)
    raise cursor.unexpected("an aggregate or a number" if cursor.outside else "a column or a value")


def _word(cursor: Cursor, token: Token) -> tree.Node:
    word = token.text.lower()
    if cursor.sees("(") and word not in RESERVED:
        if cursor.outside and word in get_args(tree.Totaling):
            return _total(cursor, cast("tree.Totaling", word))
        return _call(cursor, token)
    if word in RESERVED:
        hint = WORD_HINTS.get(word, f'write what it belongs to; a column of that name is quoted: "{token.text}".')
        raise cursor.mistake(f"The word {token.text!r} cannot stand", hint=hint, token=token)
    if word in _WORDS and not cursor.outside:
        return tree.Constant(value=_WORDS[word])
    return _column(cursor, token)


def _column(cursor: Cursor, token: Token) -> tree.Node:
    if cursor.outside:
        raise cursor.mistake(
            f"Outside an aggregate there is {token.text!r}",
            hint=f"write sum({token.text}), max({token.text}) or count(distinct {token.text}).",
            token=token,
        )
    return tree.Column(name=token.text)


def _call(cursor: Cursor, token: Token) -> tree.Node:
    name = token.text.lower()
    known = {*_ARGUMENTS, *get_args(tree.Totaling)} if cursor.outside else {*_ARGUMENTS} - {"nullif"}
    if name not in known:
        hint = WORD_HINTS.get(name) or did_you_mean(name, known, kind="function")
        raise cursor.mistake(f"A function that is not on the list, {token.text[:40]!r},", hint=hint, token=token)
    arguments = _arguments(cursor)
    least, most = _ARGUMENTS[name]
    if not least <= len(arguments) <= most:
        wanted = str(least) if least == most else f"{least} to {most}"
        raise cursor.mistake(f"{name} has {len(arguments)} argument(s)", hint=f"it takes {wanted}.", token=token)
    return tree.Call(function=cast("tree.Function", name), arguments=arguments)


def _arguments(cursor: Cursor) -> tuple[tree.Node, ...]:
    grammar = _chain if cursor.outside else _either
    cursor.expect("(")
    with cursor.deeper():
        found = [_settled(grammar(cursor))]
        while cursor.accept(","):
            found.append(_settled(grammar(cursor)))
    cursor.expect(")")
    return tuple(found)


# --- totals ---


def _total(cursor: Cursor, function: tree.Totaling) -> tree.Node:
    cursor.expect("(")
    distinct = function == "count" and cursor.accept("distinct")
    everything = function == "count" and not distinct and cursor.accept("*")
    with cursor.within(outside=False):
        argument = None if everything else _settled(_either(cursor))
        cursor.expect(")")
        where = _filter(cursor) if cursor.accept("filter") else None
    return tree.Total(function=function, argument=argument, distinct=distinct, where=where)


def _filter(cursor: Cursor) -> tree.Node:
    cursor.expect("(")
    cursor.expect("where")
    where = _either(cursor)
    cursor.expect(")")
    return where


# --- literals ---


def _literal(cursor: Cursor) -> float | str | bool:
    negative = cursor.accept("-")
    token = cursor.token
    if token.kind == "number":
        number = _number(cursor, cursor.take())
        return -number if negative else number
    if not negative and token.kind == "text":
        return cursor.take().text
    if not negative and cursor.sees("true", "false"):
        return cursor.take().text.lower() == "true"
    if cursor.sees("null"):
        raise cursor.mistake("There is a null in a list", hint="leave it out, and write `or column is null`.")
    raise cursor.unexpected("a literal")


def _number(cursor: Cursor, token: Token) -> float:
    number = float(token.text)
    if isinf(number):
        raise cursor.mistake("There is a number too large to keep", hint="write less than 1.8e308.", token=token)
    return number


def _settled(node: tree.Node) -> tree.Node:
    """The node, with overflow as NULL if it is computed; every other number is finite already."""
    return tree.Finite(subject=node) if _computed(node) else node


def _computed(node: tree.Node) -> bool:
    if isinstance(node, tree.Negate):
        return _computed(node.subject)
    return isinstance(node, tree.Arithmetic) or (isinstance(node, tree.Total) and node.function in ("sum", "avg"))
