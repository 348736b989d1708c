"""The form of a rule: rows of name, comparison and value, in groups of and or or, become the text of a rule."""

from __future__ import annotations

from collections.abc import Mapping

from living_personas.domain.value import value
from living_personas.errors import InvalidRuleError
from living_personas.rules.tree import Kind

__all__ = ["COMPARISONS", "MOST_GROUPS", "MOST_ROWS", "Row", "rows_of", "rule_of"]

MOST_GROUPS, MOST_ROWS = 4, 6

COMPARISONS: Mapping[Kind, Mapping[str, str]] = {
    "number": {
        ">=": "is at least",
        "<=": "is at most",
        ">": "is more than",
        "<": "is less than",
        "=": "is",
        "!=": "is not",
        "known": "is known",
        "unknown": "is not known",
    },
    "text": {
        "=": "is",
        "!=": "is not",
        "like": "contains",
        "starts": "begins with",
        "known": "is known",
        "unknown": "is not known",
    },
    "boolean": {"true": "is true", "false": "is false", "known": "is known", "unknown": "is not known"},
}
"""What can be asked of a name of each kind, in words."""


@value
class Row:
    """One row as it was typed: a name, a comparison, and what it is compared with."""

    name: str = ""
    comparison: str = ""
    to: str = ""


def rows_of(typed: Mapping[str, str]) -> tuple[tuple[Row, ...], ...]:
    """The groups of rows that the form has, with those that were asked for just now; at least one row each."""
    groups = min(_number(typed, "groups", 1) + (typed.get("more") == "group"), MOST_GROUPS)
    return tuple(_group(typed, number) for number in range(groups))


def rule_of(typed: Mapping[str, str], kinds: Mapping[str, Kind]) -> str:
    """The rule that the rows mean, or the one that was written by hand; empty while no row is filled in.

    Raises
    ------
    InvalidRuleError
        If a row cannot be meant.
    """
    written = typed.get("who", "").strip()
    if written:
        return written
    groups = [
        _joined([_row_text(row, kinds) for row in rows if row.name], typed.get(f"join{number}", "and"))
        for number, rows in enumerate(rows_of(typed))
    ]
    return _joined([group for group in groups if group], typed.get("join", "and"))


def _group(typed: Mapping[str, str], number: int) -> tuple[Row, ...]:
    count = min(_number(typed, f"rows{number}", 1) + (typed.get("more") == f"row{number}"), MOST_ROWS)
    return tuple(
        Row(
            name=typed.get(f"r{number}.{place}.name", ""),
            comparison=typed.get(f"r{number}.{place}.is", ""),
            to=typed.get(f"r{number}.{place}.to", "").strip(),
        )
        for place in range(count)
    )


def _number(typed: Mapping[str, str], name: str, least: int) -> int:
    said = typed.get(name, "")
    return max(least, int(said)) if said.isascii() and said.isdecimal() and len(said) < 3 else least


def _joined(parts: list[str], word: str) -> str:
    between = " or " if word == "or" else " and "
    return between.join(f"({part})" for part in parts) if len(parts) > 1 else "".join(parts)


def _row_text(row: Row, kinds: Mapping[str, Kind]) -> str:
    kind = kinds.get(row.name)
    if kind is None:
        raise InvalidRuleError(f"There is no feature or trait {row.name!r}.", hint="choose one of the list.")
    if row.comparison not in COMPARISONS[kind]:
        meant = ", ".join(COMPARISONS[kind].values())
        raise InvalidRuleError(f"{row.name!r} cannot be compared so: it is a {kind}.", hint=f"choose one of: {meant}.")
    alone = {"known": "{} is not null", "unknown": "{} is null", "true": "{} = true", "false": "{} = false"}
    if row.comparison in alone:
        return alone[row.comparison].format(row.name)
    if not row.to:
        raise InvalidRuleError(f"{row.name!r} is compared with nothing.", hint="fill in the value.")
    return f"{row.name} {_operator(row)} {_constant(row, kind)}"


def _operator(row: Row) -> str:
    return "like" if row.comparison in ("like", "starts") else row.comparison


def _constant(row: Row, kind: Kind) -> str:
    if kind == "number":
        try:
            float(row.to)
        except ValueError:
            raise InvalidRuleError(
                f"{row.name!r} is compared with {row.to!r}, which is no number.", hint="write a number, such as 2.5."
            ) from None
        return row.to
    text = row.to.replace("'", "''")
    return {"like": f"'%{text}%'", "starts": f"'{text}%'"}.get(row.comparison, f"'{text}'")
