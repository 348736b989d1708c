"""A YAML file changed in its edited places alone: comments, order, quotes and line ends stay as they are.

The file is not printed anew: the places of its values are taken from the tree, and only these are replaced. So one
changed line is one changed line in git.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from functools import reduce
from pathlib import Path
from typing import TypeAlias

from living_personas.domain.value import value
from living_personas.errors import InvalidSettingsError, Location, UnknownNameError
from living_personas.workspace.file_problems import InvalidFilesError, Problems, UnreadableError
from living_personas.workspace.nodes import Entries, Items, Node, Scalar, parse_yaml
from living_personas.workspace.refusal import is_nothing
from living_personas.workspace.yaml_content import Content, block_content, flow_content, says
from living_personas.workspace.yaml_text import scalar_text

__all__ = ["Append", "Change", "Drop", "Put", "Rename", "Way", "rewritten", "unified_diff"]

Way: TypeAlias = tuple[str, ...]
"""The keys that lead to a place of a file; list items count from 1."""


@value
class Put:
    """A value takes the place of what is there; a key that is not there is added, behind the first of ``after``."""

    way: Way
    content: Content
    after: tuple[str, ...] = ()


@value
class Drop:
    """A key with its value, or an item of a list, goes; what is not there is gone already."""

    way: Way


@value
class Append:
    """An item comes to the end of a list; the list is made if it is not there."""

    way: Way
    content: Content


@value
class Rename:
    """A key is called something else; its value stays."""

    way: Way
    name: str


Change: TypeAlias = Put | Drop | Append | Rename


def rewritten(text: str, changes: Sequence[Change], *, file: str) -> str:
    """The text after the changes, one after the other; what they do not speak of is byte for byte what it was.

    Raises
    ------
    InvalidFilesError
        If the text is no YAML.
    UnknownNameError
        If a way leads through something that is no mapping or list, or to an item or a key to rename that is not there.
    InvalidSettingsError
        If the text is laid out in a way in which the change cannot be made without touching something else.
    """
    return reduce(lambda now, change: _checked(now, change, file), changes, text)


def unified_diff(old: str, new: str, path: Path) -> str:
    """What changes between two texts of a file, as ``git diff`` would show it; empty if nothing does."""
    name = path.as_posix()
    lines = difflib.unified_diff(
        old.splitlines(keepends=True), new.splitlines(keepends=True), fromfile=f"a/{name}", tofile=f"b/{name}"
    )
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def _checked(text: str, change: Change, file: str) -> str:
    root = _tree(text, file)
    new = _Writer(text, root).after(change)
    if new == text:
        return text
    if not _says_the_rest(root, new, change, file):
        raise InvalidSettingsError(
            f"{file} is laid out so that `{'.'.join(change.way)}` cannot be changed by itself.",
            hint="edit the file in an editor.",
            where=Location(file=file),
        )
    return new


def _says_the_rest(root: Node, new: str, change: Change, file: str) -> bool:
    """Whether all that the change does not speak of is what it was."""
    before, after = _spoken_of(root, change)
    try:
        return _untouched(root, before) == _untouched(_tree(new, file), after)
    except InvalidFilesError:
        return False


def _tree(text: str, file: str) -> Node:
    """The tree of a text.

    Raises
    ------
    InvalidFilesError
        If it is no YAML.
    """
    problems = Problems()
    try:
        return parse_yaml(text, file=file, problems=problems)
    except UnreadableError:
        problems.raise_if_any()
        raise


def _spoken_of(root: Node, change: Change) -> tuple[Way, Way]:
    """The place that a change speaks of, before and after it."""
    if isinstance(change, Rename):
        return change.way, (*change.way[:-1], change.name)
    is_item = isinstance(change, Drop) and isinstance(_found(root, change.way[:-1]), Items)
    return (change.way[:-1], change.way[:-1]) if is_item else (change.way, change.way)


def _untouched(node: Node, but: Way, at: Way = ()) -> dict[Way, tuple[str, str]]:
    """Every scalar by its way, but those on the way to or below a place."""
    if at == but:
        return {}
    if isinstance(node, Scalar):
        return {} if at == but[: len(at)] else {at: (node.kind, node.text)}
    pairs = [(key.text, below) for key, below in node.pairs] if isinstance(node, Entries) else _numbered(node)
    return {way: said for name, below in pairs for way, said in _untouched(below, but, (*at, name)).items()}


def _found(root: Node, way: Way) -> Node | None:
    node: Node | None = root
    for name in way:
        node = _below(node, name) if node is not None and not is_nothing(node) else None
    return node


def _below(node: Node, name: str) -> Node | None:
    if isinstance(node, Entries):
        return node.get(name)
    if isinstance(node, Items):
        return dict(_numbered(node)).get(name)
    raise UnknownNameError.among("key", name, [])


def _numbered(node: Items) -> list[tuple[str, Node]]:
    return [(str(number), below) for number, below in enumerate(node.nodes, 1)]


class _Writer:
    """One change of one text."""

    def __init__(self, text: str, root: Node) -> None:
        self._text = text
        self._root = root
        self._newline = "\r\n" if "\r\n" in text else "\n"

    def after(self, change: Change) -> str:
        """The text after the change."""
        if not isinstance(self._root, Entries):
            raise UnknownNameError.among("key", change.way[0], [])
        if isinstance(change, Put):
            return self._put(change.way, change.content, change.after)
        if isinstance(change, Append):
            return self._append(change)
        if isinstance(change, Rename):
            key = self._key(change.way)
            return self._with(key.start, key.end, scalar_text(change.name))
        return self._drop(change.way)

    def _with(self, start: int, end: int, written: str) -> str:
        return self._text[:start] + written.replace("\n", self._newline) + self._text[end:]

    def _put(self, way: Way, content: Content, after: tuple[str, ...]) -> str:
        *above, last = way
        parent = self._find(tuple(above))
        if parent is None or is_nothing(parent):
            return self._put(tuple(above), {last: content}, ())
        node = _below(parent, last)
        if node is None:
            return self._add(parent, way, content, after)
        if says(node, content):
            return self._text
        if node.start == node.end:
            return self._fill(way, content)
        return self._replace(way, node, content)

    def _replace(self, way: Way, node: Node, content: Content) -> str:
        end, comment = _end(self._text, node), self._header_comment(node)
        alone = not self._text[end : self._line_end(end)].strip()
        written = self._written(content, way, block=alone)
        if comment:
            first, *others = written.split("\n")
            written = "\n".join([f"{first}  {comment}", *others])
        is_block = isinstance(node, Entries | Items) and self._text[node.start] not in "{["
        if not is_block and not written.startswith("\n"):
            return self._with(node.start, end, written)
        before = self._text[: node.start].rstrip()
        if before.endswith(":"):
            return self._with(len(before), end, written if written.startswith("\n") else f" {written}")
        return self._behind_comment(way, node.start, end, written)

    def _behind_comment(self, way: Way, start: int, end: int, written: str) -> str:
        """Between a key and its value there is a comment, which stays."""
        below = self._line_end(self._text.rfind("\n", 0, start) - 1)
        if written.startswith("\n"):
            return self._with(below, end, written)
        if self._column(start) > self._column(self._key(way).start):
            return self._with(start, end, written)
        at = self._text.index(":", self._key(way).end) + 1
        return self._text[:at] + f" {written}" + self._text[at:below] + self._text[end:]

    def _header_comment(self, node: Node) -> str:
        """The comment behind the sign that begins a block of text."""
        header = self._text[node.start : self._line_end(node.start)]
        found = re.match(r"[|>]\S*\s+(#.*)", header)
        return found[1].rstrip() if found and isinstance(node, Scalar) and not node.plain else ""

    def _fill(self, way: Way, content: Content) -> str:
        """A value for a key, or an item, that has none."""
        key = self._key(way)
        at = self._text.index(":", key.end) + 1
        alone = not self._text[at : self._line_end(at)].strip()
        written = self._written(content, way, block=alone)
        return self._with(at, at, written if written.startswith("\n") else f" {written}")

    def _add(self, parent: Node, way: Way, content: Content, after: tuple[str, ...]) -> str:
        if not isinstance(parent, Entries):
            raise UnknownNameError.among("item", way[-1], [])
        key = scalar_text(way[-1])
        ends = {name.text: _pair_end(self._text, name, below) for name, below in parent.pairs}
        behind = next((ends[name] for name in after if name in ends), max(ends.values(), default=parent.start + 1))
        if self._text[parent.start] == "{":
            return self._with(behind, behind, f"{', ' if ends else ''}{key}: {self._written(content, way)}")
        indent = " " * ((parent.pairs[0][0].where.column or 1) - 1)
        written = self._written(content, way, block=True, indent=indent)
        return self._add_line(behind, f"{indent}{key}:{'' if written.startswith(chr(10)) else ' '}{written}")

    def _add_line(self, behind: int, line: str) -> str:
        at = self._line_end(behind)
        return self._with(at, at, f"\n{line}")

    def _append(self, change: Append) -> str:
        node = self._find(change.way)
        if node is None or is_nothing(node):
            return self._put(change.way, [change.content], ())
        if not isinstance(node, Items):
            raise UnknownNameError.among("list", ".".join(change.way), [])
        behind = _end(self._text, node.nodes[-1]) if node.nodes else node.start + 1
        if self._text[node.start] == "[":
            return self._with(behind, behind, f"{', ' if node.nodes else ''}{flow_content(change.content)}")
        indent = " " * ((node.where.column or 1) - 1)
        way = (*change.way, str(len(node.nodes) + 1))
        return self._add_line(behind, f"{indent}- {self._written(change.content, way)}")

    def _drop(self, way: Way) -> str:
        parent = self._find(way[:-1])
        if isinstance(parent, Entries) and parent.get(way[-1]) is not None:
            spans = [(key.start, _pair_end(self._text, key, below)) for key, below in parent.pairs]
            place = next(place for place, (key, _) in enumerate(parent.pairs) if key.text == way[-1])
        elif isinstance(parent, Items) and way[-1].isdigit() and 0 < int(way[-1]) <= len(parent.nodes):
            spans = [(below.start, _end(self._text, below)) for below in parent.nodes]
            place = int(way[-1]) - 1
        else:
            return self._text
        if self._text[parent.start] in "{[":
            return self._drop_between(spans, place)
        return self._drop_lines(*spans[place])

    def _drop_between(self, spans: Sequence[tuple[int, int]], place: int) -> str:
        start, end = spans[place]
        if place + 1 < len(spans):
            return self._with(start, spans[place + 1][0], "")
        before = spans[place - 1][1] if place else start
        return self._with(start if "#" in self._text[before:start] else before, end, "")

    def _drop_lines(self, start: int, end: int) -> str:
        first = self._text.rfind("\n", 0, start) + 1
        last = self._text.find("\n", end)
        if self._text[first:start].strip() not in ("", "-"):
            return self._text[:start] + self._text[end:]
        return self._with(first, len(self._text) if last < 0 else last + 1, "")

    def _written(self, content: Content, way: Way, *, block: bool = False, indent: str | None = None) -> str:
        """A content as it is written at a place; what begins with a new line stands below its key."""
        if not block or self._in_flow(way):
            return flow_content(content)
        if indent is None:
            column = self._key(way).where.column if not way[-1].isdigit() else None
            indent = " " * ((column or 1) - 1)
        return block_content(content, indent) if not way[-1].isdigit() else flow_content(content)

    def _in_flow(self, way: Way) -> bool:
        around = (self._find(way[:depth]) for depth in range(len(way)))
        return any(isinstance(node, Entries | Items) and self._text[node.start] in "{[" for node in around)

    def _find(self, way: Way) -> Node | None:
        return _found(self._root, way)

    def _key(self, way: Way) -> Scalar:
        parent = self._find(way[:-1])
        found = (key for key, _ in parent.pairs if key.text == way[-1]) if isinstance(parent, Entries) else iter(())
        key = next(found, None)
        if key is None:
            raise UnknownNameError.among("key", way[-1], [])
        return key

    def _column(self, at: int) -> int:
        return at - self._text.rfind("\n", 0, at) - 1

    def _line_end(self, at: int) -> int:
        found = self._text.find("\n", at)
        end = len(self._text) if found < 0 else found
        return end - 1 if self._text[end - 1 : end] == "\r" else end


def _end(text: str, node: Node) -> int:
    """Where the last character of a node stands; a block's own end mark lies behind the comments that follow."""
    if isinstance(node, Entries) and text[node.start] != "{" and node.pairs:
        return _pair_end(text, *node.pairs[-1])
    if isinstance(node, Items) and text[node.start] != "[" and node.nodes:
        return _end(text, node.nodes[-1])
    return node.start + len(text[node.start : node.end].rstrip())


def _pair_end(text: str, key: Scalar, below: Node) -> int:
    """Where a key with its value ends; a value that is nothing is placed by the reader lines below its key."""
    return _end(text, below) if below.start != below.end else text.index(":", key.end) + 1
