"""What one value may be, declared once: a shape reads it, names what is wrong, and describes itself to editors."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from math import inf, isfinite
from typing import Any, Generic, Protocol, TypeVar, get_args

from living_personas.domain.event import Json
from living_personas.domain.legible import blemish
from living_personas.domain.reserved import RESERVED, is_reserved
from living_personas.domain.value import value
from living_personas.errors import InvalidSettingsError, Location, did_you_mean
from living_personas.workspace.file_problems import Problems
from living_personas.workspace.nodes import Kind, Node, Scalar
from living_personas.workspace.refusal import checked, label_of, refuse_kind

__all__ = [
    "ATTRIBUTE_NAME",
    "IDENTIFIER",
    "NAME",
    "TEXT",
    "Flag",
    "Number",
    "PlainText",
    "Quantity",
    "Schema",
    "Shape",
    "WordOf",
]

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

Schema = dict[str, Json]


class Shape(Protocol[T_co]):
    """Reads a node; what is wrong is noted, and then ``UnreadableError`` is raised."""

    def read(self, node: Node, problems: Problems) -> T_co:
        """The value that the node writes."""
        ...

    def schema(self) -> Schema:
        """The same shape as JSON Schema."""
        ...


_ANY = r"\S"


@value
class PlainText:
    """A text that is written as one: numbers, truth values and nothing are refused, with a hint to quote.

    Where a truth value ``says`` all that is meant, as in a rule, it is a text as well.
    """

    pattern: str = _ANY
    meant: str = "a text"
    example: str = ""
    longest: int = 200
    lines: bool = False
    says: frozenset[Kind] = frozenset({"text"})
    check: Callable[[str, Location], object] | None = None

    def read(self, node: Node, problems: Problems) -> str:
        """The text, without blanks around it."""
        if not isinstance(node, Scalar) or node.kind not in self.says:
            hint = f'write it in quotes: "{node.text}".' if isinstance(node, Scalar) and node.text else self._hint()
            refuse_kind(node, self.meant, problems, hint=hint)
        text = node.text.strip()
        if len(text) > self.longest:
            problems.refuse(
                node.where, f"{label_of(node)} is longer than {self.longest} characters.", hint="shorten it."
            )
        if found := blemish(text, lines=self.lines):
            problems.refuse(
                node.where,
                f"{label_of(node)} holds a character that cannot be seen: {found}.",
                hint="delete that letter." if self.lines else "delete that letter, and write it on one line.",
            )
        if not re.search(self.pattern, text):
            problems.refuse(
                node.where, f"{label_of(node)} is {text!r}, where {self.meant} is meant.", hint=self._hint()
            )
        if self.check is not None:
            check = self.check
            checked(lambda: check(text, node.where), node.where, problems, label=label_of(node))
        return text

    def schema(self) -> Schema:
        """A string."""
        limits: Schema = {"minLength": 1} if self.pattern == _ANY else {"pattern": self.pattern}
        kinds: list[Json] = ["string", "boolean"] if "boolean" in self.says else ["string"]
        return {"type": kinds if len(kinds) > 1 else kinds[0], "maxLength": self.longest, **limits}

    def _hint(self) -> str:
        return f"write it like {self.example}." if self.example else "write a text."


def _not_ours(text: str, where: Location) -> None:
    if is_reserved(text):
        raise InvalidSettingsError(
            f"The name {text!r} is taken by one of ours: {', '.join(sorted(RESERVED))}, and all that end on "
            "'_propensity', '__policy', '__epoch' or '__of'.",
            hint="choose another.",
            where=where,
        )


TEXT = PlainText()
NAME = PlainText(
    pattern=r"^[A-Za-z][A-Za-z0-9_.-]{0,63}$",
    meant="a name of letters, digits, '_', '-' and '.'",
    example="'send_time'",
    longest=64,
)

IDENTIFIER = PlainText(
    pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,63}$",
    meant="a name that a rule can use (letters, digits and '_')",
    example="'orders_total'",
    longest=64,
    check=_not_ours,
)

ATTRIBUTE_NAME = replace(NAME, check=_not_ours)


@value
class Number:
    """A finite number, perhaps a whole one, perhaps above or from a bound."""

    above: float | None = None
    least: float | None = None
    most: float | None = None
    whole: bool = False

    def read(self, node: Node, problems: Problems) -> float:
        """The number."""
        if not isinstance(node, Scalar) or node.kind != "number":
            quoted = isinstance(node, Scalar) and not node.plain
            refuse_kind(node, self._meant(), problems, hint="write it without quotes." if quoted else "write a number.")
        number = _finite(node, problems)
        fits = (
            (self.above is None or number > self.above)
            and (self.least is None or number >= self.least)
            and (self.most is None or number <= self.most)
            and (not self.whole or number.is_integer())
        )
        if not fits:
            problems.refuse(
                node.where,
                f"{label_of(node)} is {node.text}, where {self._meant()} is meant.",
                hint=f"use {self._meant()}.",
            )
        return number

    def schema(self) -> Schema:
        """A number or integer with its bounds."""
        bounds: Schema = {"exclusiveMinimum": self.above, "minimum": self.least, "maximum": self.most}
        stated = {name: bound for name, bound in bounds.items() if bound is not None}
        return {"type": "integer" if self.whole else "number", **stated}

    def _meant(self) -> str:
        noun = "a whole number" if self.whole else "a number"
        bounds = [
            f"{word} {bound:g}"
            for word, bound in (("above", self.above), ("from", self.least), ("to", self.most))
            if bound is not None
        ]
        return " ".join([noun, *bounds])


@value
class Flag:
    """True or false, in these words."""

    def read(self, node: Node, problems: Problems) -> bool:
        """Whether."""
        if not isinstance(node, Scalar) or node.kind != "boolean":
            refuse_kind(node, "true or false", problems, hint=_truth(node))
        return node.text.lower() == "true"

    def schema(self) -> Schema:
        """A boolean."""
        return {"type": "boolean"}


@value
class WordOf(Generic[T]):
    """One of the words of a ``Literal``."""

    words: tuple[T, ...]

    @classmethod
    def literal(cls, literal: Any) -> WordOf[Any]:
        """The words of a ``Literal`` type."""
        return cls(words=get_args(literal))

    def read(self, node: Node, problems: Problems) -> T:
        """The word."""
        listed = ", ".join(str(word) for word in self.words)
        if not isinstance(node, Scalar) or node.kind != "text":
            refuse_kind(node, f"one of {listed}", problems, hint=f"write one of {listed}.")
        found = [word for word in self.words if word == node.text]
        if not found:
            hint = did_you_mean(node.text, [str(word) for word in self.words])
            problems.refuse(node.where, f"{label_of(node)} is {node.text!r}, which is none of {listed}.", hint=hint)
        return found[0]

    def schema(self) -> Schema:
        """An enum."""
        return {"enum": [str(word) for word in self.words]}


@value
class Quantity(Generic[T]):
    """A quantity with its unit, quoted or not; ``parse`` says what it is worth."""

    parse: Callable[[str], T]
    pattern: str
    meant: str
    example: str
    numbers: bool = False

    def read(self, node: Node, problems: Problems) -> T:
        """What the quantity is worth."""
        if not isinstance(node, Scalar) or node.kind not in ("text", "number"):
            refuse_kind(node, self.meant, problems, hint=f"write it like {self.example}.")
        return checked(lambda: self.parse(node.text), node.where, problems, label=label_of(node))

    def schema(self) -> Schema:
        """A string of the pattern, or a number between 0 and 1."""
        text: Schema = {"type": "string", "pattern": self.pattern}
        return {"anyOf": [text, {"type": "number", "minimum": 0, "maximum": 1}]} if self.numbers else text


def _finite(node: Scalar, problems: Problems) -> float:
    number = _number(node.text)
    if not isfinite(number):
        problems.refuse(
            node.where, f"{label_of(node)} is {node.text[:60]}, which is not a finite number.", hint="write a number."
        )
    return number


def _number(text: str) -> float:
    if text.lower().endswith((".inf", ".nan")):
        return inf
    try:
        return float(int(text, 0)) if text.startswith(("0x", "0o")) else float(text)
    except OverflowError:
        return inf


def _truth(node: Node) -> str:
    meant = {"yes": "true", "on": "true", "no": "false", "off": "false"}
    return f"write {meant.get(node.text.lower(), 'true or false') if isinstance(node, Scalar) else 'true or false'}."
