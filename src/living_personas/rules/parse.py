"""From text to a rule: read, checked once, ready for one customer or for a whole engine."""

from __future__ import annotations

from living_personas.domain.value import value
from living_personas.errors import Location
from living_personas.rules.grammar import read_rule
from living_personas.rules.kinds import infer
from living_personas.rules.size import check_size
from living_personas.rules.tokens import RuleText
from living_personas.rules.tree import Kind, Node

__all__ = ["Kind", "Rule", "check_columns", "parse"]


@value
class Rule:
    """A yes-or-no question about one customer, whose answer may also be NULL.

    ``columns`` are the columns it asks for, in order of appearance, with the kind each is used as.
    """

    text: str
    columns: tuple[tuple[str, Kind], ...]
    tree: Node


def parse(text: str, *, where: Location | None = None) -> Rule:
    """The rule that a text means.

    Parameters
    ----------
    text
        An expression of the rule language (``docs/reference/rules.md``).
    where
        The place in a file that it comes from, which errors carry.

    Raises
    ------
    InvalidRuleError
        If the text is not a rule; never any other error.

    Examples
    --------
    >>> parse("orders >= 2 and country in ('NL', 'BE')").columns
    (('orders', 'number'), ('country', 'text'))
    """
    source = RuleText(text=text, where=where)
    tree = read_rule(source)
    columns = infer(tree, "boolean", source=source)
    check_columns(columns, source=source)
    check_size(tree, source=source)
    return Rule(text=text, columns=columns, tree=tree)


def check_columns(columns: tuple[tuple[str, Kind], ...], *, source: RuleText) -> None:
    """Refuse names that differ only in case: some engines cannot tell them apart."""
    seen: dict[str, str] = {}
    for name, _ in columns:
        if seen.setdefault(name.lower(), name) != name:
            raise source.mistake(
                f"Columns {seen[name.lower()]!r} and {name!r} differ only in case",
                hint="use one spelling.",
            )
