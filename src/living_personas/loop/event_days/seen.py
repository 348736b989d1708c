"""Which events and channels were ever seen, which events browsers sent, and the features where none are declared."""

from __future__ import annotations

import json
from collections import Counter
from functools import reduce

import pyarrow as pa
import pyarrow.compute as pc

from living_personas.domain.batch import UNVOUCHED_MARKS, EventBatch
from living_personas.domain.event import IDENTIFY
from living_personas.domain.money import LEFT_OUT
from living_personas.domain.raw import flat, laid_out
from living_personas.domain.settings import Feature
from living_personas.engines.expressions.carriers import names_counted
from living_personas.loop.context import Context
from living_personas.memory.records import LEFT_OUT_VALUES, NAMES_SEEN
from living_personas.ports import Store
from living_personas.rules.aggregate import parse_aggregate
from living_personas.workspace.default_features import default_features

__all__ = [
    "KNOWN_DAYS",
    "anybody_may_have_sent",
    "browsers_sent",
    "events_counted",
    "features_of",
    "names_seen",
    "note_left_out",
    "note_seen",
]

KNOWN_DAYS = Feature(name="known__days", sql="max(age_days)", unit="days")
"""For how long a customer has been known: counts are compared among customers who were there for as long."""

MOST = 200
"""More names than this are noise: a client that puts ids into event names must not make a feature of each. What servers
send and what anybody can send has so much room each, so that nobody crowds out the names of the other."""


def note_seen(context: Context, batch: EventBatch) -> None:
    """Remember the names of a batch's events and channels; of those that anybody can send, the first that came."""
    before, (own, theirs) = _seen(context.store), _parted(batch.events)
    now = {
        "names": _with(before["names"], own["name"])[:MOST],
        "channels": _with(before["channels"], own["channel"])[:MOST],
        "browsers": _with(before["browsers"], theirs["name"], room=MOST),
        "browser_channels": _with(before["browser_channels"], theirs["channel"], room=MOST),
    }
    if now != before:
        NAMES_SEEN.write(context.store, {kind: names for kind, names in sorted(now.items()) if names or kind in _KINDS})


def note_left_out(context: Context, events: pa.Table) -> None:
    """Count the values of new events that do not count, as they are in another currency."""
    texts = _holding(events, f'"{LEFT_OUT}": ')["properties"]
    if len(texts):
        said = Counter(str(json.loads(text).get(LEFT_OUT)) for text in texts.to_pylist())
        before = Counter(LEFT_OUT_VALUES.read(context.store) or {})
        LEFT_OUT_VALUES.write(context.store, dict(sorted((before + said).items())[:MOST]))


def features_of(context: Context) -> tuple[Feature, ...]:
    """The declared features or, if there are none, useful ones for the events and channels seen."""
    if context.settings.features:
        return context.settings.features
    names, channels = _every(context.store, "names"), _every(context.store, "channels")
    values = sorted({persona.goal.value for persona in context.personas if persona.goal.value})
    value = values[0] if values else None
    return default_features(names, channels, value, means=context.settings.means)


def browsers_sent(store: Store) -> frozenset[str]:
    """The names of the events that came with a publishable key, and so may come from anybody, or from agents."""
    return frozenset(_seen(store)["browsers"])


def anybody_may_have_sent(context: Context, column: str) -> bool:
    """Whether a feature or trait may be made of what browsers or agents sent: anybody can send that."""
    sent = browsers_sent(context.store)
    feature = next((each for each in features_of(context) if each.name == column), None)
    if feature is None:
        return IDENTIFY in sent or len(sent) >= MOST
    names = events_counted(feature)
    return bool(sent) if names is None or len(sent) >= MOST else not sent.isdisjoint(names)


def events_counted(feature: Feature) -> frozenset[str] | None:
    """The names of the only events that a feature is made of; None if it may be made of any."""
    return names_counted(parse_aggregate(text) for text in (feature.sql, feature.of) if text is not None)


def names_seen(store: Store) -> tuple[str, ...]:
    """The names of events that ever came."""
    return _every(store, "names")


_KINDS = ("browsers", "channels", "names")
_OF_ANYBODY = {"names": "browsers", "channels": "browser_channels"}


def _seen(store: Store) -> dict[str, list[str]]:
    return {"names": [], "channels": [], "browsers": [], "browser_channels": [], **(NAMES_SEEN.read(store) or {})}


def _every(store: Store, kind: str) -> tuple[str, ...]:
    """The names of a kind, whoever sent them."""
    seen = _seen(store)
    return tuple(sorted({*seen[kind], *seen[_OF_ANYBODY[kind]]}))


def _holding(events: pa.Table, text: str) -> pa.Table:
    """The events in whose properties a text stands; most often it stands nowhere, which all bytes at once tell."""
    if text.encode() not in laid_out(flat(events["properties"]))[1].tobytes():
        return events.slice(0, 0)
    return events.filter(pc.match_substring(events["properties"], text))


def _parted(events: pa.Table) -> tuple[pa.Table, pa.Table]:
    """What servers sent, and what anybody can send; most often that is nothing, which all bytes at once tell."""
    texts = laid_out(flat(events["properties"]))[1].tobytes() if len(events) else b""
    marks = [mark for mark in UNVOUCHED_MARKS if mark.encode() in texts]
    if not marks:
        return events, events.slice(0, 0)
    theirs = reduce(pc.or_, (pc.match_substring(events["properties"], mark) for mark in marks))
    return events.filter(pc.invert(theirs)), events.filter(theirs)


def _with(known: list[str], column: pa.ChunkedArray, *, room: int | None = None) -> list[str]:
    """Names with those of a column, in order; with ``room`` for so many, those that are known stay."""
    new = sorted({*column.unique().to_pylist()} - {"", *known})
    return sorted([*known, *(new if room is None else new[: max(room - len(known), 0)])])
