"""What events say of where they come from: platform, device, app version, country, and their channel."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from living_personas.domain.event import SENT_FROM
from living_personas.domain.raw import flat

__all__ = ["CHANNEL", "event_fields", "is_about_origin"]

CHANNEL = "channel"
"""The field of what an event itself says beside its properties."""

_ORIGIN = {"app", "browser", "client", "country", "device", "library", "os", "platform", "region", "sdk", "source"}
_LOOKED_INTO = 2_000
"""Events whose properties are read to find the names of such fields."""


def event_fields(events: pa.Table) -> Mapping[str, pa.Array]:
    """The value of each such field for each event, null where it does not say; fields with one value are left out."""
    found = {name: _values(events["properties"], name) for name in _names(events)}
    found[CHANNEL] = pc.if_else(pc.equal(events["channel"], ""), None, events["channel"])
    plain = {name: flat(column) for name, column in found.items()}
    return {name: column for name, column in plain.items() if pc.count_distinct(column).as_py() > 1}


def is_about_origin(name: str) -> bool:
    """Whether a property is about where its event comes from, by its name.

    >>> is_about_origin("deviceType"), is_about_origin("app_version"), is_about_origin("price")
    (True, True, False)
    """
    words = re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)
    return name == SENT_FROM or not _ORIGIN.isdisjoint(word.lower() for word in words)


def _names(events: pa.Table) -> list[str]:
    every = max(events.num_rows // _LOOKED_INTO, 1)
    rows = pa.array(np.arange(0, events.num_rows, every))
    said = {text for text in events["properties"].take(rows).to_pylist() if text != "{}"}
    return sorted({name for text in said for name in _keys(json.loads(text)) if is_about_origin(name)})


def _keys(found: object) -> Iterator[str]:
    """The keys of all records in a JSON value that hold no record or list themselves."""
    if isinstance(found, dict):
        for key, below in found.items():
            if isinstance(below, dict | list):
                yield from _keys(below)
            else:
                yield key


def _values(properties: pa.ChunkedArray, name: str) -> pa.ChunkedArray:
    # Arrow's own reader of JSON refuses properties that are a text here and a number there.
    pattern = f'"{re.escape(name)}": ?"?(?P<value>[^",}}\\]]+)'
    found = pc.struct_field(pc.extract_regex(properties, pattern=pattern), "value")
    return pc.if_else(pc.equal(found, "null"), None, found)
