"""An array in a row: one row for each of its elements, beside everything else that the row says."""

from __future__ import annotations

import json
from collections.abc import Iterator

from living_personas.domain.raw import is_absent
from living_personas.sources.nesting import inside
from living_personas.sources.rows import BadRowError, Row

__all__ = ["each_element", "is_element", "with_nothing"]


def each_element(row: Row, name: str) -> Iterator[Row]:
    """A row for each element of the array of this name; it may be written as JSON in text.

    The element is the column ``NAME[]``, into which dotted names reach; ``NAME[#]`` is its place, from 1.

    Raises
    ------
    BadRowError
        If it is no array.

    >>> list(each_element({"order": 7, "items": [{"sku": "a"}, {"sku": "b"}]}, "items"))[1]
    {'order': 7, 'items[]': {'sku': 'b'}, 'items[#]': 2}
    """
    rest = {column: said for column, said in row.items() if column != name}
    for place, element in enumerate(_array(row, name), start=1):
        yield {**rest, f"{name}[]": element, f"{name}[#]": place}


def is_element(row: Row, name: str) -> bool:
    """Whether a row is one of those that ``each_element`` gives."""
    return f"{name}[#]" in row


def with_nothing(row: Row, name: str) -> Row:
    """A row as one with an element that says nothing."""
    return {**row, f"{name}[]": None, f"{name}[#]": None}


def _array(row: Row, name: str) -> list[object]:
    found = row[name] if name in row else inside(row, name)
    if isinstance(found, str) and (found.strip()[:1] == "[" or found.strip() == "null"):
        try:
            found = json.loads(found)
        except (ValueError, RecursionError) as error:
            raise BadRowError("bad properties", f"column {name!r} is text that is no JSON array: {error}") from error
    if is_absent(found):
        return []
    if not isinstance(found, list):
        raise BadRowError("bad properties", f"column {name!r} is no array, which `explode` takes apart")
    return found
