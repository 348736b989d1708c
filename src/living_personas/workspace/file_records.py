"""Lists, mappings and records of shapes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Generic, NoReturn, TypeVar

from living_personas.domain.event import Json
from living_personas.domain.value import value
from living_personas.errors import Location, did_you_mean
from living_personas.workspace.file_problems import Problems, UnreadableError
from living_personas.workspace.nodes import Entries, Items, Node, describe
from living_personas.workspace.refusal import checked, is_nothing, label_of, refuse_kind
from living_personas.workspace.shapes import PlainText, Schema, Shape

__all__ = ["REQUIRED", "FileKey", "FileRecord", "ListOf", "MapOf", "ScalarOr", "Values"]

S = TypeVar("S")
T = TypeVar("T")

REQUIRED = object()
"""The default of a key that has none."""


@value
class ListOf(Generic[T]):
    """A list of one shape."""

    item: Shape[T]
    what: str = "a list"
    example: str = "[a, b]"
    at_least: int = 0
    once: bool = True

    def read(self, node: Node, problems: Problems) -> tuple[T, ...]:
        """The items; a key with nothing after it is a list of none."""
        if is_nothing(node) and self.at_least == 0:
            return ()
        if not isinstance(node, Items):
            refuse_kind(node, self.what, problems, hint=f"write it like {self.example}.")
        if len(node.nodes) < self.at_least:
            problems.refuse(
                node.where,
                f"{label_of(node)} has {len(node.nodes)} of at least {self.at_least} items.",
                hint=f"write it like {self.example}.",
            )
        found = _each([(below, self.item) for below in node.nodes], problems)
        for index, below in enumerate(node.nodes):
            if self.once and found[index] in found[:index]:
                problems.refuse(
                    below.where, f"{label_of(node)} lists {describe(below)} twice.", hint="keep one of them."
                )
        return tuple(found)

    def schema(self) -> Schema:
        """An array."""
        found: Schema = {"type": "array", "items": self.item.schema()}
        found |= {"minItems": self.at_least} if self.at_least else {"type": ["array", "null"]}
        return found | ({"uniqueItems": True} if self.once else {})


@value
class MapOf(Generic[T]):
    """A mapping from names to one shape."""

    name: PlainText
    item: Shape[T]
    what: str
    example: str

    def read(self, node: Node, problems: Problems) -> dict[str, T]:
        """The items by name; a key with nothing after it is a mapping of none."""
        if is_nothing(node):
            return {}
        if not isinstance(node, Entries):
            refuse_kind(node, self.what, problems, hint=f"write it like {self.example}.")
        names = _each([(key, self.name) for key, _ in node.pairs], problems)
        return dict(zip(names, _each([(below, self.item) for _, below in node.pairs], problems), strict=True))

    def schema(self) -> Schema:
        """An object with free names."""
        return {
            "type": ["object", "null"],
            "propertyNames": self.name.schema(),
            "additionalProperties": self.item.schema(),
        }


@value
class ScalarOr(Generic[S, T]):
    """A short form in one word, or the long form as a mapping."""

    short: Shape[S]
    long: Shape[T]

    def read(self, node: Node, problems: Problems) -> S | T:
        """Whichever is written."""
        return self.long.read(node, problems) if isinstance(node, Entries) else self.short.read(node, problems)

    def schema(self) -> Schema:
        """Either."""
        return {"anyOf": [self.short.schema(), self.long.schema()]}


@value
class FileKey:
    """A key of a record: what it is called, what it holds, and the sentence that explains it.

    One without a default is required, ``unless`` the key of that name is given.
    """

    name: str
    shape: Shape[Any]
    about: str
    default: Any = None
    unless: str = ""


@value
class Values:
    """What a record's keys hold, and where they are written."""

    node: Entries
    problems: Problems
    found: dict[str, Any]

    def __getitem__(self, name: str) -> Any:
        return self.found[name]

    @property
    def key(self) -> str:
        """The name under which the record itself is written."""
        return self.node.path[-1] if self.node.path else ""

    def given(self, name: str) -> bool:
        """Whether the key is written in the file."""
        return self.node.get(name) is not None

    def place(self, *path: str) -> Location:
        """Where a key, or the nearest thing around it, is written."""
        node: Node | None = self.node
        where = self.node.where
        for name in path:
            if isinstance(node, Entries):
                where = node.place(name)
                node = node.get(name)
        return where

    def refuse(self, name: str, message: str, *, hint: str) -> NoReturn:
        """Note a problem at a key and give up on the record."""
        self.problems.refuse(self.place(name), message, hint=hint)


@value
class FileRecord(Generic[T]):
    """A mapping with declared keys; ``blame`` is the key at which its own error is shown."""

    what: str
    keys: tuple[FileKey, ...]
    build: Callable[[Values], T]
    example: str
    blame: str = ""

    def read(self, node: Node, problems: Problems) -> T:
        """The value that ``build`` makes of the keys."""
        if not isinstance(node, Entries):
            refuse_kind(node, f"{self.what} (a mapping)", problems, hint=f"write it like {self.example}")
        values = Values(node=node, problems=problems, found=self._read_keys(node, problems))
        return checked(lambda: self.build(values), values.place(self.blame), problems)

    def schema(self) -> Schema:
        """An object without further keys."""
        found: Schema = {
            "type": "object",
            "properties": {key.name: {"description": key.about, **key.shape.schema()} for key in self.keys},
            "additionalProperties": False,
        }
        required: list[Json] = [key.name for key in self.keys if key.default is REQUIRED and not key.unless]
        either: list[Json] = [
            {"anyOf": [{"required": [k.name]}, {"required": [k.unless]}]} for k in self.keys if k.unless
        ]
        return found | ({"required": required} if required else {}) | ({"allOf": either} if either else {})

    def _read_keys(self, node: Entries, problems: Problems) -> dict[str, Any]:
        names = {key.name for key in self.keys}
        unknown = [key for key, _ in node.pairs if key.text not in names]
        for key in unknown:
            problems.add(
                key.where, f"{key.text!r} is not a key of {self.what}.", hint=did_you_mean(key.text, names, kind="key")
            )
        required = [key for key in self.keys if key.default is REQUIRED and not (key.unless and node.get(key.unless))]
        missing = [key.name for key in required if node.get(key.name) is None]
        for name in missing:
            problems.add(
                node.where, f"The key `{name}` is missing from {self.what}.", hint=f"write it like {self.example}"
            )
        written = [(key, below) for key in self.keys if (below := node.get(key.name)) is not None]
        found = {key.name: key.default for key in self.keys}
        read = _each([(below, key.shape) for key, below in written], problems)
        if unknown or missing:
            raise UnreadableError
        return found | {key.name: item for (key, _), item in zip(written, read, strict=True)}


def _each(pairs: Sequence[tuple[Node, Shape[T]]], problems: Problems) -> list[T]:
    found: list[T] = []
    failed = False
    for node, shape in pairs:
        try:
            found.append(shape.read(node, problems))
        except UnreadableError:
            failed = True
    if failed:
        raise UnreadableError
    return found
