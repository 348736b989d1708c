"""What sums are made of: events that lack the value they are summed by, and amounts of several currencies."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterator
from datetime import date, timedelta

import pyarrow as pa
import pyarrow.compute as pc

from living_personas.domain.batch import EVENT_SCHEMA, UNVOUCHED_MARKS, written
from living_personas.domain.currency import currency_of, foreign_among
from living_personas.domain.money import CURRENCY, LEFT_OUT
from living_personas.domain.uncounted import Uncounted
from living_personas.loop.context import Context
from living_personas.loop.recording.value_reading import money_of, values_judged
from living_personas.loop.relations import filtered, row_count
from living_personas.memory.tables import EVENTS
from living_personas.ports import Relation

__all__ = ["DAYS", "summed_values"]

DAYS = 28
"""How many days back events are looked at."""
_ENOUGH, _MOST = 10_000, 2_000_000
"""So many of the newest events of a name tell what they say; so many of all are looked through at most, or a day."""
_SPANS = ((0, 0), (1, 3), (4, 11), (12, DAYS - 1))
"""Days back that are read at once, from the newest on."""
_SCHEMA = pa.schema([EVENT_SCHEMA.field(name) for name in ("name", "properties")])


def summed_values(context: Context, last: date) -> Iterator[Uncounted]:
    """Values that goals, metrics and guardrails sum and events do not say, and sums of several currencies.

    Of the last days until ``last``; an event whose value is left out by its currency is told as that.
    """
    by_event: dict[str, set[str]] = {}
    for event, name in values_judged(context):
        by_event.setdefault(event, set()).add(name)
    money = money_of(context)
    said = _newest(context, by_event, last)
    for event, names in sorted(by_event.items()):
        rows = _own(said[event])
        for name in sorted(names):
            lacking = pc.sum(pc.invert(_says(rows, name))).as_py() or 0
            if lacking:
                yield Uncounted(kind="empty", count=lacking, of=len(rows), event=event, because=name)
            if name in money.undeclared.get(event, ()):
                codes = _codes(rows.filter(_says(rows, name)))
                if others := foreign_among(codes):
                    told = f"{name} in {', '.join(sorted(codes))}"
                    yield Uncounted(kind="currencies", count=others, of=codes.total(), event=event, because=told)


def _newest(context: Context, names: Collection[str], last: date) -> dict[str, pa.ChunkedArray]:
    """The properties of the newest events of each name that count, without those of other currencies."""
    found: dict[str, list[pa.ChunkedArray]] = {name: [] for name in names}
    wanted, looked_through = set(names), 0
    for newest, oldest in _SPANS:
        days = EVENTS.read(context.store, last - timedelta(days=oldest), last - timedelta(days=newest))
        looked_through += row_count(days)
        if not wanted or (newest and looked_through > _MOST):
            break
        for name in sorted(wanted):
            room = _ENOUGH - sum(map(len, found[name]))
            found[name].append(_counting(days, name, most=room))
            if len(found[name][-1]) == room:
                wanted.discard(name)
    none = pa.chunked_array([], pa.string())
    return {name: pa.chunked_array([chunk for one in some for chunk in one.chunks], pa.string()) if some else none
            for name, some in found.items()}  # fmt: skip


def _counting(events: Relation, name: str, *, most: int) -> pa.ChunkedArray:
    """The properties of some events of a name that count, without those of other currencies."""
    said = pc.field("properties")
    counts = pc.field("name") == name
    for mark in (*UNVOUCHED_MARKS, f"{written(LEFT_OUT)}: "):
        counts &= ~pc.match_substring(said, mark)
    return filtered(events, counts, _SCHEMA, columns=["properties"], most=most)["properties"]


def _own(properties: pa.ChunkedArray) -> pa.Array:
    """Properties without those that hold others: what stands inside is not summed."""
    texts = pa.concat_arrays(properties.chunks) if properties.num_chunks else pa.array([], pa.string())
    deep = pc.match_substring_regex(texts, r"(?s)^.+[\[{]")
    said = (json.loads(text) for text in texts.filter(deep).to_pylist())
    plain = [written({key: each for key, each in one.items() if not isinstance(each, list | dict)}) for one in said]
    return pc.replace_with_mask(texts, deep, pa.array(plain, texts.type))


def _says(properties: pa.Array, name: str) -> pa.BooleanArray:
    """Which properties hold something under a name."""
    key = written(name)
    return pc.and_(
        pc.match_substring(properties, f"{key}: "), pc.invert(pc.match_substring(properties, f"{key}: null"))
    )


def _codes(properties: pa.Array) -> Counter[str]:
    """The currencies that are said beside amounts."""
    said = pc.extract_regex(properties, f'{written(CURRENCY)}: "(?P<code>[^"]*)"')
    codes = Counter[str]()
    for each in pc.struct_field(said, "code").value_counts().to_pylist():
        if code := currency_of(each["values"], summed=""):
            codes[code] += each["counts"]
    return codes
