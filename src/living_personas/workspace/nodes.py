"""A YAML text as a tree that knows the line of everything in it, and that means exactly what is written.

The events come from ruamel.yaml; the meaning is that of the YAML 1.2 core schema: ``no``, ``on`` and ``2026-09-03`` are
texts, ``10`` and ``0.70`` are numbers, ``true`` is the only yes. Anchors, aliases, tags, merges, second documents and
keys that are not texts are refused: each of them makes a line mean something that is not written on it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from typing import Any, Literal, TypeAlias

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from living_personas.domain.value import value
from living_personas.errors import Location
from living_personas.workspace.file_problems import Problems

__all__ = ["Entries", "Items", "Kind", "Node", "Scalar", "describe", "parse_yaml", "places"]

Kind = Literal["text", "number", "boolean", "nothing"]

_DEEPEST = 12
_KEPT, _LONGEST_KEPT = 256, 10_000
"""Texts that are kept as they were parsed, and their letters, of 40 bytes each: a large workspace has 200 files."""

_OPENING, _CLOSING = (SequenceStartEvent, MappingStartEvent), (SequenceEndEvent, MappingEndEvent)

_NUMBER = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|0o[0-7]+|0x[0-9a-fA-F]+")
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_BOOLEAN = re.compile(r"true|True|TRUE|false|False|FALSE")
_NOTHING = re.compile(r"null|Null|NULL|~|")


@value
class Scalar:
    """A text, number, truth value or nothing; ``plain`` unless it was quoted or in a block."""

    where: Location
    path: tuple[str, ...]
    start: int
    end: int
    text: str
    plain: bool

    @property
    def kind(self) -> Kind:
        """What the scalar is by the YAML 1.2 core schema."""
        if not self.plain:
            return "text"
        if _NOTHING.fullmatch(self.text):
            return "nothing"
        if _BOOLEAN.fullmatch(self.text):
            return "boolean"
        return "number" if _NUMBER.fullmatch(self.text) or _NOT_FINITE.fullmatch(self.text) else "text"


@value
class Items:
    """A list."""

    where: Location
    path: tuple[str, ...]
    start: int
    end: int
    nodes: tuple[Node, ...]


@value
class Entries:
    """A mapping; its keys are texts, each once."""

    where: Location
    path: tuple[str, ...]
    start: int
    end: int
    pairs: tuple[tuple[Scalar, Node], ...]

    def get(self, name: str) -> Node | None:
        """The value of a key, if it is there."""
        return next((node for key, node in self.pairs if key.text == name), None)

    def place(self, name: str) -> Location:
        """Where a key is written; the place of the whole mapping if it is not there."""
        return next((key.where for key, _ in self.pairs if key.text == name), self.where)


Node: TypeAlias = Scalar | Items | Entries


def parse_yaml(text: str, *, file: str, problems: Problems) -> Node:
    """The tree of a text; a file without content is nothing, written on line 1."""
    try:
        return _Builder(events=_events(text), file=file, problems=problems).document()
    except MarkedYAMLError as error:
        # What is never closed is told where it was opened, not at the end of the file.
        unclosed = "end" in str(error.problem) and "stream" in str(error.problem)
        mark = (unclosed and error.context_mark) or error.problem_mark or error.context_mark
        where = Location(file=file, line=mark.line + 1, column=mark.column + 1) if mark else Location(file=file)
        problems.refuse(where, f"This is not YAML: {_problem(error)}.", hint=_hint(str(error.problem)))
    except (YAMLError, ValueError):
        # ruamel raises ValueError for escapes beyond Unicode, and an error without a mark for what cannot be printed.
        line = next((number for number, line in enumerate(text.splitlines(), 1) if _suspect(line)), 1)
        where = Location(file=file, line=line)
        problems.refuse(
            where, "The text holds a character that there is not.", hint="delete what cannot be seen on this line."
        )


def _events(text: str) -> Iterator[Any]:
    """What a text says, one thing after another, until something cannot be read."""
    events, error = (_parsed if len(text) <= _LONGEST_KEPT else _parse)(text)
    yield from events
    if error is not None:
        raise error.with_traceback(None)


def _parse(text: str) -> tuple[tuple[Any, ...], Exception | None]:
    """The events of a text, and the error that ends them; that takes 5 ms a page.

    They end where it is nested more deeply than is ever read: the rest of 5,000 brackets takes ten seconds.
    """
    found: list[Any] = []
    depth = 0
    try:
        for event in YAML(typ="safe", pure=True).parse(text):
            found.append(event)
            depth += isinstance(event, _OPENING) - isinstance(event, _CLOSING)
            if depth > _DEEPEST + 1:
                break
    except (YAMLError, ValueError) as error:
        return tuple(found), error
    return tuple(found), None


_parsed = lru_cache(maxsize=_KEPT)(_parse)


def places(node: Node) -> dict[tuple[str, ...], Location]:
    """Where every key and list item below ``node`` is written; items count from 1."""
    found: dict[tuple[str, ...], Location] = {}
    if isinstance(node, Entries):
        for key, below in node.pairs:
            found[below.path] = key.where
            found |= places(below)
    elif isinstance(node, Items):
        for below in node.nodes:
            found[below.path] = below.where
            found |= places(below)
    return found


def describe(node: Node) -> str:
    """What is written, to be said in a message.

    >>> describe(Scalar(where=Location(file="a"), path=(), start=0, end=2, text="10", plain=True))
    'the number 10'
    """
    if isinstance(node, Items):
        return "a list"
    if isinstance(node, Entries):
        return "a mapping"
    shown = node.text if len(node.text) <= 60 else f"{node.text[:57]}..."
    words = {"text": repr(shown), "number": f"the number {shown}", "boolean": shown, "nothing": "nothing"}
    return words[node.kind]


class _Builder:
    """Builds the tree from events, never deeper than a person would write."""

    def __init__(self, *, events: Iterator[Any], file: str, problems: Problems) -> None:
        self._events = events
        self._file = file
        self._problems = problems

    def document(self) -> Node:
        content: Node | None = None
        for event in self._events:
            if isinstance(event, DocumentStartEvent):
                self._refuse_second(event, second=content is not None)
            elif isinstance(event, AliasEvent | ScalarEvent | SequenceStartEvent | MappingStartEvent):
                content = self._node(event, ())
        nothing = Scalar(where=Location(file=self._file, line=1), path=(), start=0, end=0, text="", plain=True)
        return content if content is not None else nothing

    def _node(self, event: Any, path: tuple[str, ...]) -> Node:
        self._refuse_indirect(event)
        if len(path) > _DEEPEST:
            self._problems.refuse(self._at(event), "This is nested too deeply.", hint="no key needs so many levels.")
        if isinstance(event, ScalarEvent):
            return self._scalar(event, path)
        if isinstance(event, SequenceStartEvent):
            return self._items(event, path)
        return self._entries(event, path)

    def _scalar(self, event: Any, path: tuple[str, ...]) -> Scalar:
        start, end = event.start_mark.index, event.end_mark.index
        plain = event.style is None or event.style == ""
        return Scalar(where=self._at(event), path=path, start=start, end=end, text=event.value, plain=plain)

    def _items(self, opening: Any, path: tuple[str, ...]) -> Items:
        nodes: list[Node] = []
        for event in self._events:
            if isinstance(event, SequenceEndEvent):
                break
            nodes.append(self._node(event, (*path, str(len(nodes) + 1))))
        start, end = opening.start_mark.index, event.end_mark.index
        return Items(where=self._at(opening), path=path, start=start, end=end, nodes=tuple(nodes))

    def _entries(self, opening: Any, path: tuple[str, ...]) -> Entries:
        pairs: dict[str, tuple[Scalar, Node]] = {}
        for event in self._events:
            if isinstance(event, MappingEndEvent):
                break
            key = self._key(event, path)
            node = _placed(self._node(next(self._events), (*path, key.text)), key)
            if key.text in pairs:
                self._refuse_twice(key, first=pairs[key.text][0])
            pairs.setdefault(key.text, (key, node))
        start, end = opening.start_mark.index, event.end_mark.index
        return Entries(where=self._at(opening), path=path, start=start, end=end, pairs=tuple(pairs.values()))

    def _key(self, event: Any, path: tuple[str, ...]) -> Scalar:
        self._refuse_indirect(event)
        if not isinstance(event, ScalarEvent):
            self._problems.refuse(self._at(event), "A key is not a text.", hint="write `key: value`.")
        key = self._scalar(event, path)
        if key.text == "<<" and key.plain:
            self._problems.refuse(key.where, "Merging with `<<` is not supported.", hint="write the keys out.")
        if key.kind != "text":
            hint = f'write it in quotes: "{key.text}".' if key.text else "write `key: value`."
            self._problems.add(key.where, f"A key is {describe(key)}, where a text is meant.", hint=hint)
        return key

    def _refuse_twice(self, key: Scalar, *, first: Scalar) -> None:
        self._problems.add(
            key.where,
            f"The key {key.text!r} is written twice.",
            hint=f"keep one of them; the first is on line {first.where.line}.",
        )

    def _refuse_second(self, event: Any, *, second: bool) -> None:
        where = self._at(event)
        if second:
            self._problems.refuse(where, "A second document begins here.", hint="write it to a file of its own.")
        if event.version is not None or event.tags:
            self._problems.refuse(
                where, "Directives (`%`) are not supported.", hint="delete the line that begins with %."
            )

    def _refuse_indirect(self, event: Any) -> None:
        if event.anchor is not None:
            sign = "*" if isinstance(event, AliasEvent) else "&"
            self._problems.refuse(
                self._at(event),
                f"{sign}{event.anchor} is an {'alias' if sign == '*' else 'anchor'}, which is not supported.",
                hint="write the value out; if it begins with * or &, put it in quotes.",
            )
        tag = event.tag
        if tag is not None:
            self._problems.refuse(
                self._at(event), f"The tag {tag!s} is not supported.", hint="write the value without it."
            )

    def _at(self, event: Any) -> Location:
        mark = event.start_mark
        return Location(file=self._file, line=mark.line + 1, column=mark.column + 1)


def _placed(node: Node, key: Scalar) -> Node:
    # ruamel finds the nothing after a key where the next thing begins, which may be lines below.
    return replace(node, where=key.where) if node.start == node.end else node


_HINTS = (
    ("'\\t'", "indent with spaces, not with tabs."),
    ("mapping values are not allowed", "put a text that holds a colon in quotes, or mend the indentation."),
    ("could not find expected ':'", "write `key: value`, with a colon and a blank."),
    ("found unexpected end of stream", "a quote is opened and never closed."),
    ("but got '<stream end>'", "a bracket is opened and never closed."),
    ("unknown escape", "use single quotes, or double the backslash."),
    ("cannot start any token", "put a text that begins with this character in quotes."),
    ("block end", "give the keys of one mapping the same indentation."),
)


def _problem(error: MarkedYAMLError) -> str:
    return " ".join(part for part in (str(error.problem or ""), str(error.context or "")) if part).rstrip(".")


def _hint(problem: str) -> str:
    return next(
        (hint for sign, hint in _HINTS if sign in problem), "mend the line; an editor with YAML support shows where."
    )


def _suspect(line: str) -> bool:
    return "\\U" in line or not all(character.isprintable() or character == "\t" for character in line)
