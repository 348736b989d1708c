"""Kinds follow from use: whatever is compared with a number is a number, with a text a text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from living_personas.rules import tree
from living_personas.rules.tokens import RuleText

__all__ = ["infer", "kind_of"]


def infer(
    root: tree.Node, wanted: tree.Kind, *, source: RuleText, fixed: Mapping[str, tree.Kind] | None = None
) -> tuple[tuple[str, tree.Kind], ...]:
    """Every column of the tree with its kind, in order of appearance; a column whose use says nothing is a text."""
    kinds = _Kinds(source, fixed or {})
    kinds.use(root, wanted)
    return kinds.columns()


def kind_of(constant: tree.Scalar) -> tree.Kind | None:
    """The kind of a literal; NULL may be any."""
    if constant is None:
        return None
    if isinstance(constant, bool):
        return "boolean"
    return "text" if isinstance(constant, str) else "number"


_Term: TypeAlias = "tree.Kind | tree.Column | None"


class _Kinds:
    """What is known so far: a kind, or another column of the same kind, for each column seen."""

    def __init__(self, source: RuleText, fixed: Mapping[str, tree.Kind]) -> None:
        self.source = source
        self.fixed = fixed
        self.known: dict[str, tree.Kind | tree.Column | None] = {}

    def columns(self) -> tuple[tuple[str, tree.Kind], ...]:
        """The columns seen, with their kinds."""
        found = ((name, self.resolve(tree.Column(name=name))) for name in self.known)
        return tuple((name, "text" if term is None or isinstance(term, tree.Column) else term) for name, term in found)

    def resolve(self, term: _Term) -> _Term:
        """The kind of a term, or the column that stands for all columns of its yet unknown kind."""
        while isinstance(term, tree.Column):
            known = self.known.setdefault(term.name, self.fixed.get(term.name))
            if known is None:
                return term
            term = known
        return term

    def unify(self, one: _Term, other: _Term) -> _Term:
        """Both are of one kind from now on."""
        first, second = self.resolve(one), self.resolve(other)
        if first is None or first == second:
            return second
        if isinstance(first, tree.Column):
            if second is not None:
                self.known[first.name] = second
            return second or first
        if isinstance(second, tree.Column):
            self.known[second.name] = first
        elif second is not None:
            raise self.contradiction(one, other, first, second)
        return first

    def contradiction(self, one: _Term, other: _Term, first: tree.Kind, second: tree.Kind) -> Exception:
        """The error that names the column, if one is to blame."""
        for term, kind, use in ((one, first, second), (other, second, first)):
            if isinstance(term, tree.Column):
                return self.source.mistake(f"Column {term.name!r} is a {kind} and is used as a {use}", hint=_HINTS[use])
        return self.source.mistake(f"A {first} stands where a {second} is needed", hint=_HINTS[second])

    def use(self, node: tree.Node, wanted: _Term) -> _Term:
        """The node is used as this kind."""
        return self.unify(self.term(node), wanted)

    def alike(self, *nodes: tree.Node) -> _Term:
        """All these nodes are of one kind."""
        term: _Term = None
        for node in nodes:
            term = self.use(node, term)
        return term

    def term(self, node: tree.Node) -> _Term:
        """The kind of a node, once everything below it has been used."""
        match node:
            case tree.Column():
                self.resolve(node)
                return node
            case tree.Constant(value=value):
                return kind_of(value)
            case tree.Arithmetic() | tree.Negate() | tree.Finite():
                return self.number(node)
            case tree.Call():
                return self.call(node)
            case tree.Total():
                return self.total(node)
            case _:
                return self.predicate(node)

    def number(self, node: tree.Arithmetic | tree.Negate | tree.Finite) -> _Term:
        """Computing takes numbers and gives one."""
        parts = (node.first, *(part for _, part in node.rest)) if isinstance(node, tree.Arithmetic) else (node.subject,)
        for part in parts:
            self.use(part, "number")
        return "number"

    def predicate(self, node: tree.Node) -> _Term:
        """Whatever compares or joins gives a boolean."""
        match node:
            case tree.Compare(left=left, right=right):
                self.alike(left, right)
            case tree.Between(subject=subject, low=low, high=high):
                self.alike(subject, low, high)
            case tree.OneOf(subject=subject, options=options):
                self.alike(subject, *(tree.Constant(value=option) for option in options))
            case tree.Like(subject=subject):
                self.use(subject, "text")
            case tree.And(parts=parts) | tree.Or(parts=parts):
                for part in parts:
                    self.use(part, "boolean")
            case tree.Not(subject=subject) | tree.IsTrue(subject=subject):
                self.use(subject, "boolean")
            case tree.IsNull(subject=subject):
                self.term(subject)
        return "boolean"

    def call(self, node: tree.Call) -> _Term:
        """Each function of the list takes and gives its own kinds."""
        if node.function in ("coalesce", "nullif"):
            return self.alike(*node.arguments)
        taken: tree.Kind = "text" if node.function in ("length", "lower") else "number"
        for argument in node.arguments:
            self.use(argument, taken)
        return "text" if node.function == "lower" else "number"

    def total(self, node: tree.Total) -> _Term:
        """Totals are numbers; only ``count`` takes other kinds."""
        if node.argument is not None:
            self.use(node.argument, None if node.function == "count" else "number")
        if node.where is not None:
            self.use(node.where, "boolean")
        return "number"


_HINTS: dict[tree.Kind, str] = {
    "number": "a number has no quotes; + - * /, abs, least, greatest, sum, avg, min and max take numbers.",
    "text": "texts are written in single quotes; `like`, lower and length take texts.",
    "boolean": "and, or, not join comparisons; compare a number or a text with something, such as `orders >= 1`.",
}
