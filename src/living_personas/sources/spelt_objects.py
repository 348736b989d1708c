"""Objects in another spelling: arrays of keys and values, JSON in text, as Python prints them."""

from __future__ import annotations

import ast
import json
import re
from functools import lru_cache

from living_personas.domain.raw import shown
from living_personas.sources.json_text import read_object
from living_personas.sources.rows import BadRowError

__all__ = ["as_object"]

_TYPED = ("_value", "Value")
"""What the name of a value ends in that says its type: ``string_value`` in BigQuery, ``stringValue`` in telemetry."""

_PRINTED = re.compile(r"(?:[^\\]|\\[\\'nrtxuU])*", re.DOTALL)
"""What Python may print: of other escapes its reader would warn, and it writes none."""


def as_object(found: object) -> object:
    """The object that an array of ``{"key": ..., "value": ...}`` or a text spells; anything else as it is.

    A text is JSON, JSON in a text of JSON, or what Python prints, as a frame writes its objects into CSV, where
    ``nan`` is no value. Where a value is an object of typed ones (``{"string_value": null, "int_value": 5}``), it is
    the one that is there. What JSON could not say stays a text, and so does a text that says two values of a key.

    Raises
    ------
    BadRowError
        If a key has two values.

    >>> as_object([{"key": "page", "value": {"string_value": "/", "int_value": None}}, {"key": "n", "value": 2}])
    {'page': '/', 'n': 2}
    >>> as_object('{"plan": "pro"}'), as_object("{'plan': 'pro', 'vip': True, 'age': None}"), as_object([1, 2])
    ({'plan': 'pro'}, {'plan': 'pro', 'vip': True, 'age': None}, [1, 2])
    """
    if isinstance(found, str):
        return _of_text(found) if found[:1] == "{" or found[:2] == '"{' else found
    if not isinstance(found, list) or not found or not all(map(_is_pair, found)):
        return found
    spelt: dict[str, object] = {}
    for pair in found:
        key, said = pair["key"], _plain(pair["value"])
        if key in spelt and spelt[key] != said:
            detail = f"key {shown(key)} has two values: {shown(spelt[key])} and {shown(said)}"
            raise BadRowError("bad properties", detail)
        spelt[key] = said
    return spelt


@lru_cache(maxsize=8)  # several names reach into the same text of a row
def _of_text(text: str) -> object:
    try:
        return read_object(json.loads(text) if text[0] == '"' else text)
    except ValueError:
        return _as_python_prints(text)


def _as_python_prints(text: str) -> object:
    if not _PRINTED.fullmatch(text):
        return text
    try:
        found = ast.literal_eval(_Printed().visit(ast.parse(text, mode="eval")))
        return read_object(json.dumps(found)) if isinstance(found, dict) and all(map(_is_text, found)) else text
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return text


class _Printed(ast.NodeTransformer):
    """Reads what a frame writes for no value, and refuses what Python never prints: two values of a key."""

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return ast.copy_location(ast.Constant(None), node) if node.id == "nan" else node

    def visit_Dict(self, node: ast.Dict) -> ast.AST:
        if len({ast.dump(key) for key in node.keys if key}) < len(node.keys):
            raise ValueError("an object has a key twice")
        return self.generic_visit(node)


def _is_text(key: object) -> bool:
    return isinstance(key, str)


def _is_pair(item: object) -> bool:
    return isinstance(item, dict) and isinstance(item.get("key"), str) and "value" in item


def _plain(said: object) -> object:
    if not isinstance(said, dict):
        return said
    typed = [inner for name, inner in said.items() if name.endswith(_TYPED)]
    there = [inner for inner in typed if inner is not None]
    return there[0] if len(there) == 1 else None if typed and not there else said
