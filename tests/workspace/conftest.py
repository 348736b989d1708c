"""A small JSON Schema checker: enough for our schemas, and it refuses words of the language that it does not know."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
from ruamel.yaml import YAML

Check = Callable[[str, dict[str, Any]], list[str]]

TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "number": (int, float),
    "integer": (int,),
    "boolean": (bool,),
    "object": (dict,),
    "array": (list,),
    "null": (type(None),),
}


@pytest.fixture(scope="session")
def schema_problems() -> Check:
    """What a schema has against a YAML text, read as an editor does."""

    def check(text: str, schema: dict[str, Any]) -> list[str]:
        return list(problems(_json(YAML(typ="safe", pure=True).load(text)), schema, ""))

    return check


def problems(item: Any, schema: dict[str, Any], path: str) -> Iterator[str]:
    for word, meant in schema.items():
        yield from (f"{path or '/'}: {problem}" for problem in RULES[word](item, meant, schema))
    if isinstance(item, dict):
        known = schema.get("properties", {})
        for key, below in item.items():
            rest = schema.get("additionalProperties", True)
            if key in known:
                yield from problems(below, known[key], f"{path}/{key}")
            elif isinstance(rest, dict):
                yield from problems(below, rest, f"{path}/{key}")
    if isinstance(item, list) and "items" in schema:
        for number, below in enumerate(item):
            yield from problems(below, schema["items"], f"{path}/{number}")


def _type(item: Any, meant: Any, _: dict[str, Any]) -> Iterator[str]:
    names = [meant] if isinstance(meant, str) else meant
    kinds = tuple(kind for name in names for kind in TYPES[name])
    whole = isinstance(item, float) and item.is_integer() and "integer" in names
    if (isinstance(item, bool) and "boolean" not in names) or not (isinstance(item, kinds) or whole):
        yield f"{item!r} is no {meant}"


def _any_of(item: Any, meant: Any, _: dict[str, Any]) -> Iterator[str]:
    if all(list(problems(item, option, "")) for option in meant):
        yield f"{item!r} fits none"


def _all_of(item: Any, meant: Any, _: dict[str, Any]) -> Iterator[str]:
    for option in meant:
        yield from problems(item, option, "")


def _unknown(item: Any, meant: Any, schema: dict[str, Any]) -> Iterator[str]:
    if meant is False and isinstance(item, dict):
        yield from (f"unknown key {key}" for key in item if key not in schema["properties"])


def _names(item: Any, meant: Any, _: dict[str, Any]) -> Iterator[str]:
    if isinstance(item, dict):
        for key in item:
            yield from problems(key, meant, "")


def _when(kind: type | tuple[type, ...], fits: Callable[[Any, Any], bool]) -> Callable[..., Iterator[str]]:
    def rule(item: Any, meant: Any, _: dict[str, Any]) -> Iterator[str]:
        if isinstance(item, kind) and not isinstance(item, bool) and not fits(item, meant):
            yield f"{item!r} against {meant!r}"

    return rule


def _nothing(*_: Any) -> Iterator[str]:
    return iter(())


NUMBER = (int, float)
RULES: dict[str, Callable[..., Iterator[str]]] = {
    "$schema": _nothing,
    "title": _nothing,
    "description": _nothing,
    "properties": _nothing,
    "items": _nothing,
    "type": _type,
    "anyOf": _any_of,
    "allOf": _all_of,
    "additionalProperties": _unknown,
    "propertyNames": _names,
    "enum": lambda item, meant, _: iter([] if item in meant else [f"{item!r} is none of {meant}"]),
    "required": _when(dict, lambda item, meant: set(meant) <= set(item)),
    "pattern": _when(str, lambda item, meant: re.search(meant, item) is not None),
    "minLength": _when(str, lambda item, meant: len(item) >= meant),
    "maxLength": _when(str, lambda item, meant: len(item) <= meant),
    "minItems": _when(list, lambda item, meant: len(item) >= meant),
    "uniqueItems": _when(list, lambda item, _: all(one not in item[:at] for at, one in enumerate(item))),
    "minimum": _when(NUMBER, lambda item, meant: item >= meant),
    "maximum": _when(NUMBER, lambda item, meant: item <= meant),
    "exclusiveMinimum": _when(NUMBER, lambda item, meant: item > meant),
}


def _json(item: Any) -> Any:
    if isinstance(item, dict):
        return {_json(key): _json(below) for key, below in item.items()}
    if isinstance(item, list):
        return [_json(below) for below in item]
    return item.isoformat() if isinstance(item, date) else item
