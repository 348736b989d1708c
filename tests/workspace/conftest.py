"""What an editor has against a file, by our JSON Schemas."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

Check = Callable[[str, dict[str, Any]], list[str]]

NAMES = {"$schema", "title", "description"}
"""Words that ask for nothing."""


@pytest.fixture(scope="session")
def schema_problems() -> Check:
    """What a schema has against a YAML text, read as an editor does."""

    def check(text: str, schema: dict[str, Any]) -> list[str]:
        assert set(words(schema)) <= NAMES | Draft202012Validator.VALIDATORS.keys()
        return problems(_json(YAML(typ="safe", pure=True).load(text)), schema)

    return check


def problems(item: Any, schema: dict[str, Any]) -> list[str]:
    """What a schema has against something, each with its place."""
    return [f"{each.json_path}: {each.message}" for each in Draft202012Validator(schema).iter_errors(item)]


def words(schema: Any) -> Iterator[str]:
    """The words of the language that a schema uses; a validator passes over those that it does not know."""
    if isinstance(schema, dict):
        yield from schema
        for word, below in schema.items():
            if word in ("anyOf", "allOf", "properties"):
                for each in below.values() if isinstance(below, dict) else below:
                    yield from words(each)
            elif word in ("items", "additionalProperties", "propertyNames"):
                yield from words(below)


def _json(item: Any) -> Any:
    if isinstance(item, dict):
        return {_json(key): _json(below) for key, below in item.items()}
    if isinstance(item, list):
        return [_json(below) for below in item]
    return item.isoformat() if isinstance(item, date) else item
